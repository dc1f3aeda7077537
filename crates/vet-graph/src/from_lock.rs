//! Builds the graph from `Cargo.lock` and the available manifests, without cargo.
//!
//! A lock file has an edge for every dependency that features turn on, and for members also the
//! development dependencies. The declarations of the packages say the rest: what each edge serves,
//! and which packages are libraries. Cargo leaves out an edge to a package that has no library.
//!
//! The lock file is verified against the declarations. If they do not match, there is no graph,
//! because cargo would build other code than what is locked, or refuse.

use crate::declared::{Declared, DependencyView, View, features_in_order};
use crate::graph::{GraphData, PackageData};
use crate::lock_file::{LockFile, LockedPackage, version};
use crate::manifest::DependencyKind;
use crate::published::{Published, PublishedFacts};
use crate::rules::{self, Applied, Candidate, CandidateDependency, Edges, Numbers, Requested, Rule, Rules};
use crate::verify::{self, LockMismatch, Locked, Mismatch};
use crate::workspace::{LocalPackage, Workspace};

/// Whether edges of published packages distinguish normal from build dependencies. This changes no
/// decision of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKinds {
    /// Build dependencies of published packages count as normal dependencies.
    OfLocalPackages,
    /// Normal and build dependencies are distinguished for all packages.
    OfAllPackages,
}

/// A graph, and the facts that were missing when it was built.
#[derive(Clone, Debug)]
pub struct LockGraph {
    /// The graph.
    pub data: GraphData,
    /// The graph without rules, in which each package says which rule leaves it out; `None` if
    /// there are no rules.
    pub whole: Option<GraphData>,
    /// The packages that may not be libraries. They count as libraries.
    pub maybe_no_library: Vec<usize>,
    /// The packages whose kinds of dependencies were requested but are unknown.
    pub kinds_unknown: Vec<usize>,
    /// The packages whose declarations are unknown, where rules might leave out more if they were
    /// known.
    pub terms_unknown: Vec<usize>,
    /// The packages whose declarations are unknown, so that cargo may not accept what is locked for
    /// them.
    pub unverified: Vec<usize>,
}

/// Builds the graph, without the packages that rules leave out.
///
/// If [`LockGraph::unverified`] is empty, cargo is certain to accept the lock file. Otherwise the
/// graph contains everything that is locked.
///
/// # Errors
///
/// The lock file does not match the declarations, or may not match them. The caller has to ask
/// cargo.
pub fn graph_from_lock(
    lock: &LockFile,
    workspace: &Workspace,
    facts: &impl PublishedFacts,
    kinds: EdgeKinds,
    rules: &Rules,
) -> Result<LockGraph, LockMismatch> {
    let locked = Locked::new(lock, workspace, facts)?;
    let published = published(&locked, facts)?;
    let declarations: Vec<Declaration<'_>> = locked
        .local
        .iter()
        .zip(&published)
        .map(|(local, published)| Declaration::new(*local, published.as_ref()))
        .collect();
    let is_unknown = |index: &usize| matches!(declarations.get(*index), Some(Declaration::Unknown));
    let unverified: Vec<usize> = (0..declarations.len()).filter(is_unknown).collect();
    let all = lock.packages.iter().zip(&declarations).enumerate();
    let mut candidates: Vec<Candidate<'_>> =
        all.map(|(index, (package, declaration))| declaration.candidate(&locked, index, package)).collect();
    let no_rules = Rules::default();
    let found = rules::asked_for(&candidates, &no_rules);
    let links: Vec<Option<&str>> = declarations.iter().map(Declaration::links).collect();
    let shown = |index: usize, number: usize| {
        declarations.get(index).and_then(|declaration| declaration.dependency(number)).unwrap_or_default()
    };
    let wrong = verify::check(&locked, &candidates, &found, &links, shown, unverified.is_empty());
    if !wrong.is_empty() {
        return Err(LockMismatch(wrong));
    }

    let edges = edges(&candidates, &found, !unverified.is_empty());
    drop(found);
    let mut builder = Builder {
        locked: &locked,
        is_library: vec![true; edges.len()],
        is_unknown: vec![false; edges.len()],
    };
    let is_needed = builder.reachable(&edges, |_| true);
    let mut maybe_no_library = Vec::new();
    for (index, (package, candidate)) in lock.packages.iter().zip(&mut candidates).enumerate() {
        let local = locked.local.get(index).copied().flatten();
        let known = match local {
            Some(local) => local.is_library,
            None => facts.is_library(package),
        };
        if known.is_none() && is_needed.get(index) == Some(&true) {
            // Of a local package everything is known that can be found out.
            if local.is_none() {
                maybe_no_library.push(index);
            }
            builder.is_unknown.get_mut(index).into_iter().for_each(|is_unknown| *is_unknown = true);
        }
        candidate.is_library = known.unwrap_or(true);
    }
    builder.is_library = candidates.iter().map(|candidate| candidate.is_library).collect();
    let is_in_graph = builder.reachable(&edges, |index| builder.is_library(index));
    let mut kinds_unknown = match kinds {
        EdgeKinds::OfAllPackages => unverified.clone(),
        EdgeKinds::OfLocalPackages => Vec::new(),
    };
    kinds_unknown
        .retain(|index| lock.packages.get(*index).is_some_and(|package| !package.dependencies.is_empty()));
    let mut graph = LockGraph {
        data: GraphData::default(),
        whole: None,
        maybe_no_library,
        kinds_unknown,
        terms_unknown: Vec::new(),
        unverified,
    };
    if rules.is_empty() {
        graph.data = builder.data(edges, &is_in_graph, |_| None, |_| true);
        return Ok(graph);
    }
    let Applied { remains, left_out, unknown } = rules::apply(&candidates, rules, &is_in_graph);
    let rule = |index: usize| left_out.get(index).copied().flatten();
    graph.whole = Some(builder.data(edges, &is_in_graph, rule, |_| true));
    let counts = |name: &str| rules.counts(name);
    graph.data = builder.data(remains.edges, &remains.is_in_graph, |_| None, counts);
    graph.terms_unknown = unknown;
    let remains = |index: &usize| remains.is_in_graph.get(*index) == Some(&true);
    graph.maybe_no_library.retain(remains);
    graph.kinds_unknown.retain(remains);
    Ok(graph)
}

