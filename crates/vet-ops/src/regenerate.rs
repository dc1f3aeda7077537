//! `regenerate`: parts of the store, computed anew.

use vet_resolver::{Resolver, StoreUpdate, UpdateMode, update};
use vet_store::{Diagnostic, Store};

use crate::changes::Changes;
use crate::events::Observer;
use crate::place::Place;
use crate::session::Session;

/// Exempts what does not meet its requirements, and removes what nothing relies on.
///
/// # Errors
///
/// The project or the store cannot be read, or the store cannot be written.
pub fn exemptions(place: &Place, observer: &dyn Observer) -> Result<Changes, Vec<Diagnostic>> {
    update_store(place, UpdateMode::REGENERATE_EXEMPTIONS, observer)
}

/// Brings a store up to date, every crate in the same way.
pub(crate) fn update_store(
    place: &Place,
    mode: UpdateMode,
    observer: &dyn Observer,
) -> Result<Changes, Vec<Diagnostic>> {
    let mut session = Session::write(place, observer)?;
    let store = {
        let (store, criteria) = (&session.loaded.store, &session.loaded.criteria);
        let resolver = Resolver::new(session.view(), store, criteria);
        updated(store, update(&resolver, |_| mode))
    };
    session.save(store, observer)
}

/// The store with the parts exchanged that an update computes.
pub(crate) fn updated(store: &Store, update: StoreUpdate) -> Store {
    let mut store = store.clone();
    store.config.exemptions = update.exemptions;
    store.audits.audits = update.audits;
    store.imports = update.imports;
    store
}
