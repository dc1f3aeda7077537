//! Locked entries that peers have withdrawn.
//!
//! `imports.lock` is replaced by the current entries of peers, so the next write removes withdrawn
//! entries. Until then, a check with `--locked` relies on them.

use std::collections::{BTreeMap, BTreeSet};

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_graph::Graph;
use vet_resolver::{Resolver, Verdict};
use vet_store::entries::{AuditEntry, AuditKind, WildcardEntry};
use vet_store::files::ImportsFile;
use vet_store::{Criteria, Store};

use crate::evaluation::outcome::PackageId;
use crate::operation::report::Run;
use crate::session::Session;

/// A warning for each peer that has withdrawn entries which packages relied on, if these packages
/// are vetted according to the locked entries and are not according to the current ones.
pub(crate) fn of_check(
    graph: &Graph,
    criteria: &Criteria,
    locked: &Store,
    fetched: &Store,
) -> Vec<Diagnostic> {
    let (lost, _) = newly_failing(graph, criteria, locked, fetched);
    let withdrawn = withdrawn(&locked.imports, &fetched.imports, &names(&lost));
    let warning = |(peer, entries): (&str, Vec<String>)| {
        let message = format!("`{}` has withdrawn {}", wording::shown(peer), joined(&entries));
        Diagnostic::warning(Code::Withdrawn, message)
            .note("imports.lock still contains it, and `cargo vet --locked` relies on it")
            .help("audit or exempt the packages that are now unvetted, and ask the peer for the reason")
    };
    withdrawn.into_iter().map(warning).collect()
}

/// Warns, before the store is written, if the next check with `--locked` will fail although the
/// last one passed.
pub(crate) fn warn_of_next_locked(session: &Session<'_>, after: &Store, run: &Run<'_>) {
    let (locked, criteria) = (&session.loaded.store, &session.loaded.criteria);
    let (lost, contradicted) = newly_failing(session.view(), criteria, locked, after);
    if !contradicted.is_empty() {
        let crates: Vec<&str> = names(&contradicted).into_iter().collect();
        let message = format!(
            "after this, a check with `--locked` fails: statements about {} contradict each other",
            wording::abbreviated(&crates)
        );
        let warning = Diagnostic::warning(Code::NextLockedFails, message);
        run.found(warning.help("run `cargo vet --locked` to see how to resolve this"));
    }
    if lost.is_empty() {
        return;
    }
    let packages: Vec<String> =
        lost.iter().map(|package| format!("{} {}", package.name, package.version)).collect();
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    let message =
        format!("after this, a check with `--locked` fails: {} no longer vetted", is_or_are(&packages));
    let mut warning = Diagnostic::warning(Code::NextLockedFails, message);
    for (peer, entries) in withdrawn(&locked.imports, &after.imports, &names(&lost)) {
        warning = warning.note(format!("`{}` has withdrawn {}", wording::shown(peer), joined(&entries)));
    }
    run.found(warning.help(
        "run `cargo vet suggest` to see what to audit, or `cargo vet regenerate exemptions` to exempt it",
    ));
}

fn is_or_are(packages: &[&str]) -> String {
    format!("{} {}", wording::abbreviated(packages), if packages.len() == 1 { "is" } else { "are" })
}

/// The packages that pass with one store, and fail with the other: those that are not vetted, and
/// those with contradictions.
fn newly_failing(
    graph: &Graph,
    criteria: &Criteria,
    before: &Store,
    after: &Store,
) -> (Vec<PackageId>, Vec<PackageId>) {
    let (mut unvetted, mut contradicted) = (Vec::new(), Vec::new());
    let passes = |verdict: &Verdict| !matches!(verdict, Verdict::Unvetted(_) | Verdict::Violation);
    let after = Resolver::new(graph, after, criteria).decide().verdicts;
    if after.iter().all(|(_, verdict)| passes(verdict)) {
        return (unvetted, contradicted);
    }
    let before = Resolver::new(graph, before, criteria).decide().verdicts;
    for ((ix, before), (_, after)) in before.iter().zip(&after) {
        let Some(package) = graph.package(*ix).filter(|_| passes(before) && !passes(after)) else { continue };
        let name = PackageId { name: package.name().to_owned(), version: package.version().clone() };
        match after {
            Verdict::Violation => contradicted.push(name),
            _ => unvetted.push(name),
        }
    }
    (unvetted, contradicted)
}

fn names(packages: &[PackageId]) -> BTreeSet<&str> {
    packages.iter().map(|package| package.name.as_str()).collect()
}

