//! On which packages' being libraries an answer depends.
//!
//! A graph can have packages of which it is not known whether they are libraries. They count as such. If one is none, cargo
//! leaves it out, with everything that only it needs, and the rest has to meet less or the same, as long as the roots of the
//! workspace stay what they are. So what passes stays, and of what an answer names, only what leads there matters.

use std::collections::BTreeSet;

use vet_graph::{Package, PackageIx, PackageSource};

use crate::resolver::{Resolution, Resolver, Verdict};

impl Resolver<'_> {
    /// The packages of which it is not known whether they are libraries, and on which it depends what is to be said of a graph
    /// without rules and filters: its verdict with everything about packages that do not pass, what violations and weak members
    /// have to do with it, which packages come from elsewhere than crates.io, whether policies fit, and everything about some
    /// `more` packages. If there are none, the same is true of the graph that cargo reports. How a package passes is not
    /// looked at.
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
        // What leads to a member decides whether that is a root.
        let is_named = |package: &Package<'_>| {
            *package.source() != PackageSource::CratesIo
                || self.store.config.policy.0.contains_key(package.name())
        };
        let named = self.graph.packages().filter(is_named).map(|package| package.ix());
        let all = failing.chain(forbidden).chain(named).chain(self.maybe_weakened()).chain(more);
        self.graph.maybe_no_libraries_above(all)
    }

    /// The packages that [`weakened`](Self::weakened) may name if less is required of them.
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
