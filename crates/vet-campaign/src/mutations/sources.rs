//! Mutations of the sources of published crates in a checkout.

use super::configuration::{drop_dangling_features, remove_from_lock};
use super::{Mutation, Subject};
use crate::graph::Node;
use crate::package::Library;
use crate::project::{Project, seal};
use crate::random::Random;

pub(super) const CATALOG: &[(&str, Mutation)] = &[
    ("vendored", vendored),
    ("vendored", vendored),
    ("vendored anew", vendored_anew),
    ("vendored decoy", decoy),
    ("vendored twice", twice),
    ("vendored twice", twice),
    ("vendored twice", twice),
    ("checksums of vendored sources", checksums),
    ("vendored folder renamed", renamed),
    ("files of a local package", local_files),
];

/// Edits a vendored package, with or without correct checksums.
fn vendored(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let edit_victim = random.chance(50);
    let node = if edit_victim { victim.clone() } else { subject.parent(random, &victim)? };
    let folder = format!("vendor/{}-{}", node.name, node.version);
    let release = subject.universe.crates_io.find(&node.name, &node.version)?.clone();
    if !subject.tree.contains_key(&format!("{folder}/Cargo.toml")) {
        return None;
    }
    let mut package = release.package;
    let manifest = format!("{folder}/Cargo.toml");
    let variant = match random.below(7) {
        0 => {
            package.library = Library::None;
            subject.tree.remove(&format!("{folder}/src/lib.rs"));
            for (path, text) in package.files("") {
                subject.put(&format!("{folder}/{path}"), &text);
            }
            "no library"
        }
        1 => {
            subject.replace(&manifest, "[package]\n", "[package]\nautolib = false\n")?;
            "autolib"
        }
        2 => {
            package.dependencies.retain(|one| one.package != victim.name);
            drop_dangling_features(&mut package);
            subject.put(&manifest, &package.manifest(""));
            "no edge"
        }
        3 => {
            package.dependencies.retain(|one| one.package != victim.name);
            drop_dangling_features(&mut package);
            subject.put(&manifest, &package.manifest(""));
            remove_from_lock(subject, &victim.name)?;
            "no edge, lock without the package"
        }
        4 => {
            subject.append(&format!("{folder}/src/lib.rs"), "pub fn added() {}\n");
            "code"
        }
        5 => {
            let text = subject.text(&manifest)?;
            subject.put(&manifest, &format!("# {}\n{text}", "x".repeat(17 << 20)));
            "huge comment"
        }
        _ => {
            subject.put(&format!("{folder}/build.rs"), "fn main() { println!(\"added\"); }\n");
            "build script"
        }
    };
    let adjusted = random.chance(75);
    if adjusted {
        seal(&mut subject.tree, &folder, &release.checksum);
    }
    Some(format!("{variant}{}", if adjusted { "" } else { ", hashes not adjusted" }))
}

/// Vendors a project that was not vendored, without changes.
fn vendored_anew(subject: &mut Subject<'_>, _: &mut Random) -> Option<String> {
    if subject.base.project.is_vendored {
        return None;
    }
    Project::vendor(&mut subject.tree, &subject.universe.crates_io);
    Some("honestly".to_owned())
}

/// Adds another folder with the same package.
fn decoy(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let release = subject.universe.crates_io.find(&victim.name, &victim.version)?.clone();
    let folder = format!("vendor/{}{}", random.pick(&["aaa", "zzz"]), victim.name);
    let mut package = release.package;
    package.library = Library::None;
    for (path, text) in package.files("") {
        subject.put(&format!("{folder}/{path}"), &text);
    }
    seal(&mut subject.tree, &folder, &release.checksum);
    Some("no library".to_owned())
}

/// The folder of a package that the checkout vendors.
fn folder(subject: &mut Subject<'_>, random: &mut Random) -> Option<(Node, String)> {
    // Also vendors a project that is not vendored.
    if !subject.tree.contains_key("vendor/README") {
        if subject.text(subject.config).is_some() {
            return None;
        }
        Project::vendor(&mut subject.tree, &subject.universe.crates_io);
    }
    let victim = if random.chance(60) {
        subject.victim(random)?
    } else {
        random.maybe(&subject.base.graph.nodes)?.clone()
    };
    let folder = format!("vendor/{}-{}", victim.name, victim.version);
    subject.tree.contains_key(&format!("{folder}/Cargo.toml")).then_some((victim, folder))
}