/// What a package declares, from a local manifest or from elsewhere.
enum Declaration<'c> {
    Local(&'c LocalPackage),
    Published { is_proc_macro: Option<bool>, view: View<'c> },
    Unknown,
}

/// What is known about the declarations of each locked package that is not local.
fn published<'f>(
    locked: &Locked<'_>,
    facts: &'f impl PublishedFacts,
) -> Result<Vec<Option<Declared<'f>>>, LockMismatch> {
    let mut wrong = Vec::new();
    let packages = locked.lock.packages.iter().zip(&locked.local);
    let published = packages.map(|(package, local)| {
        if local.is_some() {
            return None;
        }
        match facts.declared(package) {
            Published::Known(declared) if !declared.is_partial() => Some(declared),
            Published::Known(_) | Published::Unknown => None,
            Published::Contradicted(why) => {
                wrong.push(Mismatch::about(package, why));
                None
            }
        }
    });
    let published = published.collect();
    if wrong.is_empty() { Ok(published) } else { Err(LockMismatch(wrong)) }
}

impl<'c> Declaration<'c> {
    fn new(local: Option<&'c LocalPackage>, published: Option<&'c Declared<'_>>) -> Self {
        let view = || published.and_then(|declared| Some((declared.is_proc_macro(), declared.view()?)));
        match local {
            Some(local) => Declaration::Local(local),
            None => view().map_or(Declaration::Unknown, |(is_proc_macro, view)| Declaration::Published {
                is_proc_macro,
                view,
            }),
        }
    }

    fn links(&self) -> Option<&str> {
        match self {
            Declaration::Local(local) => local.links.as_deref(),
            Declaration::Published { view, .. } => view.links,
            Declaration::Unknown => None,
        }
    }

    /// The name of a dependency and the accepted versions, for messages.
    fn dependency(&self, number: usize) -> Option<String> {
        match self {
            Declaration::Local(local) => local.dependencies.get(number).map(|dependency| {
                let requirement = dependency.requirement.as_ref().map(|wanted| format!(" {wanted}"));
                format!("{}{}", dependency.package, requirement.unwrap_or_default())
            }),
            Declaration::Published { view, .. } => view.dependencies.get(number).map(DependencyView::shown),
            Declaration::Unknown => None,
        }
    }

