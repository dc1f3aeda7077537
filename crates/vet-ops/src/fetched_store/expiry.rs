//! When wildcard audits should be renewed.

use chrono::Days;
use vet_store::entries::{PublisherEntry, WildcardEntry};
use vet_store::files::ByCrate;
use vet_store::{Date, Store};

/// A wildcard audit that ends within this many days should be renewed.
const SOON: Days = Days::new(42);

/// A crate without a release for this many days is inactive.
const INACTIVE: Days = Days::new(112);

/// The first day that does not count as soon.
pub(crate) fn soon(today: Date) -> Date {
    today.checked_add_days(SOON).unwrap_or(Date::MAX)
}

/// Crates with wildcard audits that should be renewed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expiry {
    /// Crates with wildcard audits that have ended.
    pub expired: Vec<String>,
    /// Crates with wildcard audits that end soon.
    pub expiring: Vec<String>,
}

impl Expiry {
    /// Examines the wildcard audits of a store, using its publisher entries.
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

/// When a crate was last published; if that is unknown, today.
pub(crate) fn activity(publisher: &ByCrate<PublisherEntry>, name: &str, today: Date) -> Activity {
    let releases = publisher.get(name).into_iter().flatten();
    Activity { latest: releases.map(|release| release.when).max().unwrap_or(today), today }
}

impl Activity {
    /// Whether the end of a wildcard audit matters: it does not cover the latest release, or that
    /// release is recent.
    pub(crate) fn counts(self, entry: &WildcardEntry) -> bool {
        let recent = self.today.checked_sub_days(INACTIVE).unwrap_or(Date::MIN);
        !(self.latest < entry.end && self.latest < recent)
    }
}

#[cfg(test)]
mod tests {
    use vet_store::Version;
    use vet_store::entries::{Publisher, PublisherEntry};

    use super::*;

    /// The reported crates on 2024-06-01, given the ends of wildcard audits and the days of
    /// releases.
    fn named(ends: &[&str], releases: &[&str]) -> &'static str {
        let entry = |end: &&str| {
            let (end, renew) = end.split_once(' ').map_or((*end, None), |(end, _)| (end, Some(false)));
            WildcardEntry {
                who: Vec::new(),
                criteria: Vec::new(),
                publisher: vet_store::entries::PublisherId::User(1),
                start: Date::MIN,
                end: end.parse().unwrap(),
                renew,
                notes: None,
                aggregated_from: Vec::new(),
            }
        };
        let release = |day: &&str| PublisherEntry {
            version: Version::published(semver::Version::new(1, 0, 0)),
            when: day.parse().unwrap(),
            publisher: Publisher::TrustedPublisher("x".to_owned()),
        };
        let mut store = Store::default();
        store.audits.wildcard_audits.insert("a".to_owned(), ends.iter().map(entry).collect());
        store.imports.publisher.insert("a".to_owned(), releases.iter().map(release).collect());
        let Expiry { expired, expiring } = Expiry::of(&store, "2024-06-01".parse().unwrap());
        match (expired.as_slice(), expiring.as_slice()) {
            ([], []) => "",
            ([_], []) => "ended",
            ([], [_]) => "ends",
            _ => "ended and ends",
        }
    }

    #[test]
    fn windows() {
        for (ends, releases, expected) in [
            (&["2024-07-13"][..], &[][..], ""),
            (&["2024-07-12"], &[], "ends"),
            (&["2024-06-01"], &[], "ends"),
            (&["2024-05-31"], &[], "ended"),
            (&["2024-05-31", "2024-06-01"], &[], "ended and ends"),
            (&["2024-05-31 not to be renewed", "2025-06-01"], &[], ""),
            (&["2024-06-01"], &["2024-02-10"], "ends"),
            (&["2024-06-01"], &["2024-02-09"], ""),
            (&["2024-06-01"], &["2024-02-09", "2024-02-10"], "ends"),
            (&["2024-05-31"], &["2024-02-09"], ""),
            // The latest release is no longer covered.
            (&["2023-01-01"], &["2023-01-01"], "ended"),
            (&["2023-01-02"], &["2023-01-01"], ""),
            (&["2023-01-02", "2023-01-01"], &["2023-01-01"], "ended"),
        ] {
            assert_eq!(named(ends, releases), expected, "{ends:?} {releases:?}");
        }
    }
}
