//! The dependency graph according to cargo.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::package::Kind;

/// A package in cargo's graph.
#[derive(Clone, Debug)]
pub struct Node {
    /// The package id that cargo gives to it.
    pub id: String,
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The source; `None` for a folder.
    pub source: Option<String>,
    /// The description in its manifest.
    pub description: Option<String>,
    /// The folder with its manifest.
    pub folder: PathBuf,
    /// Whether it is a member of the workspace.
    pub is_member: bool,
    /// The features that are on.
    pub features: Vec<String>,
    /// The dependencies as indexes into [`Graph::nodes`], each with its kind.
    pub dependencies: Vec<(usize, Kind)>,
}

impl Node {
    /// Whether it comes from crates.io.
    pub fn is_published(&self) -> bool {
        self.source.as_deref() == Some(*vet_testing::CRATES_IO)
    }

    /// Whether it comes from a git repository.
    pub fn is_from_git(&self) -> bool {
        self.source.as_deref().is_some_and(|source| source.starts_with("git+"))
    }

    /// The version as a store names it, with the revision for code from git.
    pub fn vet_version(&self) -> String {
        let commit = self.source.as_deref().filter(|source| source.starts_with("git+"));
        match commit.and_then(|source| source.split_once('#')) {
            Some((_, commit)) => format!("{}@git:{commit}", self.version),
            None => self.version.clone(),
        }
    }
}

/// The graph.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// The packages.
    pub nodes: Vec<Node>,
}

impl Graph {
    /// Parses the output of `cargo metadata`.
    pub fn parse(json: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(json).ok()?;
        let members: BTreeSet<&str> =
            value["workspace_members"].as_array()?.iter().filter_map(Value::as_str).collect();
        let packages: BTreeMap<&str, &Value> =
            value["packages"].as_array()?.iter().filter_map(|one| Some((one["id"].as_str()?, one))).collect();
        let resolved = value["resolve"]["nodes"].as_array()?;
        let places: BTreeMap<&str, usize> = resolved
            .iter()
            .enumerate()
            .filter_map(|(place, node)| Some((node["id"].as_str()?, place)))
            .collect();
        let mut nodes = Vec::new();
        for node in resolved {
            let id = node["id"].as_str()?;
            let package = packages.get(id)?;
            let mut dependencies = Vec::new();
            for dependency in node["deps"].as_array()? {
                let place = *places.get(dependency["pkg"].as_str()?)?;
                for kind in dependency["dep_kinds"].as_array()? {
                    let kind = match kind["kind"].as_str() {
                        Some("build") => Kind::Build,
                        Some("dev") => Kind::Dev,
                        _ => Kind::Normal,
                    };
                    if !dependencies.contains(&(place, kind)) {
                        dependencies.push((place, kind));
                    }
                }
            }
            nodes.push(Node {
                id: id.to_owned(),
                name: package["name"].as_str()?.to_owned(),
                version: package["version"].as_str()?.to_owned(),
                source: package["source"].as_str().map(str::to_owned),
                description: package["description"].as_str().map(str::to_owned),
                folder: Path::new(package["manifest_path"].as_str()?).parent()?.to_owned(),
                is_member: members.contains(id),
                features: package["features"].as_object()?.keys().cloned().collect(),
                dependencies,
            });
        }
        Some(Graph { nodes })
    }

    /// The ids of the packages that cargo would compile, from the output of `cargo build
    /// --unit-graph`. `has_host` says whether those for the platform of this machine count, too, if
    /// cargo is given a target.
    pub fn units(json: &[u8], has_host: bool) -> Option<BTreeSet<String>> {
        let value: Value = serde_json::from_slice(json).ok()?;
        let units = value["units"].as_array()?;
        let counted = units.iter().filter(|unit| has_host || unit["platform"].is_string());
        Some(counted.filter_map(|unit| Some(unit["pkg_id"].as_str()?.to_owned())).collect())
    }

    /// The members that no other package needs as a normal or build dependency.
    pub fn roots(&self) -> Vec<usize> {
        let mut open: Vec<usize> =
            (0..self.nodes.len()).filter(|place| self.nodes[*place].is_member).collect();
        let mut seen: BTreeSet<usize> = open.iter().copied().collect();
        let mut needed = BTreeSet::new();
        while let Some(place) = open.pop() {
            for (target, kind) in &self.nodes[place].dependencies {
                if *kind != Kind::Dev {
                    needed.insert(*target);
                    if seen.insert(*target) {
                        open.push(*target);
                    }
                }
            }
        }
        (0..self.nodes.len())
            .filter(|place| self.nodes[*place].is_member && !needed.contains(place))
            .collect()
    }
}
