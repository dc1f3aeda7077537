//! Audits that would make a version meet its requirements, before anybody has measured how large they are.

use std::collections::BTreeSet;

use vet_graph::PackageIx;
use vet_store::{CriteriaSet, Version};

use crate::resolver::Resolver;

/// An audit that could be done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The version to start from; `None` is an audit of the whole.
    pub from: Option<Version>,
    /// The version to audit.
    pub to: Version,
}

/// The audits of which one would do for a package, and one that is needed besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Any one of these would do; by target version, the lower base first.
    pub choices: Vec<Candidate>,
    /// For code from git: the change from the published version to the revision, which is needed in any case.
    pub besides: Option<Candidate>,
}

impl Resolver<'_> {
    /// The audits that would make a package meet the criteria that it misses, all of them at once.
    ///
    /// `published` are the versions of the crate that the registry has, yanked ones included, or `None` if that is not
    /// known; code that is neither published nor in use cannot be looked at, so it is no candidate.
    pub fn candidates(
        &self,
        ix: PackageIx,
        missing: &CriteriaSet,
        published: Option<&BTreeSet<semver::Version>>,
    ) -> Candidates {
        let Some(package) = self.graph.package(ix) else { return Candidates::default() };
        let wanted = package.version();
        let has_source = |version: &Version| match &version.git_rev {
            Some(_) => version == wanted,
            None => published.is_none_or(|published| published.contains(&version.semver)),
        };

        // What every criterion can be reached from, and what reaches the version for every criterion.
        let mut common: Option<(BTreeSet<Version>, BTreeSet<Version>)> = None;
        for criterion in missing.iter() {
            let reach = self.reach(ix, criterion);
            let from_root: BTreeSet<Version> = reach.from_root.into_iter().filter(has_source).collect();
            let to_target: BTreeSet<Version> = reach.to_target.into_iter().filter(has_source).collect();
            common = Some(match common {
                None => (from_root, to_target),
                Some((starts, ends)) => (&starts & &from_root, &ends & &to_target),
            });
        }
        let Some((starts, mut ends)) = common else { return Candidates::default() };

        let mut besides = None;
        if wanted.git_rev.is_some() {
            let base = match published {
                None => Some(wanted.semver.clone()),
                Some(published) => published.range(..=&wanted.semver).next_back().cloned(),
            };
            if let Some(base) = base.map(Version::published).filter(|base| !starts.contains(base)) {
                ends.remove(wanted);
                if ends.insert(base.clone()) {
                    besides = Some(Candidate { from: Some(base), to: wanted.clone() });
                }
            }
        }

        let mut choices = Vec::new();
        for end in ends {
            // The empty crate is below every version, so there is always a lower base.
            let below = starts.range(..&end).next_back().cloned();
            let above = starts.range(&end..).next().cloned();
            choices.push(Candidate { from: below, to: end.clone() });
            choices.extend(above.map(|above| Candidate { from: Some(above), to: end }));
        }
        Candidates { choices, besides }
    }
}
