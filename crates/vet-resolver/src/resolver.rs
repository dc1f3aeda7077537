//! The decision about a dependency graph, and the data that other decisions need from it.

use std::collections::BTreeMap;

use vet_graph::{Graph, Package, PackageIx};
use vet_store::files::AuditsFile;
use vet_store::{Criteria, CriteriaSet, Store, Version};

use crate::audit_graph::{AuditGraph, CriteriaSets, Origin, ROOT, Vertex};
use crate::crate_entries::{Claims, CrateEntries, PeerEntries, Peers};
use crate::requirements::Requirements;
use crate::search::{ChainStep, Goal, Reach, Search};
use crate::violations::{Conflict, Contradiction, Forbidden, ViolationInUse, conflicts, in_use};

/// The audit graphs of all third-party crates of a dependency graph, each built once, and the
/// requirements on each package.
///
/// Creating a resolver does the work that all decisions about the same graph and store share.
#[derive(Debug)]
pub struct Resolver<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) store: &'a Store,
    pub(crate) criteria: &'a Criteria,
    pub(crate) requirements: Requirements,
    pub(crate) crates: BTreeMap<&'a str, CrateState<'a>>,
    pub(crate) peers: Peers<'a>,
    sets: CriteriaSets<'a>,
}

/// The data of one third-party crate.
#[derive(Debug)]
pub(crate) struct CrateState<'a> {
    /// The third-party packages of this name, ascending.
    pub(crate) packages: Vec<PackageIx>,
    pub(crate) audits: AuditGraph<'a>,
    pub(crate) conflicts: Vec<Conflict>,
    /// Whether any source reports a violation.
    has_violation: bool,
}

/// The decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The verdict on each third-party package, in the order of the graph.
    pub verdicts: Vec<(PackageIx, Verdict)>,
    /// The verdict on the whole.
    pub conclusion: Conclusion,
}

/// The verdict on the whole: the worst result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// Every third-party package meets its requirements.
    Success,
    /// Some packages do not meet their requirements.
    Unvetted,
    /// Statements about some crate contradict each other. Then the decision reports nothing else.
    Violation,
}

/// The verdict on one third-party package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No exemption is relied on. Also applies to a package without requirements.
    FullyAudited,
    /// Exemptions are relied on, and audits that start from them.
    PartiallyAudited,
    /// For some criterion, only exemptions are relied on.
    Exempted,
    /// The package lacks these of its required criteria.
    Unvetted(CriteriaSet),
    /// Statements about the crate contradict each other: see [`Resolver::conflicts`].
    Violation,
}

/// Decides whether every third-party package of a graph meets its requirements.
pub fn resolve(graph: &Graph, store: &Store, criteria: &Criteria) -> Resolution {
    Resolver::new(graph, store, criteria).decide()
}

impl<'a> Resolver<'a> {
    /// Builds the audit graph of every third-party crate of the graph.
    pub fn new(graph: &'a Graph, store: &'a Store, criteria: &'a Criteria) -> Self {
        let mut sets = CriteriaSets::new(criteria);
        let import_names: Vec<&str> = store.imports.audits.keys().map(String::as_str).collect();
        let peers = Peers::new(store);
        let mut packages: BTreeMap<&str, Vec<Package<'a>>> = BTreeMap::new();
        for package in graph.packages().filter(Package::is_third_party) {
            packages.entry(package.name()).or_default().push(package);
        }
        let build = |(name, packages): (&'a str, Vec<Package<'a>>)| {
            let entries = CrateEntries::among(store, &peers, name);
            let in_use: Vec<&Version> = packages.iter().map(Package::version).collect();
            let state = CrateState {
                packages: packages.iter().map(Package::ix).collect(),
                audits: AuditGraph::new(&entries, &in_use, &mut sets),
                conflicts: conflicts(&entries, &import_names, criteria, &mut sets),
                has_violation: entries.has_violation(),
            };
            (name, state)
        };
        let crates = packages.into_iter().map(build).collect();
        let requirements = Requirements::new(graph, &store.config.policy, criteria);
        Resolver { graph, store, criteria, requirements, crates, peers, sets }
    }

    /// Returns the criteria that a package must meet, closed under implication.
    pub fn required(&self, ix: PackageIx) -> &CriteriaSet {
        self.requirements.of(ix)
    }