/// Adds folders that cargo may take for a locked package, with a manifest that others read in other
/// ways.
fn twice(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (node, _) = folder(subject, random)?;
    let release = subject.universe.crates_io.find(&node.name, &node.version)?.clone();
    let plain = release.package.manifest("");
    let line = format!("version = \"{}\"\n", node.version);
    let deep = |depth: usize| format!("{}x{}", "not(".repeat(depth), ")".repeat(depth));
    let conditional = |depth| format!("{plain}\n[target.'cfg({})'.dependencies]\n", deep(depth));
    let (variant, manifest) = match random.below(12) {
        0..3 => ("inherited version", plain.replace(&line, "version.workspace = true\n")),
        3 => ("inherited version, in a table", plain.replace(&line, "version = { workspace = true }\n")),
        4 => ("deep condition", conditional(200)),
        5 => ("condition", conditional(random.below(60))),
        6 => ("carriage returns", plain.replace('\n', "\r\n")),
        7 => ("byte order mark", format!("\u{feff}{plain}")),
        8 => ("project", plain.replacen("[package]", "[project]", 1)),
        9 => ("escaped", plain.replacen("name = ", "\"n\\u0061me\" = ", 1)),
        10 => ("invalid", format!("{plain}\n[dependencies\n")),
        _ => ("the same", plain.clone()),
    };
    if manifest.contains("workspace = true") {
        let workspace = subject.text("Cargo.toml")?;
        if workspace.contains("[workspace.package]") {
            return None;
        }
        subject.append("Cargo.toml", &format!("\n[workspace.package]\n{line}"));
    }
    let &names = random.pick(&[
        &["a0", "a1", "a2", "z0", "z1", "z2"] as &[_],
        &["a0", "a1", "z0", "z1"],
        &["a"],
        &[".hidden", "z"],
        &["a b", "z z"],
    ]);
    let library = if random.chance(80) { "pub fn added() {}\n" } else { "" };
    for name in names {
        let folder = format!("vendor/{name}");
        for (path, text) in &release.files {
            subject.put(&format!("{folder}/{path}"), text);
        }
        subject.put(&format!("{folder}/Cargo.toml"), &manifest);
        subject.append(&format!("{folder}/src/lib.rs"), library);
        seal(&mut subject.tree, &folder, &release.checksum);
    }
    Some(format!("{variant}{}", if library.is_empty() { "" } else { ", other code" }))
}

/// Changes what a vendored package says about its files.
fn checksums(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (node, folder) = folder(subject, random)?;
    let checksum = subject.universe.crates_io.find(&node.name, &node.version)?.checksum.clone();
    let path = format!("{folder}/.cargo-checksum.json");
    if random.chance(40) {
        subject.append(&format!("{folder}/src/lib.rs"), "pub fn added() {}\n");
    }
    let (variant, text) = match random.below(9) {
        0 => ("no files", format!("{{\"files\":{{}},\"package\":\"{checksum}\"}}")),
        1 => ("no files at all", format!("{{\"package\":\"{checksum}\"}}")),
        2 => ("no package", "{\"files\":{}}".to_owned()),
        3 => ("package null", "{\"files\":{},\"package\":null}".to_owned()),
        4 => ("upper case", format!("{{\"files\":{{}},\"package\":\"{}\"}}", checksum.to_uppercase())),
        5 => {
            let twice = format!("\"package\":\"{}\",\"package\":\"{checksum}\"", "0".repeat(64));
            ("package twice", format!("{{\"files\":{{}},{twice}}}"))
        }
        6 => ("more", format!("{{\"files\":{{}},\"package\":\"{checksum}\",\"x\":[1]}}")),
        7 => ("byte order mark", format!("\u{feff}{{\"files\":{{}},\"package\":\"{checksum}\"}}")),
        _ => ("of another package", format!("{{\"files\":{{}},\"package\":\"{}\"}}", "0".repeat(64))),
    };
    subject.put(&path, &text);
    Some(variant.to_owned())
}

/// Moves a vendored package to a folder with another name.
fn renamed(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (node, folder) = folder(subject, random)?;
    let plain = node.name.clone();
    let names = [
        ("plain", plain.as_str()),
        ("odd", "x"),
        ("hidden", ".x"),
        ("deep", "x/y"),
        ("of another", "acorn-9.9.9"),
    ];
    let (variant, name) = *random.pick(&names);
    let prefix = format!("{folder}/");
    let paths: Vec<String> = subject.tree.keys().filter(|path| path.starts_with(&prefix)).cloned().collect();
    if subject.tree.keys().any(|path| path.starts_with(&format!("vendor/{name}/"))) {
        return None;
    }
    for path in paths {
        let bytes = subject.tree.remove(&path)?;
        subject.tree.insert(path.replacen(&folder, &format!("vendor/{name}"), 1), bytes);
    }
    if random.chance(40) {
        subject.append(&format!("vendor/{name}/src/lib.rs"), "pub fn added() {}\n");
        let checksum = subject.universe.crates_io.find(&node.name, &node.version)?.checksum.clone();
        seal(&mut subject.tree, &format!("vendor/{name}"), &checksum);
        return Some(format!("{variant}, edited"));
    }
    Some(variant.to_owned())
}

/// Changes the files of a local package that replaces a published one.
fn local_files(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let paths: Vec<String> =
        subject.tree.keys().filter(|path| path.starts_with("patches/")).cloned().collect();
    let path = random.maybe(&paths)?.clone();
    if path.ends_with("Cargo.toml") {
        subject.replace(&path, "[package]\n", "[package]\nautolib = false\n")?;
        return Some("manifest of a patch".to_owned());
    }
    subject.tree.remove(&path);
    Some("file of a patch removed".to_owned())
}
