//! The audits of registry members, and what they would make unnecessary.

use std::collections::{BTreeMap, BTreeSet};

use vet_diagnostics::{Diagnostic, Source, wording};
use vet_fetch::http::{self, FetchEvent, Fetched, Request};
use vet_store::Criteria;
use vet_store::files::{AuditsFile, ByCrate, ImportConfig};
use vet_store::peer::{PeerFile, merge, parse_peer, translate};

use super::Search;
use crate::fetched_store::peer_files::{LARGEST, tell, text};
use crate::fetched_store::registry;
use crate::operation::events::{Event, Stage};
use crate::operation::report::Run;

/// The entries of members about some crates, in this project's criteria, and what could not be
/// fetched.
#[derive(Debug, Default)]
pub(crate) struct Members {
    pub(crate) audits: BTreeMap<String, AuditsFile>,
    pub(crate) problems: Vec<Diagnostic>,
}

impl Members {
    /// Fetches the entries of all registry members about some crates. Members whose audits are
    /// already imported are skipped, because their entries are known.
    pub(crate) fn fetch(search: &Search<'_>, crates: &BTreeSet<&str>, run: &Run<'_>) -> Self {
        let client = search.code.network.client;
        let mut members = match registry::fetch(client, run) {
            Ok(members) => members,
            Err(problems) => return Members { problems: problems.into_vec(), ..Members::default() },
        };
        members.retain(|name, _| !search.store.config.imports.contains_key(name));
        let urls: BTreeSet<&String> = members.values().flatten().collect();
        let mut requests: Vec<Request> =
            urls.iter().map(|url| Request::text(url.as_str(), LARGEST)).collect();
        search.code.network.credentials.add_to(&mut requests, client, run);
        let (done, total) = (std::cell::Cell::new(0), requests.len());
        let report = |_: usize, event: FetchEvent<'_>| {
            if let FetchEvent::Finished = event {
                done.set(done.get() + 1);
                run.notice(Event::Progress { stage: Stage::Registry, done: done.get(), total });
            }
            tell(event, run);
        };
        let answers = client.fetch(&requests, &report);
        let files: BTreeMap<&String, Result<Fetched, Diagnostic>> =
            urls.iter().copied().zip(answers).collect();
        let mut found = Members::default();
        for (name, urls) in &members {
            let fetched = urls.iter().filter_map(|url| Some((url, files.get(url)?.clone())));
            let parts = fetched.map(|(url, fetched)| {
                let text = text(fetched?, run);
                let peer = parse_peer(&Source::new(http::shown(url), text));
                peer.map_err(|problems| first(problems, url))
            });
            let parts: Result<Vec<PeerFile>, Diagnostic> = parts.collect();
            let audits = parts.and_then(|parts| said(name, urls, parts, crates, search.criteria));
            match audits {
                Ok(audits) => drop(found.audits.insert(name.clone(), audits)),
                Err(problem) => found.problems.push(
                    problem.note(format!("the registry lists `{}` with this address", wording::shown(name))),
                ),
            }
        }
        found
    }
}

/// The entries of a member about some crates.
fn said(
    name: &str,
    urls: &[String],
    parts: Vec<PeerFile>,
    crates: &BTreeSet<&str>,
    criteria: &Criteria,
) -> Result<AuditsFile, Diagnostic> {
    let import = ImportConfig { url: urls.to_vec(), exclude: Vec::new(), criteria_map: BTreeMap::new() };
    let mut files = Vec::new();
    for (url, mut part) in urls.iter().zip(parts) {
        keep(&mut part.audits.audits, crates);
        keep(&mut part.audits.wildcard_audits, crates);
        part.audits.trusted.clear();
        let translated = translate(part, name, &import, criteria).map_err(|problems| first(problems, url))?;
        files.push((url.clone(), translated.audits));
    }
    match files.len() {
        1 => Ok(files.pop().map(|(_, audits)| audits).unwrap_or_default()),
        _ => merge(files).map_err(|problems| first(problems, name)),
    }
}

fn keep<T>(entries: &mut ByCrate<T>, crates: &BTreeSet<&str>) {
    entries.retain(|name, _| crates.contains(name.as_str()));
}

fn first(problems: Vec<Diagnostic>, of: &str) -> Diagnostic {
    let nothing =
        || Diagnostic::error(vet_diagnostics::Code::BadContent, format!("`{of}` is not an audits file"));
    problems.into_iter().next().unwrap_or_else(nothing)
}
