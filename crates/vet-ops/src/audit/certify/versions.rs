//! Checks that the audited version exists, and finds the publisher of wildcard audits.
//!
//! A version that is in use or that the store mentions exists. crates.io is asked about other
//! versions and about publishers.

use std::collections::BTreeMap;

use vet_diagnostics::{Code, Diagnostic, Problems, wording};
use vet_fetch::crates_io::Needed;
use vet_store::entries::AuditKind;
use vet_store::validate::latest_end;
use vet_store::{Store, Version};

use super::entry::NewEntry;
use super::list::Wanted;
use super::pending::{PendingAudit, blame};
use super::subject::Subject;
use crate::arguments::periods::backwards;
use crate::audit::reading::{unknown_crate, unknown_version};
use crate::fetched_store::publishers::Publishers;
use crate::fetched_store::{Facts, Network, WhenDown, released};
use crate::operation::report::Run;
use crate::session::Session;

/// The requested audits, in their order. Their entries lack criteria, auditors and notes.
pub(super) fn look_up(
    wanted: &[Wanted],
    session: &Session<'_>,
    network: Option<Network<'_>>,
    force: bool,
    run: &Run<'_>,
) -> Result<Vec<PendingAudit>, Problems> {
    let is_doubtful =
        |one: &&Wanted| one.subject.versions().into_iter().any(|version| !is_known(session, one, version));
    let mut questions = BTreeMap::new();
    for one in wanted.iter().filter(|one| !force && is_doubtful(one)) {
        questions.insert(one.subject.package().to_owned(), Needed::Versions);
    }
    for one in wanted.iter().filter(|one| matches!(one.subject, Subject::Wildcard { .. })) {
        questions.insert(one.subject.package().to_owned(), Needed::Everything);
    }
    let facts = match network {
        None => None,
        Some(network) => {
            let facts = Facts::asked(network.crates_io, questions, run);
            Some(facts)
        }
    };
    let (mut audits, mut problems) = (Vec::new(), Vec::new());
    let mut is_unknown = false;
    for one in wanted {
        let mut versions = one.subject.versions();
        versions.retain(|version| !force && !is_known(session, one, version));
        for version in versions {
            match exists(one.subject.package(), version, facts.as_ref()) {
                Ok(is_answered) => is_unknown |= !is_answered,
                Err(problem) => problems.push(blame(one.place.as_ref(), problem)),
            }
        }
        match entry(one, session, facts.as_ref()) {
            Ok(entry) => audits.push(PendingAudit {
                subject: one.subject.clone(),
                entry,
                likely: Vec::new(),
                is_read: false,
                again: false,
                place: one.place.clone(),
            }),
            Err(problem) => problems.push(blame(one.place.as_ref(), problem)),
        }
    }
    if !problems.is_empty() {
        return Err(problems.into());
    }
    if let Some(facts) = facts.filter(|_| is_unknown) {
        facts.settle(WhenDown::UseLocked, "it is not known whether all versions exist", run)?;
    }
    Ok(audits)
}

/// The entry of one audit. For a wildcard audit, looks up the publisher.
fn entry(one: &Wanted, session: &Session<'_>, facts: Option<&Facts>) -> Result<NewEntry, Diagnostic> {
    let (package, wanted, start, end) = match &one.subject {
        Subject::Full { version, .. } => return Ok(NewEntry::of_audit(AuditKind::Full(version.clone()))),
        Subject::Delta { from, to, .. } => {
            return Ok(NewEntry::of_audit(AuditKind::Delta { from: from.clone(), to: to.clone() }));
        }
        Subject::Wildcard { package, publisher, start, end } => (package, publisher, *start, *end),
    };
    let Some(facts) = facts else {
        let message = "a wildcard audit needs crates.io to tell who publishes what";
        return Err(Diagnostic::error(Code::NeedsNetwork, message).help("leave out `--locked`"));
    };
    let publishers = Publishers::of(&released(facts.must_know(package)?));
    let (publisher, first) = publishers.find(wanted, package)?;
    let renew = end.map(|_| false);
    let (start, end) = (start.unwrap_or(first), end.unwrap_or_else(|| latest_end(session.context.today)));
    if end <= start {
        return Err(backwards(start, end));
    }
    Ok(NewEntry::of_wildcard(publisher, start, end, renew))
}

/// Whether a version is in use or mentioned by the store.
fn is_known(session: &Session<'_>, one: &Wanted, version: &Version) -> bool {
    let name = one.subject.package();
    let mut in_use = session.whole().packages().filter(|package| package.name() == name);
    in_use.any(|package| package.version() == version) || is_mentioned(&session.loaded.store, name, version)
}

fn is_mentioned(store: &Store, name: &str, version: &Version) -> bool {
    let exemptions = store.config.exemptions.get(name).into_iter().flatten();
    let mut exempted = exemptions.map(|exemption| &exemption.version);
    let files = store.imports.audits.values().chain([&store.audits]);
    let mut audits = files.flat_map(|file| file.audits.get(name)).flatten();
    exempted.any(|exempted| exempted == version)
        || audits.any(|audit| match &audit.kind {
            AuditKind::Full(audited) => audited == version,
            AuditKind::Delta { from, to } => from == version || to == version,
            AuditKind::Violation(_) => false,
        })
}

/// Whether crates.io confirms that a version exists; `false` if it was not asked or did not answer.
/// Fails if the crate or the version does not exist.
fn exists(name: &str, version: &Version, facts: Option<&Facts>) -> Result<bool, Diagnostic> {
    if version.git_rev.is_some() {
        return Err(unless_meant(unknown_revision(name, version)));
    }
    let Some(published) = facts.and_then(|facts| facts.versions(name)) else { return Ok(false) };
    match (published.contains(&version.semver), published.is_empty()) {
        (true, _) => Ok(true),
        // The name of the crate is in the graph, so the crate is known.
        (false, true) => Err(unless_meant(unknown_crate(name, true, None))),
        (false, false) => Err(unless_meant(unknown_version(name, version, published))),
    }
}

fn unknown_revision(name: &str, version: &Version) -> Diagnostic {
    let name = wording::shown(name);
    let message = format!("`{name} {version}` is not in use, and the store does not mention it");
    Diagnostic::error(Code::NoSuchRevision, message).help("name a revision that Cargo.lock names")
}

fn unless_meant(problem: Diagnostic) -> Diagnostic {
    let help = problem.help.clone().map(|help| help + "; ").unwrap_or_default();
    problem.help(format!("{help}use `--force` if that is intended"))
}
