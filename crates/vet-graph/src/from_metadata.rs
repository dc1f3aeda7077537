//! Builds the graph from the output of `cargo metadata`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use cargo_metadata::{Metadata, MetadataCommand, Node, PackageId, TargetKind};

use crate::declared::{Declared, DependencyView, PublishedDependency, PublishedOrigin, Terms, View};
use crate::graph::{About, GraphData, PackageData, PackageSource};
use crate::lock_file::version;
use crate::manifest::DependencyKind;
use crate::platform::Condition;
use crate::rules::{self, Applied, Candidate, CandidateDependency, Numbers, Rules};

/// What cargo says about a workspace.
#[derive(Clone, Debug)]
pub struct CargoGraph {
    /// The graph.
    pub data: GraphData,
    /// The graph without rules, in which each package says which rule leaves it out; `None` if
    /// there are no rules.
    pub whole: Option<GraphData>,
    /// Every package that does not come from a folder.
    pub libraries: Vec<DescribedPackage>,
}

/// A package as cargo described it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedPackage {
    /// The name.
    pub name: String,
    /// The version.
    pub version: semver::Version,
    /// The source, as cargo writes it.
    pub source: String,
    /// Whether other packages can depend on it.
    pub is_library: bool,
    /// What it declares.
    pub declared: Declared<'static>,
}

/// Why the output of `cargo metadata` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    /// It is not what `cargo metadata --format-version 1` prints.
    #[error("the output is not the metadata of a workspace: {0}")]
    NotMetadata(#[from] cargo_metadata::Error),
    /// The output has no dependencies: cargo ran with `--no-deps`.
    #[error("the output has no dependency graph")]
    NoGraph,
}

/// Builds the graph from the JSON that `cargo metadata --format-version 1` prints, without the
/// packages that rules leave out.
///
/// # Errors
///
/// The text is not such JSON, or has no dependency graph.
pub fn graph_from_metadata(json: &str, rules: &Rules) -> Result<CargoGraph, MetadataError> {
    let metadata = MetadataCommand::parse(json)?;
    let resolve = metadata.resolve.as_ref().ok_or(MetadataError::NoGraph)?;
    let described: HashMap<&PackageId, &cargo_metadata::Package> =
        metadata.packages.iter().map(|package| (&package.id, package)).collect();
    let numbers: HashMap<&PackageId, usize> =
        resolve.nodes.iter().enumerate().map(|(number, node)| (&node.id, number)).collect();
    let mut packages = Vec::with_capacity(resolve.nodes.len());
    let mut nodes = Vec::with_capacity(resolve.nodes.len());
    for node in &resolve.nodes {
        let Some(package) = described.get(&node.id) else { return Err(MetadataError::NoGraph) };
        let mut data = PackageData {
            name: package.name.to_string(),
            version: version(&package.version, package.source.as_ref().map(|source| source.repr.as_str())),
            source: package.source.as_ref().map_or(PackageSource::Path, |text| PackageSource::of(&text.repr)),
            about: About::Known {
                description: package.description.clone(),
                repository: package.repository.clone(),
            },
            folder: package.source.is_none().then(|| folder(package)),
            is_member: metadata.workspace_members.contains(&node.id),
            left_out: None,
            maybe_no_library: false,
            normal: Vec::new(),
            build: Vec::new(),
            dev: Vec::new(),
        };
        for dependency in &node.deps {
            let Some(&number) = numbers.get(&dependency.pkg) else { continue };
            for kind in &dependency.dep_kinds {
                match kind_of(kind.kind) {
                    DependencyKind::Build => data.build.push(number),
                    DependencyKind::Development => data.dev.push(number),
                    DependencyKind::Normal => data.normal.push(number),
                }
            }
        }
        packages.push(data);
        nodes.push((node, *package));
    }
    let whole = GraphData { packages };
    let libraries = libraries(&metadata);
    if rules.is_empty() {
        return Ok(CargoGraph { data: whole, whole: None, libraries });
    }
    let (data, whole) = apply(&nodes, whole, rules);
    Ok(CargoGraph { data, whole: Some(whole), libraries })
}

