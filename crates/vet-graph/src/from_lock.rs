//! The graph from `Cargo.lock` and the manifests at hand, without cargo.
//!
//! A lock file has an edge for every dependency that is not for development only, and for members those too. What it
//! does not tell is taken from manifests: for packages whose manifests are at hand, which edges serve what; and for all
//! packages, whether they are libraries. Cargo leaves an edge out if there is no library at its end.
//!
//! The lock file is held against the manifests on the way. Where they do not fit, there is no graph, because cargo would
//! build other code than what is locked, or refuse.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use vet_store::Version;

use crate::declared::{Declared, DependencyView, View, features_in_order};
use crate::git_source::same_repository;
use crate::graph::{GraphData, PackageData, PackageSource};
use crate::lock_file::{LockFile, LockedPackage};
use crate::manifest::{DependencyKind, GitOrigin};
use crate::rules::{self, Applied, Candidate, CandidateDependency, Numbers, Rule, Rules};
use crate::workspace::{LocalDependency, LocalOrigin, LocalPackage, Workspace};

/// What is known about packages whose manifests are not among those of the workspace.
pub trait PublishedFacts {
    /// Whether others can depend on the package; `None` if that is not known.
    fn is_library(&self, package: &LockedPackage) -> Option<bool>;

    /// What it declares, according to a source that the checkout does not choose.
    fn declared(&self, package: &LockedPackage) -> Published<'_>;
}

/// What is known of what a package declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published<'t> {
    /// Too little.
    Unknown,
    /// The package cannot be what is locked: a sentence without a full stop that says why. Such is another checksum in the
    /// registry, or a version that it does not have.
    Contradicted(String),
    /// This is what it declares.
    Known(Declared<'t>),
}

impl<'t> Published<'t> {
    /// What it declares, if that is known.
    pub fn known(self) -> Option<Declared<'t>> {
        match self {
            Published::Known(declared) => Some(declared),
            Published::Unknown | Published::Contradicted(_) => None,
        }
    }
}

/// Whether edges of published packages are told apart by what they serve. That changes no decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKinds {
    /// Build dependencies of published packages count as normal ones.
    OfLocalPackages,
    /// Normal and build dependencies are told apart everywhere.
    OfAllPackages,
}

/// A graph, and what was not known when it was built.
#[derive(Clone, Debug)]
pub struct LockGraph {
    /// The graph.
    pub data: GraphData,
    /// The graph without rules, in which packages say by which rule they are left out; `None` if there are no rules.
    pub whole: Option<GraphData>,
    /// The packages of which it is not known whether they are libraries. They count as such.
    pub maybe_no_library: Vec<usize>,
    /// The packages of which the kinds of dependencies are wanted and not known.
    pub kinds_unknown: Vec<usize>,
    /// The packages of which it is not known what they declare, though rules might leave more out if it were.
    pub terms_unknown: Vec<usize>,
    /// The packages of which it is not known what they declare, so that it is not certain that cargo accepts what is locked
    /// for them.
    pub unverified: Vec<usize>,
    /// Why cargo might see the kinds of edges of a local package differently.
    pub ambiguous: Vec<String>,
}

/// Why a lock file does not fit the manifests, in sentences without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockMismatch(pub Vec<String>);

/// Builds the graph, without what rules leave out.
///
/// # Errors
///
/// The lock file does not fit the manifests.
pub fn graph_from_lock(
    lock: &LockFile,
    workspace: &Workspace,
    facts: &impl PublishedFacts,
    kinds: EdgeKinds,
    rules: &Rules,
) -> Result<LockGraph, LockMismatch> {
    let builder = Builder::new(lock, workspace)?;
    builder.build(facts, kinds, rules)
}

struct Builder<'a> {
    lock: &'a LockFile,
    workspace: &'a Workspace,
    /// The local package of each locked one that comes from a folder.
    local: Vec<Option<&'a LocalPackage>>,
    patched: HashSet<&'a str>,
}

/// What the edges of one package serve.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Edges {
    pub(crate) normal: Vec<usize>,
    pub(crate) build: Vec<usize>,
    pub(crate) dev: Vec<usize>,
}

