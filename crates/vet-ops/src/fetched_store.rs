//! The store after everything that it relies on was fetched again.
//!
//! 1. `questions` says what to ask, given the store and the graph.
//! 2. `ask` asks peers and crates.io at the same time. All other steps compute.
//! 3. The answers of peers can make a few more questions necessary, which crates.io is asked.
//! 4. `from_answers` says what the answers make of the store.
//!
//! A check also compares packages of this project with what crates.io has under their names
//! (`audit_as`).
//!
//! If something cannot be fetched, the copy in `imports.lock` is used with a warning. Commands
//! whose purpose is to refresh it fail instead.

mod ask;
mod audit_as;
pub mod credentials;
mod descriptions;
pub mod expiry;
mod facts;
mod from_answers;
mod network;
mod offline;
pub(crate) mod peer_files;
mod peers;
pub mod publishers;
mod questions;
pub(crate) mod registry;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use vet_diagnostics::Problems;
use vet_store::Store;

use crate::operation::report::Run;
use crate::session::Session;

pub(crate) use audit_as::AuditAsProblems;
pub use audit_as::Fixed;
use facts::NOT_LOOKED_AT;
pub(crate) use facts::{Facts, LOCKED_PUBLISHERS, releases as released};
pub use network::Network;
pub(crate) use network::{NewTexts, WhenDown};
pub(crate) use offline::Offline;
use questions::Purpose;

/// The store after everything was fetched.
#[derive(Debug)]
pub(crate) struct FetchedStore {
    /// The store. What was fetched replaces the content of `imports.lock`.
    pub(crate) store: Store,
    /// The answers of crates.io.
    pub(crate) facts: Facts,
}

/// Fetches everything that the store relies on, for a command that refreshes it.
///
/// # Errors
///
/// Something cannot be fetched, a peer changed the text of a criterion, or something is invalid.
pub(crate) fn fetch_current(
    offline: Offline<'_>,
    network: Network<'_>,
    run: &Run<'_>,
) -> Result<FetchedStore, Problems> {
    fetch(offline, network, WhenDown::Fail, NewTexts::Refuse, run)
}

/// Fetches everything that the store relies on. What cannot be fetched is taken from the lock.
///
/// # Errors
///
/// Something can be neither fetched nor taken from the lock, a peer changed the text of a
/// criterion, or something is invalid.
pub(crate) fn fetch_or_use_locked(
    offline: Offline<'_>,
    network: Network<'_>,
    run: &Run<'_>,
) -> Result<FetchedStore, Problems> {
    fetch(offline, network, WhenDown::UseLocked, NewTexts::Refuse, run)
}

/// Fetches everything that the store relies on.
///
/// # Errors
///
/// Something cannot be fetched and has no locked copy, a peer changed the text of a criterion, or
/// something is invalid.
pub(crate) fn fetch(
    offline: Offline<'_>,
    network: Network<'_>,
    when_down: WhenDown,
    new_texts: NewTexts,
    run: &Run<'_>,
) -> Result<FetchedStore, Problems> {
    fetch_for(&Purpose::Update, offline, network, when_down, new_texts, run)
}

/// Fetches the store that a check decides over, and finds the packages of this project that may
/// have to be audited as crates of crates.io. Also asks whether crates with ending wildcard audits
/// are still active.
///
/// # Errors
///
/// As for [`fetch`]; or a package has no policy and must have one.
pub(crate) fn fetch_to_check(
    session: &Session<'_>,
    network: Network<'_>,
    when_down: WhenDown,
    run: &Run<'_>,
) -> Result<(FetchedStore, AuditAsProblems), Problems> {
    let (offline, context) = (Offline::of(session), session.context);
    let fetched = fetch_for(&Purpose::Check, offline, network, when_down, NewTexts::Refuse, run)?;
    let audit_as = AuditAsProblems::ask(offline, &fetched.facts, context, run);
    audit_as.settle(context, run)?;
    Ok((fetched, audit_as))
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
pub(crate) fn fetch_to_suggest<'l>(
    offline: Offline<'_>,
    lacking: impl Iterator<Item = &'l str>,
    network: Network<'_>,
    when_down: WhenDown,
    run: &Run<'_>,
) -> Result<FetchedStore, Problems> {
    let purpose = Purpose::Suggest(lacking.collect());
    fetch_for(&purpose, offline, network, when_down, NewTexts::Refuse, run)
}

fn fetch_for(
    purpose: &Purpose<'_>,
    offline: Offline<'_>,
    network: Network<'_>,
    when_down: WhenDown,
    new_texts: NewTexts,
    run: &Run<'_>,
) -> Result<FetchedStore, Problems> {
    let imports = peers::Imports::of(offline);
    let first = questions::of_store(offline, purpose);

    let (answers, mut facts) = ask::peers_and_crates_io(imports, first, network, run);

    let peers = answers.settle(imports, when_down, run)?;
    if new_texts == NewTexts::Refuse {
        let changed = peers::changed(&peers, imports.locked);
        if !changed.is_empty() {
            return Err(changed.into());
        }
    }
    facts.ask(network.crates_io, questions::of_answers(offline, purpose, &peers, &facts), run);
    facts.ask(network.crates_io, questions::about_old_names(offline, &peers, &facts), run);

    let matters = questions::failure_matters(offline, purpose, &peers);
    let (store, problems) = from_answers::with_answers(offline, peers, &facts);
    facts.settle_about(&matters, when_down, &consequence(offline, &facts), run)?;
    from_answers::check(offline, &store, problems)?;
    Ok(FetchedStore { store, facts })
}

/// What follows from questions that crates.io did not answer.
fn consequence(offline: Offline<'_>, facts: &Facts) -> String {
    let ours: BTreeSet<&str> = audit_as::candidates(offline).map(|package| package.name()).collect();
    let (ours, others): (Vec<&str>, Vec<&str>) = facts.failed().partition(|name| ours.contains(name));
    match (ours.is_empty(), others.is_empty()) {
        (false, true) => NOT_LOOKED_AT.to_owned(),
        (false, false) => format!("{LOCKED_PUBLISHERS}, and {NOT_LOOKED_AT}"),
        (true, _) => LOCKED_PUBLISHERS.to_owned(),
    }
}
