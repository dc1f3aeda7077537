//! Checks that the subject to read exists, and whether this project uses it.

use std::collections::{BTreeMap, BTreeSet};

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_fetch::crates_io::Needed;
use vet_graph::Package;
use vet_store::Version;

use super::ReadingSubject;
use crate::fetched_store::{Facts, Network, WhenDown};
use crate::operation::report::Run;
use crate::session::Session;

/// Whether the crate is a third-party crate of the project that is checked. If not, this is
/// reported.
///
/// Crates and versions that are not in use are looked up on crates.io, unless it is unreachable.
///
/// # Errors
///
/// The crate does not exist, or it has no such version.
pub(super) fn check(
    session: &Session<'_>,
    network: Network<'_>,
    subject: &ReadingSubject,
    run: &Run<'_>,
) -> Result<bool, Diagnostic> {
    let name = subject.package.as_str();
    let third_party = || session.whole().packages().filter(Package::is_third_party);
    let named = || session.whole().packages().filter(|package| package.name() == name);
    let left_out = session.why_left_out(name, None);
    let is_in_use = left_out.is_none() && named().any(|package| package.is_third_party());
    // For code from git, the source is always known.
    let is_known = |package: &Package<'_>| package.is_third_party() || package.version().git_rev.is_some();
    let known: BTreeSet<&Version> = named().filter(is_known).map(|package| package.version()).collect();
    let others: Vec<&Version> = subject.versions().filter(|version| !known.contains(version)).collect();
    if let Some(version) = others.iter().find(|version| version.git_rev.is_some()) {
        return Err(unknown_revision(name, version, &known));
    }
    let is_ours = named().next().is_some() && known.is_empty();
    if !others.is_empty() && !session.context.locked && !network.client.is_offline() {
        let facts =
            Facts::asked(network.crates_io, BTreeMap::from([(name.to_owned(), Needed::Versions)]), run);
        let consequence = "cannot tell whether it has the requested version";
        // If crates.io is unreachable, this only warns.
        let _ = facts.settle(WhenDown::UseLocked, consequence, run);
        if let Some(published) = facts.versions(name) {
            if published.is_empty() {
                let known: BTreeSet<&str> = third_party().map(|package| package.name()).collect();
                return Err(unknown_crate(name, is_ours, wording::nearest(name, known)));
            }
            if let Some(version) = others.iter().find(|version| !published.contains(&version.semver)) {
                return Err(unknown_version(name, version, published));
            }
        }
    }
    if let Some(reason) = left_out {
        run.found(reason.warning(name));
    } else if !is_in_use {
        run.found(not_in_use(name, is_ours, !known.is_empty()));
    }
    Ok(is_in_use)
}

/// The error for a crate that does not exist; `is_ours` if a package of this project has this name.
pub(crate) fn unknown_crate(name: &str, is_ours: bool, nearest: Option<&str>) -> Diagnostic {
    let name = wording::shown(name);
    let problem = Diagnostic::error(Code::NoSuchCrate, format!("crates.io has no crate `{name}`"));
    match nearest.filter(|_| !is_ours) {
        None if is_ours => problem.help("it is a package of this project; read its source here"),
        Some(nearest) => problem.help(format!("did you mean `{}`?", wording::shown(nearest))),
        None => problem.help("check the spelling of the name"),
    }
}

/// The error for a version that does not exist, of a crate that has other versions.
pub(crate) fn unknown_version(
    name: &str,
    version: &Version,
    published: &BTreeSet<semver::Version>,
) -> Diagnostic {
    let name = wording::shown(name);
    let below = published.range(..&version.semver).next_back();
    let above = published.range(&version.semver..).next();
    let nearest: Vec<String> = below.into_iter().chain(above).map(|version| format!("`{version}`")).collect();
    Diagnostic::error(Code::NoSuchVersion, format!("`{name} {version}` was never published")).help(
        match nearest.as_slice() {
            [below, above] => format!("the nearest versions are {below} and {above}"),
            nearest => format!("the nearest version is {}", nearest.concat()),
        },
    )
}

fn unknown_revision(name: &str, version: &Version, known: &BTreeSet<&Version>) -> Diagnostic {
    let message = format!("`{} {version}` is not in use, so its source is unknown", wording::shown(name));
    let problem = Diagnostic::error(Code::NoSuchRevision, message);
    let from_git: Vec<String> = known
        .iter()
        .filter(|version| version.git_rev.is_some())
        .map(|version| format!("`{version}`"))
        .collect();
    match from_git.as_slice() {
        [] => problem.help("only git revisions in `Cargo.lock` can be read; leave out `@git:…`"),
        known => problem.help(format!("in use is {}", known.join(" and "))),
    }
}

fn not_in_use(name: &str, is_ours: bool, is_from_git: bool) -> Diagnostic {
    let name = wording::shown(name);
    let message = match (is_from_git, is_ours) {
        (true, _) => format!("`{name}` comes from git and does not count as a third-party package here"),
        (_, true) => {
            format!("`{name}` is a package of this project; showing the package of that name on crates.io")
        }
        (false, false) => format!("`{name}` is not a dependency of this project"),
    };
    let warning = Diagnostic::warning(Code::ReadsUnused, message)
        .note("an audit would not help this project; others may benefit");
    match is_from_git {
        true => warning.help("set `audit-as-crates-io = true` in its policy to make it count"),
        false => warning,
    }
}
