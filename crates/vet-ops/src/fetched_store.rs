//! The store after everything that it relies on was fetched again.
//!
//! Peers and crates.io are asked at the same time. If something cannot be fetched, the copy in
//! `imports.lock` is used with a warning. Commands whose purpose is to refresh it fail instead.

mod audit_as;
pub mod credentials;
mod descriptions;
pub mod expiry;
mod facts;
pub(crate) mod peer_files;
mod peers;
pub mod publishers;
pub(crate) mod registry;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use vet_diagnostics::{Code, Diagnostic, Problems, Severity, wording};
use vet_fetch::crates_io::{CratesIo, Needed};
use vet_fetch::http::Client;
use vet_graph::{Graph, Package, PackageSource};
use vet_resolver::{Resolver, Verdict};
use vet_store::entries::{AuditKind, PublisherEntry, UnpublishedEntry};
use vet_store::files::{AuditsFile, ByCrate};
use vet_store::peer::mark_known_publishers;
use vet_store::validate::Condition;
use vet_store::{Criteria, Date, Store, Version, validate};

use crate::fetched_store::credentials::Credentials;
use crate::operation::report::Run;
use crate::session::Session;
use crate::session::backlog::without_backlog;

pub(crate) use audit_as::AuditAsProblems;
pub use audit_as::Fixed;
pub(crate) use facts::{Facts, LOCKED_PUBLISHERS, NOT_LOOKED_AT, releases as released};

/// Access to the network.
#[derive(Clone, Copy, Debug)]
pub struct Network<'n> {
    /// Fetches the files of peers.
    pub client: &'n Client,
    /// Answers questions about crates.io.
    pub crates_io: &'n CratesIo<'n>,
    /// Where passwords for peers' servers come from.
    pub credentials: Credentials,
}

/// What to do if a server is unreachable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenDown {
    /// Use the locked copy, with a warning.
    UseLocked,
    /// Fail.
    Fail,
}

/// Whether peers may change the texts of their criteria.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewTexts {
    /// The new texts replace the locked ones.
    Accept,
    /// The command fails.
    Refuse,
}

/// A project and its store, before anything is fetched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offline<'a> {
    /// The graph without what the settings leave out. Only packages in it are looked up.
    pub(crate) graph: &'a Graph,
    /// The graph including what the settings leave out. Entries that are locked for these packages
    /// stay.
    pub(crate) whole: &'a Graph,
    pub(crate) store: &'a Store,
    pub(crate) criteria: &'a Criteria,
    /// The folder of the store.
    pub(crate) folder: &'a Path,
    pub(crate) today: Date,
}

impl<'a> Offline<'a> {
    /// The project and the store of a session.
    pub(crate) fn of(session: &'a Session<'_>) -> Self {
        Offline {
            graph: &session.graph,
            whole: session.whole(),
            store: &session.loaded.store,
            criteria: &session.loaded.criteria,
            folder: session.folder(),
            today: session.context.today,
        }
    }
}

/// The store after everything was fetched.
#[derive(Debug)]
pub(crate) struct FetchedStore<'n> {
    /// The store. What was fetched replaces the content of `imports.lock`.
    pub(crate) store: Store,
    /// The answers of crates.io.
    pub(crate) facts: Facts<'n>,
}

/// Fetches everything that the store relies on.
///
/// # Errors
///
/// Something cannot be fetched and has no locked copy, a peer changed the text of a criterion, or
/// something is invalid.
pub(crate) fn fetch<'n>(
    offline: Offline<'_>,
    network: Network<'n>,
    when_down: WhenDown,
    new_texts: NewTexts,
    run: &Run<'_>,
) -> Result<FetchedStore<'n>, Problems> {
    let asked = Asked { purpose: Purpose::Update, more: BTreeMap::new() };
    fetch_and_ask(offline, network, when_down, new_texts, &asked, run)
}

/// Fetches everything that the store relies on, and also what only a check needs: whether packages
/// of this project are published, and whether crates with ending wildcard audits are still active.
///
/// # Errors
///
/// As for [`fetch`].
pub(crate) fn fetch_to_check<'n>(
    offline: Offline<'_>,
    network: Network<'n>,
    when_down: WhenDown,
    run: &Run<'_>,
) -> Result<FetchedStore<'n>, Problems> {
    let asked = Asked { purpose: Purpose::Check, more: questions_of_check(offline) };
    fetch_and_ask(offline, network, when_down, NewTexts::Refuse, &asked, run)
}

/// Fetches what decides which audits would be needed without exemptions, and what planning them
/// needs. Publishers and unpublished versions are looked up only for crates that lack something
/// without them: a locked publisher entry stays true, and a locked unpublished entry stays.
/// `lacking` are the crates that lack something according to the locked entries; most of them also
/// do with today's entries.
///
/// The result must not be written, because it is incomplete.
///
/// # Errors
///
/// As for [`fetch`].
pub(crate) fn fetch_to_suggest<'n>(
    offline: Offline<'_>,
    lacking: impl Iterator<Item = &'n str>,
    network: Network<'n>,
    when_down: WhenDown,
    run: &Run<'_>,
) -> Result<FetchedStore<'n>, Problems> {
    let more = lacking.map(|name| (name.to_owned(), Needed::Everything)).collect();
    let asked = Asked { purpose: Purpose::Suggest, more };
    fetch_and_ask(offline, network, when_down, NewTexts::Refuse, &asked, run)
}

