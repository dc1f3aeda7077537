//! Cargo's protocol for credential programs: one line of JSON in each direction.
//!
//! The types of `cargo-credential` could be used, but they depend on packages for times and
//! terminals.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::program::{Program, Silence};

/// The version of the protocol.
const VERSION: u32 = 1;

/// A registry that requires a token.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Registry<'a> {
    pub(super) index_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
}

#[derive(Serialize)]
struct Request<'a> {
    v: u32,
    registry: Registry<'a>,
    kind: &'static str,
    operation: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    args: &'a [String],
}

#[derive(Deserialize)]
struct Hello {
    v: Vec<u32>,
}

#[derive(Deserialize)]
enum Response {
    Ok(Success),
    Err(Failure),
}

#[derive(Deserialize)]
struct Success {
    kind: String,
    token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Failure {
    kind: String,
    message: Option<String>,
    #[serde(default)]
    caused_by: Vec<String>,
}

/// How long to wait for output.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// The answer of a program. It must not be printed, so it has no `Debug`.
pub(super) enum Said {
    Token(String),
    /// The program does not know this registry, or has no token for it.
    Nothing,
    /// The program failed, with this reason.
    Problem(String),
}

/// Asks a program that has been started.
pub(super) fn ask(
    program: &mut Program,
    registry: Registry<'_>,
    arguments: &[String],
) -> Result<Said, Silence> {
    let hello = program.line()?.ok_or(Silence::NoAnswer)?;
    match serde_json::from_str::<Hello>(&hello) {
        Ok(hello) if hello.v.contains(&VERSION) => {}
        Ok(_) => return Ok(problem("does not speak version 1 of the protocol")),
        Err(_) => return Ok(problem("does not speak the protocol of credential providers")),
    }
    let request = Request { v: VERSION, registry, kind: "get", operation: "read", args: arguments };
    let Ok(request) = serde_json::to_string(&request) else { return Ok(Said::Nothing) };
    program.tell(&request);
    let answer = program.line()?.ok_or(Silence::NoAnswer)?;
    program.let_end();
    Ok(read(&answer))
}

/// Parses an answer. Errors do not quote it, because it may contain a token.
fn read(answer: &str) -> Said {
    match serde_json::from_str(answer) {
        Ok(Response::Ok(Success { kind, token: Some(token) })) if kind == "get" => Said::Token(token),
        Ok(Response::Ok(_)) | Err(_) => problem("sent an answer that is not part of the protocol"),
        Ok(Response::Err(failure)) => match failure.kind.as_str() {
            "url-not-supported" | "not-found" => Said::Nothing,
            "operation-not-supported" => problem("cannot provide tokens"),
            _ => {
                let reasons = failure.message.into_iter().chain(failure.caused_by);
                let reasons: Vec<String> = reasons.collect();
                Said::Problem(match reasons.is_empty() {
                    true => "reports a failure".to_owned(),
                    false => format!("says: {}", reasons.join(": ")),
                })
            }
        },
    }
}

fn problem(what: &str) -> Said {
    Said::Problem(what.to_owned())
}
