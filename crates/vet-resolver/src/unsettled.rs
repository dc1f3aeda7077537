//! Finds the packages for which the answer depends on whether they are libraries.
//!
//! For some packages it is not known whether they are libraries. They count as libraries. If a
//! package is not a library, cargo leaves it out, with everything that only it needs. The other
//! packages then have to meet less or the same, as long as the roots of the workspace stay the
//! same. So packages that pass still pass. For the packages that an answer names, only what leads
//! to them matters.

use std::collections::BTreeSet;

use vet_graph::{Package, PackageIx, PackageSource};

use crate::resolver::{Resolution, Resolver, Verdict};

impl Resolver<'_> {
    /// Returns the packages that may or may not be libraries, and where this affects the answer for
    /// a graph without rules and filters. The answer comprises the verdict with everything about
    /// packages that do not pass, the effects of violations and weak members, the packages that do
    /// not come from crates.io, the policy problems, and everything about the packages in `more`.
    /// If there are none, the answer also holds for the graph that cargo reports. It does not
    /// matter how a package passes.
    pub fn unsettled(
        &self,
        resolution: &Resolution,
        more: impl IntoIterator<Item = PackageIx>,
    ) -> Vec<PackageIx> {
        if !self.graph.is_assumed() {
            return Vec::new();
        }
        let fails = |verdict: &Verdict| matches!(verdict, Verdict::Unvetted(_) | Verdict::Violation);
        let failing = resolution.verdicts.iter().filter(|(_, verdict)| fails(verdict)).map(|(ix, _)| *ix);
        let forbidden = self.violations_in_use().into_iter().map(|violation| violation.package);
        // The packages that lead to a member decide whether it is a root.
        let is_named = |package: &Package<'_>| {
            *package.source() != PackageSource::CratesIo
                || self.store.config.policy.0.contains_key(package.name())
        };
        let named = self.graph.packages().filter(is_named).map(|package| package.ix());
        let all = failing.chain(forbidden).chain(named).chain(self.maybe_weakened()).chain(more);
        self.graph.maybe_no_libraries_above(all)
    }

    /// Returns the packages that [`weakened`](Self::weakened) may name if less is required of them.
    fn maybe_weakened(&self) -> BTreeSet<PackageIx> {
        let mut pending =
            self.requirements.weak_members(self.graph, &self.store.config.policy, self.criteria);
        let mut below = BTreeSet::new();
        while let Some(ix) = pending.pop() {
            if let Some(package) = self.graph.package(ix).filter(|_| below.insert(ix)) {
                pending.extend(package.normal_and_build_deps());
            }
        }
        let is_exempted = |package: Package<'_>| {
            let mut exemptions = self.store.config.exemptions.get(package.name()).into_iter().flatten();
            exemptions.any(|exemption| exemption.version == *package.version())
        };
        below.retain(|ix| self.graph.package(*ix).is_some_and(is_exempted));
        below
    }
}
