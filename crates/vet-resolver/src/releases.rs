//! The known releases of a crate, and what entries about their publishers add.
//!
//! Every entry about a publisher covers every release of that publisher. But if a preferred entry
//! covers a release for a criterion, another entry adds nothing. So each release is handed out once
//! for each criterion. The work grows with the number of entries and releases, and not with the
//! number of their pairs.

use std::collections::HashMap;
use std::ops::Range;

use vet_store::CriteriaSet;
use vet_store::entries::{Date, PublisherEntry, PublisherId};

/// A release, with its position in the store.
pub(crate) type Release<'s> = (usize, &'s PublisherEntry);

/// The known releases of a crate, by publisher.
pub(crate) struct Releases<'s> {
    by_publisher: HashMap<PublisherId, OfPublisher<'s>>,
}

#[derive(Default)]
struct OfPublisher<'s> {
    /// Ordered by day.
    releases: Vec<Release<'s>>,
    /// For each kind and release: the release itself if nothing has covered it yet, or a later
    /// release at which to continue the search.
    open: HashMap<Kind, Vec<usize>>,
}

/// What a release is covered for: a criterion, or `None` for no criterion, and whether by an entry
/// that was fetched in this run.
type Kind = (Option<usize>, bool);

impl<'s> Releases<'s> {
    pub(crate) fn new(releases: &'s [PublisherEntry]) -> Self {
        let mut by_publisher: HashMap<PublisherId, OfPublisher<'s>> = HashMap::new();
        for release in releases.iter().enumerate() {
            by_publisher.entry(release.1.publisher.id()).or_default().releases.push(release);
        }
        by_publisher.values_mut().for_each(|of| of.releases.sort_by_key(|(_, release)| release.when));
        Releases { by_publisher }
    }

    /// Returns the releases of a publisher in a period that no earlier call has returned for one of
    /// the criteria. Callers pass preferred entries first.
    pub(crate) fn newly_covered(
        &mut self,
        publisher: &PublisherId,
        days: Range<Date>,
        criteria: &CriteriaSet,
        fresh: bool,
    ) -> Vec<Release<'s>> {
        let Some(of_publisher) = self.by_publisher.get_mut(publisher) else { return Vec::new() };
        let releases = &of_publisher.releases;
        let place = |day: Date| releases.partition_point(|(_, release)| release.when < day);
        let places = place(days.start)..place(days.end);
        if places.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let none = criteria.is_empty().then_some(None);
        for criterion in criteria.iter().map(Some).chain(none) {
            let open = of_publisher
                .open
                .entry((criterion, fresh))
                .or_insert_with(|| (0..=of_publisher.releases.len()).collect());
            let mut place = next(open, places.start);
            while place < places.end {
                found.push(place);
                if let Some(open) = open.get_mut(place) {
                    *open = place + 1;
                }
                place = next(open, place + 1);
            }
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|place| of_publisher.releases.get(place).copied()).collect()
    }
}

/// Returns the first open release at or after a position. Shortens the path for later calls.
fn next(open: &mut [usize], from: usize) -> usize {
    let mut end = from;
    while let Some(&after) = open.get(end)
        && after != end
    {
        end = after;
    }
    let mut place = from;
    while let Some(after) = open.get_mut(place)
        && *after != end
        && *after != place
    {
        place = std::mem::replace(after, end);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use vet_store::entries::Publisher;

    #[test]
    fn a_release_is_covered_once_for_each_criterion() {
        let day = |day: u32| Date::from_ymd_opt(2025, 1, day).unwrap();
        // The releases are not in order, and two are on the same day.
        let releases: Vec<PublisherEntry> = [5, 3, 3, 9, 1]
            .into_iter()
            .enumerate()
            .map(|(patch, when)| PublisherEntry {
                version: semver::Version::new(1, 0, patch as u64).into(),
                when: day(when),
                publisher: Publisher::User { id: 7, login: "u".to_owned(), name: None },
            })
            .collect();
        let mut known = Releases::new(&releases);
        let mut covered = |id: u64, days: Range<u32>, criteria: &[usize], fresh: bool| -> Vec<usize> {
            let set = criteria.iter().copied().collect();
            let found =
                known.newly_covered(&PublisherId::User(id), day(days.start)..day(days.end), &set, fresh);
            found.into_iter().map(|(position, _)| position).collect()
        };
        for (id, days, criteria, fresh, expected) in [
            (8, 1..31, &[0][..], false, &[][..]),
            (7, 3..5, &[0], false, &[1, 2]),
            (7, 1..9, &[0], false, &[4, 0]),
            (7, 1..31, &[0], false, &[3]),
            (7, 1..31, &[0], false, &[]),
            (7, 1..6, &[0, 1], false, &[4, 1, 2, 0]),
            (7, 1..31, &[1], false, &[3]),
            (7, 1..4, &[0], true, &[4, 1, 2]),
            (7, 4..31, &[], false, &[0, 3]),
            (7, 1..31, &[], false, &[4, 1, 2]),
        ] {
            assert_eq!(covered(id, days.clone(), criteria, fresh), expected, "{days:?} {criteria:?} {fresh}");
        }
    }
}