/// The locked entries about some crates that a peer has withdrawn, by peer.
fn withdrawn<'a>(
    locked: &'a ImportsFile,
    fetched: &ImportsFile,
    crates: &BTreeSet<&str>,
) -> BTreeMap<&'a str, Vec<String>> {
    let mut withdrawn: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let both = locked.audits.iter().filter_map(|(peer, file)| Some((peer, file, fetched.audits.get(peer)?)));
    for (peer, locked, fetched) in both {
        for &name in crates {
            let of = |file: &vet_store::files::AuditsFile| -> (Vec<AuditEntry>, Vec<WildcardEntry>) {
                let audits = file.audits.get(name).cloned().unwrap_or_default();
                (audits, file.wildcard_audits.get(name).cloned().unwrap_or_default())
            };
            let ((locked_audits, locked_wildcards), (audits, wildcards)) = (of(locked), of(fetched));
            let shown = wording::shown(name);
            let is_gone = |entry: &&AuditEntry| {
                let is_same =
                    |other: &AuditEntry| other.kind == entry.kind && other.criteria == entry.criteria;
                !audits.iter().any(is_same)
            };
            let entries = locked_audits.iter().filter(is_gone).filter_map(|entry| match &entry.kind {
                AuditKind::Full(version) => Some(format!("its audit of `{shown} {version}`")),
                AuditKind::Delta { from, to } => Some(format!("its audit of `{shown} {from} -> {to}`")),
                AuditKind::Violation(_) => None,
            });
            let is_gone = |entry: &&WildcardEntry| {
                let is_same = |other: &WildcardEntry| {
                    other.publisher == entry.publisher
                        && (other.start, other.end) == (entry.start, entry.end)
                        && other.criteria == entry.criteria
                };
                !wildcards.iter().any(is_same)
            };
            let of_publishers = locked_wildcards.iter().filter(is_gone);
            let of_publishers = of_publishers.map(|_| format!("a wildcard audit of `{shown}`"));
            let gone: Vec<String> = entries.chain(of_publishers).collect();
            if !gone.is_empty() {
                withdrawn.entry(peer).or_default().extend(gone);
            }
        }
    }
    withdrawn
}

/// The first entries, and the number of the others.
fn joined(entries: &[String]) -> String {
    const MOST: usize = 5;
    let shown = entries.get(..MOST).unwrap_or(entries).join(", ");
    match entries.len().checked_sub(MOST) {
        Some(more @ 1..) => format!("{shown} and {more} more"),
        _ => shown,
    }
}

#[cfg(test)]
mod tests {
    use vet_testing::{graph_under, statements};

    use super::*;

    #[test]
    fn what_is_withdrawn_is_told_where_it_matters() {
        let audit = "peer: audit lib 2: D";
        for (locked, fetched, expected) in [
            (audit, audit, ""),
            (audit, "peer: nothing", "`peer` has withdrawn its audit of `lib 2.0.0`"),
            (audit, "peer: audit lib 2: R", "`peer` has withdrawn its audit of `lib 2.0.0`"),
            // The package is still vetted.
            (audit, "peer: nothing\naudit lib 2: D", ""),
            (audit, "peer: audit lib 1: D\npeer: audit lib 1 -> 2: D", ""),
            // The package was not vetted before.
            ("peer: audit lib 2: R", "peer: nothing", ""),
            ("peer: audit other 2: D", "peer: nothing", ""),
            (
                "peer: audit lib 1: D\npeer: audit lib 1 -> 2: D",
                "peer: audit lib 1: D",
                "`peer` has withdrawn its audit of `lib 1.0.0 -> 2.0.0`",
            ),
            (
                "peer: wildcard lib by 7 in 1..31: D\nrelease lib 2 by 7 on 15",
                "peer: nothing\nrelease lib 2 by 7 on 15",
                "`peer` has withdrawn a wildcard audit of `lib`",
            ),
            // The import was removed from the configuration, which is a different case.
            (audit, "", ""),
        ] {
            let (locked, fetched) = (statements(locked), statements(fetched));
            let graph = graph_under(&locked.store, "*app -> lib 2.0.0");
            let warnings = of_check(&graph, &locked.criteria, &locked.store, &fetched.store);
            let messages: Vec<String> = warnings.into_iter().map(|warning| warning.message).collect();
            assert_eq!(messages.join("; "), expected, "{:?}", fetched.store.imports);
        }
    }
}
