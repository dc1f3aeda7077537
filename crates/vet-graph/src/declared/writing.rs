//! Writes declarations as lines.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt::{self, Write as _};

use super::{Declared, PublishedDependency, PublishedOrigin, Terms};
use crate::manifest::{DependencyKind, Features, Manifest, WorkspaceTable};

impl Declared<'static> {
    /// Writes declarations. `is_proc_macro` is `None` if unknown.
    pub fn new(
        features: Features,
        dependencies: &[PublishedDependency],
        is_proc_macro: Option<bool>,
        links: Option<&str>,
    ) -> Self {
        Self::write(features, dependencies, is_proc_macro, links, false)
    }

    /// Writes what a manifest from an archive or a git repository declares. `workspace` is the
    /// table that it inherits from.
    ///
    /// The result is [partial](Declared::is_partial) if the manifest inherits something that is
    /// missing, or if only cargo understands it.
    pub fn of(manifest: &Manifest, workspace: Option<&WorkspaceTable>) -> Self {
        let mut is_partial = !manifest.unusual.is_empty();
        let mut needed = Vec::with_capacity(manifest.dependencies.len());
        for declaration in &manifest.dependencies {
            if declaration.kind == DependencyKind::Development {
                continue;
            }
            let inherited = match &declaration.specification {
                Some(_) => None,
                None => workspace.and_then(|workspace| workspace.dependencies.get(&declaration.key)),
            };
            let specification = declaration.specification.as_ref().or(inherited);
            is_partial |= specification.is_none();
            needed.push(PublishedDependency {
                kind: declaration.kind,
                terms: Terms::new(declaration, inherited),
                package: specification
                    .map_or_else(|| declaration.key.clone(), |specification| specification.package.clone()),
                requirement: specification.and_then(|specification| specification.requirement.clone()),
                origin: specification.map_or(PublishedOrigin::Same, |one| PublishedOrigin::of(&one.origin)),
            });
        }
        let is_proc_macro = manifest.package.as_ref().map(|package| package.is_proc_macro);
        let links = manifest.package.as_ref().and_then(|package| package.links.as_deref());
        Self::write(manifest.features.clone(), &needed, is_proc_macro, links, is_partial)
    }

    fn write(
        features: Features,
        dependencies: &[PublishedDependency],
        is_proc_macro: Option<bool>,
        links: Option<&str>,
        is_partial: bool,
    ) -> Self {
        let mut text = String::new();
        text.push(match is_proc_macro {
            Some(true) => 'm',
            Some(false) => 'l',
            None => '?',
        });
        text.push_str(if is_partial { "p" } else { "" });
        let _ = writeln!(text, "\t{}\t", Word(links.unwrap_or_default()));
        let (features, others) = that_play_a_part(features, dependencies);
        if !others.is_empty() {
            let _ = writeln!(text, "o{}\t", Line(&others));
        }
        for (name, on) in features {
            let _ = writeln!(text, "f{}\t{}\t", Word(&name), Line(&on));
        }
        for PublishedDependency { kind, terms, package, requirement, origin } in dependencies {
            text.push(match kind {
                DependencyKind::Normal => 'n',
                DependencyKind::Build => 'b',
                DependencyKind::Development => 'd',
            });
            let optional = if terms.optional { "o" } else { "" };
            let bare = if terms.default_features { "" } else { "x" };
            let _ = write!(text, "{}\t{optional}{bare}\t{}\t", Word(&terms.key), Line(&terms.features));
            let other_name = if *package == terms.key { "" } else { package };
            let requirement = requirement.as_ref().map(ToString::to_string).unwrap_or_default();
            let condition = terms.condition.as_ref().map(ToString::to_string).unwrap_or_default();
            let condition = condition.replace(['\t', '\n'], " ");
            let _ = writeln!(text, "{}\t{requirement}\t{condition}\t{origin}\t", Word(other_name));
        }
        Declared(Cow::Owned(text))
    }
}

/// A name, without characters that separate fields. Cargo refuses manifests with such characters in
/// names, so no real name contains their replacement.
struct Word<'w>(&'w str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.contains([' ', '\t', '\n']) {
            true => f.write_str(&self.0.replace([' ', '\t', '\n'], "\u{FFFD}")),
            false => f.write_str(self.0),
        }
    }
}

/// Names, separated by spaces.
struct Line<'w>(&'w [String]);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, word) in self.0.iter().enumerate() {
            let space = if number == 0 { "" } else { " " };
            write!(f, "{space}{}", Word(word))?;
        }
        Ok(())
    }
}

/// Splits features into those that turn on a dependency or a feature of a dependency, directly or
/// through other features, and the names of the others. Some packages have thousands of others. Of
/// what the first ones turn on, only the parts that lead to dependencies are kept.
fn that_play_a_part(mut features: Features, dependencies: &[PublishedDependency]) -> (Features, Vec<String>) {
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
    // A feature with the name of an optional dependency replaces the implicit feature.
    let mut others = Vec::new();
    features.retain(|name, _| {
        let plays_a_part = lead_on.contains(name) || optional.contains(name.as_str());
        if !plays_a_part {
            others.push(name.clone());
        }
        plays_a_part
    });
    for on in features.values_mut() {
        on.retain(|value| leads_out(value) || lead_on.contains(value));
    }
    (features, others)
}

impl fmt::Display for PublishedOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PublishedOrigin::Same => Ok(()),
            PublishedOrigin::CratesIo => f.write_str("c"),
            PublishedOrigin::Registry(name) => write!(f, "r{}", Word(name)),
            PublishedOrigin::Index(address) => write!(f, "i{}", Word(address)),
            PublishedOrigin::Git(git) => {
                write!(f, "g{}", Word(&git.url))?;
                match &git.reference {
                    Some((reference, name)) => write!(f, " {} {}", reference.key(), Word(name)),
                    None => Ok(()),
                }
            }
        }
    }
}
