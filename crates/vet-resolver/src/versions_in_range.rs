//! An index that finds the versions in a range without looking at all versions.
//!
//! A comparator of a range selects an interval of releases, and so does the whole range. A
//! pre-release matches only if a comparator names a pre-release of the same three numbers; the
//! matching ones form an interval, too. Each version in an interval is still matched against the
//! range, so that the rules for ranges stay in one place.

use std::collections::BTreeSet;
use std::ops::Range;

use semver::{Comparator, Op, Prerelease};
use vet_store::Version;
use vet_store::version::VersionRange;

/// Versions in order, each with the number of a statement about it.
#[derive(Debug, Default)]
pub(crate) struct VersionIndex<'s> {
    releases: Vec<(&'s Version, usize)>,
    prereleases: Vec<(&'s Version, usize)>,
}

/// Major, minor and patch.
type Numbers = (u64, u64, u64);

fn numbers(version: &Version) -> Numbers {
    (version.semver.major, version.semver.minor, version.semver.patch)
}

fn with_pre(version: &Version) -> (Numbers, &Prerelease) {
    (numbers(version), &version.semver.pre)
}

impl<'s> VersionIndex<'s> {
    pub(crate) fn new(versions: impl Iterator<Item = (&'s Version, usize)>) -> Self {
        let (mut prereleases, mut releases): (Vec<_>, Vec<_>) =
            versions.partition(|(version, _)| !version.semver.pre.is_empty());
        releases.sort_by_key(|(version, _)| numbers(version));
        prereleases.sort_by_key(|(version, _)| with_pre(version));
        VersionIndex { releases, prereleases }
    }

    /// Returns an index of some of the versions.
    pub(crate) fn filtered(&self, keep: impl Fn(usize) -> bool) -> Self {
        let filtered = |list: &[(&'s Version, usize)]| {
            list.iter().copied().filter(|(_, number)| keep(*number)).collect()
        };
        VersionIndex { releases: filtered(&self.releases), prereleases: filtered(&self.prereleases) }
    }

    /// Adds the numbers of all statements about a version in the range.
    pub(crate) fn matching(&self, range: &VersionRange, found: &mut Vec<usize>) {
        let comparators = &range.requirement().comparators;
        let mut candidates = 0..self.releases.len();
        for comparator in comparators {
            candidates = both(candidates, self.releases_for(comparator));
        }
        found.extend(in_range(&self.releases, candidates, range));

        let named: BTreeSet<Numbers> = comparators
            .iter()
            .filter(|comparator| !comparator.pre.is_empty())
            .filter_map(|comparator| Some((comparator.major, comparator.minor?, comparator.patch?)))
            .collect();
        for numbers in named {
            let mut candidates = self.prereleases_with(numbers);
            for comparator in comparators.iter().filter(|comparator| !comparator.pre.is_empty()) {
                if (comparator.major, comparator.minor, comparator.patch)
                    == (numbers.0, Some(numbers.1), Some(numbers.2))
                {
                    candidates = both(candidates, self.prereleases_for(numbers, comparator));
                }
            }
            // The other comparators exclude all of these versions or none.
            let first = self.prereleases.get(candidates.start).filter(|_| !candidates.is_empty());
            if first.is_some_and(|(version, _)| range.matches(version)) {
                found.extend(in_range(&self.prereleases, candidates, range));
            }
        }
    }

    fn releases_for(&self, comparator: &Comparator) -> Range<usize> {
        const MOST: u64 = u64::MAX;
        let Comparator { op, major, minor, patch, pre } = comparator;
        let below = |numbers: Numbers| self.releases.partition_point(|(one, _)| self::numbers(one) < numbers);
        let through =
            |numbers: Numbers| self.releases.partition_point(|(one, _)| self::numbers(one) <= numbers);
        let first = (*major, minor.unwrap_or(0), patch.unwrap_or(0));
        let last =
            (*major, minor.unwrap_or(MOST), if minor.is_some() { patch.unwrap_or(MOST) } else { MOST });
        let end = self.releases.len();
        let is_before_release = !pre.is_empty();
        match op {
            Op::Greater if is_before_release => below(first)..end,
            Op::Greater => through(last)..end,
            Op::GreaterEq => below(first)..end,
            Op::Less => 0..below(first),
            Op::LessEq if is_before_release => 0..below(first),
            Op::LessEq => 0..through(last),
            Op::Tilde => below(first)..through((*major, minor.unwrap_or(MOST), MOST)),
            Op::Caret => {
                let last = match (*major, *minor, *patch) {
                    (0, Some(0), Some(patch)) => (0, 0, patch),
                    (0, Some(minor), _) => (0, minor, MOST),
                    (major, ..) => (major, MOST, MOST),
                };
                below(first)..through(last)
            }
            // `=`, `*` and any future operator: only the first number is certain.
            Op::Exact | Op::Wildcard => below(first)..through(last),
            _ => 0..end,
        }
    }

    fn prereleases_with(&self, numbers: Numbers) -> Range<usize> {
        let start = self.prereleases.partition_point(|(one, _)| self::numbers(one) < numbers);
        let end = self.prereleases.partition_point(|(one, _)| self::numbers(one) <= numbers);
        start..end
    }

    fn prereleases_for(&self, numbers: Numbers, comparator: &Comparator) -> Range<usize> {
        let named = (numbers, &comparator.pre);
        let below = self.prereleases.partition_point(|(one, _)| with_pre(one) < named);
        let through = self.prereleases.partition_point(|(one, _)| with_pre(one) <= named);
        let end = self.prereleases.len();
        match comparator.op {
            Op::Exact => below..through,
            Op::Greater => through..end,
            Op::GreaterEq | Op::Tilde | Op::Caret => below..end,
            Op::Less => 0..below,
            Op::LessEq => 0..through,
            _ => 0..end,
        }
    }
}

fn both(one: Range<usize>, other: Range<usize>) -> Range<usize> {
    one.start.max(other.start)..one.end.min(other.end)
}

fn in_range<'v>(
    versions: &'v [(&Version, usize)],
    candidates: Range<usize>,
    range: &'v VersionRange,
) -> impl Iterator<Item = usize> + 'v {
    let candidates = versions.get(candidates).unwrap_or_default();
    candidates.iter().filter(|(version, _)| range.matches(version)).map(|(_, number)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares both ways for every range and every version.
    #[test]
    fn what_is_found_is_what_matches() {
        let numbers = [
            "0.0.0",
            "0.0.1",
            "0.1.0",
            "0.1.2",
            "1.0.0",
            "1.2.0",
            "1.2.3",
            "2.0.0",
            "18446744073709551615.0.0",
        ];
        let suffixes = ["", "-0", "-a", "-a.1", "-b", "+x", "-a+x"];
        let versions: Vec<Version> = numbers
            .iter()
            .flat_map(|numbers| {
                suffixes.iter().map(move |suffix| format!("{numbers}{suffix}").parse().unwrap())
            })
            .collect();
        let index = VersionIndex::new(versions.iter().zip(0..));
        let partial = ["0", "0.0", "0.1", "1", "1.2", "18446744073709551615"];
        let whole = numbers
            .iter()
            .flat_map(|numbers| ["", "-a", "-a.1"].iter().map(move |suffix| format!("{numbers}{suffix}")));
        let named: Vec<String> = partial.iter().map(|text| (*text).to_owned()).chain(whole).collect();
        let single: Vec<String> = ["=", ">", ">=", "<", "<=", "~", "^", ""]
            .iter()
            .flat_map(|op| named.iter().map(move |named| format!("{op}{named}")))
            .chain(["*", "1.*", "0.*", "1.2.*", "0.0.*"].map(str::to_owned))
            .collect();
        let pairs = single.iter().flat_map(|one| {
            [">=0.1.2-a", "<1.2.3-b", ">1.0.0-0, <2", "=1.2.3-a", "<=1.2"]
                .map(|other| format!("{one}, {other}"))
        });
        let ranges: Vec<String> = single.iter().cloned().chain(pairs).collect();
        let mut checked = 0;
        for text in &ranges {
            let Ok(range) = text.parse::<VersionRange>() else { continue };
            let mut found = Vec::new();
            index.matching(&range, &mut found);
            found.sort_unstable();
            let all = versions.iter().enumerate();
            let expected: Vec<usize> =
                all.filter(|(_, version)| range.matches(version)).map(|(number, _)| number).collect();
            assert_eq!(found, expected, "{text}");
            checked += expected.len();
        }
        assert!(checked > 1000, "{checked}");
    }
}