impl Edges {
    pub(crate) fn of(&mut self, kind: DependencyKind) -> &mut Vec<usize> {
        match kind {
            DependencyKind::Normal => &mut self.normal,
            DependencyKind::Build => &mut self.build,
            DependencyKind::Development => &mut self.dev,
        }
    }

    /// Brings the lists into order, without duplicates.
    pub(crate) fn sort(&mut self) {
        for list in [&mut self.normal, &mut self.build, &mut self.dev] {
            list.sort_unstable();
            list.dedup();
        }
    }
}

/// For each dependency that a manifest declares, the locked packages that it may mean.
type Meant = Vec<Vec<usize>>;

impl<'a> Builder<'a> {
    /// Finds for each package from a folder its manifest.
    fn new(lock: &'a LockFile, workspace: &'a Workspace) -> Result<Self, LockMismatch> {
        let mut wrong = Vec::new();
        let mut by_name: HashMap<(&str, &semver::Version), &LocalPackage> = HashMap::new();
        for package in &workspace.packages {
            by_name.insert((&package.name, &package.version), package);
        }
        let mut local = Vec::with_capacity(lock.packages.len());
        let mut seen: HashSet<&Path> = HashSet::new();
        for package in &lock.packages {
            let found = match package.source {
                Some(_) => None,
                None => by_name.get(&(package.name.as_str(), &package.version)).copied(),
            };
            if let Some(found) = found {
                seen.insert(&found.folder);
            } else if package.source.is_none() {
                wrong.push(format!(
                    "`{} {}` is locked, but no manifest has it",
                    package.name, package.version
                ));
            }
            local.push(found);
        }
        for package in workspace.packages.iter().filter(|package| package.is_member) {
            if !seen.contains(package.folder.as_path()) {
                wrong.push(format!("the member `{} {}` is not locked", package.name, package.version));
            }
        }
        let patched = workspace.patches.iter().map(|patch| patch.package.as_str()).collect();
        let builder = Builder { lock, workspace, local, patched };
        builder.check_patches(&mut wrong);
        if wrong.is_empty() { Ok(builder) } else { Err(LockMismatch(wrong)) }
    }

    /// A patch is used, or listed as unused; else the lock file is from before the patch.
    fn check_patches(&self, wrong: &mut Vec<String>) {
        for patch in &self.workspace.patches {
            let is_used = |(package, local): (&LockedPackage, &Option<&LocalPackage>)| {
                package.name == patch.package && is_from(&patch.origin, package, *local)
            };
            let used = self.lock.packages.iter().zip(&self.local).any(is_used);
            if !used && !self.lock.unused_patches.contains(&patch.package) {
                wrong.push(format!("the patch of `{}` is not locked", patch.package));
            }
        }
    }

