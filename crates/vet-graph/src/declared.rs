//! What a package declares: features, and dependencies with the terms on which they count.

use std::sync::Arc;

use crate::manifest::{Declaration, DependencyKind, Features, Manifest, Specification};
use crate::platform::Condition;

/// What a package that is not at hand as a folder declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// What each feature turns on.
    pub features: Features,
    /// Normal and build dependencies.
    pub dependencies: Vec<PublishedDependency>,
    /// Whether the library is a macro, which the compiler loads; `None` if that is not known.
    pub is_proc_macro: Option<bool>,
    /// Whether the terms of some dependencies stand in the manifest of a workspace that is not at hand.
    pub inherits: bool,
}

/// A normal or build dependency of a published package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedDependency {
    /// When it is needed.
    pub kind: DependencyKind,
    /// Under which conditions, and with which features.
    pub terms: Terms,
    /// The name of the package.
    pub package: String,
    /// The versions that will do; `None` is any.
    pub requirement: Option<semver::VersionReq>,
}

/// The terms of a dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The key in the table, by which features name the dependency.
    pub key: String,
    /// Whether a feature has to ask for it.
    pub optional: bool,
    /// Whether it comes with its default features.
    pub default_features: bool,
    /// The features that are asked for.
    pub features: Vec<String>,
    /// The targets for which it counts; `None` is all.
    pub condition: Option<Arc<Condition>>,
}

impl Terms {
    /// The terms of a declaration, and what it inherits from `workspace.dependencies`.
    pub(crate) fn new(declaration: &Declaration, inherited: Option<&Specification>) -> Self {
        let default_features = match inherited.map(|inherited| inherited.default_features) {
            // A member can turn default features on, and not off.
            Some(Some(false)) => declaration.default_features == Some(true),
            Some(_) => true,
            None => declaration.default_features != Some(false),
        };
        let mut features = declaration.features.clone();
        features.extend(inherited.into_iter().flat_map(|inherited| inherited.features.iter().cloned()));
        Terms {
            key: declaration.key.clone(),
            optional: declaration.optional,
            default_features,
            features,
            condition: declaration.condition.clone(),
        }
    }
}

impl Declared {
    /// What a manifest declares. Published ones inherit nothing. In those of git repositories, what is inherited has the name
    /// of its key.
    pub fn of(manifest: &Manifest) -> Self {
        let needed = manifest
            .dependencies
            .iter()
            .filter(|declaration| declaration.kind != DependencyKind::Development)
            .map(|declaration| {
                let specification = declaration.specification.as_ref();
                PublishedDependency {
                    kind: declaration.kind,
                    terms: Terms::new(declaration, None),
                    package: specification.map_or_else(
                        || declaration.key.clone(),
                        |specification| specification.package.clone(),
                    ),
                    requirement: specification.and_then(|specification| specification.requirement.clone()),
                }
            });
        Declared {
            features: manifest.features.clone(),
            dependencies: needed.collect(),
            is_proc_macro: manifest.package.as_ref().map(|package| package.is_proc_macro),
            inherits: manifest.dependencies.iter().any(|declaration| declaration.specification.is_none()),
        }
    }
}
