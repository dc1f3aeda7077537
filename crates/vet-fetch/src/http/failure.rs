//! The failures of a request: their messages, and whether a retry may help.

use std::error::Error;
use std::io;
use std::time::Duration;

use reqwest::StatusCode;
use vet_diagnostics::{Code, Diagnostic, wording};

use super::address::Address;
use super::settings::HttpSettings;

/// The help if a proxy requires credentials.
const TO_THE_PROXY: &str = "add a user name and a password to the proxy, in `http.proxy` or in HTTPS_PROXY";

/// Why a request failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) problem: Box<Diagnostic>,
    /// Whether the same request may succeed later.
    pub(super) may_pass: bool,
    /// How long the server asks to wait.
    pub(super) wait: Option<Duration>,
}

impl Failure {
    pub(super) fn lasting(problem: Diagnostic) -> Self {
        Failure { problem: Box::new(problem), may_pass: false, wait: None }
    }

    fn passing(problem: Diagnostic) -> Self {
        Failure { problem: Box::new(problem), may_pass: true, wait: None }
    }

    /// There was no answer.
    pub(super) fn no_answer(address: &Address, error: &reqwest::Error, settings: &HttpSettings) -> Self {
        if let Some(tls) = find::<rustls::Error>(error) {
            return Failure::lasting(untrusted(address, tls));
        }
        if is_refused_by_proxy(error) {
            let proxy = settings.proxy.as_deref().map(wording::without_credentials).unwrap_or_default();
            let status = StatusCode::PROXY_AUTHENTICATION_REQUIRED;
            let message = format!("the proxy `{proxy}` answered with status {status}");
            return Failure::lasting(
                Diagnostic::error(Code::Unreachable, message)
                    .note(format!("the request was for `{address}`"))
                    .help(TO_THE_PROXY),
            );
        }
        let message = match error.is_timeout() {
            true => format!("`{address}` does not answer"),
            false => format!("`{address}` cannot be reached"),
        };
        let problem = with_causes(Diagnostic::error(Code::Unreachable, message), error);
        Failure::passing(match &settings.proxy {
            Some(proxy) => problem.help(format!(
                "check that the proxy `{}` works; it is set in cargo's configuration (`http.proxy`) or in the environment (HTTPS_PROXY)",
                wording::without_credentials(proxy)
            )),
            None => problem.help(
                "check the URL and the connection; behind a proxy, set `http.proxy` in cargo's configuration or the variable HTTPS_PROXY",
            ),
        })
    }

    /// The answer was interrupted, or cannot be decompressed.
    pub(super) fn broken(address: &Address, error: &reqwest::Error) -> Self {
        let problem = match error.is_timeout() {
            true => Diagnostic::error(
                Code::Unreachable,
                format!("`{address}` stopped in the middle of its response"),
            ),
            false => {
                Diagnostic::error(Code::BadContent, format!("the response of `{address}` is incomplete"))
            }
        };
        Failure::passing(with_causes(problem, error).help("try again later"))
    }

    /// The answer was shorter or longer than the file.
    pub(super) fn incomplete(address: &Address, length: u64, total: u64) -> Self {
        let message = format!("the response of `{address}` is incomplete");
        let problem =
            Diagnostic::error(Code::BadContent, message).note(format!("received {length} of {total} bytes"));
        Failure::passing(problem.help("try again later"))
    }

    /// The server answered with an unexpected status.
    pub(super) fn status(address: &Address, status: StatusCode, wait: Option<Duration>) -> Self {
        let problem =
            Diagnostic::error(Code::HttpStatus, format!("`{address}` answered with status {status}"));
        let may_pass = status.is_server_error()
            || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status);
        let help = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if address.has_credentials() => {
                "check the user name and the password in the URL, the token, or git's credentials"
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                "the server requires authentication; use a public URL"
            }
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => TO_THE_PROXY,
            _ if may_pass => "the server is busy or broken; try again later",
            _ => "check the URL; the file may have moved",
        };
        let mut problem = problem.help(help);
        problem.notes.extend(wait.map(|wait| format!("the server asks to wait for {} s", wait.as_secs())));
        Failure { problem: Box::new(problem), may_pass, wait }
    }
}

