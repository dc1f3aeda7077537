//! Whether the files of a store fit each other and this tool, where they must not be changed.

use vet_diagnostics::{Code, Diagnostic, wording};

use crate::files::{Store, StoreVersion};
use crate::load::{StoreFile, Texts};
use crate::locate::{Location, Map};

/// What `config.toml` asks for and `imports.lock` does not have, or the other way round: the imports themselves, and
/// audits of crates that an import excludes.
///
/// A lock in this state answers for another configuration. It has to be fetched again.
pub fn check_lock(store: &Store, texts: &Texts) -> Vec<Diagnostic> {
    let (configured, locked) = (&store.config.imports, &store.imports.audits);
    let mut findings = Vec::new();
    for (name, import) in configured {
        let shown = wording::shown(name);
        let Some(section) = locked.get(name) else {
            let place = Location::new(StoreFile::Config, &["imports", name]);
            findings.push((format!("imports.lock has nothing of the import `{shown}`"), place));
            continue;
        };
        for excluded in import.exclude.iter().filter(|excluded| section.audits.contains_key(*excluded)) {
            let place = Location::new(StoreFile::Imports, &["audits", name, "audits", excluded]);
            let excluded = wording::shown(excluded);
            findings.push((
                format!("imports.lock has audits of `{excluded}`, which the import `{shown}` excludes"),
                place,
            ));
        }
    }
    for name in locked.keys().filter(|name| !configured.contains_key(*name)) {
        let place = Location::new(StoreFile::Imports, &["audits", name]);
        findings.push((
            format!("imports.lock has an import `{}`, which is not configured", wording::shown(name)),
            place,
        ));
    }
    if findings.is_empty() {
        return Vec::new();
    }
    let maps =
        [StoreFile::Config, StoreFile::Imports].map(|file| (file, Map::new(&texts.get(file).source.text)));
    let diagnostic = |(message, place): (String, Location)| {
        let problem = Diagnostic::error(Code::LockStale, message).help("run `cargo vet` without `--locked`");
        let map = maps.iter().find(|(file, _)| *file == place.file);
        match map.and_then(|(_, map)| map.find(&place.path)) {
            Some(span) => problem.at(&texts.get(place.file).source, span, ""),
            None => problem.note(format!("at `{place}` of {}", place.file.name())),
        }
    };
    findings.into_iter().map(diagnostic).collect()
}

/// A store of an older version of the format, which the next write brings up to date.
pub fn check_version(store: &Store, texts: &Texts) -> Option<Diagnostic> {
    let version = store.config.version;
    if version >= StoreVersion::CURRENT {
        return None;
    }
    let message = format!("the store has format version {version}, older than {}", StoreVersion::CURRENT);
    let problem = Diagnostic::error(Code::StoreTooOld, message)
        .help("run `cargo vet fmt` to bring the store up to date, and commit the result");
    let source = &texts.config.source;
    let span = Map::new(&source.text).find(&Location::new(StoreFile::Config, &["cargo-vet", "version"]).path);
    Some(match span {
        Some(span) => problem.at(source, span, "an older version"),
        None => problem
            .note(format!("without a table `cargo-vet`, it counts as version {}", StoreVersion::UNSTATED)),
    })
}
