//! Other projects that may use the same store: lock files below the folder that contains the store.
//!
//! The result is only used for a warning. So the search has limits and skips what cannot be read.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The packages in the lock file of another project, by name and version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// The path of the lock file, relative to the searched folder.
    pub path: PathBuf,
    /// The packages.
    pub packages: BTreeSet<(String, String)>,
}

/// The depth to which folders are searched.
const DEEPEST: usize = 8;
/// The largest number of directory entries that are examined.
const MOST_ENTRIES: usize = 50_000;
/// The largest number of lock files that are read.
const MOST_FILES: usize = 100;
/// The largest lock file that is read, in bytes.
const LONGEST: u64 = 16 << 20;

/// The lock files below a folder, except `own` and those of projects with their own store beside
/// them. Links are not followed. Hidden folders and folders with build output or vendored packages
/// are not searched.
pub fn other_lock_files(folder: &Path, own: &Path) -> Vec<Neighbour> {
    let mut found = Vec::new();
    let mut pending = vec![(folder.to_owned(), 0)];
    let mut entries_left = MOST_ENTRIES;
    while let Some((current, depth)) = pending.pop() {
        let Ok(entries) = fs::read_dir(&current) else { continue };
        let mut folders = Vec::new();
        let mut has_lock_file = false;
        let mut has_store = false;
        for entry in entries.flatten() {
            match entries_left.checked_sub(1) {
                Some(left) => entries_left = left,
                None => return found,
            }
            let (Ok(kind), name) = (entry.file_type(), entry.file_name()) else { continue };
            let Some(name) = name.to_str() else { continue };
            if kind.is_file() && name == "Cargo.lock" {
                has_lock_file = true;
            } else if kind.is_dir() {
                has_store |= name == "supply-chain";
                let is_entered =
                    !name.starts_with('.') && !["target", "vendor", "node_modules"].contains(&name);
                if is_entered && depth < DEEPEST {
                    folders.push(entry.path());
                }
            }
        }
        folders.sort_by(|a, b| b.cmp(a));
        pending.extend(folders.into_iter().map(|folder| (folder, depth + 1)));
        let path = current.join("Cargo.lock");
        // The searched folder itself contains the store in question.
        if !has_lock_file || (has_store && depth > 0) || path == own || found.len() >= MOST_FILES {
            continue;
        }
        if let Some(packages) = packages(&path) {
            let path = path.strip_prefix(folder).unwrap_or(&path).to_owned();
            found.push(Neighbour { path, packages });
        }
    }
    found
}

/// The names and versions in a lock file.
fn packages(path: &Path) -> Option<BTreeSet<(String, String)>> {
    let mut text = String::new();
    File::open(path).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
    let mut packages = BTreeSet::new();
    let mut name = None;
    for line in text.lines() {
        let value = |key: &str| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"');
        if let Some(found) = value("name") {
            name = Some(found);
        } else if let (Some(version), Some(name)) = (value("version"), name.take()) {
            packages.insert((name.to_owned(), version.to_owned()));
        }
    }
    Some(packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_files_of_other_projects() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let write = |path: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "version = 4\n\n[[package]]\nname = \"itoa\"\nversion = \"1.0.9\"\n").unwrap();
        };
        for path in [
            "Cargo.lock",
            "fuzz/Cargo.lock",
            "a/b/Cargo.lock",
            "own-store/Cargo.lock",
            "own-store/supply-chain/config.toml",
            "supply-chain/config.toml",
            "target/package/Cargo.lock",
            "vendor/itoa/Cargo.lock",
            ".git/Cargo.lock",
            "a/b/c/d/e/f/g/h/i/Cargo.lock",
            "empty/Cargo.toml",
        ] {
            write(path);
        }
        fs::create_dir(root.join("folder")).unwrap();
        fs::create_dir(root.join("folder/Cargo.lock")).unwrap();
        let found = other_lock_files(root, &root.join("Cargo.lock"));
        let paths: Vec<&Path> = found.iter().map(|neighbour| neighbour.path.as_path()).collect();
        assert_eq!(paths, [Path::new("a/b/Cargo.lock"), Path::new("fuzz/Cargo.lock")]);
        let package = ("itoa".to_owned(), "1.0.9".to_owned());
        assert!(found.iter().all(|neighbour| neighbour.packages == BTreeSet::from([package.clone()])));
        assert_eq!(other_lock_files(root, &root.join("fuzz/Cargo.lock")).len(), 2);
        assert_eq!(other_lock_files(&root.join("nowhere"), root), []);
    }
}
