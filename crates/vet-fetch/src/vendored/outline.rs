//! A short description of an archive's files, which can be compared with vendored sources without
//! the archive.
//!
//! A single digest covers all files that cargo vendors unchanged. The manifest, which some versions
//! of cargo rewrite, and files that cargo may leave out have separate hashes.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::{Deserialize, Serialize};
use vet_project::regular_file::{LARGEST_ARCHIVE, read_file_up_to};

use super::{OF_CARGO, files, may_be_missing};
use vet_project::sha256::sha256;

const MANIFEST: &str = "Cargo.toml";

/// The maximum length of the paths in an outline that is stored, in bytes. For a longer one, the
/// archive is needed.
const LONGEST: usize = 8 << 10;

/// What is needed to compare the files of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Outline {
    /// The hash of the manifest.
    manifest: String,
    /// A digest of the paths and hashes of the required files.
    needed: String,
    /// The hashes of the files that may be missing, by path.
    others: BTreeMap<String, String>,
}

/// How a folder differs from an outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unlike {
    /// The manifest differs. It may say the same in a different form.
    Manifest,
    /// Other files differ.
    Files,
}

impl Outline {
    /// The outline of an archive with these files.
    pub(super) fn of(published: &HashMap<String, Vec<u8>>) -> Option<Self> {
        let mut needed = BTreeMap::new();
        let mut others = BTreeMap::new();
        for (path, bytes) in published.iter().filter(|(path, _)| !is_apart(path)) {
            let list = if may_be_missing(path) { &mut others } else { &mut needed };
            list.insert(path.clone(), sha256(bytes));
        }
        Some(Outline { manifest: sha256(published.get(MANIFEST)?), needed: digest(&needed), others })
    }

    /// Compares a folder of vendored sources with the outline. The error says how it differs.
    pub(super) fn compare(&self, folder: &Path) -> Result<(), Unlike> {
        let mut paths = Vec::new();
        files(folder, "", 0, &mut paths).map_err(|_| Unlike::Files)?;
        let hash = |path: &str| {
            let bytes = read_file_up_to(&folder.join(path), LARGEST_ARCHIVE).map_err(|_| Unlike::Files)?;
            Ok(sha256(&bytes))
        };
        let mut needed = BTreeMap::new();
        for path in paths.into_iter().filter(|path| !is_apart(path)) {
            let found = hash(&path)?;
            if !may_be_missing(&path) {
                needed.insert(path, found);
            } else if self.others.get(&path) != Some(&found) {
                return Err(Unlike::Files);
            }
        }
        if digest(&needed) != self.needed {
            return Err(Unlike::Files);
        }
        if hash(MANIFEST)? != self.manifest {
            return Err(Unlike::Manifest);
        }
        Ok(())
    }

    /// Whether the outline is short enough to be stored.
    pub(super) fn is_short(&self) -> bool {
        self.others.keys().map(|path| path.len() + 64).sum::<usize>() <= LONGEST
    }
}

/// Whether a file is compared separately, or not at all.
fn is_apart(path: &str) -> bool {
    path == MANIFEST || OF_CARGO.contains(&path)
}

fn digest(files: &BTreeMap<String, String>) -> String {
    let lines = files.iter().map(|(path, hash)| format!("{hash} {} {path}\n", path.len()));
    sha256(lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const FILES: [(&str, &str); 4] =
        [("Cargo.toml", "manifest"), ("src/lib.rs", "one"), (".gitignore", "x"), ("Cargo.toml.orig", "y")];

    fn published() -> HashMap<String, Vec<u8>> {
        FILES.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
    }

    /// How a folder with the given files differs from the outline.
    fn compared(files: &[(&str, &str)]) -> Result<(), Unlike> {
        let outline = Outline::of(&published()).unwrap();
        let json = serde_json::to_string(&outline).unwrap();
        let outline: Outline = serde_json::from_str(&json).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        outline.compare(folder.path())
    }

    #[test]
    fn files_are_told_apart() {
        let (manifest, library) = (FILES[0], FILES[1]);
        assert_eq!(compared(&FILES), Ok(()));
        assert_eq!(compared(&[manifest, library]), Ok(()));
        let noted = (".cargo-checksum.json", "{}");
        assert_eq!(compared(&[manifest, library, noted, (".cargo-ok", "")]), Ok(()));
        assert_eq!(compared(&[("Cargo.toml", "other"), library]), Err(Unlike::Manifest));
        for files in [
            &[manifest][..],
            &[library],
            &[manifest, ("src/lib.rs", "two")],
            &[("Cargo.toml", "other"), ("src/lib.rs", "two")],
            &[manifest, ("src/lib.rs.orig", "one")],
            &[manifest, library, ("build.rs", "")],
            &[manifest, library, ("src/.cargo-checksum.json", "")],
            &[manifest, library, (".gitignore", "y")],
            &[manifest, library, ("src/.gitignore", "x")],
        ] {
            assert_eq!(compared(files), Err(Unlike::Files), "{files:?}");
        }
    }

    #[test]
    fn outlines_with_many_files_apart_are_not_stored() {
        let mut published = published();
        assert!(Outline::of(&published).unwrap().is_short());
        published.extend((0..1000).map(|number| (format!("src/{number}.rs"), Vec::new())));
        assert!(Outline::of(&published).unwrap().is_short());
        published.extend((0..1000).map(|number| (format!("src/{number}.orig"), Vec::new())));
        assert!(!Outline::of(&published).unwrap().is_short());
        published.remove("Cargo.toml");
        assert_eq!(Outline::of(&published), None);
    }

    #[cfg(unix)]
    #[test]
    fn links_differ() {
        let outline = Outline::of(&published()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("Cargo.toml"), "manifest").unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(other.path().join("lib.rs"), "one").unwrap();
        std::os::unix::fs::symlink(other.path().join("lib.rs"), folder.path().join("src/lib.rs")).unwrap();
        assert_eq!(outline.compare(folder.path()), Err(Unlike::Files));
    }
}
