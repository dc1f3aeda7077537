//! Who has to be asked next about a crate: nobody, the index, or the API.
//!
//! The index is cheap to ask and changes with every release; the API is neither. So the API is asked only if the index
//! shows versions that the API was not asked about.

use std::collections::BTreeSet;
use std::time::Duration;

use semver::Version;

use super::Needed;
use super::kept::KeptCrate;
use crate::clock::is_within;

/// How long an index is taken to stay as it is.
const INDEX_STAYS: Duration = Duration::from_secs(10 * 60);

/// When an API that did not know all versions of the index is asked once more.
const API_CATCHES_UP: Duration = Duration::from_secs(24 * 60 * 60);

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing: enough is known.
    Answer,
    AskIndex,
    AskApi,
}

/// How things are asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// Seconds since 1970.
    pub(super) now: u64,
    /// The API must not be asked before the index: only the latter can be trusted to know which crates exist.
    pub(super) index_first: bool,
    /// Nobody can be asked, so what was kept has to do.
    pub(super) offline: bool,
}

/// The next step towards what is needed.
pub(super) fn next(needed: &Needed, kept: Option<&KeptCrate>, terms: Terms) -> Step {
    let recent = kept.filter(|kept| is_recent(kept, terms));
    let details = kept.and_then(|kept| kept.details.as_ref());
    let exists = |kept: &KeptCrate| kept.index.is_some();
    if terms.offline && kept.is_some_and(|kept| !exists(kept) || details.is_some()) {
        return Step::Answer;
    }
    match needed {
        Needed::Versions if recent.is_some() || (terms.offline && kept.is_some()) => Step::Answer,
        Needed::Versions => Step::AskIndex,
        Needed::Publishers(versions) if kept.is_some_and(|kept| knows_publishers(kept, recent, versions)) => {
            Step::Answer
        }
        Needed::Publishers(_) | Needed::Everything => match recent {
            Some(kept) if !exists(kept) || is_in_step(kept, terms.now) => Step::Answer,
            Some(_) => Step::AskApi,
            None if details.is_none() && !terms.index_first => Step::AskApi,
            None => Step::AskIndex,
        },
    }
}

/// Whether the index was seen a moment ago.
pub(super) fn is_recent(kept: &KeptCrate, terms: Terms) -> bool {
    is_within(kept.seen, terms.now, INDEX_STAYS)
}

/// Whether the publishers of all these versions are known, or it is known that there are no such versions.
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
