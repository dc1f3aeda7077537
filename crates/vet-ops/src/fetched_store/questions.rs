//! The questions for crates.io: which follow from store and graph, and which from answers.

use std::collections::{BTreeMap, BTreeSet};

use vet_fetch::crates_io::Needed;
use vet_resolver::{Resolver, Verdict};
use vet_store::entries::AuditKind;
use vet_store::files::AuditsFile;
use vet_store::{Date, Store};

use super::audit_as;
use super::expiry::soon;
use super::facts::{Facts, Questions, add};
use super::from_answers::with_answers;
use super::offline::{Offline, audited_as_published, crates_with_publishers, third_party};
use crate::session::backlog::without_backlog;

/// Why peers and crates.io are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose<'a> {
    /// To write the store.
    Update,
    /// To check. Also asks whether packages of this project are published, and whether crates with
    /// ending wildcard audits are still active.
    Check,
    /// To plan audits. Publishers matter only for crates that would lack something without
    /// exemptions. These crates lack something according to the locked entries.
    Suggest(BTreeSet<&'a str>),
}

/// The questions that follow from the store and the graph.
pub(super) fn of_store(offline: Offline<'_>, purpose: &Purpose<'_>) -> Questions {
    let peers = &offline.store.imports.audits;
    match purpose {
        Purpose::Update => about_crates(offline, peers, |_| true),
        Purpose::Check => to_check(offline, peers),
        Purpose::Suggest(lacking) => {
            lacking.iter().map(|name| ((*name).to_owned(), Needed::Everything)).collect()
        }
    }
}

/// The questions that follow from the entries of peers, and from the first answers of crates.io.
pub(super) fn of_answers(
    offline: Offline<'_>,
    purpose: &Purpose<'_>,
    peers: &BTreeMap<String, AuditsFile>,
    facts: &Facts,
) -> Questions {
    match purpose {
        Purpose::Update => about_crates(offline, peers, |_| true),
        Purpose::Check => {
            let mut questions = to_check(offline, peers);
            for (name, needed) in audit_as::more_questions(offline, facts) {
                add(&mut questions, &name, needed);
            }
            questions
        }
        Purpose::Suggest(_) => {
            let (store, _) = with_answers(offline, peers.clone(), facts);
            let lacking = lacking(offline, &without_backlog(store));
            about_crates(offline, peers, |name| lacking.contains(name))
        }
    }
}

/// Crates for which this machine knows other account names than the locked ones. Only crates.io can
/// tell which are newer.
pub(super) fn about_old_names(
    offline: Offline<'_>,
    peers: &BTreeMap<String, AuditsFile>,
    facts: &Facts,
) -> Questions {
    let is_in_doubt = |name: &str| {
        let Some(details) = facts.details(name).filter(|_| !facts.details_are_new(name)) else {
            return false;
        };
        let locked = offline.store.imports.publisher.get(name).into_iter().flatten();
        locked.filter(|entry| entry.version.git_rev.is_none()).any(|entry| {
            let release = details.releases.get(&entry.version.semver);
            let known = release.and_then(|release| release.publisher.as_ref());
            known.is_some_and(|known| known.id() == entry.publisher.id() && *known != entry.publisher)
        })
    };
    let crates = crates_with_publishers(offline.graph, &offline.store.audits, peers);
    let crates = crates.into_iter().filter(|name| is_in_doubt(name));
    crates.map(|name| (name.to_owned(), Needed::Anew)).collect()
}

/// Whether the check or the command has to report that crates.io could not be asked about a crate.
/// A plan reports by itself what was asked for it and is missing.
pub(super) fn failure_matters<'q>(
    offline: Offline<'q>,
    purpose: &'q Purpose<'_>,
    peers: &BTreeMap<String, AuditsFile>,
) -> impl Fn(&str) -> bool + 'q {
    let of_publishers = crates_with_publishers(offline.graph, &offline.store.audits, peers);
    move |name| match purpose {
        Purpose::Update | Purpose::Check => true,
        Purpose::Suggest(for_plan) => !for_plan.contains(name) || of_publishers.contains(name),
    }
}

/// All questions of a check, given the entries of peers.
fn to_check(offline: Offline<'_>, peers: &BTreeMap<String, AuditsFile>) -> Questions {
    let mut questions = about_crates(offline, peers, |_| true);
    let in_use: BTreeSet<&str> = third_party(offline.graph).map(|package| package.name()).collect();
    for name in due(offline.store, offline.today).filter(|name| in_use.contains(name)) {
        add(&mut questions, name, Needed::Everything);
    }
    for package in audit_as::candidates(offline) {
        add(&mut questions, package.name(), Needed::Versions);
    }
    questions
}

/// Questions about the wanted crates: about publishers if they matter, and about published versions
/// if the crate is one of this project that is audited as the crate from crates.io.
fn about_crates(
    offline: Offline<'_>,
    peers: &BTreeMap<String, AuditsFile>,
    is_wanted: impl Fn(&str) -> bool,
) -> Questions {
    let crates = crates_with_publishers(offline.graph, &offline.store.audits, peers).into_iter();
    let of = |name: &str| (name.to_owned(), Needed::Publishers(versions_that_matter(offline, peers, name)));
    let mut questions: Questions = crates.filter(|name| is_wanted(name)).map(of).collect();
    for package in audited_as_published(offline.graph).filter(|package| is_wanted(package.name())) {
        add(&mut questions, package.name(), Needed::Versions);
    }
    questions
}

/// The versions of a crate whose publisher can make a difference: versions in use, versions that
/// entries start from, and locked versions.
fn versions_that_matter(
    offline: Offline<'_>,
    peers: &BTreeMap<String, AuditsFile>,
    name: &str,
) -> BTreeSet<semver::Version> {
    let Offline { graph, store, .. } = offline;
    let packages = third_party(graph).filter(|package| package.name() == name);
    let in_use = packages.map(|package| package.version());
    let files = peers.values().chain([&store.audits]);
    let audits = files.flat_map(|file| file.audits.get(name)).flatten();
    let bases = audits.filter_map(|audit| match &audit.kind {
        AuditKind::Delta { from, .. } => Some(from),
        AuditKind::Full(_) | AuditKind::Violation(_) => None,
    });
    let imports = &store.imports;
    let aliases = imports.unpublished.get(name).into_iter().flatten().map(|alias| &alias.audited_as);
    let locked = imports.publisher.get(name).into_iter().flatten().map(|release| &release.version);
    let versions = in_use.chain(bases).chain(aliases).chain(locked);
    versions.filter(|version| version.git_rev.is_none()).map(|version| version.semver.clone()).collect()
}

/// Crates with wildcard audits of this project that end soon. Whether to report one depends on its
/// latest release.
fn due(store: &Store, today: Date) -> impl Iterator<Item = &str> {
    let soon = soon(today);
    let crates = store.audits.wildcard_audits.iter();
    crates
        .filter(move |(_, entries)| {
            entries.iter().any(|entry| entry.renew != Some(false) && entry.end < soon)
        })
        .map(|(name, _)| name.as_str())
}

/// The names of crates with a package that does not meet its requirements.
fn lacking<'a>(offline: Offline<'a>, store: &Store) -> BTreeSet<&'a str> {
    let verdicts = Resolver::new(offline.graph, store, offline.criteria).decide().verdicts;
    let lacking = verdicts.into_iter().filter(|(_, verdict)| matches!(verdict, Verdict::Unvetted(_)));
    lacking.filter_map(|(ix, _)| Some(offline.graph.package(ix)?.name())).collect()
}
