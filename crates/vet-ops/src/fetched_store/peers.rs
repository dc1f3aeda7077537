//! The current entries of peers, in this project's criteria.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use vet_diagnostics::{Code, Diagnostic, Problems, Severity, wording};
use vet_fetch::http::{self, Client, FetchEvent, Fetched, Request, file_url};
use vet_store::Criteria;
use vet_store::files::{AuditsFile, ImportConfig};
use vet_store::peer::{Translated, changed_criteria, mark_known, merge, translate};

use crate::fetched_store::credentials::Credentials;
use crate::fetched_store::peer_files::{LARGEST, read, tell, text};
use crate::operation::events::{Event, Stage};
use crate::operation::report::Run;

use super::{Network, WhenDown};

/// The imports, and what is known about them without the network.
#[derive(Clone, Copy, Debug)]
pub(super) struct Imports<'a> {
    pub(super) configured: &'a BTreeMap<String, ImportConfig>,
    pub(super) locked: &'a BTreeMap<String, AuditsFile>,
    /// The criteria of this project.
    pub(super) criteria: &'a Criteria,
    /// The folder that paths are relative to.
    pub(super) folder: &'a Path,
}

/// Fetches all imports at the same time. Entries that are not locked yet are marked fresh.
///
/// If a peer is unreachable, its locked entries are used, with a warning.
///
/// # Errors
///
/// Every error in the configuration of the imports, every file that is not an audits file, and
/// unreachable peers if a warning is not enough.
pub(super) fn fetch(
    imports: Imports<'_>,
    network: Network<'_>,
    when_down: WhenDown,
    run: &Run<'_>,
) -> Result<BTreeMap<String, AuditsFile>, Problems> {
    let urls: BTreeSet<String> =
        imports.configured.values().flat_map(|import| &import.url).map(|url| imports.address(url)).collect();
    let files = download(urls, network.client, network.credentials, run);
    let mut found: BTreeMap<&String, Result<Vec<Part>, Trouble>> = BTreeMap::new();
    for (name, import) in imports.configured {
        found.insert(name, imports.parts(name, import, &files, run));
    }

    let needed = |parts: &Vec<Part>| -> Vec<String> {
        parts.iter().flat_map(|part| &part.translated.needs).map(|need| need.url.clone()).collect()
    };
    let texts = found.values().flatten().flat_map(needed).collect();
    // The texts of criteria can be on any server, so no passwords are sent.
    let texts = download(texts, network.client, Credentials::InUrls, run);
    let mut fetched = BTreeMap::new();
    let mut problems = Vec::new();
    for (name, parts) in found {
        let whole = parts.and_then(|parts| whole(name, parts, &texts, run));
        match whole {
            Ok(audits) => drop(fetched.insert(name.clone(), audits)),
            Err(Trouble::Lasting(more)) => problems.extend(more),
            Err(Trouble::Down(more)) => match (when_down, imports.locked_copy(name)) {
                (WhenDown::UseLocked, Some(locked)) => {
                    let since = imports.last_fetched(name, network.client);
                    run.found(unavailable(name, &more, since));
                    fetched.insert(name.clone(), locked);
                }
                _ => problems.extend(more),
            },
        }
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    for (name, audits) in &mut fetched {
        if let Some(locked) = imports.locked.get(name) {
            mark_known(audits, locked);
        }
    }
    Ok(fetched)
}

/// A finding for each criterion whose text differs from the locked one.
pub(super) fn changed(
    fetched: &BTreeMap<String, AuditsFile>,
    locked: &BTreeMap<String, AuditsFile>,
) -> Vec<Diagnostic> {
    let both = fetched.iter().filter_map(|(name, fetched)| Some((name, fetched, locked.get(name)?)));
    both.flat_map(|(name, fetched, locked)| changed_criteria(name, fetched, locked)).collect()
}

/// One file of an import.
#[derive(Debug)]
struct Part {
    /// Without a password, because it is written to the store.
    url: String,
    translated: Translated,
}

/// Why an import cannot be used.
#[derive(Debug)]
enum Trouble {
    /// It is unreachable.
    Down(Vec<Diagnostic>),
    /// The next attempt would fail in the same way.
    Lasting(Vec<Diagnostic>),
}

type Downloads = BTreeMap<String, Result<Fetched, Diagnostic>>;

fn download(urls: BTreeSet<String>, client: &Client, credentials: Credentials, run: &Run<'_>) -> Downloads {
    let mut requests: Vec<Request> = urls.iter().map(|url| Request::text(url, LARGEST)).collect();
    credentials.add_to(&mut requests, client, run);
    let (done, total) = (Cell::new(0), requests.len());
    let report = |_: usize, event: FetchEvent<'_>| {
        if let FetchEvent::Finished = event {
            done.set(done.get() + 1);
            run.notice(Event::Progress { stage: Stage::Imports, done: done.get(), total });
        }
        tell(event, run);
    };
    let answers = client.fetch(&requests, &report);
    urls.into_iter().zip(answers).collect()
}

