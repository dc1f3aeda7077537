//! Checks whether the files of a store fit each other and this tool, where the store must not be
//! changed.

use vet_diagnostics::{Code, Diagnostic, wording};

use crate::files::StoreFile;
use crate::files::StoreVersion;
use crate::locate::{Location, Map};
use crate::store::Store;
use crate::text::Texts;

/// Returns an error for each difference between `config.toml` and `imports.lock`: imports that only
/// one of them has, and audits of crates that an import excludes.
///
/// Such a lock belongs to another configuration. The imports must be fetched again.
pub fn check_lock(store: &Store, texts: &Texts) -> Vec<Diagnostic> {
    let (configured, locked) = (&store.config.imports, &store.imports.audits);
    let mut findings = Vec::new();
    for (name, import) in configured {
        let shown = wording::shown(name);
        let Some(section) = locked.get(name) else {
            let place = Location::new(StoreFile::Config, &["imports", name]);
            findings.push((format!("imports.lock has no section for the import `{shown}`"), place));
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
            format!(
                "imports.lock has a section for the import `{}`, which config.toml does not have",
                wording::shown(name)
            ),
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

/// Returns an error for a store with an older version of the format. The next write updates it.
pub fn check_version(store: &Store, texts: &Texts) -> Option<Diagnostic> {
    let version = store.config.version;
    if version >= StoreVersion::CURRENT {
        return None;
    }
    let message = format!("the store has format version {version}, older than {}", StoreVersion::CURRENT);
    let problem = Diagnostic::error(Code::StoreTooOld, message)
        .help("run `cargo vet fmt` to update the store, and commit the result");
    let source = &texts.config.source;
    let span = Map::new(&source.text).find(&Location::new(StoreFile::Config, &["cargo-vet", "version"]).path);
    Some(match span {
        Some(span) => problem.at(source, span, "an older version"),
        None => problem.note(format!(
            "a store without a `cargo-vet` table counts as version {}",
            StoreVersion::UNSTATED
        )),
    })
}
