//! Packages from registries, as cargo downloaded or vendored them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use vet_graph::lock_file::LockedPackage;

use super::manifest::PublishedManifest;
use crate::project::read_file;

/// No manifest is larger than this.
const LARGEST_MANIFEST: u64 = 16 << 20;

/// A package among vendored sources. Those of registries are recognised by the checksum that cargo noted beside them.
pub(super) fn vendored(
    folders: &[PathBuf],
    package: &LockedPackage,
    checksum: Option<&str>,
) -> Option<PublishedManifest> {
    let (name, version) = (&package.name, &package.version);
    let names = [name.clone(), format!("{name}-{version}")];
    let candidates = folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
    candidates.into_iter().find_map(|folder| {
        let noted = fs::read_to_string(folder.join(".cargo-checksum.json")).ok()?;
        let noted: serde_json::Value = serde_json::from_str(&noted).ok()?;
        let noted = noted.get("package").and_then(serde_json::Value::as_str);
        (noted == checksum).then_some(())?;
        in_folder(&folder, name)
    })
}

/// A package that cargo downloaded: the archive has the right checksum, and is unpacked beside.
pub(super) fn downloaded(
    cargo_home: &Path,
    package: &LockedPackage,
    checksum: &str,
) -> Option<PublishedManifest> {
    let registry = cargo_home.join("registry");
    let name = format!("{}-{}", package.name, package.version);
    let indices = fs::read_dir(registry.join("cache")).ok()?;
    indices.flatten().find_map(|index| {
        let archive = read_file(&index.path().join(format!("{name}.crate"))).ok()?;
        (hex(&Sha256::digest(&archive)) == checksum).then_some(())?;
        let unpacked = registry.join("src").join(index.file_name()).join(&name);
        match unpacked.join(".cargo-ok").exists() {
            true => in_folder(&unpacked, &package.name),
            false => in_archive(&archive, &name, &package.name),
        }
    })
}

/// The manifest in a folder of sources.
pub(super) fn in_folder(folder: &Path, name: &str) -> Option<PublishedManifest> {
    let text = String::from_utf8(read_file(&folder.join("Cargo.toml")).ok()?).ok()?;
    PublishedManifest::parse(text, name, || folder.join("src").join("lib.rs").exists())
}

/// The manifest in an archive whose entries are below a folder of the given name.
fn in_archive(archive: &[u8], folder: &str, name: &str) -> Option<PublishedManifest> {
    let (mut text, mut has_library_file) = (None, false);
    let manifest = Path::new(folder).join("Cargo.toml");
    let library = Path::new(folder).join("src").join("lib.rs");
    for entry in tar::Archive::new(GzDecoder::new(archive)).entries().ok()? {
        let mut entry = entry.ok()?;
        let path = entry.path().ok()?.into_owned();
        if path == library {
            has_library_file = true;
        } else if path == manifest {
            let mut content = String::new();
            entry.by_ref().take(LARGEST_MANIFEST).read_to_string(&mut content).ok()?;
            text = Some(content);
        }
    }
    PublishedManifest::parse(text?, name, || has_library_file)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
