//! What the answers of peers and crates.io make of the store.

use std::collections::{BTreeMap, BTreeSet};

use vet_diagnostics::{Code, Diagnostic, Problems, Severity, wording};
use vet_graph::Package;
use vet_store::entries::{PublisherEntry, UnpublishedEntry};
use vet_store::fetched::FetchedFacts;
use vet_store::files::{AuditsFile, ByCrate, ImportsFile};
use vet_store::peer::fresh_entries;
use vet_store::validate::Condition;
use vet_store::{Store, Version, validate};

use super::facts::{self, Facts};
use super::offline::{Offline, audited_as_published, crates_with_publishers, third_party};

/// The store with the entries of peers, the publishers, and the published versions that stand for
/// unpublished ones; and what is invalid.
pub(super) fn with_answers(
    offline: Offline<'_>,
    peers: BTreeMap<String, AuditsFile>,
    facts: &Facts,
) -> (Store, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let mut store = offline.store.clone();
    let mut still_unpublished = BTreeMap::new();
    store.imports = ImportsFile {
        unpublished: aliases(offline, facts, &mut still_unpublished, &mut problems),
        publisher: releases(offline, facts, &peers),
        audits: peers,
    };
    store.fetched =
        FetchedFacts { still_unpublished, ..fresh_entries(&store.imports, &offline.store.imports) };
    (store, problems)
}

/// Checks the store with the answers. `problems` are those that are known already.
///
/// # Errors
///
/// The problems, and everything that is invalid in the store.
pub(super) fn check(
    offline: Offline<'_>,
    store: &Store,
    mut problems: Vec<Diagnostic>,
) -> Result<(), Problems> {
    let validation = validate(store, None, offline.today);
    let settled = validation.conditional.into_iter().map(|finding| {
        let holds = match &finding.condition {
            Condition::CrateInUse(name) => offline.whole.uses_third_party(name),
            Condition::PeersFetched => true,
        };
        finding.settle(holds)
    });
    let findings = validation.problems.into_iter().chain(settled);
    problems.extend(findings.filter(|finding| finding.severity == Severity::Error));
    if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
}

/// The publishers of the crates for which they matter.
fn releases(
    offline: Offline<'_>,
    facts: &Facts,
    peers: &BTreeMap<String, AuditsFile>,
) -> ByCrate<PublisherEntry> {
    let locked = &offline.store.imports.publisher;
    let mut fetched = ByCrate::new();
    for name in crates_with_publishers(offline.whole, &offline.store.audits, peers) {
        let locked: &[PublisherEntry] = locked.get(name).map_or(&[], Vec::as_slice);
        let mut entries = match facts.details(name) {
            Some(details) => facts::releases(details),
            // crates.io was not reached, or not asked because the crate is left out.
            None => locked.to_vec(),
        };
        if !facts.details_are_new(name) {
            keep_names(&mut entries, locked);
        }
        if !entries.is_empty() {
            fetched.insert(name.to_owned(), entries);
        }
    }
    fetched
}

/// Keeps locked account names, because another machine may have locked newer ones than this machine
/// knows.
fn keep_names(entries: &mut [PublisherEntry], locked: &[PublisherEntry]) {
    for entry in entries {
        let is_same = |other: &&PublisherEntry| {
            other.version == entry.version && other.publisher.id() == entry.publisher.id()
        };
        if let Some(same) = locked.iter().find(is_same) {
            entry.publisher = same.publisher.clone();
        }
    }
}

/// The published version that stands for each unpublished one: the nearest lower one, or else the
/// nearest higher one.
///
/// Locked entries stay, so that nothing changes needlessly.
fn aliases(
    offline: Offline<'_>,
    facts: &Facts,
    still_unpublished: &mut BTreeMap<String, BTreeSet<Version>>,
    problems: &mut Vec<Diagnostic>,
) -> ByCrate<UnpublishedEntry> {
    let mut note = |package: Package<'_>| {
        let versions = still_unpublished.entry(package.name().to_owned()).or_default();
        versions.insert(package.version().clone());
    };
    let mut aliases = offline.store.imports.unpublished.clone();
    // crates.io is not asked about packages that are left out, so none of them is known to have
    // been published since.
    for package in third_party(offline.whole).filter(|package| package.left_out().is_some()) {
        note(package);
    }
    for package in audited_as_published(offline.graph) {
        let (name, version) = (package.name(), package.version());
        let Some(published) = facts.versions(name) else { continue };
        let below = published.range(..=&version.semver).next_back();
        let Some(base) = below.or_else(|| published.range(&version.semver..).next()) else {
            problems.push(not_published(name, version));
            continue;
        };
        if *base == version.semver {
            continue;
        }
        note(package);
        let audited_as = Version::published(base.clone());
        let entry = UnpublishedEntry { version: version.clone(), audited_as };
        aliases.entry(name.to_owned()).or_default().push(entry);
    }
    aliases
}

fn not_published(name: &str, version: &Version) -> Diagnostic {
    let name = wording::shown(name);
    Diagnostic::error(
        Code::NotPublished,
        format!("`{name} {version}` is audited as a package from crates.io, which has no version of `{name}`"),
    )
    .help(format!("set `audit-as-crates-io = false` in the policy of `{name}`, or run `cargo vet regenerate audit-as-crates-io`"))
}
