//! The keys of verified facts about published packages, which are remembered from earlier runs.
//!
//! Every fact names its source: an index entry by the index, the package and the entry's checksum;
//! an archive by its checksum; a package in a git repository by the commit. Cargo's answers,
//! unpacked or vendored sources and cargo's copy of an index are never sources, because a checkout
//! may have influenced them.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use vet_graph::lock_file::LockFile;

/// The subject and source of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Key {
    source: Source,
    name: String,
    version: String,
}

/// Where a fact comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Source {
    /// An index, by its key.
    Index(String),
    /// An archive, by its checksum.
    Archive(String),
    /// A commit.
    Git(String),
}

impl Key {
    fn new(source: Source, name: &str, version: &semver::Version) -> Self {
        Key { source, name: name.to_owned(), version: version.to_string() }
    }

    /// A version in an index. `index` is the key of the index.
    pub(super) fn index(index: &str, name: &str, version: &semver::Version) -> Self {
        Self::new(Source::Index(index.to_owned()), name, version)
    }

    /// An archive, by its checksum, and the package that it is for.
    pub(crate) fn archive(checksum: &str, name: &str, version: &semver::Version) -> Self {
        Self::new(Source::Archive(checksum.to_owned()), name, version)
    }

    /// A package in a commit.
    pub(super) fn git(commit: &str, name: &str, version: &semver::Version) -> Self {
        Self::new(Source::Git(commit.to_owned()), name, version)
    }
}

/// Recognizes keys of the packages in a lock file.
pub(crate) fn is_of_package(lock: &LockFile) -> impl Fn(&Key) -> bool {
    let mut versions: HashMap<&str, Vec<String>> = HashMap::new();
    for package in &lock.packages {
        versions.entry(&package.name).or_default().push(package.version.to_string());
    }
    move |key| versions.get(key.name.as_str()).is_some_and(|versions| versions.contains(&key.version))
}
