//! `fmt`: the files of the store in canonical form.

use vet_store::Diagnostic;

use crate::changes::Changes;
use crate::events::Observer;
use crate::place::Place;
use crate::session::StoreSession;

/// Brings the files of the store into canonical form, and into the current version of the format.
///
/// # Errors
///
/// The store cannot be read or written, or it is locked and not in this form already.
pub fn fmt(place: &Place, observer: &dyn Observer) -> Result<Changes, Vec<Diagnostic>> {
    let mut session = StoreSession::write(place, observer)?;
    let store = session.loaded.store.clone();
    session.save(store, observer)
}