/// What to ask crates.io.
#[derive(Debug)]
struct Asked {
    purpose: Purpose,
    /// Questions that do not depend on the answers of peers.
    more: BTreeMap<String, Needed>,
}

/// Why it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Update,
    Check,
    /// For suggestions: publishers matter only for crates that would lack something without
    /// exemptions.
    Suggest,
}

fn fetch_and_ask<'n>(
    offline: Offline<'_>,
    network: Network<'n>,
    when_down: WhenDown,
    new_texts: NewTexts,
    asked: &Asked,
    run: &Run<'_>,
) -> Result<FetchedStore<'n>, Problems> {
    let Offline { graph: _, whole, store, criteria, folder, today } = offline;
    let imports =
        peers::Imports { configured: &store.config.imports, locked: &store.imports.audits, criteria, folder };
    let mut facts = Facts::new(network.crates_io);
    let early = questions(offline, &store.imports.audits, asked);
    let audits = std::thread::scope(|scope| {
        let asking = scope.spawn(|| facts.ask(early, run));
        let audits = peers::fetch(imports, network, when_down, run);
        if let Err(panic) = asking.join() {
            std::panic::resume_unwind(panic);
        }
        audits
    })?;
    if new_texts == NewTexts::Refuse {
        let changed = peers::changed(&audits, &store.imports.audits);
        if !changed.is_empty() {
            return Err(changed.into());
        }
    }
    facts.ask(questions(offline, &audits, asked), run);
    if asked.purpose == Purpose::Check {
        facts.ask(audit_as::more_questions(offline, &facts), run);
    }
    let mut fetched = store.clone();
    fetched.imports.audits = audits;
    if asked.purpose == Purpose::Suggest {
        // Publishers of other crates are not needed, so everything that is needed is asked now.
        learn(offline, &facts, &mut fetched);
        let lacking = lacking(offline, &without_backlog(fetched.clone()));
        let is_lacking = |name: &str| lacking.contains(name);
        let mut questions = questions_of_publishers(offline, &fetched.imports.audits, is_lacking);
        add_questions_of_aliases(offline, &mut questions, is_lacking);
        facts.ask(questions, run);
    }
    facts.ask(names_in_doubt(offline, &facts, &fetched.imports.audits), run);
    let mut problems = learn(offline, &facts, &mut fetched);
    // The plan reports what was asked for it and is missing.
    let of_publishers = crates_with_publishers(offline.graph, &store.audits, &fetched.imports.audits);
    let is_for_plan = |name: &str| asked.purpose == Purpose::Suggest && asked.more.contains_key(name);
    let matters = |name: &str| !is_for_plan(name) || of_publishers.contains(name);
    facts.settle_about(&matters, when_down, &consequence(offline, &facts), run)?;

    let validation = validate(&fetched, None, today);
    let settled = validation.conditional.into_iter().map(|finding| {
        let holds = match &finding.condition {
            Condition::CrateInUse(name) => whole.uses_third_party(name),
            Condition::PeersFetched => true,
        };
        finding.settle(holds)
    });
    let findings = validation.problems.into_iter().chain(settled);
    problems.extend(findings.filter(|finding| finding.severity == Severity::Error));
    if problems.is_empty() { Ok(FetchedStore { store: fetched, facts }) } else { Err(problems.into()) }
}

/// Adds the answers of crates.io: publishers, and the published versions that stand for unpublished
/// ones. Returns what is invalid.
fn learn(offline: Offline<'_>, facts: &Facts<'_>, fetched: &mut Store) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    fetched.imports.unpublished = aliases(offline, facts, &mut problems);
    fetched.imports.publisher = releases(offline, facts, &fetched.imports.audits);
    problems
}

/// The names of crates with a package that does not meet its requirements.
fn lacking<'a>(offline: Offline<'a>, store: &Store) -> BTreeSet<&'a str> {
    let verdicts = Resolver::new(offline.graph, store, offline.criteria).decide().verdicts;
    let lacking = verdicts.into_iter().filter(|(_, verdict)| matches!(verdict, Verdict::Unvetted(_)));
    lacking.filter_map(|(ix, _)| Some(offline.graph.package(ix)?.name())).collect()
}

/// What follows from questions that crates.io did not answer.
fn consequence(offline: Offline<'_>, facts: &Facts<'_>) -> String {
    let ours: BTreeSet<&str> = audit_as::candidates(offline).map(|package| package.name()).collect();
    let (ours, others): (Vec<&str>, Vec<&str>) = facts.failed().partition(|name| ours.contains(name));
    match (ours.is_empty(), others.is_empty()) {
        (false, true) => NOT_LOOKED_AT.to_owned(),
        (false, false) => format!("{LOCKED_PUBLISHERS}, and {NOT_LOOKED_AT}"),
        (true, _) => LOCKED_PUBLISHERS.to_owned(),
    }
}

