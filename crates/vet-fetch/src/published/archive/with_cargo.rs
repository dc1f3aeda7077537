//! Compares the facts from an archive with what cargo unpacks and reads.

use std::fs;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

use super::*;
use vet_project::sha256::sha256;

/// An entry of an archive: its kind, its path, and its text or link target.
type Raw<'r> = (EntryType, &'r str, &'r str);

const FILE: EntryType = EntryType::Regular;
const FOLDER: EntryType = EntryType::Directory;

fn manifest(description: &str, rest: &str) -> String {
    format!(
        "[package]\nname = \"a\"\nversion = \"1.0.0\"\nedition = \"2021\"\ndescription = \"{description}\"\n{rest}"
    )
}

/// A manifest of the package.
fn is(text: &str) -> Raw<'_> {
    (FILE, "a-1.0.0/Cargo.toml", text)
}

fn pack(entries: &[Raw<'_>]) -> Vec<u8> {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (kind, path, text) in entries {
        let mut header = Header::new_ustar();
        header.set_entry_type(*kind);
        header.set_mode(0o755);
        let is_link = matches!(kind, EntryType::Symlink | EntryType::Link);
        let text = if is_link {
            header.set_link_name_literal(text).unwrap();
            ""
        } else {
            text
        };
        header.set_size(text.len() as u64);
        // The unchanged path, which `set_path` would not write.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_cksum();
        builder.append(&header, text.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

/// Whether cargo treats a package as a library, its description and its manifest; `None` if cargo
/// refuses the archive.
fn of_cargo(archive: &[u8]) -> Option<(bool, Option<String>, String)> {
    let folder = tempfile::tempdir().unwrap();
    let path = |path: &str| folder.path().join(path);
    for folder in ["registry/index/1", "project/src", "project/.cargo"] {
        fs::create_dir_all(path(folder)).unwrap();
    }
    let line = json!({
        "name": "a", "vers": "1.0.0", "deps": [], "features": {}, "cksum": sha256(archive), "yanked": false,
    });
    fs::write(path("registry/index/1/a"), line.to_string()).unwrap();
    fs::write(path("registry/a-1.0.0.crate"), archive).unwrap();
    let configuration =
        "[source.crates-io]\nreplace-with = \"local\"\n[source.local]\nlocal-registry = \"../registry\"\n";
    fs::write(path("project/.cargo/config.toml"), configuration).unwrap();
    let user =
        "[package]\nname = \"user\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[dependencies]\na = \"1\"\n";
    fs::write(path("project/Cargo.toml"), user).unwrap();
    fs::write(path("project/src/lib.rs"), "").unwrap();
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap());
        command.args(arguments).current_dir(path("project")).env("CARGO_HOME", path("home"));
        let output = command.output().unwrap();
        output.status.success().then_some(output.stdout)
    };
    cargo(&["fetch"])?;
    let sources = fs::read_dir(path("home/registry/src")).unwrap().next().unwrap().unwrap().path();
    let unpacked = sources.join("a-1.0.0/Cargo.toml");
    let read = cargo(&["read-manifest", "--manifest-path", unpacked.to_str().unwrap()])?;
    let found: Value = serde_json::from_slice(&read).unwrap();
    let text = fs::read_to_string(unpacked).unwrap();
    let kinds = found["targets"].as_array()?.iter().filter_map(|target| target["kind"].as_array());
    let is_library = kinds.flatten().any(|kind| kind == "lib");
    Some((is_library, found["description"].as_str().map(str::to_owned), text))
}

/// Checks that the facts from an archive match cargo's, and whether they are known.
fn check(archive: &[u8], is_known: bool) {
    let version = semver::Version::new(1, 0, 0);
    let ours = described(archive, "a", &version);
    assert_eq!(ours.is_library.is_some(), is_known, "{ours:?}");
    if !is_known {
        assert_eq!(ours, Described::default());
        return;
    }
    let (is_library, description, text) = of_cargo(archive).unwrap();
    assert_eq!(ours.is_library, Some(is_library));
    assert_eq!(ours.about.unwrap().0, description);
    assert_eq!(content(archive, "a", &version).unwrap().manifest, text);
}

#[test]
fn the_last_manifest_counts() {
    let (one, other) = (manifest("one", "[lib]\npath = \"l.rs\"\n"), manifest("other", ""));
    let (one, other) = (one.as_str(), other.as_str());
    let main = (FILE, "a-1.0.0/src/main.rs", "fn main() {}");
    let file = (FILE, "a-1.0.0/l.rs", "");
    for (entries, is_known) in [
        (&[is(one), main, file, is(other)][..], true),
        (&[is(other), main, file, is(one)], true),
        (&[is("no manifest"), main, file, is(one)], true),
        (&[is(one), main, file, is(other), is(one)], true),
        (&[(FOLDER, "a-1.0.0/", ""), is(one), (FOLDER, "a-1.0.0/src/", ""), main, is(other)], true),
        (&[is(one), main, file, is("no manifest")], false),
        // The same file by another path.
        (&[is(one), main, file, (FILE, "a-1.0.0/cargo.toml", other)], false),
        (&[is(one), main, file, (FILE, "a-1.0.0/./Cargo.toml", other)], false),
        (&[is(one), main, file, (FILE, "a-1.0.0//Cargo.toml", other)], false),
        (&[is(one), main, file, (FILE, "a-1.0.0/Cargo.toml/", other)], false),
        (&[is(one), main, file, (FILE, "a-1.0.0/src/../Cargo.toml", other)], false),
        (&[is(one), main, file, (FILE, "./a-1.0.0/Cargo.toml", other)], false),
        (&[is(one), main, file, (FOLDER, "a-1.0.0/Cargo.toml/", "")], false),
        (&[is(one), main, file, (FOLDER, "a-1.0.0/Cargo.toml", ""), is(other)], false),
        (&[is(one), main, file, (EntryType::Symlink, "a-1.0.0/Cargo.toml", "l.rs"), is(other)], false),
        (&[is(one), main, file, (EntryType::Link, "a-1.0.0/Cargo.toml", "a-1.0.0/l.rs")], false),
        (&[is(one), main, file, (FILE, "a-1.0.0/Cargo.toml/x", "")], false),
        (&[is(one), main, (FOLDER, "a-1.0.0/src/lib.rs", "")], false),
        (&[is(one), main, (FILE, "a-1.0.0/src/lib.rs/", "")], false),
        (&[is(one), (FILE, "a-1.0.0/src", "")], false),
        (&[is(one), (FILE, "a-1.0.0", "")], false),
    ] {
        check(&pack(entries), is_known);
    }
}

/// Extensions of the format give the path or the size of the next entry. With a single manifest,
/// long paths do no harm.
#[test]
fn extensions_of_the_format() {
    let (one, other) = (manifest("one", "[lib]\npath = \"l.rs\"\n"), manifest("other", ""));
    let (one, other) = (one.as_str(), other.as_str());
    let main = (FILE, "a-1.0.0/src/main.rs", "fn main() {}");
    let file = (FILE, "a-1.0.0/l.rs", "");
    let long = (EntryType::GNULongName, "././@LongLink", "a-1.0.0/Cargo.toml\0");
    let record = (EntryType::XHeader, "x", "27 path=a-1.0.0/Cargo.toml\n");
    for extension in [long, record] {
        check(&pack(&[is(one), main, file, extension, (FILE, "a-1.0.0/x", other)]), false);
        check(&pack(&[extension, (FILE, "a-1.0.0/x", one), main, file]), true);
    }
    check(&pack(&[is(one), main, file, (EntryType::XHeader, "x", "11 size=1\n"), is(other)]), false);
    let deep = format!("a-1.0.0/{}\0", "deep/".repeat(30) + "x.rs");
    let deep = (EntryType::GNULongName, "././@LongLink", deep.as_str());
    check(&pack(&[is(one), main, file, deep, (FILE, "a-1.0.0/x", "")]), true);
}

#[test]
fn what_was_cut_off() {
    let (one, other) = (manifest("one", "[lib]\npath = \"l.rs\"\n"), manifest("other", ""));
    let whole = pack(&[is(&one), (FILE, "a-1.0.0/l.rs", ""), is(&other)]);
    for length in (0..whole.len() - 8).step_by(7) {
        check(&whole[..length], false);
    }
}
