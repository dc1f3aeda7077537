//! Entries of an index, made from manifests.

use serde_json::{Value, json};
use vet_diagnostics::Source;
use vet_graph::Manifest;
use vet_graph::manifest::{Declaration, DependencyKind, Origin};

/// The line for a version, with a newline at its end. The manifest must be that of a published
/// package, which inherits nothing.
pub fn index_line(manifest: &str, checksum: &str, version: &str) -> String {
    let manifest = Manifest::parse(&Source::new("Cargo.toml", manifest.to_owned()))
        .unwrap_or_else(|problems| panic!("{problems:#?}"));
    let name = manifest.package.as_ref().map(|package| package.name.as_str());
    let links = manifest.package.as_ref().and_then(|package| package.links.as_deref());
    let dependencies: Vec<Value> = manifest.dependencies.iter().map(dependency).collect();
    let line = json!({
        "name": name,
        "vers": version,
        "deps": dependencies,
        "features2": manifest.features,
        "cksum": checksum,
        "links": links,
        "yanked": false,
        "v": 2,
    });
    format!("{line}\n")
}

fn dependency(declaration: &Declaration) -> Value {
    let Some(specification) = &declaration.specification else {
        panic!("`{}` is inherited", declaration.key);
    };
    let package = Some(&specification.package).filter(|package| **package != declaration.key);
    let registry = match &specification.origin {
        Origin::Index(address) => Some(address),
        _ => None,
    };
    json!({
        "name": declaration.key,
        "package": package,
        "req": specification.requirement.as_ref().map_or("*".to_owned(), ToString::to_string),
        "features": declaration.features,
        "optional": declaration.optional,
        "default_features": declaration.default_features != Some(false),
        "target": declaration.condition.as_ref().map(ToString::to_string),
        "kind": match declaration.kind {
            DependencyKind::Normal => "normal",
            DependencyKind::Build => "build",
            DependencyKind::Development => "dev",
        },
        "registry": registry,
    })
}
