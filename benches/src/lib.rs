//! Projects of any size to measure with: a workspace, its lock file, and a store that vets all of
//! it.
//!
//! What makes a project slow is its shape as much as its size: crates that are locked in several
//! versions, long chains of dependencies beside packages that need thirty others, stores in which
//! most entries are about packages that are no longer in use. The generated projects have all of
//! this. They depend only on a seed, so they are the same on every machine.
//!
//! The registry packages do not exist, and their sources are nowhere. What an index would say of
//! them, and that all of them are libraries, is written where `cargo vet` remembers such things: in
//! the cache, which has to be used along with the project.

mod cargo_files;
mod packages;
mod random;
pub mod sources;
mod store;

use std::io;
use std::path::Path;

use vet_fetch::cache::Cache;
use vet_fetch::published::{PublishedVersion, remember};
use vet_testing::CRATES_IO;

use cargo_files::Entry;
use random::Random;

pub use packages::Packages;

/// How large a project is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Packages from crates.io that are locked.
    pub packages: usize,
    /// Members of the workspace.
    pub members: usize,
    /// Audits, of this project and of its peers, wildcard audits among them. Packages for which
    /// none are left are exempted.
    pub audits: usize,
    /// What makes one project differ from another of the same size.
    pub seed: u64,
}

impl Shape {
    /// A project of so many packages and audits, with as many members as is usual.
    pub fn new(packages: usize, audits: usize) -> Self {
        Shape { packages, members: (packages / 40).max(1), audits, seed: 1 }
    }
}

/// A project, as the contents of its files.
#[derive(Clone, Debug)]
pub struct Generated {
    /// Paths below the folder of the project, and what is in these files.
    pub files: Vec<(String, String)>,
    /// What an index says of the published packages.
    entries: Vec<Entry>,
}

/// Makes a project up.
pub fn generate(shape: Shape) -> Generated {
    let mut random = Random::new(shape.seed);
    let packages = Packages::new(shape, &mut random);
    let store = store::store(shape, &packages, &mut random);
    let mut files = cargo_files::files(&packages);
    files.extend(store::files(&store));
    Generated { files, entries: cargo_files::entries(&packages) }
}

impl Generated {
    /// Writes the project and the cache. Both folders are made.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn write(&self, project: &Path, cache: &Path) -> io::Result<()> {
        let versions = self.entries.iter().map(|entry| {
            Ok(PublishedVersion {
                name: &entry.name,
                version: entry.version.parse().map_err(io::Error::other)?,
                checksum: &entry.checksum,
                entry: &entry.line,
                archive: Some(("[package]\nname = \"library\"\n[lib]\n", true)),
            })
        });
        remember(&Cache::new(cache), &CRATES_IO, &versions.collect::<io::Result<Vec<_>>>()?);
        self.files.iter().try_for_each(|(path, text)| write(&project.join(path), text))
    }

    /// The content of a file of the project.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|(name, _)| name == path).map(|(_, text)| text.as_str())
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)
}

#[cfg(test)]
mod tests;
