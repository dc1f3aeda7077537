//! The audit registry: the public list of projects that publish audits.

use std::collections::BTreeMap;

use vet_diagnostics::{Code, Diagnostic, Problems, Source, wording};
use vet_fetch::http::{Client, Request};
use vet_store::parse_registry;

use crate::fetched_store::peer_files::{tell, text};
use crate::operation::report::Run;

/// The URL of the list.
const URL: &str = "https://raw.githubusercontent.com/mozilla/cargo-vet/main/registry.toml";

const LARGEST: u64 = 4 << 20;

/// Fetches the list: the URLs of each member, by name.
pub(crate) fn fetch(client: &Client, run: &Run<'_>) -> Result<BTreeMap<String, Vec<String>>, Problems> {
    let answer = client.fetch_one(&Request::text(URL, LARGEST), &|event| tell(event, run));
    let fetched = answer?;
    Ok(parse_registry(&Source::new(URL, text(fetched, run)))?)
}

/// The URLs of one member.
pub(crate) fn member(name: &str, client: &Client, run: &Run<'_>) -> Result<Vec<String>, Problems> {
    let mut members = fetch(client, run)?;
    members.remove(name).ok_or_else(|| unknown(name, &members).into())
}

fn unknown(name: &str, members: &BTreeMap<String, Vec<String>>) -> Diagnostic {
    let names = || members.keys().map(String::as_str);
    let shown = wording::shown(name);
    let problem = Diagnostic::error(
        Code::UnknownPeer,
        format!("the public registry of audits has no member `{shown}`"),
    )
    .note(format!("its members are {}", wording::list(names(), "and")));
    match wording::nearest(name, names()) {
        Some(nearest) => problem.help(format!("did you mean `{}`?", wording::shown(nearest))),
        None => problem.help(format!(
            "name the address of the audits for a project that is not in the registry: `cargo vet import {shown} URL`"
        )),
    }
}
