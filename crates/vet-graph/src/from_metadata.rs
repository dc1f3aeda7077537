//! The graph from what `cargo metadata` prints.

use std::collections::HashMap;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId, TargetKind};

use crate::from_lock::{source, version};
use crate::graph::{About, GraphData, PackageData, PackageSource};

/// What cargo says about a workspace.
#[derive(Clone, Debug)]
pub struct CargoGraph {
    /// The graph.
    pub data: GraphData,
    /// Every package that does not come from a folder, and whether it is a library.
    pub libraries: Vec<DescribedPackage>,
}

/// A package that cargo described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedPackage {
    /// The name.
    pub name: String,
    /// The version.
    pub version: semver::Version,
    /// Where it comes from, as cargo writes it.
    pub source: String,
    /// Whether others can depend on it.
    pub is_library: bool,
}

/// Why the output of `cargo metadata` is of no use.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    /// It is not what `cargo metadata --format-version 1` prints.
    #[error("the output is not the metadata of a workspace: {0}")]
    NotMetadata(#[from] cargo_metadata::Error),
    /// It was asked for without dependencies.
    #[error("the output has no dependency graph")]
    NoGraph,
}

/// Builds the graph from the JSON that `cargo metadata --format-version 1` prints.
///
/// # Errors
///
/// The text is something else.
pub fn graph_from_metadata(json: &str) -> Result<CargoGraph, MetadataError> {
    let metadata = MetadataCommand::parse(json)?;
    let resolve = metadata.resolve.as_ref().ok_or(MetadataError::NoGraph)?;
    let described: HashMap<&PackageId, &cargo_metadata::Package> =
        metadata.packages.iter().map(|package| (&package.id, package)).collect();
    let numbers: HashMap<&PackageId, usize> =
        resolve.nodes.iter().enumerate().map(|(number, node)| (&node.id, number)).collect();
    let mut packages = Vec::with_capacity(resolve.nodes.len());
    for node in &resolve.nodes {
        let Some(package) = described.get(&node.id) else { return Err(MetadataError::NoGraph) };
        let mut data = PackageData {
            name: package.name.to_string(),
            version: version(&package.version, package.source.as_ref().map(|source| source.repr.as_str())),
            source: package.source.as_ref().map_or(PackageSource::Path, |text| source(&text.repr)),
            about: About { description: package.description.clone(), repository: package.repository.clone() },
            is_member: metadata.workspace_members.contains(&node.id),
            normal: Vec::new(),
            build: Vec::new(),
            dev: Vec::new(),
        };
        for dependency in &node.deps {
            let Some(&number) = numbers.get(&dependency.pkg) else { continue };
            for kind in &dependency.dep_kinds {
                match kind.kind {
                    DependencyKind::Build => data.build.push(number),
                    DependencyKind::Development => data.dev.push(number),
                    _ => data.normal.push(number),
                }
            }
        }
        packages.push(data);
    }
    Ok(CargoGraph { data: GraphData { packages }, libraries: libraries(&metadata) })
}

fn libraries(metadata: &Metadata) -> Vec<DescribedPackage> {
    let describe = |package: &cargo_metadata::Package| {
        Some(DescribedPackage {
            name: package.name.to_string(),
            version: package.version.clone(),
            source: package.source.as_ref()?.repr.clone(),
            is_library: package.targets.iter().any(|target| target.kind.iter().any(is_library_kind)),
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
