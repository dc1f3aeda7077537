//! Checks whether the policies fit the dependency graph.
//!
//! If some version of a crate comes from crates.io, each version needs its own policy, because
//! another version may come from elsewhere. A policy for something that is not in use is a mistake
//! or a leftover.

use std::collections::{BTreeMap, BTreeSet};

use vet_graph::{Graph, PackageSource};
use vet_store::Version;
use vet_store::files::{CratePolicy, Policies, Policy};

/// The problems of a policy table. Each list has the order in which it is reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyProblems {
    /// Versions in use that have no policy, of crates that come from crates.io in some version and
    /// have a policy with `dependency-criteria`.
    pub needs_version: Vec<(String, Version)>,
    /// Policies for crates that are not in use, then policies for versions that are not in use. A
    /// versioned policy for a crate that is not in use is in both groups.
    pub unused: Vec<(String, Option<Version>)>,
    /// Versions in use of crates that come from crates.io in some version and have one policy for
    /// all versions.
    pub unversioned: Vec<(String, Version)>,
}

impl PolicyProblems {
    /// Compares a policy table with a complete, unfiltered graph.
    pub fn find(graph: &Graph, policies: &Policies) -> Self {
        let mut published: BTreeSet<&str> = BTreeSet::new();
        let mut in_use: BTreeMap<&str, BTreeSet<&Version>> = BTreeMap::new();
        for package in graph.packages() {
            in_use.entry(package.name()).or_default().insert(package.version());
            if *package.source() == PackageSource::CratesIo {
                published.insert(package.name());
            }
        }

        let mut problems = PolicyProblems::default();
        for package in graph.packages().filter(|package| published.contains(package.name())) {
            let (name, version) = (package.name(), package.version());
            let Some(policy) = policies.0.get(name) else { continue };
            let special = |policy: &Policy| !policy.dependency_criteria.is_empty();
            let (versioned, special) = match policy {
                CratePolicy::Unversioned(policy) => (None, special(policy)),
                CratePolicy::Versioned(policies) => (Some(policies), policies.values().any(special)),
            };
            if special && versioned.is_none_or(|policies| !policies.contains_key(version)) {
                problems.needs_version.push((name.to_owned(), version.clone()));
            } else if versioned.is_none() {
                problems.unversioned.push((name.to_owned(), version.clone()));
            }
        }
        let mut unused_versions = Vec::new();
        for (name, policies) in &policies.0 {
            let versions = in_use.get(name.as_str());
            if versions.is_none() {
                problems.unused.push((name.clone(), None));
            }
            if let CratePolicy::Versioned(policies) = policies {
                let is_used =
                    |version: &&Version| versions.is_some_and(|versions| versions.contains(version));
                let unused = policies.keys().filter(|version| !is_used(version));
                unused_versions.extend(unused.map(|version| (name.clone(), Some(version.clone()))));
            }
        }
        problems.unused.append(&mut unused_versions);
        problems
    }

    /// Whether there are no problems.
    pub fn is_empty(&self) -> bool {
        self.needs_version.is_empty() && self.unused.is_empty() && self.unversioned.is_empty()
    }
}
