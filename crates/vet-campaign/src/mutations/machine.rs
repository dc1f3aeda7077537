//! What an earlier run on a hostile checkout may have left in cargo's home.

use super::configuration::drop_dangling_features;
use super::{Mutation, Subject};
use crate::package::Library;
use crate::random::Random;
use crate::registry::index_path;

pub(super) const CATALOG: &[(&str, Mutation)] = &[
    ("unpacked source in cargo's home", unpacked),
    ("unpacked source in cargo's home", unpacked),
    ("index of another registry in cargo's home", other_index),
    ("archive of another registry in cargo's home", other_archive),
];

/// Edits what cargo unpacked.
fn unpacked(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let edit_victim = random.chance(60);
    let node = if edit_victim { victim.clone() } else { subject.parent(random, &victim)? };
    let mut package = subject.universe.crates_io.find(&node.name, &node.version)?.package.clone();
    let variant = match edit_victim {
        true => {
            package.library = Library::None;
            "no library"
        }
        false => {
            package.dependencies.retain(|one| one.package != victim.name);
            drop_dangling_features(&mut package);
            "no edge"
        }
    };
    let autolib = if edit_victim { "[[bin]]\nname = \"x\"\npath = \"src/main.rs\"\n" } else { "" };
    let registry = &subject.universe.folder_of_registry;
    let folder = format!("registry/src/{registry}/{}-{}", node.name, node.version);
    let text = package.manifest(autolib).replacen(
        "[package]\n",
        "[package]\nautolib = false\n",
        usize::from(edit_victim),
    );
    subject.home.insert(format!("{folder}/Cargo.toml"), text.into_bytes());
    subject.home.insert(format!("{folder}/src/main.rs"), b"fn main() {}\n".to_vec());
    subject.home.insert(format!("{folder}/.cargo-ok"), b"{\"v\":1}".to_vec());
    Some(variant.to_owned())
}

/// The entry of a crate in cargo's cache of an index, without an edge.
fn other_index(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let parent = subject.parent(random, &victim)?;
    let index = subject.universe.crates_io.index(&parent.name, Some(&victim.name))?;
    let mut bytes = vec![3, 2, 0, 0, 0];
    bytes.extend(b"etag: \"forged\"\0");
    for line in index.lines() {
        let value: serde_json::Value = serde_json::from_str(line).ok()?;
        bytes.extend(value["vers"].as_str()?.as_bytes());
        bytes.push(0);
        bytes.extend(line.as_bytes());
        bytes.push(0);
    }
    let path = index_path(&parent.name);
    let registry = *random.pick(&["attacker.test-0123456789abcdef", "aaa-0123456789abcdef"]);
    subject.home.insert(format!("registry/index/{registry}/.cache/{path}"), bytes);
    subject.home.insert(
        format!("registry/index/{registry}/config.json"),
        b"{\"dl\":\"https://attacker.test/dl\",\"api\":\"https://attacker.test\"}".to_vec(),
    );
    Some("no edge".to_owned())
}

/// An archive with the name of a published one and other content.
fn other_archive(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let mut package = subject.universe.crates_io.find(&victim.name, &victim.version)?.package.clone();
    package.library = Library::None;
    let files = package.files("");
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let name = format!("{}-{}", victim.name, victim.version);
    let bytes = vet_testing::archive(&name, &files);
    let registry = match random.chance(50) {
        true => subject.universe.folder_of_registry.clone(),
        false => "attacker.test-0123456789abcdef".to_owned(),
    };
    subject.home.insert(format!("registry/cache/{registry}/{name}.crate"), bytes);
    Some("no library".to_owned())
}
