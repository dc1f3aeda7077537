//! Packages from registries, as cargo downloaded or vendored them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use vet_graph::lock_file::LockedPackage;

use super::manifest::PublishedManifest;
use crate::regular_file::{LARGEST_ARCHIVE, read_file, read_file_up_to, read_utf8};
use crate::sha256::sha256;

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
        let noted = read_utf8(&folder.join(".cargo-checksum.json")).ok()?;
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
        let archive = read_file_up_to(&index.path().join(format!("{name}.crate")), LARGEST_ARCHIVE).ok()?;
        (sha256(&archive) == checksum).then_some(())?;
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

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, path, text.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    fn package(checksum: &str) -> LockedPackage {
        LockedPackage {
            name: "a".to_owned(),
            version: semver::Version::new(1, 0, 0),
            source: Some("registry".to_owned()),
            checksum: Some(checksum.to_owned()),
            dependencies: Vec::new(),
            replaced_by: None,
        }
    }

    const MANIFEST: &str = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n[build-dependencies]\nb = \"1\"\n";

    #[test]
    fn archives_are_read_if_their_checksum_is_right() {
        let home = tempfile::tempdir().unwrap();
        let cache = home.path().join("registry/cache/some-index");
        fs::create_dir_all(&cache).unwrap();
        for (files, expected) in [
            (&[("a-1.0.0/Cargo.toml", MANIFEST), ("a-1.0.0/src/lib.rs", "")][..], Some(true)),
            (&[("a-1.0.0/Cargo.toml", MANIFEST), ("a-1.0.0/src/main.rs", "")], Some(false)),
            (&[("a-1.0.0/Cargo.toml", "[package]\nname = \"other\"\n")], None),
            (&[("a-1.0.0/Cargo.toml", "not a manifest")], None),
            (&[("other/Cargo.toml", MANIFEST)], None),
        ] {
            let bytes = archive(files);
            fs::write(cache.join("a-1.0.0.crate"), &bytes).unwrap();
            let package = package(&sha256(&bytes));
            let found = downloaded(home.path(), &package, package.checksum.as_deref().unwrap());
            assert_eq!(found.map(|manifest| manifest.is_library()), expected, "{files:?}");
            assert!(downloaded(home.path(), &package, "0123").is_none(), "the archive is another one");
        }
        let truncated = archive(&[("a-1.0.0/Cargo.toml", MANIFEST)]).into_iter().take(40).collect::<Vec<_>>();
        fs::write(cache.join("a-1.0.0.crate"), &truncated).unwrap();
        let checksum = sha256(&truncated);
        assert!(downloaded(home.path(), &package(&checksum), &checksum).is_none());
    }

    /// What cargo unpacked is read in place of the archive, once it is complete.
    #[test]
    fn unpacked_sources_are_preferred() {
        let home = tempfile::tempdir().unwrap();
        let (cache, unpacked) =
            (home.path().join("registry/cache/i"), home.path().join("registry/src/i/a-1.0.0"));
        fs::create_dir_all(&cache).unwrap();
        fs::create_dir_all(unpacked.join("src")).unwrap();
        let bytes = archive(&[("a-1.0.0/Cargo.toml", MANIFEST)]);
        fs::write(cache.join("a-1.0.0.crate"), &bytes).unwrap();
        fs::write(unpacked.join("Cargo.toml"), MANIFEST).unwrap();
        File::create(unpacked.join("src/lib.rs")).unwrap().flush().unwrap();
        let checksum = sha256(&bytes);
        let is_library = || downloaded(home.path(), &package(&checksum), &checksum).unwrap().is_library();
        assert!(!is_library(), "an incomplete folder does not count");
        fs::write(unpacked.join(".cargo-ok"), "{\"v\":1}").unwrap();
        assert!(is_library());
        let declared = downloaded(home.path(), &package(&checksum), &checksum).unwrap().declared();
        let view = declared.view().unwrap();
        assert_eq!(view.dependencies.iter().map(|one| one.package).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn vendored_sources_are_known_by_the_checksum_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let vendor = vec![folder.path().to_owned()];
        for (name, noted, expected) in [
            ("a", "{\"package\":\"12\"}", true),
            ("a-1.0.0", "{\"package\":\"12\"}", true),
            ("a", "{\"package\":\"13\"}", false),
            ("a", "{}", false),
            ("a", "nonsense", false),
            ("b", "{\"package\":\"12\"}", false),
        ] {
            let package_folder = folder.path().join(name);
            fs::create_dir_all(&package_folder).unwrap();
            fs::write(package_folder.join("Cargo.toml"), MANIFEST).unwrap();
            fs::write(package_folder.join(".cargo-checksum.json"), noted).unwrap();
            assert_eq!(vendored(&vendor, &package("12"), Some("12")).is_some(), expected, "{name} {noted}");
            fs::remove_dir_all(&package_folder).unwrap();
        }
        assert!(vendored(&vendor, &package("12"), Some("12")).is_none());
    }
}
