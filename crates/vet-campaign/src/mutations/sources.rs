//! Mutations of the sources of published crates in a checkout.

use super::configuration::{drop_dangling_features, remove_from_lock};
use super::{Mutation, Subject};
use crate::package::Library;
use crate::project::{Project, seal};
use crate::random::Random;

pub(super) const CATALOG: &[(&str, Mutation)] = &[
    ("vendored", vendored),
    ("vendored", vendored),
    ("vendored anew", vendored_anew),
    ("vendored decoy", decoy),
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