pub(super) fn offline(address: &Address) -> Diagnostic {
    Diagnostic::error(Code::Offline, format!("cannot fetch `{address}`: network access is disabled"))
        .help("it is disabled by `net.offline` in cargo's configuration, the variable CARGO_NET_OFFLINE or an option")
}

pub(super) fn too_large(address: &Address, largest: u64) -> Diagnostic {
    let message = format!("the response of `{address}` is larger than {}", size(largest));
    Diagnostic::error(Code::TooLarge, message).help("check the URL")
}

/// The server keeps sending data, but the answer does not begin.
pub(super) fn endless_head(address: &Address, limit: Duration) -> Diagnostic {
    let message = format!("`{address}` did not answer in time");
    Diagnostic::error(Code::TooSlow, message)
        .note(format!("connected, but received no response within {} s", limit.as_secs()))
        .help("check the URL, and try again later")
}

pub(super) fn too_slow(address: &Address, received: u64, seconds: u64) -> Diagnostic {
    Diagnostic::error(Code::TooSlow, format!("the response of `{address}` is too slow"))
        .note(format!("received {} in {seconds} s", size(received)))
        .help("try again over a better connection; downloads of archives resume where they stopped")
}

pub(super) fn too_many_redirects(first: &Address, last: &Address, most: usize) -> Diagnostic {
    Diagnostic::error(Code::UrlNotAllowed, format!("`{first}` redirects more than {most} times"))
        .note(format!("the last redirect is to `{last}`"))
        .help("check the URL")
}

pub(super) fn bad_proxy(proxy: &str, error: &reqwest::Error) -> Diagnostic {
    let message = format!("the proxy `{}` cannot be used", wording::without_credentials(proxy));
    // The library's own message might contain the credentials.
    let note = if error.is_builder() { "it is not a valid URL of a proxy" } else { "it cannot be set up" };
    Diagnostic::error(Code::Unreachable, message).note(note).help(
        "proxies are written `http://host:port`, in `http.proxy` of cargo's configuration or in HTTPS_PROXY",
    )
}

/// The client cannot be created.
pub(super) fn no_client(error: &(dyn Error + 'static)) -> Diagnostic {
    with_causes(Diagnostic::error(Code::Unreachable, "the network cannot be used"), error)
}

fn untrusted(address: &Address, error: &rustls::Error) -> Diagnostic {
    let message = format!("the connection to `{address}` cannot be trusted");
    let problem = Diagnostic::error(Code::Tls, message).note(error.to_string());
    match error {
        rustls::Error::InvalidCertificate(_) => problem.help(
            "if a proxy inspects connections, set `http.cainfo` in cargo's configuration or the variable SSL_CERT_FILE to the file with its certificate",
        ),
        _ => problem.help("check that the server uses HTTPS on this port"),
    }
}

/// Whether a proxy requires credentials. The library reports this only in its message.
fn is_refused_by_proxy(error: &reqwest::Error) -> bool {
    let mut causes = std::iter::successors(error.source(), |error| source(*error));
    causes.any(|cause| cause.to_string().contains("proxy authorization required"))
}

/// Adds the causes of an error, outermost first.
fn with_causes(mut problem: Diagnostic, error: &(dyn Error + 'static)) -> Diagnostic {
    for cause in std::iter::successors(error.source(), |error| source(*error)) {
        let text = cause.to_string();
        // Some errors include the text of their source.
        if problem.notes.last().is_none_or(|last| !last.contains(&text)) {
            problem.notes.push(text);
        }
    }
    problem
}

/// The cause with a given type. I/O errors do not expose theirs as a source.
fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    std::iter::successors(Some(error), |error| {
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => source(*error),
        }
    })
    .find_map(|error| error.downcast_ref::<E>())
}

fn source<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    error.source()
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..0x10_0000 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / 0x10_0000),
    }
}