    fn build(
        &self,
        facts: &impl PublishedFacts,
        kinds: EdgeKinds,
        rules: &Rules,
    ) -> Result<LockGraph, LockMismatch> {
        let mut graph = LockGraph {
            data: GraphData::default(),
            whole: None,
            maybe_no_library: Vec::new(),
            kinds_unknown: Vec::new(),
            terms_unknown: Vec::new(),
            unverified: Vec::new(),
            ambiguous: Vec::new(),
        };
        let mut wrong = Vec::new();
        let mut edges = Vec::with_capacity(self.lock.packages.len());
        let mut meant = Vec::with_capacity(self.lock.packages.len());
        for (index, package) in self.lock.packages.iter().enumerate() {
            match self.local.get(index).copied().flatten() {
                Some(local) => {
                    let (of_package, of_dependencies) =
                        self.local_edges(package, local, &mut graph.ambiguous, &mut wrong);
                    edges.push(of_package);
                    meant.push(of_dependencies);
                }
                None => {
                    edges.push(self.published_edges(index, facts, kinds, &mut graph.kinds_unknown));
                    meant.push(Meant::new());
                }
            }
        }
        if !wrong.is_empty() {
            return Err(LockMismatch(wrong));
        }

        let is_needed = self.reachable(&edges, |_| true);
        let is_library: Vec<bool> = (0..edges.len())
            .map(|index| {
                let known = match (self.local.get(index).copied().flatten(), self.lock.packages.get(index)) {
                    (Some(local), _) => Some(local.is_library),
                    (None, Some(package)) => facts.is_library(package),
                    (None, None) => None,
                };
                if known.is_none() && is_needed.get(index) == Some(&true) {
                    graph.maybe_no_library.push(index);
                }
                known.unwrap_or(true)
            })
            .collect();
        let is_library = |index: usize| is_library.get(index).copied().unwrap_or(true);
        let is_in_graph = self.reachable(&edges, is_library);
        if rules.is_empty() {
            graph.data = self.data(edges, is_library, &is_in_graph, |_| None, |_| true);
            return Ok(graph);
        }
        let declared: Vec<Option<Declared<'_>>> = self
            .lock
            .packages
            .iter()
            .zip(&is_in_graph)
            .zip(&self.local)
            .map(|((package, is_in_graph), local)| {
                let is_wanted = *is_in_graph && local.is_none();
                if is_wanted {
                    facts.declared(package).known().filter(|declared| !declared.is_partial())
                } else {
                    None
                }
            })
            .collect();
        let candidates = self.candidates(&declared, &meant, is_library);
        let Applied { remains, left_out, unknown } = rules::apply(&candidates, rules, &is_in_graph);
        let rule = |index: usize| left_out.get(index).copied().flatten();
        graph.whole = Some(self.data(edges, is_library, &is_in_graph, rule, |_| true));
        let counts = |name: &str| rules.counts(name);
        graph.data = self.data(remains.edges, is_library, &remains.is_in_graph, |_| None, counts);
        graph.terms_unknown = unknown;
        let remains = |index: &usize| remains.is_in_graph.get(*index) == Some(&true);
        graph.maybe_no_library.retain(remains);
        graph.kinds_unknown.retain(remains);
        Ok(graph)
    }

