//! Decides whether a crate needs a request, and whether to the index or to the API.
//!
//! Requests to the index are cheap, and its content changes with every release; neither is true for
//! the API. So the API is asked only if the index shows versions that were not there when the API
//! was last asked.

use std::collections::BTreeSet;
use std::time::Duration;

use semver::Version;

use super::Needed;
use super::crate_cache::KeptCrate;
use crate::clock::is_within;

/// How long an index entry counts as current.
const INDEX_STAYS: Duration = Duration::from_secs(10 * 60);

/// How long to wait before asking the API again if it did not know all versions of the index.
const API_CATCHES_UP: Duration = Duration::from_secs(24 * 60 * 60);

/// The next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextRequest {
    /// Enough is known; no request is needed.
    Answer,
    AskIndex,
    AskApi,
}

/// The conditions of a look-up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// The current time in seconds since 1970.
    pub(super) now: u64,
    /// Whether the index must be asked before the API, because only the index reliably knows which
    /// crates exist.
    pub(super) index_first: bool,
    /// Whether requests are impossible, so that cached facts must suffice.
    pub(super) offline: bool,
}

/// The next step to get the needed facts.
pub(super) fn next(needed: &Needed, kept: Option<&KeptCrate>, terms: Terms) -> NextRequest {
    let recent = kept.filter(|kept| is_recent(kept, terms));
    let details = kept.and_then(|kept| kept.details.as_ref());
    let exists = |kept: &KeptCrate| kept.index.is_some();
    if terms.offline && kept.is_some_and(|kept| !exists(kept) || details.is_some()) {
        return NextRequest::Answer;
    }
    match needed {
        Needed::Versions if recent.is_some() || (terms.offline && kept.is_some()) => NextRequest::Answer,
        Needed::Versions => NextRequest::AskIndex,
        Needed::Publishers(versions) if kept.is_some_and(|kept| knows_publishers(kept, recent, versions)) => {
            NextRequest::Answer
        }
        Needed::Publishers(_) | Needed::Everything | Needed::Anew => match recent {
            Some(kept) if !exists(kept) || is_in_step(kept, terms.now) => NextRequest::Answer,
            Some(_) => NextRequest::AskApi,
            None if details.is_none() && !terms.index_first => NextRequest::AskApi,
            None => NextRequest::AskIndex,
        },
    }
}

/// Whether the index was seen recently.
pub(super) fn is_recent(kept: &KeptCrate, terms: Terms) -> bool {
    is_current(kept.seen, terms.now)
}

/// Whether an index that was seen at a given time counts as current.
pub(super) fn is_current(seen: u64, now: u64) -> bool {
    is_within(seen, now, INDEX_STAYS)
}

/// Whether the publishers of all these versions are known, or it is known that there are no such
/// versions.
fn knows_publishers(kept: &KeptCrate, recent: Option<&KeptCrate>, versions: &BTreeSet<Version>) -> bool {
    let Some(details) = &kept.details else { return false };
    let in_index = |version: &Version| {
        recent.is_none_or(|kept| kept.index.as_ref().is_none_or(|index| index.contains(version)))
    };
    versions.iter().all(|version| details.details.releases.contains_key(version) || !in_index(version))
}

/// Whether the API was asked about the versions that the index has.
fn is_in_step(kept: &KeptCrate, now: u64) -> bool {
    let (Some(index), Some(details)) = (&kept.index, &kept.details) else { return false };
    let knows_all = || index.iter().all(|version| details.details.releases.contains_key(version));
    details.of == *index && (is_within(details.asked, now, API_CATCHES_UP) || knows_all())
}

#[cfg(test)]
mod tests {
    use super::super::crate_cache::KeptDetails;
    use super::super::{Details, Release};
    use super::*;

    const NOW: u64 = 1_000_000;

    fn versions(numbers: &str) -> BTreeSet<Version> {
        numbers.split_whitespace().map(|number| format!("{number}.0.0").parse().unwrap()).collect()
    }

