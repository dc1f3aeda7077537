//! What each package must meet.
//!
//! Requirements flow from the roots of the workspace along normal and build edges: each package
//! passes on what it must meet itself. Development edges start anew at the member that owns them.
//! Policies replace what flows: on a package (`criteria`), on the development edges of a member
//! (`dev-criteria`), or on one edge (`dependency-criteria`).

use vet_graph::{Graph, Package, PackageIx};
use vet_store::files::{Policies, Policy};
use vet_store::{Criteria, CriteriaSet};

/// The criteria that each package of a graph must meet, closed under implication, by number of the
/// package.
///
/// Packages of this workspace also have requirements and pass them on, but the check ignores them.
#[derive(Clone, Debug)]
pub struct Requirements(Vec<CriteriaSet>);

impl Requirements {
    /// Follows the edges of the graph under the given policies.
    pub fn new(graph: &Graph, policies: &Policies, criteria: &Criteria) -> Self {
        Self::with_roots(graph, policies, criteria, |package| package.is_root())
    }

    fn with_roots(
        graph: &Graph,
        policies: &Policies,
        criteria: &Criteria,
        is_root: impl Fn(Package<'_>) -> bool,
    ) -> Self {
        let mut required = vec![CriteriaSet::new(); graph.len()];
        let policy = |package: Package<'_>| policies.get(package.name(), package.version());

        let safe_to_run = criteria.closure(Criteria::SAFE_TO_RUN);
        for package in graph.packages().filter(|package| !package.dev_deps().is_empty()) {
            let policy = policy(package);
            let own = policy.and_then(|policy| policy.dev_criteria.as_ref()).map(|names| criteria.set(names));
            let handed_on = own.unwrap_or_else(|| safe_to_run.clone());
            demand(graph, criteria, package.dev_deps(), policy, &handed_on, &mut required);
        }

        let safe_to_deploy = criteria.closure(Criteria::SAFE_TO_DEPLOY);
        for package in graph.order().iter().rev().filter_map(|&ix| graph.package(ix)) {
            let policy = policy(package);
            let Some(own) = required.get_mut(package.ix().0) else { continue };
            if let Some(names) = policy.and_then(|policy| policy.criteria.as_ref()) {
                *own = criteria.set(names);
            } else if is_root(package) {
                own.union_with(&safe_to_deploy);
            }
            let handed_on = own.clone();
            demand(graph, criteria, package.normal_and_build_deps(), policy, &handed_on, &mut required);
        }
        Requirements(required)
    }

    /// Returns the members that would have to meet more if they were roots. A member stops being a
    /// root if another package depends on it. Then it has to meet only what that package must meet,
    /// unless its own policy says what it must meet.
    pub(crate) fn weak_members(
        &self,
        graph: &Graph,
        policies: &Policies,
        criteria: &Criteria,
    ) -> Vec<PackageIx> {
        let safe_to_deploy = criteria.closure(Criteria::SAFE_TO_DEPLOY);
        let is_weak = |package: &Package<'_>| {
            let policy = policies.get(package.name(), package.version());
            package.is_member()
                && !package.is_root()
                && policy.is_none_or(|policy| policy.criteria.is_none())
                && !self.of(package.ix()).contains_all(&safe_to_deploy)
        };
        graph.packages().filter(is_weak).map(|package| package.ix()).collect()
    }

    /// Returns the requirements as they would be if some members were roots.
    pub(crate) fn if_roots(
        members: &[PackageIx],
        graph: &Graph,
        policies: &Policies,
        criteria: &Criteria,
    ) -> Self {
        let is_root = |package: Package<'_>| package.is_root() || members.contains(&package.ix());
        Self::with_roots(graph, policies, criteria, is_root)
    }

    /// Returns what one package must meet.
    pub fn of(&self, ix: PackageIx) -> &CriteriaSet {
        const NOTHING: &CriteriaSet = &CriteriaSet::EMPTY;
        self.0.get(ix.0).unwrap_or(NOTHING)
    }
}

/// Adds what one package requires of its dependencies.
fn demand(
    graph: &Graph,
    criteria: &Criteria,
    dependencies: &[PackageIx],
    policy: Option<&Policy>,
    handed_on: &CriteriaSet,
    required: &mut [CriteriaSet],
) {
    let by_name = policy.map(|policy| &policy.dependency_criteria).filter(|table| !table.is_empty());
    for &dependency in dependencies {
        let Some(slot) = required.get_mut(dependency.0) else { continue };
        let special = by_name.and_then(|table| table.get(graph.package(dependency)?.name()));
        match special {
            Some(names) => slot.union_with(&criteria.set(names)),
            None => slot.union_with(handed_on),
        }
    }
}