    /// The packages as rules see them.
    fn candidates<'c>(
        &'c self,
        declared: &'c [Option<Declared<'c>>],
        meant: &'c [Meant],
        is_library: impl Fn(usize) -> bool,
    ) -> Vec<Candidate<'c>> {
        let packages = self.lock.packages.iter().zip(&self.local).zip(declared).zip(meant).enumerate();
        packages
            .map(|(index, (((package, local), declared), meant))| {
                let mut candidate = Candidate {
                    name: &package.name,
                    is_member: false,
                    is_library: is_library(index),
                    is_proc_macro: None,
                    features: None,
                    requested: None,
                    dependencies: Vec::new(),
                    undeclared: Vec::new(),
                };
                let declared = declared.as_ref();
                let view = declared.and_then(|declared| Some((declared.is_proc_macro(), declared.view()?)));
                match (local, view) {
                    (Some(local), _) => {
                        candidate.is_member = local.is_member;
                        candidate.is_proc_macro = Some(local.is_proc_macro);
                        candidate.features = Some(features_in_order(&local.features));
                        let dependencies = local.dependencies.iter().zip(meant);
                        candidate.dependencies = dependencies
                            .map(|(dependency, packages)| CandidateDependency {
                                kind: dependency.kind,
                                terms: dependency.terms.view(),
                                packages: packages.clone(),
                            })
                            .collect();
                    }
                    (None, Some((is_proc_macro, view))) => {
                        candidate.is_proc_macro = is_proc_macro;
                        self.declare(&mut candidate, package, view);
                    }
                    (None, None) => {
                        candidate.undeclared = self.locked(package).map(|(_, target)| target).collect();
                    }
                }
                candidate
            })
            .collect()
    }

    /// A dependency that is not locked was never asked for, with whatever features, and plays no part.
    fn declare<'c>(&self, candidate: &mut Candidate<'c>, package: &LockedPackage, view: View<'c>) {
        candidate.features = Some(view.features);
        let mut is_declared = vec![false; package.dependencies.len()];
        for dependency in view.dependencies {
            let mut packages = Vec::new();
            for (slot, (locked, target)) in is_declared.iter_mut().zip(self.locked(package)) {
                if self.is_meant(locked, &dependency) {
                    *slot = true;
                    packages.push(target);
                }
            }
            if !packages.is_empty() {
                let DependencyView { kind, terms, .. } = dependency;
                candidate.dependencies.push(CandidateDependency { kind, terms, packages });
            }
        }
        let undeclared = is_declared.iter().zip(self.locked(package)).filter(|(declared, _)| !**declared);
        candidate.undeclared = undeclared.map(|(_, (_, target))| target).collect();
    }

    /// The dependencies of a package as locked, with replaced ones exchanged.
    fn locked<'p>(&'p self, package: &'p LockedPackage) -> impl Iterator<Item = (usize, usize)> + 'p {
        package.dependencies.iter().map(|&index| {
            let replaced = self.lock.packages.get(index).and_then(|package| package.replaced_by);
            (index, replaced.unwrap_or(index))
        })
    }

    /// Holds the locked dependencies of a package against its manifest.
    fn local_edges(
        &self,
        package: &LockedPackage,
        local: &LocalPackage,
        ambiguous: &mut Vec<String>,
        wrong: &mut Vec<String>,
    ) -> (Edges, Meant) {
        let mut edges = Edges::default();
        let mut meant = Meant::with_capacity(local.dependencies.len());
        let mut matched = vec![false; package.dependencies.len()];
        let mut several: HashSet<&str> = HashSet::new();
        for dependency in &local.dependencies {
            if !local.is_member && dependency.kind == DependencyKind::Development {
                meant.push(Vec::new());
                continue;
            }
            let mut found: Vec<usize> = Vec::new();
            for (slot, (index, replaced)) in matched.iter_mut().zip(self.locked(package)) {
                if self.fits(index, dependency) {
                    *slot = true;
                    found.push(replaced);
                }
            }
            // All features of members are on; those of other packages as somebody asks for them.
            if found.is_empty() && (local.is_member || !dependency.terms.optional) {
                wrong.push(format!(
                    "`{}` depends on `{}{}`, which is not locked",
                    local.name,
                    dependency.package,
                    dependency.requirement.as_ref().map(|wanted| format!(" {wanted}")).unwrap_or_default()
                ));
            }
            if found.len() > 1 {
                several.insert(&dependency.package);
            }
            edges.of(dependency.kind).extend(&found);
            meant.push(found);
        }
        for (_, (index, _)) in matched.iter().zip(self.locked(package)).filter(|(matched, _)| !**matched) {
            if let Some(target) = self.lock.packages.get(index) {
                wrong.push(format!(
                    "`{}` is locked as a dependency of `{}`, whose manifest does not ask for it",
                    target.name, local.name
                ));
            }
        }
        // Two locked versions may both do for one declaration. Which one is meant only matters if another one, of the same
        // package, is for something else.
        let kinds = |name: &str| -> HashSet<DependencyKind> {
            let named = local.dependencies.iter().filter(|dependency| dependency.package == name);
            named.map(|dependency| dependency.kind).collect()
        };
        ambiguous.extend(
            several
                .into_iter()
                .filter(|name| kinds(name).len() > 1)
                .map(|name| format!("`{}` depends on several versions of `{name}`", local.name)),
        );
        (edges, meant)
    }

    /// Whether a locked package is what a manifest asks for.
    fn fits(&self, index: usize, dependency: &LocalDependency) -> bool {
        let Some(package) = self.lock.packages.get(index) else { return false };
        if package.name != dependency.package
            || dependency.requirement.as_ref().is_some_and(|wanted| !wanted.matches(&package.version))
        {
            return false;
        }
        let local = self.local.get(index).copied().flatten();
        is_from(&dependency.origin, package, local) || self.patched.contains(package.name.as_str())
    }

    fn published_edges(
        &self,
        index: usize,
        facts: &impl PublishedFacts,
        kinds: EdgeKinds,
        unknown: &mut Vec<usize>,
    ) -> Edges {
        let mut edges = Edges::default();
        let Some(package) = self.lock.packages.get(index) else { return edges };
        let declared = match kinds {
            EdgeKinds::OfAllPackages if !package.dependencies.is_empty() => facts.declared(package).known(),
            _ => {
                edges.normal.extend(self.locked(package).map(|(_, target)| target));
                return edges;
            }
        };
        let Some(view) = declared.as_ref().and_then(Declared::view) else {
            unknown.push(index);
            edges.normal.extend(self.locked(package).map(|(_, target)| target));
            return edges;
        };
        for (locked, target) in self.locked(package) {
            let mut is_build = false;
            let mut is_normal = false;
            for dependency in view.dependencies.iter().filter(|dependency| self.is_meant(locked, dependency))
            {
                is_build |= dependency.kind == DependencyKind::Build;
                is_normal |= dependency.kind == DependencyKind::Normal;
            }
            if is_build {
                edges.build.push(target);
            }
            if is_normal || !is_build {
                edges.normal.push(target);
            }
        }
        edges
    }

    fn is_meant(&self, index: usize, dependency: &DependencyView<'_>) -> bool {
        let package = self.lock.packages.get(index);
        package.is_some_and(|package| dependency.is_met_by(&package.name, &package.version))
    }

    /// The packages that can be reached from members along edges to packages that pass.
    fn reachable(&self, edges: &[Edges], passes: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut reached = vec![false; edges.len()];
        let is_member =
            |index: &usize| self.local.get(*index).copied().flatten().is_some_and(|p| p.is_member);
        let mut pending: Vec<usize> = (0..edges.len()).filter(is_member).collect();
        while let Some(index) = pending.pop() {
            let (Some(slot @ false), Some(edges)) = (reached.get_mut(index), edges.get(index)) else {
                continue;
            };
            *slot = true;
            let targets = edges.normal.iter().chain(&edges.build).chain(&edges.dev).copied();
            pending.extend(targets.filter(|&target| passes(target)));
        }
        reached
    }

    fn data(
        &self,
        edges: Vec<Edges>,
        is_library: impl Fn(usize) -> bool,
        is_in_graph: &[bool],
        rule: impl Fn(usize) -> Option<Rule>,
        counts: impl Fn(&str) -> bool,
    ) -> GraphData {
        let numbers = Numbers::new(is_in_graph);
        let mut packages = Vec::with_capacity(is_in_graph.len());
        for (index, edges) in edges.into_iter().enumerate() {
            let Some(package) = self.lock.packages.get(index) else { continue };
            if numbers.get(index).is_none() {
                continue;
            }
            let renumber = |list: Vec<usize>| -> Vec<usize> {
                numbers.of(list.into_iter().filter(|&target| is_library(target)))
            };
            let local = self.local.get(index).copied().flatten();
            packages.push(PackageData {
                name: package.name.clone(),
                version: version(&package.version, package.source.as_deref()),
                source: package.source.as_deref().map_or(PackageSource::Path, source),
                about: local.map(|local| local.about.clone()).unwrap_or_default(),
                folder: local.map(|local| local.folder.clone()),
                is_member: local.is_some_and(|local| local.is_member && counts(&local.name)),
                left_out: rule(index),
                normal: renumber(edges.normal),
                build: renumber(edges.build),
                dev: renumber(edges.dev),
            });
        }
        GraphData { packages }
    }
}