    /// `AGE: INDEX | OF: RELEASES AGE`: the index was seen this many seconds ago with these major
    /// versions; the API was asked when the index had the versions `OF`, knew `RELEASES`, and that
    /// was the last number of seconds ago. `-` means that there is no crate.
    fn kept(text: &str) -> Option<KeptCrate> {
        let (age, rest) = text.split_once(':')?;
        let (index, details) = rest.split_once('|').unwrap_or((rest, ""));
        let details = details.split_once(':').map(|(of, rest)| {
            let (releases, age) = rest.trim().rsplit_once(' ').unwrap_or(("", rest.trim()));
            let release = Release { when: "2020-01-01".parse().unwrap(), publisher: None };
            let releases = versions(releases).into_iter().map(|version| (version, release.clone())).collect();
            let asked = NOW - age.parse::<u64>().unwrap();
            KeptDetails { asked, of: versions(of), details: Details { releases, ..Details::default() } }
        });
        let seen = NOW.saturating_add_signed(-age.parse::<i64>().unwrap());
        Some(KeptCrate { seen, index: (index.trim() != "-").then(|| versions(index)), details })
    }

    fn check(terms: Terms, cases: &[(&str, &str, NextRequest)]) {
        for (needed, text, expected) in cases {
            let what = match *needed {
                "versions" => Needed::Versions,
                "everything" => Needed::Everything,
                numbers => Needed::Publishers(versions(numbers)),
            };
            assert_eq!(next(&what, kept(text).as_ref(), terms), *expected, "{needed} with {text}");
        }
    }

    #[test]
    fn who_is_asked() {
        let terms = Terms { now: NOW, index_first: false, offline: false };
        check(
            terms,
            &[
                ("versions", "", NextRequest::AskIndex),
                ("versions", "599: 1", NextRequest::Answer),
                ("versions", "599: -", NextRequest::Answer),
                ("versions", "600: 1", NextRequest::AskIndex),
                ("versions", "-1: 1", NextRequest::AskIndex),
                ("everything", "", NextRequest::AskApi),
                ("everything", "600: 1", NextRequest::AskApi),
                ("everything", "0: -", NextRequest::Answer),
                ("everything", "600: -", NextRequest::AskApi),
                ("everything", "0: 1", NextRequest::AskApi),
                ("everything", "0: 1 2 | 1 2: 1 2 90000", NextRequest::Answer),
                ("everything", "600: 1 2 | 1 2: 1 2 600", NextRequest::AskIndex),
                ("everything", "0: 1 2 | 1: 1 600", NextRequest::AskApi),
                ("everything", "0: 1 | 1 2: 1 2 600", NextRequest::AskApi),
                // The API does not know all versions of the index.
                ("everything", "0: 1 2 | 1 2: 1 86399", NextRequest::Answer),
                ("everything", "0: 1 2 | 1 2: 1 86400", NextRequest::AskApi),
                ("everything", "0: 1 | 1: 1 2 90000", NextRequest::Answer),
                ("1", "", NextRequest::AskApi),
                ("1", "0: 1", NextRequest::AskApi),
                ("1", "90000: 1 | 1: 1 90000", NextRequest::Answer),
                ("1 2", "90000: 1 | 1: 1 90000", NextRequest::AskIndex),
                ("1 2", "0: 1 | 1: 1 90000", NextRequest::Answer),
                ("1 2", "0: 1 2 | 1: 1 90000", NextRequest::AskApi),
                ("1 2", "0: 1 2 | 1 2: 1 60", NextRequest::Answer),
                ("1", "0: -", NextRequest::Answer),
                ("1", "600: -", NextRequest::AskApi),
            ],
        );
        check(
            Terms { index_first: true, ..terms },
            &[
                ("everything", "", NextRequest::AskIndex),
                ("everything", "600: 1", NextRequest::AskIndex),
                ("everything", "0: 1", NextRequest::AskApi),
                ("1", "", NextRequest::AskIndex),
            ],
        );
        check(
            Terms { offline: true, ..terms },
            &[
                ("versions", "", NextRequest::AskIndex),
                ("versions", "90000: 1", NextRequest::Answer),
                ("everything", "90000: 1", NextRequest::AskApi),
                ("everything", "90000: 1 2 | 1: 1 90000", NextRequest::Answer),
                ("everything", "90000: -", NextRequest::Answer),
                ("3", "90000: 1 2 | 1: 1 90000", NextRequest::Answer),
            ],
        );
    }
}