impl Imports<'_> {
    /// The location of an import's file: a URL, or a path relative to the store.
    fn address(&self, url: &str) -> String {
        file_url(url, self.folder).unwrap_or_else(|| url.to_owned())
    }

    /// The locked entries of an import, as far as they are still wanted.
    fn locked_copy(&self, name: &str) -> Option<AuditsFile> {
        let mut locked = self.locked.get(name)?.clone();
        for excluded in self.configured.get(name).into_iter().flat_map(|import| &import.exclude) {
            locked.audits.remove(excluded);
        }
        Some(locked)
    }

    /// The last time at which the cached copies of all files of an import were current.
    fn last_fetched(&self, name: &str, client: &Client) -> Option<SystemTime> {
        let urls = self.configured.get(name)?.url.iter();
        let times = urls.map(|url| client.last_answer(&self.address(url)));
        times.collect::<Option<Vec<SystemTime>>>()?.into_iter().min()
    }

    /// The files of an import, translated.
    fn parts(
        &self,
        name: &str,
        import: &ImportConfig,
        files: &Downloads,
        run: &Run<'_>,
    ) -> Result<Vec<Part>, Trouble> {
        let mut parts = Vec::new();
        let (mut down, mut lasting) = (Vec::new(), Vec::new());
        // Criteria that are used, and criteria that a file defines.
        let (mut undefined, mut defined) = (BTreeSet::new(), BTreeSet::new());
        for url in &import.url {
            // Several imports may contain the same file.
            let fetched = match files.get(&self.address(url)).cloned() {
                Some(Ok(fetched)) => fetched,
                Some(Err(problem)) => {
                    down.push(problem);
                    continue;
                }
                None => continue,
            };
            let shown = http::shown(url);
            let peer = read(&shown, fetched, run).map_err(|problems| no_audits(name, problems.into_vec()));
            if let Ok(peer) = &peer {
                undefined.extend(peer.undefined.iter().cloned());
                defined.extend(peer.audits.criteria.keys().cloned());
            }
            match peer.and_then(|peer| translate(peer, name, import, self.criteria)) {
                Ok(translated) => parts.push(Part { url: shown, translated }),
                Err(problems) => lasting.extend(problems),
            }
        }
        let mapped = import.criteria_map.keys().filter(|name| undefined.contains(*name));
        let mapped: Vec<&str> = mapped.filter(|name| !defined.contains(*name)).map(String::as_str).collect();
        if !mapped.is_empty() {
            run.found(maps_nothing(name, &mapped));
        }
        match (lasting.is_empty(), down.is_empty()) {
            (false, _) => Err(Trouble::Lasting(lasting)),
            (true, false) => Err(Trouble::Down(down)),
            (true, true) => Ok(parts),
        }
    }
}

/// Merges the files of one import, with the texts of its criteria.
fn whole(name: &str, parts: Vec<Part>, texts: &Downloads, run: &Run<'_>) -> Result<AuditsFile, Trouble> {
    let mut files = Vec::new();
    let mut down = Vec::new();
    for Part { url, mut translated } in parts {
        for need in std::mem::take(&mut translated.needs) {
            match texts.get(&need.url).cloned() {
                Some(Ok(fetched)) => translated.describe(&need.criterion, text(fetched, run)),
                Some(Err(problem)) => down.push(without_text(name, &need.criterion, problem)),
                None => {}
            }
        }
        files.push((url, translated.audits));
    }
    if !down.is_empty() {
        return Err(Trouble::Down(down));
    }
    match files.len() {
        1 => Ok(files.pop().map(|(_, audits)| audits).unwrap_or_default()),
        _ => merge(files).map_err(|problems| {
            let in_import = |problem: Diagnostic| {
                problem.note(format!("both are files of the import `{}`", wording::shown(name)))
            };
            Trouble::Lasting(problems.into_iter().map(in_import).collect())
        }),
    }
}

/// Adds the name of the import to errors about its file.
fn no_audits(name: &str, problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let name = wording::shown(name);
    let of_import = |problem: Diagnostic| {
        problem.help(format!(
            "check that `url` of `[imports.{name}]` is the address of an audits file in plain text; `cargo vet --locked` uses the locked copy"
        ))
    };
    problems.into_iter().map(of_import).collect()
}

fn maps_nothing(name: &str, mapped: &[&str]) -> Diagnostic {
    let (name, listed) = (wording::shown(name), wording::list(mapped.iter().copied(), "and"));
    let message = format!("the `criteria-map` of the import `{name}` has no effect for {listed}");
    Diagnostic::warning(Code::PeerCriteria, message)
        .note(format!(
            "`{name}` uses it in entries without defining it, so these entries do not count for it"
        ))
        .help(format!("ask the maintainers of `{name}` to define it in `[criteria]`"))
}

fn without_text(name: &str, criterion: &str, problem: Diagnostic) -> Diagnostic {
    let (name, criterion) = (wording::shown(name), wording::shown(criterion));
    problem
        .note(format!("the import `{name}` refers to this URL for the text of its criterion `{criterion}`"))
}

fn unavailable(name: &str, problems: &[Diagnostic], since: Option<SystemTime>) -> Diagnostic {
    let name = wording::shown(name);
    let message = format!("could not fetch the import `{name}`; using the locked copy");
    let mut warning = Diagnostic::warning(Code::PeerUnavailable, message);
    for problem in problems.iter().filter(|problem| problem.severity == Severity::Error) {
        warning.notes.push(problem.message.clone());
        warning.notes.extend(problem.notes.iter().cloned());
    }
    warning = warning.note(match since.map(DateTime::<Utc>::from) {
        Some(time) => format!("last fetched on this machine on {}", time.format("%Y-%m-%d, %H:%M UTC")),
        None => "never fetched on this machine, so the age of the locked copy is unknown".to_owned(),
    });
    match problems.first().and_then(|problem| problem.help.clone()) {
        Some(help) => warning.help(help),
        None => warning,
    }
}
