//! Packages from git, read in the locked commit.
//!
//! Cargo keeps the repositories that it fetched as bare ones, below `git/db` of its home. What it checks out from there is not
//! looked at: files can be edited.

mod objects;
mod state;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use vet_graph::Declared;
use vet_graph::lock_file::LockedPackage;

use super::described::Described;
use objects::{ObjectId, Objects};
use state::State;

/// The commit that a package is locked at, in 40 hexadecimal digits.
pub(super) fn commit(package: &LockedPackage) -> Option<&str> {
    let (_, commit) = package.source.as_deref()?.strip_prefix("git+")?.rsplit_once('#')?;
    objects::parse_id(commit).map(|_| commit)
}

/// Reads commits, each once.
#[derive(Debug)]
pub(super) struct Repositories {
    /// The folder with the repositories.
    folder: PathBuf,
    /// By the source, without the part that names a branch.
    read: HashMap<(String, ObjectId), Option<State>>,
}

impl Repositories {
    pub(super) fn new(cargo_home: &Path) -> Self {
        Repositories { folder: cargo_home.join("git").join("db"), read: HashMap::new() }
    }

    /// What a package declares and what it is, if its repository is at hand and if it is clear which package is meant.
    pub(super) fn package(&mut self, package: &LockedPackage) -> Option<(Described, Declared<'static>)> {
        let commit = objects::parse_id(commit(package)?)?;
        let source = package.source.as_deref()?.strip_prefix("git+")?;
        let address = source.split(['?', '#']).next()?;
        let folder = &self.folder;
        let key = (address.to_owned(), commit);
        let state = self.read.entry(key).or_insert_with(|| {
            repositories(folder, address).find_map(|repository| {
                let mut objects = Objects::open(&repository)?;
                State::read(&mut objects, commit)
            })
        });
        state.as_ref()?.package(&package.name, &package.version)
    }
}

/// The repositories that cargo may have fetched from an address: it names each for the end of the address.
fn repositories(folder: &Path, address: &str) -> impl Iterator<Item = PathBuf> {
    let end = address.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let name = end.strip_suffix(".git").unwrap_or(end).to_ascii_lowercase();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(move |entry| {
        let found = entry.file_name().to_str()?.to_ascii_lowercase();
        let (found, _hash) = found.rsplit_once('-')?;
        (found == name).then(|| entry.path())
    })
}
