//! When wildcard audits are worth renewing.

use chrono::Days;
use vet_store::entries::{PublisherEntry, WildcardEntry};
use vet_store::files::ByCrate;
use vet_store::{Date, Store};

/// A wildcard audit that ends within so many days is worth renewing.
const SOON: Days = Days::new(42);

/// A crate without a release in so many days is left to rest.
const INACTIVE: Days = Days::new(112);

/// The first day that is not soon.
pub(crate) fn soon(today: Date) -> Date {
    today.checked_add_days(SOON).unwrap_or(Date::MAX)
}

/// Crates with wildcard audits that want to be renewed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expiry {
    /// Some of their wildcard audits have ended.
    pub expired: Vec<String>,
    /// Some end soon.
    pub expiring: Vec<String>,
}

impl Expiry {
    /// Looks through the wildcard audits of a store, given who published what.
    pub(crate) fn of(store: &Store, today: Date) -> Self {
        let mut expiry = Expiry::default();
        for (name, entries) in &store.audits.wildcard_audits {
            let is_active = activity(&store.imports.publisher, name, today);
            let due = |entry: &&WildcardEntry| {
                entry.renew != Some(false) && entry.end < soon(today) && is_active.counts(entry)
            };
            let due: Vec<&WildcardEntry> = entries.iter().filter(due).collect();
            if due.iter().any(|entry| entry.end < today) {
                expiry.expired.push(name.clone());
            }
            if due.iter().any(|entry| entry.end >= today) {
                expiry.expiring.push(name.clone());
            }
        }
        expiry
    }
}

/// The latest release of a crate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Activity {
    latest: Date,
    today: Date,
}

/// When a crate was last published, as far as that is known; today otherwise.
pub(crate) fn activity(publisher: &ByCrate<PublisherEntry>, name: &str, today: Date) -> Activity {
    let releases = publisher.get(name).into_iter().flatten();
    Activity { latest: releases.map(|release| release.when).max().unwrap_or(today), today }
}

impl Activity {
    /// Whether a wildcard audit that ends is of interest to anybody: it covers the latest release no more, or that is
    /// recent.
    pub(crate) fn counts(self, entry: &WildcardEntry) -> bool {
        let recent = self.today.checked_sub_days(INACTIVE).unwrap_or(Date::MIN);
        !(self.latest < entry.end && self.latest < recent)
    }
}
