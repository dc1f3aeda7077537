//! What cargo keeps of its index about published packages, where their archives are not at hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use tame_index::index::cache::ValidCacheEntry;
use tame_index::utils::split;
use vet_graph::Declared;
use vet_graph::declared::{PublishedDependency, Terms};
use vet_graph::lock_file::LockedPackage;
use vet_graph::manifest::DependencyKind;

use crate::crates_io::index_path;
use crate::text_file::read_file;

/// A version of a crate in an index.
#[derive(Deserialize)]
struct Line {
    cksum: String,
    #[serde(default)]
    deps: Vec<Dependency>,
    #[serde(default)]
    features: BTreeMap<String, Vec<String>>,
    /// Features that old versions of cargo would not understand.
    #[serde(default)]
    features2: Option<BTreeMap<String, Vec<String>>>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    req: String,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    optional: bool,
    #[serde(default = "yes")]
    default_features: bool,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    /// The name of the package, if the dependency is renamed.
    #[serde(default)]
    package: Option<String>,
}

fn yes() -> bool {
    true
}

/// What a package declares, according to what cargo keeps of any index that has an archive with this checksum.
pub(super) fn declared(cargo_home: &Path, package: &LockedPackage) -> Option<Declared> {
    let checksum = package.checksum.as_deref()?;
    let path = Some(index_path(&package.name)).filter(|path| !path.is_empty())?;
    let indices = fs::read_dir(cargo_home.join("registry").join("index")).ok()?;
    indices.flatten().find_map(|index| {
        let bytes = read_file(&index.path().join(".cache").join(&path)).ok()?;
        let entry = ValidCacheEntry::read(&bytes).ok()?;
        // Numbers and lines take turns.
        let lines = split(entry.version_entries, 0).skip(1).step_by(2);
        let of_package =
            lines.filter(|line| memchr::memmem::find(line, checksum.as_bytes()).is_some()).find_map(|line| {
                let line = serde_json::from_slice::<Line>(line).ok()?;
                (line.cksum == checksum).then_some(line)
            });
        of_package?.declared()
    })
}

impl Line {
    /// `None` if there is something that cargo understands and this does not.
    fn declared(self) -> Option<Declared> {
        let mut features = self.features;
        for (name, on) in self.features2.unwrap_or_default() {
            features.entry(name).or_default().extend(on);
        }
        let wanted = self.deps.into_iter().filter(|dependency| dependency.kind.as_deref() != Some("dev"));
        Some(Declared {
            features,
            dependencies: wanted.map(Dependency::declared).collect::<Option<_>>()?,
            is_proc_macro: None,
            inherits: false,
        })
    }
}

impl Dependency {
    fn declared(self) -> Option<PublishedDependency> {
        let condition = match self.target {
            Some(target) => Some(Arc::new(target.parse().ok()?)),
            None => None,
        };
        Some(PublishedDependency {
            kind: match self.kind.as_deref() {
                Some("build") => DependencyKind::Build,
                _ => DependencyKind::Normal,
            },
            package: self.package.unwrap_or_else(|| self.name.clone()),
            terms: Terms {
                key: self.name,
                optional: self.optional,
                default_features: self.default_features,
                features: self.features,
                condition,
            },
            requirement: Some(self.req.parse().ok()?),
        })
    }
}