fn folder(package: &cargo_metadata::Package) -> PathBuf {
    let manifest = package.manifest_path.as_std_path();
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// Applies rules. Returns the remaining graph, and the whole graph, in which each package says
/// which rule leaves it out.
fn apply(
    nodes: &[(&Node, &cargo_metadata::Package)],
    mut whole: GraphData,
    rules: &Rules,
) -> (GraphData, GraphData) {
    let declared: Vec<Declared<'_>> = nodes.iter().map(|(_, package)| declared(package, |_| true)).collect();
    let requested: Vec<Vec<String>> =
        nodes.iter().map(|(node, _)| node.features.iter().map(ToString::to_string).collect()).collect();
    let candidates: Vec<Candidate<'_>> = whole
        .packages
        .iter()
        .zip(declared.iter().zip(&requested))
        .map(|(package, (declared, requested))| candidate(package, declared, requested, &whole))
        .collect();
    let Applied { remains, left_out, .. } = rules::apply(&candidates, rules, &vec![true; candidates.len()]);
    drop(candidates);
    let numbers = Numbers::new(&remains.is_in_graph);
    let remaining = whole.packages.iter().zip(remains.edges).zip(&remains.is_in_graph);
    let packages = remaining
        .filter(|(_, kept)| **kept)
        .map(|((package, edges), _)| PackageData {
            is_member: package.is_member && rules.counts(&package.name),
            normal: numbers.of(edges.normal),
            build: numbers.of(edges.build),
            dev: numbers.of(edges.dev),
            ..package.clone()
        })
        .collect();
    for (package, rule) in whole.packages.iter_mut().zip(left_out) {
        package.left_out = rule;
    }
    (GraphData { packages }, whole)
}

/// A package in the form that rules use. Cargo has already left out packages that are not
/// libraries.
fn candidate<'a>(
    package: &'a PackageData,
    declared: &'a Declared<'_>,
    requested: &'a [String],
    whole: &GraphData,
) -> Candidate<'a> {
    let is_meant = |dependency: &DependencyView<'_>, target: &usize| {
        let target = whole.packages.get(*target);
        target.is_some_and(|target| dependency.is_met_by(&target.name, &target.version.semver))
    };
    // This process has just written the text, so it is valid.
    let View { features, other_features, dependencies: all, .. } = declared.view().unwrap_or_default();
    let mut dependencies = Vec::with_capacity(all.len());
    for dependency in &all {
        let targets = match dependency.kind {
            DependencyKind::Normal => &package.normal,
            DependencyKind::Build => &package.build,
            DependencyKind::Development => &package.dev,
        };
        let mut packages: Vec<usize> =
            targets.iter().copied().filter(|target| is_meant(dependency, target)).collect();
        packages.sort_unstable();
        packages.dedup();
        dependencies.push(CandidateDependency { kind: dependency.kind, terms: dependency.terms, packages });
    }
    let targets = package.normal.iter().chain(&package.build).chain(&package.dev).copied();
    let is_declared = |target: &usize| dependencies.iter().any(|one| one.packages.contains(target));
    let undeclared = targets.filter(|target| !is_declared(target)).collect();
    Candidate {
        name: &package.name,
        is_member: package.is_member,
        is_library: true,
        is_proc_macro: declared.is_proc_macro(),
        features: Some(features),
        other_features,
        requested: package.is_member.then_some(requested),
        dependencies,
        undeclared,
    }
}

/// Translates the kind of a dependency. Kinds unknown to this version count as normal.
fn kind_of(kind: cargo_metadata::DependencyKind) -> DependencyKind {
    match kind {
        cargo_metadata::DependencyKind::Build => DependencyKind::Build,
        cargo_metadata::DependencyKind::Development => DependencyKind::Development,
        _ => DependencyKind::Normal,
    }
}

/// What a package declares, with the selected dependencies only.
fn declared(
    package: &cargo_metadata::Package,
    is_wanted: impl Fn(DependencyKind) -> bool,
) -> Declared<'static> {
    let dependencies = package.dependencies.iter().filter(|dependency| is_wanted(kind_of(dependency.kind)));
    let dependencies = dependencies.map(|dependency| PublishedDependency {
        kind: kind_of(dependency.kind),
        terms: Terms {
            key: dependency.rename.clone().unwrap_or_else(|| dependency.name.clone()),
            optional: dependency.optional,
            default_features: dependency.uses_default_features,
            features: dependency.features.clone(),
            condition: dependency.target.clone().map(|platform| Arc::new(Condition::from(platform))),
        },
        package: dependency.name.clone(),
        requirement: Some(dependency.req.clone()),
        // Cargo has already resolved the dependencies, so the origin is not used.
        origin: PublishedOrigin::Same,
    });
    let features = package.features.iter().map(|(name, on)| (name.clone(), on.clone())).collect();
    let is_proc_macro = package.targets.iter().any(|target| target.kind.contains(&TargetKind::ProcMacro));
    let links = package.links.as_deref();
    Declared::new(features, &dependencies.collect::<Vec<_>>(), Some(is_proc_macro), links)
}

fn libraries(metadata: &Metadata) -> Vec<DescribedPackage> {
    let describe = |package: &cargo_metadata::Package| {
        Some(DescribedPackage {
            name: package.name.to_string(),
            version: package.version.clone(),
            source: package.source.as_ref()?.repr.clone(),
            is_library: package.targets.iter().any(|target| target.kind.iter().any(is_library_kind)),
            declared: declared(package, |kind| kind != DependencyKind::Development),
        })
    };
    metadata.packages.iter().filter_map(describe).collect()
}

fn is_library_kind(kind: &TargetKind) -> bool {
    matches!(
        kind,
        TargetKind::Lib
            | TargetKind::RLib
            | TargetKind::DyLib
            | TargetKind::CDyLib
            | TargetKind::StaticLib
            | TargetKind::ProcMacro
    )
}
