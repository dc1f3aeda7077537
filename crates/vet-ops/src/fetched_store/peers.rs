//! The current entries of peers, in this project's criteria.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use vet_diagnostics::{Code, Diagnostic, Problems, Severity, wording};
use vet_fetch::http::{self, Fetched, file_url};
use vet_store::Criteria;
use vet_store::files::{AuditsFile, ImportConfig};
use vet_store::peer::{Translated, changed_criteria, merge, translate};

use crate::fetched_store::peer_files::{read, text};
use crate::operation::report::Run;

use super::network::WhenDown;
use super::offline::Offline;

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

/// The answers of peers.
pub(super) struct PeerAnswers<'i> {
    /// The files of each import.
    pub(super) files: Files<'i>,
    /// The texts of criteria that the files refer to.
    pub(super) texts: Downloads,
    /// The last time at which the cached copies of all files of an import were current. Determined
    /// only if something could not be downloaded.
    pub(super) last_fetched: BTreeMap<&'i str, SystemTime>,
}

/// The files of each import, translated; or why they cannot be used.
pub(super) type Files<'i> = BTreeMap<&'i str, Result<Vec<ImportPart>, Trouble>>;

/// The addresses of texts that files refer to.
pub(super) fn texts_of(files: &Files<'_>) -> BTreeSet<String> {
    let parts = files.values().flatten().flatten();
    parts.flat_map(|part| &part.translated.needs).map(|need| need.url.clone()).collect()
}

impl PeerAnswers<'_> {
    /// The entries of all imports.
    ///
    /// If a peer is unreachable, its locked entries are used, with a warning.
    ///
    /// # Errors
    ///
    /// Every error in the configuration of the imports, every file that is not an audits file, and
    /// unreachable peers if a warning is not enough.
    pub(super) fn settle(
        self,
        imports: Imports<'_>,
        when_down: WhenDown,
        run: &Run<'_>,
    ) -> Result<BTreeMap<String, AuditsFile>, Problems> {
        let mut entries = BTreeMap::new();
        let mut problems = Vec::new();
        for (name, parts) in self.files {
            let whole = parts.and_then(|parts| whole(name, parts, &self.texts, run));
            match whole {
                Ok(audits) => drop(entries.insert(name.to_owned(), audits)),
                Err(Trouble::Lasting(more)) => problems.extend(more),
                Err(Trouble::Down(more)) => match (when_down, imports.locked_copy(name)) {
                    (WhenDown::UseLocked, Some(locked)) => {
                        run.found(unavailable(name, &more, self.last_fetched.get(name).copied()));
                        entries.insert(name.to_owned(), locked);
                    }
                    _ => problems.extend(more),
                },
            }
        }
        if !problems.is_empty() {
            return Err(problems.into());
        }
        Ok(entries)
    }
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
pub(super) struct ImportPart {
    /// Without a password, because it is written to the store.
    url: String,
    translated: Translated,
}

/// Why an import cannot be used.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It is unreachable.
    Down(Vec<Diagnostic>),
    /// The next attempt would fail in the same way.
    Lasting(Vec<Diagnostic>),
}

/// What was downloaded from each address, or why it could not be downloaded.
pub(super) type Downloads = BTreeMap<String, Result<Fetched, Diagnostic>>;

impl<'i> Imports<'i> {
    /// The imports of a project.
    pub(super) fn of(offline: Offline<'i>) -> Self {
        let Offline { store, criteria, folder, .. } = offline;
        Imports { configured: &store.config.imports, locked: &store.imports.audits, criteria, folder }
    }

    /// The addresses of all files.
    pub(super) fn addresses(&self) -> BTreeSet<String> {
        self.configured.values().flat_map(|import| &import.url).map(|url| self.address(url)).collect()
    }

    /// Reads the downloaded files of all imports.
    pub(super) fn read(&self, files: &Downloads, run: &Run<'_>) -> Files<'i> {
        let imports = self.configured.iter();
        imports.map(|(name, import)| (name.as_str(), self.parts(name, import, files, run))).collect()
    }

    /// When the copies of all files of each import were current, given when that of each address
    /// was. Imports without a copy of some file are left out.
    pub(super) fn last_fetched(
        &self,
        of_address: &dyn Fn(&str) -> Option<SystemTime>,
    ) -> BTreeMap<&'i str, SystemTime> {
        let of_import = |(name, import): (&'i String, &'i ImportConfig)| {
            let times = import.url.iter().map(|url| of_address(&self.address(url)));
            let times = times.collect::<Option<Vec<SystemTime>>>()?;
            Some((name.as_str(), times.into_iter().min()?))
        };
        self.configured.iter().filter_map(of_import).collect()
    }

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

    /// The files of an import, translated.
    fn parts(
        &self,
        name: &str,
        import: &ImportConfig,
        files: &Downloads,
        run: &Run<'_>,
    ) -> Result<Vec<ImportPart>, Trouble> {
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
                Ok(translated) => parts.push(ImportPart { url: shown, translated }),
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
fn whole(
    name: &str,
    parts: Vec<ImportPart>,
    texts: &Downloads,
    run: &Run<'_>,
) -> Result<AuditsFile, Trouble> {
    let mut files = Vec::new();
    let mut down = Vec::new();
    for ImportPart { url, mut translated } in parts {
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
