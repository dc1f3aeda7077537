//! `regenerate`: parts of the store, computed anew.

use std::collections::BTreeSet;

use vet_fetch::store_folder::StoreContents;
use vet_resolver::{Goal, Resolver, StoreUpdate, UpdateMode, update};
use vet_store::{Diagnostic, Store};

use crate::changes::Changes;
use crate::events::Observer;
use crate::live::{self, AuditAsProblems, Facts, NOT_LOOKED_AT, Network, NewTexts, WhenDown};
use crate::place::Place;
use crate::session::Session;

pub use crate::live::Fixed;

/// Exempts what does not meet its requirements, and removes what nothing relies on. Without a network, what is locked is
/// all there is to rely on.
///
/// # Errors
///
/// The project or the store cannot be read, or the store cannot be written.
pub fn exemptions(
    place: &Place,
    network: Option<Network<'_>>,
    observer: &dyn Observer,
) -> Result<Changes, Vec<Diagnostic>> {
    update_store(place, network, UpdateMode::REGENERATE_EXEMPTIONS, observer)
}

/// Locks what the peers say today, also where they gave their criteria new texts, and removes what nothing relies on.
///
/// # Errors
///
/// The project or the store cannot be read, the store cannot be written, or something cannot be fetched.
pub fn imports(
    place: &Place,
    network: Network<'_>,
    observer: &dyn Observer,
) -> Result<Changes, Vec<Diagnostic>> {
    let session = Session::read(place, observer)?;
    let live = live::fetch(session.offline(), network, WhenDown::Fail, NewTexts::Accept, observer)?;
    write_back(&session, &live.store, UpdateMode::PRUNE, observer)
}

/// Forgets which versions were once not published, and lets the newest published versions stand for those that are still
/// not.
///
/// # Errors
///
/// The project or the store cannot be read, the store cannot be written, or something cannot be fetched.
pub fn unpublished(
    place: &Place,
    network: Network<'_>,
    observer: &dyn Observer,
) -> Result<Changes, Vec<Diagnostic>> {
    let session = Session::read(place, observer)?;
    let mut live = live::fetch(session.offline(), network, WhenDown::Fail, NewTexts::Refuse, observer)?;
    for entries in live.store.imports.unpublished.values_mut() {
        entries.retain(|entry| entry.fresh);
        entries.iter_mut().for_each(|entry| entry.fresh = false);
    }
    write_back(&session, &live.store, UpdateMode::CHECK, observer)
}

/// Sets right which packages of this project are audited as what crates.io has.
///
/// # Errors
///
/// The project or the store cannot be read, or the store cannot be written.
pub fn audit_as_crates_io(
    place: &Place,
    network: Network<'_>,
    observer: &dyn Observer,
) -> Result<(Vec<Fixed>, Changes), Vec<Diagnostic>> {
    let session = Session::read(place, observer)?;
    let offline = session.offline();
    let mut facts = Facts::about_packages(offline, network.crates_io, observer);
    let problems = AuditAsProblems::find(offline, Some(&facts));
    facts.ask(problems.questions(), observer);
    facts.settle(WhenDown::UseLocked, NOT_LOOKED_AT, observer)?;
    let mut store = session.loaded.store.clone();
    let fixed = problems.fix(&session.graph, &facts, &mut store.config.policy);
    let changes = session.replace(store, observer)?;
    Ok((fixed, changes))
}

/// Brings a store up to date, every crate in the same way.
pub(crate) fn update_store(
    place: &Place,
    network: Option<Network<'_>>,
    mode: UpdateMode,
    observer: &dyn Observer,
) -> Result<Changes, Vec<Diagnostic>> {
    let session = Session::read(place, observer)?;
    match network {
        None => write_back(&session, &session.loaded.store, mode, observer),
        Some(network) => {
            let live = live::fetch(session.offline(), network, WhenDown::Fail, NewTexts::Refuse, observer)?;
            write_back(&session, &live.store, mode, observer)
        }
    }
}

/// Writes what an update leaves of a store.
pub(crate) fn write_back(
    session: &Session<'_, StoreContents>,
    store: &Store,
    mode: UpdateMode,
    observer: &dyn Observer,
) -> Result<Changes, Vec<Diagnostic>> {
    let update = {
        let resolver = Resolver::new(session.view(), store, &session.loaded.criteria);
        update(&resolver, |_| mode)
    };
    session.replace(updated(store, update), observer)
}

/// The store after a check, in which what was added about some crates takes the place of exemptions and superfluous audits.
pub(crate) fn with_new_entries(
    session: &Session<'_, StoreContents>,
    store: &Store,
    crates: &BTreeSet<&str>,
) -> Store {
    let mode = |name: &str| match crates.contains(name) {
        true => UpdateMode {
            goal: Goal::Replace,
            prune_exemptions: true,
            prune_audits: true,
            prune_imports: false,
        },
        false => UpdateMode::CHECK,
    };
    let resolver = Resolver::new(session.view(), store, &session.loaded.criteria);
    updated(store, update(&resolver, mode))
}

/// The store with the parts exchanged that an update computes.
pub(crate) fn updated(store: &Store, update: StoreUpdate) -> Store {
    let mut store = store.clone();
    store.config.exemptions = update.exemptions;
    store.audits.audits = update.audits;
    store.imports = update.imports;
    store
}