    /// Returns the members that pass on less than before, and the third-party packages that have to
    /// meet less for that reason.
    ///
    /// A member that is not a root any more inherits what its dependents must meet. The store shows
    /// what the member had to meet before: an exemption is made for exactly what is required, so a
    /// package has one for the stronger criteria only if the member was a root. Without such an
    /// exemption, the weaker criteria may always have been intended. Audits are no evidence,
    /// because they often certify more than is required.
    pub fn weakened(&self) -> (Vec<PackageIx>, Vec<PackageIx>) {
        let (graph, policies) = (self.graph, &self.store.config.policy);
        let mut members = self.requirements.weak_members(graph, policies, self.criteria);
        if members.is_empty() {
            return (members, Vec::new());
        }
        let held_before = |members: &[PackageIx]| -> Vec<PackageIx> {
            let before = Requirements::if_roots(members, graph, policies, self.criteria);
            let packages = graph.packages().filter(|package| package.is_third_party());
            let packages = packages.filter(|package| {
                let (now, before) = (self.required(package.ix()), before.of(package.ix()));
                !now.contains_all(before) && self.is_exempted(*package, &before.difference(now))
            });
            packages.map(|package| package.ix()).collect()
        };
        let packages = held_before(&members);
        members.retain(|member| !packages.is_empty() && !held_before(&[*member]).is_empty());
        (members, packages)
    }

    /// Whether an exemption covers a package for some criteria.
    fn is_exempted(&self, package: Package<'_>, wanted: &CriteriaSet) -> bool {
        let mut exemptions = self.store.config.exemptions.get(package.name()).into_iter().flatten();
        exemptions.any(|exemption| {
            exemption.version == *package.version()
                && self.criteria.set(&exemption.criteria).contains_all(wanted)
        })
    }

    /// Returns the contradictions about a third-party crate of the graph.
    pub fn conflicts(&self, name: &str) -> &[Conflict] {
        self.crates.get(name).map_or(&[], |state| &state.conflicts)
    }

    /// Returns the violations that cover a version in use, in the order of the graph, whether or
    /// not a statement contradicts them.
    pub fn violations_in_use(&self) -> Vec<ViolationInUse> {
        let import_names = self.import_names();
        let mut found = Vec::new();
        for (name, state) in self.crates.iter().filter(|(_, state)| state.has_violation) {
            let entries = CrateEntries::among(self.store, &self.peers, name);
            found.extend(self.in_use(state, &entries, &import_names));
        }
        found.sort_by_key(|violation| violation.package);
        found
    }

    /// Returns what would be wrong if the audits of a further peer counted: its violations that
    /// cover a version in use, and its contradictions with existing statements, by name of the
    /// crate.
    pub fn with_peer(
        &self,
        name: &str,
        file: &AuditsFile,
    ) -> (Vec<ViolationInUse>, BTreeMap<&'a str, Vec<Conflict>>) {
        let mut import_names = self.import_names();
        let number = import_names.len();
        import_names.push(name);
        let is_of_peer = |source: &Option<String>| source.as_deref() == Some(name);
        let (mut violations, mut contradictions) = (Vec::new(), BTreeMap::new());
        for (krate, state) in self.crates.iter().filter(|(krate, _)| file.audits.contains_key(**krate)) {
            let mut entries = CrateEntries::among(self.store, &self.peers, krate);
            entries.imported.push(Claims::of(PeerEntries { file, fresh: None }, number, krate));
            let of_peer = self.in_use(state, &entries, &import_names);
            violations.extend(of_peer.into_iter().filter(|violation| is_of_peer(&violation.source)));
            let mut sets = CriteriaSets::new(self.criteria);
            let mut found = conflicts(&entries, &import_names, self.criteria, &mut sets);
            found.retain(|conflict| match &conflict.against {
                _ if is_of_peer(&conflict.violation_source) => true,
                Contradiction::Audit { source, .. } => is_of_peer(source),
                Contradiction::Exemption(_) => false,
            });
            if !found.is_empty() {
                contradictions.insert(*krate, found);
            }
        }
        violations.sort_by_key(|violation: &ViolationInUse| violation.package);
        (violations, contradictions)
    }

    fn in_use(
        &self,
        state: &CrateState<'_>,
        entries: &CrateEntries<'_>,
        import_names: &[&str],
    ) -> Vec<ViolationInUse> {
        let packages = state.packages.iter().filter_map(|&ix| self.graph.package(ix));
        let found = packages.flat_map(|package| {
            let of_package = (package.ix(), package.version(), self.required(package.ix()));
            in_use(entries, import_names, self.criteria, of_package)
        });
        found.collect()
    }

