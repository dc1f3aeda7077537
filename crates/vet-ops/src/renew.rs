//! `renew`: wildcard audits that run for another year.

use chrono::Days;
use vet_store::entries::{PublisherId, WildcardEntry};
use vet_store::validate::latest_end;
use vet_store::{Date, Diagnostic};

use crate::changes::Changes;
use crate::events::Observer;
use crate::place::Place;
use crate::session::StoreSession;

/// A wildcard audit that ends within so many days is worth renewing.
const SOON: Days = Days::new(42);

/// Which wildcard audits to renew. Those that say `renew = false` are left alone in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renew {
    /// All of one crate.
    Crate(String),
    /// Those that end soon, or have ended.
    Expiring,
}

/// What was renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewOutcome {
    /// When the renewed audits end.
    pub end: Date,
    /// The crates, and the publishers of the audits that were renewed, one for each audit.
    pub renewed: Vec<(String, Vec<PublisherId>)>,
    /// Whether there is any wildcard audit that could have been meant.
    pub any: bool,
    /// What changed in the store.
    pub changes: Changes,
}

/// Lets wildcard audits end a year from today.
///
/// Nothing is known of the latest releases of a crate, so none counts as inactive.
///
/// # Errors
///
/// The store cannot be read or written.
pub fn renew(place: &Place, which: &Renew, observer: &dyn Observer) -> Result<RenewOutcome, Vec<Diagnostic>> {
    let mut session = StoreSession::write(place, observer)?;
    let mut store = session.loaded.store.clone();
    let end = latest_end(place.today);
    let soon = place.today.checked_add_days(SOON).unwrap_or(Date::MAX);
    let (mut renewed, mut any) = (Vec::new(), false);
    for (name, entries) in &mut store.audits.wildcard_audits {
        let is_due = |entry: &&mut WildcardEntry| match which {
            Renew::Crate(krate) => krate == name,
            Renew::Expiring => entry.end < soon,
        };
        let mut publishers = Vec::new();
        for entry in entries.iter_mut().filter(is_due) {
            any = true;
            if entry.renew != Some(false) {
                entry.end = end;
                publishers.push(entry.publisher.clone());
            }
        }
        if !publishers.is_empty() {
            renewed.push((name.clone(), publishers));
        }
    }
    let changes = session.save(store, observer)?;
    Ok(RenewOutcome { end, renewed, any, changes })
}