    /// The package in the form that rules and features use.
    fn candidate(
        &'c self,
        locked: &'c Locked<'_>,
        index: usize,
        package: &'c LockedPackage,
    ) -> Candidate<'c> {
        let mut candidate = Candidate {
            name: &package.name,
            is_member: false,
            is_library: true,
            is_proc_macro: None,
            features: None,
            other_features: "",
            requested: None,
            dependencies: Vec::new(),
            undeclared: Vec::new(),
        };
        match self {
            Declaration::Local(local) => {
                candidate.is_member = local.is_member;
                candidate.is_proc_macro = Some(local.is_proc_macro);
                candidate.features = Some(features_in_order(&local.features));
                let dependencies = local.dependencies.iter().map(|dependency| {
                    let fits = |version: &semver::Version| {
                        dependency.requirement.as_ref().is_none_or(|wanted| wanted.matches(version))
                    };
                    let counts = local.is_member || dependency.kind != DependencyKind::Development;
                    let target =
                        || locked.target(index, &dependency.package, fits, (&dependency.origin).into());
                    CandidateDependency {
                        kind: dependency.kind,
                        terms: dependency.terms.view(),
                        packages: if counts { target().into_iter().collect() } else { Vec::new() },
                    }
                });
                candidate.dependencies = dependencies.collect();
            }
            Declaration::Published { is_proc_macro, view } => {
                candidate.is_proc_macro = *is_proc_macro;
                candidate.features = Some(view.features.clone());
                candidate.other_features = view.other_features;
                let dependencies = view.dependencies.iter().map(|dependency| {
                    let fits = |version: &semver::Version| dependency.is_met_by_version(version);
                    let target = locked.target(index, dependency.package, fits, dependency.origin.into());
                    CandidateDependency {
                        kind: dependency.kind,
                        terms: dependency.terms,
                        packages: target.into_iter().collect(),
                    }
                });
                candidate.dependencies = dependencies.collect();
            }
            Declaration::Unknown => {}
        }
        let mut declared: Vec<usize> =
            candidate.dependencies.iter().flat_map(|one| &one.packages).copied().collect();
        declared.sort_unstable();
        let is_declared = |target: &usize| declared.binary_search(target).is_ok();
        let used = package.dependencies.iter().map(|&target| locked.used(target));
        candidate.undeclared = used.filter(|target| !is_declared(target)).collect();
        candidate
    }
}

/// The locked dependencies of each package, by kind. With `all`, declared dependencies count even
/// if nothing turns them on.
fn edges(candidates: &[Candidate<'_>], found: &Requested<'_>, all: bool) -> Vec<Edges> {
    let packages = candidates.iter().enumerate().map(|(index, candidate)| {
        let mut edges = Edges { normal: candidate.undeclared.clone(), ..Edges::default() };
        for (number, dependency) in candidate.dependencies.iter().enumerate() {
            if all || found.is_active(index, number) {
                edges.of(dependency.kind).extend(&dependency.packages);
            }
        }
        edges
    });
    packages.collect()
}

struct Builder<'a> {
    locked: &'a Locked<'a>,
    /// Whether each package is a library. Unknown counts as a library.
    is_library: Vec<bool>,
    /// Whether that is unknown.
    is_unknown: Vec<bool>,
}

impl Builder<'_> {
    fn is_library(&self, index: usize) -> bool {
        self.is_library.get(index).copied().unwrap_or(true)
    }

    /// Whether each package is reachable from members along edges to packages that pass.
    fn reachable(&self, edges: &[Edges], passes: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut reached = vec![false; edges.len()];
        let is_member =
            |index: &usize| self.locked.local.get(*index).copied().flatten().is_some_and(|p| p.is_member);
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
        is_in_graph: &[bool],
        rule: impl Fn(usize) -> Option<Rule>,
        counts: impl Fn(&str) -> bool,
    ) -> GraphData {
        let numbers = Numbers::new(is_in_graph);
        let mut packages = Vec::with_capacity(is_in_graph.len());
        for (index, edges) in edges.into_iter().enumerate() {
            let Some(package) = self.locked.lock.packages.get(index) else { continue };
            if numbers.get(index).is_none() {
                continue;
            }
            let renumber = |list: Vec<usize>| -> Vec<usize> {
                numbers.of(list.into_iter().filter(|&target| self.is_library(target)))
            };
            let local = self.locked.local.get(index).copied().flatten();
            packages.push(PackageData {
                name: package.name.clone(),
                version: version(&package.version, package.source.as_deref()),
                source: package.package_source(),
                about: local.map(|local| local.about.clone()).unwrap_or_default(),
                folder: local.map(|local| local.folder.clone()),
                is_member: local.is_some_and(|local| local.is_member && counts(&local.name)),
                left_out: rule(index),
                maybe_no_library: self.is_unknown.get(index) == Some(&true),
                normal: renumber(edges.normal),
                build: renumber(edges.build),
                dev: renumber(edges.dev),
            });
        }
        GraphData { packages }
    }
}
