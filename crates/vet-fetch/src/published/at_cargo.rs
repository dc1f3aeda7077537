//! Compares the content of cargo's home with verified facts.
//!
//! Cargo trusts its home: its copies of indexes, unpacked archives and checked-out commits. An
//! earlier run on a hostile checkout may have written there. So cargo's answer counts only if what
//! it read is what was published.

use std::fs;
use std::path::{Path, PathBuf};

use vet_diagnostics::Source;
use vet_graph::lock_file::{LockFile, LockedPackage};
use vet_graph::{Declared, Manifest, Published, PublishedFacts as _};
use vet_project::regular_file::{LARGEST_ARCHIVE, read_file, read_file_up_to, read_utf8};

use super::described::Described;
use super::index::{self, InEntry, IndexFacts};
use super::{KnownPackages, archive, checkouts, git};
use crate::crates_io::index_path;
use vet_project::sha256::sha256;

impl KnownPackages {
    /// The packages, as indices in the lock file, for which a copy of an index in cargo's home
    /// differs from the index.
    pub fn unlike_copies_of_index(&self, lock: &LockFile, cargo_home: &Path) -> Vec<usize> {
        let copies: Vec<PathBuf> = folders_in(&cargo_home.join("registry").join("index"))
            .map(|folder| folder.join(".cache"))
            .filter(|folder| folder.is_dir())
            .collect();
        let is_unlike = |package: &LockedPackage| {
            let Published::Known(declared) = self.declared(package) else { return false };
            let path = index_path(&package.name);
            copies.iter().any(|folder| is_copy_unlike(&folder.join(&path), package, &declared))
        };
        let published = lock.packages.iter().enumerate().filter(|(_, package)| package.registry().is_some());
        published.filter(|(_, package)| is_unlike(package)).map(|(place, _)| place).collect()
    }

    /// Those of the given packages (indices in the lock file) that are unpacked or checked out in
    /// cargo's home and differ from what was published. `archives` are folders that may contain
    /// their archives.
    pub fn unlike_published(
        &self,
        lock: &LockFile,
        packages: &[usize],
        cargo_home: &Path,
        archives: &[PathBuf],
    ) -> Vec<usize> {
        let is_unlike = |package: &LockedPackage| match package.registry() {
            Some(_) => is_unpacked_unlike(package, cargo_home, archives),
            None => self.is_checked_out_unlike(package, cargo_home),
        };
        let is_unlike = |place: &usize| lock.packages.get(*place).is_some_and(is_unlike);
        packages.iter().copied().filter(is_unlike).collect()
    }

    /// Whether a checkout of a package differs from the commit in whether it is a library.
    fn is_checked_out_unlike(&self, package: &LockedPackage, cargo_home: &Path) -> bool {
        let Some(commit) = git::commit(package) else { return true };
        let in_commit = self.is_library(package);
        let mut folders = checkouts::states(cargo_home, commit)
            .filter_map(|state| checkouts::package_folder(&state, &package.name, &package.version));
        folders.any(|folder| {
            let manifest = read_utf8(&folder.join("Cargo.toml")).ok();
            let manifest = manifest.and_then(|text| Manifest::parse(&Source::new("Cargo.toml", text)).ok());
            let has_library_file = folder.join("src").join("lib.rs").exists();
            let is_library =
                manifest.and_then(|manifest| Described::of(&manifest, None, has_library_file).is_library);
            is_library.is_none() || is_library != in_commit
        })
    }
}

fn folders_in(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// Whether a copy of an index entry differs for a package. A copy with another checksum belongs to
/// a different package, whose archive cargo would not use.
fn is_copy_unlike(copy: &Path, package: &LockedPackage, declared: &Declared<'_>) -> bool {
    let Ok(bytes) = read_file(copy) else { return false };
    let lines = bytes.split(|byte| matches!(byte, 0 | b'\n')).filter(|line| line.starts_with(b"{"));
    let entry = lines.map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
    match index::find(&entry, &package.name, &package.version) {
        InEntry::Absent => false,
        InEntry::Unclear => true,
        InEntry::Facts(text) => IndexFacts::read(&text).is_none_or(|facts| {
            package.checksum.as_deref() == Some(facts.checksum)
                && !Declared::from_text(facts.declared).agrees_with(declared)
        }),
    }
}

/// Whether a package is unpacked with a manifest that differs from its archive.
fn is_unpacked_unlike(package: &LockedPackage, cargo_home: &Path, archives: &[PathBuf]) -> bool {
    let LockedPackage { name, version, checksum, .. } = package;
    let name = format!("{name}-{version}");
    let unpacked: Vec<PathBuf> = folders_in(&cargo_home.join("registry").join("src"))
        .map(|folder| folder.join(&name))
        .filter(|folder| folder.exists())
        .collect();
    if unpacked.is_empty() {
        return false;
    }
    let archives = archives
        .iter()
        .filter_map(|folder| read_file_up_to(&folder.join(format!("{name}.crate")), LARGEST_ARCHIVE).ok());
    let published = archives
        .into_iter()
        .find(|archive| Some(&sha256(archive)) == checksum.as_ref())
        .and_then(|archive| archive::content(&archive, &package.name, version))
        .filter(|content| content.is_whole);
    let Some(published) = published else { return true };
    unpacked.iter().any(|folder| {
        read_utf8(&folder.join("Cargo.toml")).ok() != Some(published.manifest.clone())
            || (published.has_library_file && !folder.join("src").join("lib.rs").is_file())
    })
}