fn third_party(graph: &Graph) -> impl Iterator<Item = Package<'_>> {
    graph.packages().filter(Package::is_third_party)
}

/// Packages that are audited as the crates.io crate of their name but have another source. Code
/// from git is not included: an auditor compares it with the published code in a delta audit.
fn audited_as_published(graph: &Graph) -> impl Iterator<Item = Package<'_>> {
    third_party(graph)
        .filter(|package| *package.source() != PackageSource::CratesIo && package.version().git_rev.is_none())
}

/// The questions for crates.io, given the answers of peers and additional questions.
fn questions(
    offline: Offline<'_>,
    peers: &BTreeMap<String, AuditsFile>,
    asked: &Asked,
) -> BTreeMap<String, Needed> {
    let mut questions = asked.more.clone();
    if asked.purpose != Purpose::Suggest {
        for (name, needed) in questions_of_publishers(offline, peers, |_| true) {
            facts::add(&mut questions, &name, needed);
        }
        add_questions_of_aliases(offline, &mut questions, |_| true);
    }
    questions
}

/// Adds questions about the published versions of this project's crates that are audited as
/// crates.io crates.
fn add_questions_of_aliases(
    offline: Offline<'_>,
    questions: &mut BTreeMap<String, Needed>,
    is_wanted: impl Fn(&str) -> bool,
) {
    for package in audited_as_published(offline.graph).filter(|package| is_wanted(package.name())) {
        facts::add(questions, package.name(), Needed::Versions);
    }
}

/// Questions about publishers, for the wanted crates for which they matter.
fn questions_of_publishers(
    offline: Offline<'_>,
    peers: &BTreeMap<String, AuditsFile>,
    is_wanted: impl Fn(&str) -> bool,
) -> BTreeMap<String, Needed> {
    let crates = crates_with_publishers(offline.graph, &offline.store.audits, peers).into_iter();
    let of = |name: &str| (name.to_owned(), Needed::Publishers(versions_that_matter(offline, peers, name)));
    crates.filter(|name| is_wanted(name)).map(of).collect()
}

/// Additional questions of a check.
fn questions_of_check(offline: Offline<'_>) -> BTreeMap<String, Needed> {
    let Offline { graph, store, today, .. } = offline;
    let in_use: BTreeSet<&str> = third_party(graph).map(|package| package.name()).collect();
    let due = due(store, today).filter(|name| in_use.contains(name));
    let mut questions = due.map(|name| (name.to_owned(), Needed::Everything)).collect();
    for package in audit_as::candidates(offline) {
        facts::add(&mut questions, package.name(), Needed::Versions);
    }
    questions
}

/// Third-party crates of a graph with entries that name a publisher.
fn crates_with_publishers<'a>(
    graph: &'a Graph,
    own: &AuditsFile,
    peers: &BTreeMap<String, AuditsFile>,
) -> BTreeSet<&'a str> {
    let matters = |name: &str| {
        own.wildcard_audits.contains_key(name)
            || own.trusted.contains_key(name)
            || peers.values().any(|peer| peer.wildcard_audits.contains_key(name))
    };
    third_party(graph).map(|package| package.name()).filter(|name| matters(name)).collect()
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
    let soon = crate::fetched_store::expiry::soon(today);
    let crates = store.audits.wildcard_audits.iter();
    crates
        .filter(move |(_, entries)| {
            entries.iter().any(|entry| entry.renew != Some(false) && entry.end < soon)
        })
        .map(|(name, _)| name.as_str())
}

/// The publishers of the crates for which they matter.
fn releases(
    offline: Offline<'_>,
    facts: &Facts<'_>,
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
    mark_known_publishers(&mut fetched, locked);
    fetched
}

/// Crates for which this machine knows other account names than the locked ones. Only crates.io can
/// tell which are newer.
fn names_in_doubt(
    offline: Offline<'_>,
    facts: &Facts<'_>,
    peers: &BTreeMap<String, AuditsFile>,
) -> BTreeMap<String, Needed> {
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
    facts: &Facts<'_>,
    problems: &mut Vec<Diagnostic>,
) -> ByCrate<UnpublishedEntry> {
    let mut aliases = offline.store.imports.unpublished.clone();
    // crates.io is not asked about packages that are left out, so none of them is known to have
    // been published since.
    for package in third_party(offline.whole).filter(|package| package.left_out().is_some()) {
        let entries = aliases.get_mut(package.name()).into_iter().flatten();
        entries
            .filter(|entry| entry.version == *package.version())
            .for_each(|entry| entry.still_unpublished = true);
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
        let entries = aliases.entry(name.to_owned()).or_default();
        for entry in entries.iter_mut().filter(|entry| entry.version == *version) {
            entry.still_unpublished = true;
        }
        entries.push(UnpublishedEntry {
            version: version.clone(),
            audited_as: Version::published(base.clone()),
            fresh: true,
            still_unpublished: true,
        });
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
