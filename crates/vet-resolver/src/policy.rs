//! Whether the policy table fits the dependency graph.
//!
//! A crate that comes from crates.io in some version must say for each version what is meant, because another version
//! may come from elsewhere; and a policy for something that is not in use is a mistake or a leftover.

use std::collections::{BTreeMap, BTreeSet};

use vet_graph::{Graph, PackageSource};
use vet_store::Version;
use vet_store::files::{CratePolicy, Policies};

/// What is wrong with a policy table, each list in the order in which it is reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyProblems {
    /// Versions in use that have no policy of their own, of crates that come from crates.io in some version and have a
    /// policy with `dependency-criteria`.
    pub needs_version: Vec<(String, Version)>,
    /// Policies for crates that are not in use, then for versions that are not in use.
    pub unused: Vec<(String, Option<Version>)>,
    /// Versions in use of crates that come from crates.io in some version and have one policy for all versions.
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
            let special = |policy: &vet_store::files::Policy| !policy.dependency_criteria.is_empty();
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
            match (in_use.get(name.as_str()), policies) {
                (None, _) => problems.unused.push((name.clone(), None)),
                (Some(versions), CratePolicy::Versioned(policies)) => {
                    let unused = policies.keys().filter(|version| !versions.contains(version));
                    unused_versions.extend(unused.map(|version| (name.clone(), Some(version.clone()))));
                }
                (Some(_), CratePolicy::Unversioned(_)) => {}
            }
        }
        problems.unused.append(&mut unused_versions);
        problems
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.needs_version.is_empty() && self.unused.is_empty() && self.unversioned.is_empty()
    }
}