/// Whether a locked package comes from where it is said to.
fn is_from(origin: &LocalOrigin, package: &LockedPackage, local: Option<&LocalPackage>) -> bool {
    match (origin, package.source.as_deref()) {
        (LocalOrigin::Path(folder), None) => local.is_some_and(|local| local.folder == *folder),
        (LocalOrigin::Path(_), Some(_)) | (_, None) => false,
        (LocalOrigin::CratesIo, Some(text)) => source(text) == PackageSource::CratesIo,
        (LocalOrigin::Registry(_) | LocalOrigin::Index(_), Some(text)) => {
            // Which registry a name stands for is written in cargo's configuration.
            text.starts_with("registry+") || text.starts_with("sparse+")
        }
        (LocalOrigin::Git(git), Some(text)) => is_git(git, text),
    }
}

fn is_git(git: &GitOrigin, source: &str) -> bool {
    source.strip_prefix("git+").is_some_and(|address| same_repository(git, address))
}

/// A source as cargo writes it.
pub(crate) fn source(text: &str) -> PackageSource {
    PackageSource::of(text)
}

/// The version as audits name it: code from git has its revision.
pub(crate) fn version(semver: &semver::Version, source: Option<&str>) -> Version {
    let revision =
        source.filter(|source| source.starts_with("git+")).and_then(|source| source.split_once('#'));
    Version { semver: semver.clone(), git_rev: revision.and_then(|(_, revision)| revision.parse().ok()) }
}
