//! Checks whether `config.toml` has changed its imports since `imports.lock` was written, as far as
//! the lock shows.
//!
//! The lock contains the entries of peers, in the criteria of this project. It contains neither the
//! URLs nor the `criteria-map` of that time. Both show only in entries that the current
//! configuration could not have produced. So every finding is certain, but a change may be found
//! only when the imports are fetched.

use std::collections::BTreeSet;

use vet_diagnostics::{Code, Diagnostic, wording};

use crate::criteria::{BUILT_IN, Criteria, CriteriaSet};
use crate::files::StoreFile;
use crate::files::{AuditsFile, ImportConfig};
use crate::locate::{Location, Map};
use crate::store::Store;
use crate::text::Texts;

/// Returns a warning for each import whose URLs or `criteria-map` changed since it was locked.
pub fn changed_imports(store: &Store, criteria: &Criteria, texts: &Texts) -> Vec<Diagnostic> {
    let locked = &store.imports.audits;
    let both =
        store.config.imports.iter().filter_map(|(name, import)| Some((name, import, locked.get(name)?)));
    let mut map = None;
    let mut warnings = Vec::new();
    for (name, import, locked) in both {
        for (key, sign) in
            [("criteria-map", of_map(import, locked, criteria)), ("url", of_urls(import, locked))]
        {
            let Some(sign) = sign else { continue };
            let message = format!(
                "the import `{}` has a different `{key}` than when it was locked",
                wording::shown(name)
            );
            let mut warning = Diagnostic::warning(Code::ImportChanged, message)
                .note(sign)
                .help("run `cargo vet` without `--locked` to fetch the import again, and commit the new imports.lock");
            let source = &texts.config.source;
            let map = map.get_or_insert_with(|| Map::new(&source.text));
            let place = |path: &[&str]| map.find(&Location::new(StoreFile::Config, path).path);
            // A URL can contain a password, so its line is not shown.
            let precise = (key != "url").then(|| place(&["imports", name, key])).flatten();
            if let Some(span) = precise.or_else(|| place(&["imports", name])) {
                warning = warning.at(source, span, "");
            }
            warnings.push(warning);
        }
    }
    warnings
}

/// Returns what is locked that the current `criteria-map` does not lead to.
fn of_map(import: &ImportConfig, locked: &AuditsFile, criteria: &Criteria) -> Option<String> {
    if let Some(gone) = locked.criteria.keys().find(|name| !import.criteria_map.contains_key(*name)) {
        return Some(format!(
            "imports.lock has the criterion `{}`, which is not in `criteria-map`",
            wording::shown(gone)
        ));
    }
    let mut possible = CriteriaSet::new();
    for names in import.criteria_map.values() {
        possible.union_with(&criteria.set(names));
    }
    for name in BUILT_IN.iter().filter(|name| !import.criteria_map.contains_key(**name)) {
        possible.union_with(&criteria.set([&(*name).to_owned()]));
    }
    let possible: BTreeSet<&str> = possible.iter().map(|index| criteria.name(index)).collect();
    entries(locked).find_map(|(name, names, _)| {
        let impossible = names.iter().find(|name| !possible.contains(name.as_str()))?;
        Some(format!(
            "imports.lock has an entry about `{}` for `{}`, but no criterion of the import maps to that",
            wording::shown(name),
            wording::shown(impossible)
        ))
    })
}

/// Returns what is locked that does not come from the current URLs. The lock does not show a single
/// URL.
fn of_urls(import: &ImportConfig, locked: &AuditsFile) -> Option<String> {
    if import.url.len() == 1 {
        return None;
    }
    entries(locked).find_map(|(name, _, origins)| match origins.last() {
        Some(origin) if import.url.iter().any(|url| is_same(url, origin)) => None,
        Some(origin) => Some(format!(
            "imports.lock has an entry about `{}` from {}, which is not one of the URLs of the import",
            wording::shown(name),
            wording::shown(origin)
        )),
        None => Some(format!(
            "imports.lock has an entry about `{}` from a single URL, but the import now has {}",
            wording::shown(name),
            import.url.len()
        )),
    })
}

/// Iterates over the crate, the criteria and the origins of each entry of a peer.
fn entries(peer: &AuditsFile) -> impl Iterator<Item = (&String, &[String], &[String])> {
    let audits = peer.audits.iter().flat_map(|(name, entries)| {
        entries.iter().map(move |entry| (name, entry.criteria.as_slice(), entry.aggregated_from.as_slice()))
    });
    let wildcards = peer.wildcard_audits.iter().flat_map(|(name, entries)| {
        entries.iter().map(move |entry| (name, entry.criteria.as_slice(), entry.aggregated_from.as_slice()))
    });
    audits.chain(wildcards)
}

/// Whether two URLs are the same apart from user name and password. The lock contains neither.
fn is_same(configured: &str, locked: &str) -> bool {
    let without = |url: &str| match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').map_or((rest, ""), |(host, path)| (host, path));
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            format!("{scheme}://{host}/{path}")
        }
        None => url.to_owned(),
    };
    without(configured) == without(locked)
}
