//! Mutations of what an earlier run on a hostile checkout may have left in cargo's home.

use super::configuration::drop_dangling_features;
use super::manifests::forged_store;
use super::{Mutation, Subject};
use crate::machine::{CACHE_IN_CHECKOUT, HOME_IN_CHECKOUT};
use crate::package::Library;
use crate::random::Random;
use crate::registry::{etag as server_etag, index_path};

pub(super) const CATALOG: &[(&str, Mutation)] = &[
    ("unpacked source in cargo's home", unpacked),
    ("unpacked source in cargo's home", unpacked),
    ("index of another registry in cargo's home", other_index),
    ("index of the user's registry in cargo's home", own_index),
    ("archive of another registry in cargo's home", other_archive),
    ("cargo's home in the checkout", home_in_checkout),
    ("cache in the checkout", cache_in_checkout),
    ("servers out of reach", cut_off),
    ("path dependency into cargo's home", path_into_home),
    ("journal in the store", journal),
];

/// Edits sources that cargo has unpacked.
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

/// An entry for a crate in cargo's cache of an index, with an edge removed.
fn forged_entry(subject: &Subject<'_>, random: &mut Random, etag: Option<&str>) -> Option<(String, Vec<u8>)> {
    let victim = subject.victim(random)?;
    let parent = subject.parent(random, &victim)?;
    let forged = subject.universe.crates_io.index(&parent.name, Some(&victim.name))?;
    let honest = subject.universe.crates_io.index(&parent.name, None)?;
    let etag = etag.map_or_else(|| server_etag(honest.as_bytes()), str::to_owned);
    let mut bytes = vec![3, 2, 0, 0, 0];
    bytes.extend(format!("etag: {etag}\0").as_bytes());
    for line in forged.lines() {
        let value: serde_json::Value = serde_json::from_str(line).ok()?;
        bytes.extend(value["vers"].as_str()?.as_bytes());
        bytes.push(0);
        bytes.extend(line.as_bytes());
        bytes.push(0);
    }
    Some((index_path(&parent.name), bytes))
}

fn other_index(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (path, bytes) = forged_entry(subject, random, Some("\"forged\""))?;
    let registry = *random.pick(&["attacker.test-0123456789abcdef", "aaa-0123456789abcdef"]);
    subject.home.insert(format!("registry/index/{registry}/.cache/{path}"), bytes);
    subject.home.insert(
        format!("registry/index/{registry}/config.json"),
        b"{\"dl\":\"https://attacker.test/dl\",\"api\":\"https://attacker.test\"}".to_vec(),
    );
    Some("no edge".to_owned())
}

/// Writes into the index that the user's cargo uses, as if it came from the real server.
fn own_index(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (path, bytes) = forged_entry(subject, random, None)?;
    let registry = &subject.universe.folder_of_registry;
    subject.home.insert(format!("registry/index/{registry}/.cache/{path}"), bytes);
    Some("no edge".to_owned())
}

/// Puts cargo's home into the checkout, which provides sources in it.
fn home_in_checkout(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    if subject.universe.by_configuration {
        // The user's network settings are in the home.
        return None;
    }
    let (variant, mutation) = *random.pick(&[
        ("unpacked source", unpacked as Mutation),
        ("index", own_index),
        ("archive", other_archive),
    ]);
    let before = subject.home.clone();
    let what = mutation(subject, random)?;
    let home = std::mem::replace(&mut subject.home, before);
    for (path, bytes) in home {
        subject.tree.insert(format!("{HOME_IN_CHECKOUT}/{path}"), bytes);
    }
    subject.around.home_in_checkout = true;
    Some(format!("{variant}, {what}"))
}

/// Puts the cache into the checkout, which provides its content.
fn cache_in_checkout(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let checksum = &subject.universe.crates_io.find(&victim.name, &victim.version)?.checksum;
    let fact = format!("archive {checksum} {} {}\n-l\nnull\nnull\n", victim.name, victim.version);
    let text = format!("cargo-vet facts 1\n={} {fact}", &vet_testing::sha256(fact.as_bytes())[..24]);
    subject.put(&format!("{CACHE_IN_CHECKOUT}/cargo-vet-rs/facts"), &text);
    subject.around.cache_in_checkout = true;
    Some("no library".to_owned())
}

fn cut_off(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    subject.around.is_cut_off = true;
    subject.is_cold = random.chance(30);
    Some(if subject.is_cold { "cold" } else { "warm" }.to_owned())
}

/// Adds a dependency in a folder that exists on this machine only.
fn path_into_home(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let release = random.pick(&subject.universe.crates_io.releases).clone();
    let registry = &subject.universe.folder_of_registry;
    let package = &release.package;
    let folder = format!("registry/src/{registry}/{}-{}", package.name, package.version);
    for (path, text) in &release.files {
        subject.home.insert(format!("{folder}/{path}"), text.clone().into_bytes());
    }
    subject.home.insert(format!("{folder}/.cargo-ok"), b"{\"v\":1}".to_vec());
    let path = subject.member(random);
    let line = format!(
        "from-home = {{ package = \"{}\", path = \"{}\" }}",
        package.name,
        subject.cargo_home.join(&folder).display()
    );
    subject.add(&path, "dependencies", &line)?;
    subject.relock = true;
    Some("locked".to_owned())
}

/// Adds an unfinished commit of the store that vets everything.
fn journal(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    forged_store(subject, "supply-chain/.vet-commit.ready");
    let sealed = random.chance(50);
    if sealed {
        subject.put("supply-chain/.vet-commit.ready/seal", "1\n");
    }
    Some(if sealed { "with a seal" } else { "without a seal" }.to_owned())
}

/// Adds an archive that has the name of a published one but other content.
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