    fn import_names(&self) -> Vec<&str> {
        self.store.imports.audits.keys().map(String::as_str).collect()
    }

    /// Whether an audit of a version for a criterion would contradict a violation, and so cannot
    /// help.
    pub fn forbids(&self, name: &str, version: &Version, criterion: usize) -> bool {
        if !self.crates.get(name).is_some_and(|state| state.has_violation) {
            return false;
        }
        let entries = CrateEntries::among(self.store, &self.peers, name);
        let forbidden = Forbidden::of(&entries, &self.import_names());
        forbidden.by(version, &self.criteria.closure(criterion), self.criteria).next().is_some()
    }

    /// Decides.
    pub fn decide(&self) -> Resolution {
        let mut conclusion = Conclusion::Success;
        let mut verdicts = Vec::new();
        for package in self.graph.packages().filter(Package::is_third_party) {
            let verdict = self.verdict(package);
            match verdict {
                Verdict::Violation => conclusion = Conclusion::Violation,
                Verdict::Unvetted(_) if conclusion == Conclusion::Success => {
                    conclusion = Conclusion::Unvetted
                }
                _ => {}
            }
            verdicts.push((package.ix(), verdict));
        }
        Resolution { verdicts, conclusion }
    }

    fn verdict(&self, package: Package<'a>) -> Verdict {
        let Some(state) = self.crates.get(package.name()) else { return Verdict::FullyAudited };
        if !state.conflicts.is_empty() {
            return Verdict::Violation;
        }
        let target = state.audits.vertex(package.version()).unwrap_or(ROOT);
        let mut missing = CriteriaSet::new();
        let (mut uses_exemption, mut only_exemption) = (false, false);
        for criterion in self.required(package.ix()).iter() {
            match self.search(state).chain(target, criterion, Goal::Keep) {
                Err(_) => missing.insert(criterion),
                Ok(steps) => {
                    uses_exemption |= steps.iter().any(ChainStep::is_exemption);
                    only_exemption |= steps.iter().all(|step| step.is_exemption() || step.is_alias());
                }
            }
        }
        match (missing.is_empty(), uses_exemption, only_exemption) {
            (false, ..) => Verdict::Unvetted(missing),
            (true, false, _) => Verdict::FullyAudited,
            (true, true, true) => Verdict::Exempted,
            (true, true, false) => Verdict::PartiallyAudited,
        }
    }

    /// Returns how far a package of the graph is from meeting a criterion.
    pub fn reach(&self, ix: PackageIx, criterion: usize) -> Reach {
        let package = self.graph.package(ix);
        let state = package.and_then(|package| self.crates.get(package.name()));
        let (Some(package), Some(state)) = (package, state) else {
            return Reach { from_root: Vec::new(), to_target: Vec::new() };
        };
        let target = state.audits.vertex(package.version()).unwrap_or(ROOT);
        self.search(state).reach(target, criterion)
    }

    pub(crate) fn search<'r>(&'r self, state: &'r CrateState<'a>) -> Search<'r, 'a> {
        Search { graph: &state.audits, sets: &self.sets }
    }
}

impl Search<'_, '_> {
    /// Returns what can be reached from the empty crate, and from where the target can be reached.
    pub(crate) fn reach(&self, target: Vertex, criterion: usize) -> Reach {
        let versions = |vertices: &[Vertex]| {
            let mut versions: Vec<Version> =
                vertices.iter().filter_map(|&vertex| self.graph.version(vertex).cloned()).collect();
            versions.sort_unstable();
            versions
        };
        let to_target = match self.chain(target, criterion, Goal::Keep) {
            Ok(_) => Vec::new(),
            Err(vertices) => versions(&vertices),
        };
        Reach { from_root: versions(&self.reachable_from_root(criterion)), to_target }
    }
}

impl ChainStep {
    pub(crate) fn is_exemption(&self) -> bool {
        matches!(self, ChainStep::Edge(Origin::Exemption { .. }, _) | ChainStep::Invented(_))
    }

    fn is_alias(&self) -> bool {
        matches!(self, ChainStep::Edge(Origin::Unpublished { .. }, _))
    }
}
