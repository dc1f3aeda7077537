//! What a package declares: features, and dependencies with the terms on which they count.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::manifest::{Declaration, DependencyKind, Features, Manifest, Specification};
use crate::platform::Condition;

/// What a package that is not at hand as a folder declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// What each feature turns on. Those that turn no dependency on, nor any feature of one, play no part and are left out.
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
    /// What is declared, without the features that play no part.
    pub fn new(
        features: Features,
        dependencies: Vec<PublishedDependency>,
        is_proc_macro: Option<bool>,
    ) -> Self {
        let features = that_play_a_part(features, &dependencies);
        Declared { features, dependencies, is_proc_macro, inherits: false }
    }

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
        let is_proc_macro = manifest.package.as_ref().map(|package| package.is_proc_macro);
        let inherits = manifest.dependencies.iter().any(|declaration| declaration.specification.is_none());
        let declared = Declared::new(manifest.features.clone(), needed.collect(), is_proc_macro);
        Declared { inherits, ..declared }
    }
}

/// The features that turn dependencies on, or features of dependencies, by way of whatever other features; and of what they
/// turn on, what leads there. Some packages have thousands of others.
fn that_play_a_part(mut features: Features, dependencies: &[PublishedDependency]) -> Features {
    let optional = dependencies.iter().filter(|dependency| dependency.terms.optional);
    let optional: HashSet<&str> = optional.map(|dependency| dependency.terms.key.as_str()).collect();
    let leads_out = |value: &str| value.contains(['/', ':']) || optional.contains(value);
    let mut turned_on_by: HashMap<&str, Vec<&str>> = HashMap::new();
    for (name, on) in &features {
        for value in on {
            turned_on_by.entry(value).or_default().push(name);
        }
    }
    let first = turned_on_by.iter().filter(|(value, _)| leads_out(value)).flat_map(|(_, names)| names);
    let mut pending: Vec<&str> = first.copied().collect();
    let mut lead_on: HashSet<&str> = HashSet::new();
    while let Some(name) = pending.pop() {
        if lead_on.insert(name) {
            pending.extend(turned_on_by.get(name).into_iter().flatten());
        }
    }
    let lead_on: HashSet<String> = lead_on.into_iter().map(str::to_owned).collect();
    // A feature that is named like an optional dependency stands in place of it.
    features.retain(|name, _| lead_on.contains(name) || optional.contains(name.as_str()));
    for on in features.values_mut() {
        on.retain(|value| leads_out(value) || lead_on.contains(value));
    }
    features
}

#[cfg(test)]
mod tests {
    use vet_store::diagnostic::Source;

    use super::*;

    #[test]
    fn features_that_play_no_part_are_left_out() {
        let text = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n\
                    [dependencies]\nb = { version = \"1\", optional = true }\nc = { version = \"1\", optional = true }\nd = \"1\"\n\
                    [features]\nnothing = []\nnothing-else = [\"nothing\", \"unheard-of\", \"around\"]\naround = [\"nothing-else\"]\n\
                    explicit = [\"dep:b\", \"nothing\"]\nimplicit = [\"c\"]\nof-dependency = [\"d/x\"]\nweak = [\"c?/x\"]\n\
                    far = [\"nothing\", \"near\"]\nnear = [\"explicit\"]\nb = []\n";
        let declared = Declared::of(&Manifest::parse(&Source::new("Cargo.toml", text)).unwrap());
        let shown: Vec<String> =
            declared.features.iter().map(|(name, on)| format!("{name}: {}", on.join(" "))).collect();
        assert_eq!(
            shown,
            [
                "b: ",
                "explicit: dep:b",
                "far: near",
                "implicit: c",
                "near: explicit",
                "of-dependency: d/x",
                "weak: c?/x"
            ]
        );
    }
}
