//! The keys of verified facts about published packages, which are remembered from earlier runs.
//!
//! Every fact names its source: an index entry by the index, the package and the entry's checksum;
//! an archive by its checksum; a package in a git repository by the commit. Cargo's answers,
//! unpacked or vendored sources and cargo's copy of an index are never sources, because a checkout
//! may have influenced them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use semver::Version;
use serde::{Deserialize, Serialize};
use vet_graph::lock_file::LockFile;

/// The subject and source of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Key {
    source: Source,
    name: String,
    version: Version,
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
    /// An archive, by its checksum, and the package that it is for.
    pub(crate) fn archive(checksum: &str, name: &str, version: &Version) -> Self {
        KeyRef { source: SourceRef::Archive(checksum), name, version }.owned()
    }
}

/// A [`Key`] whose parts are borrowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyRef<'k> {
    pub(super) source: SourceRef<'k>,
    pub(super) name: &'k str,
    pub(super) version: &'k Version,
}

/// A [`Source`] whose parts are borrowed.
#[derive(Clone, Copy, Debug)]
pub(super) enum SourceRef<'k> {
    /// An index, by its key.
    Index(&'k str),
    /// An archive, by its checksum.
    Archive(&'k str),
    /// A commit.
    Git(&'k str),
}

impl KeyRef<'_> {
    pub(super) fn owned(self) -> Key {
        let source = match self.source {
            SourceRef::Index(index) => Source::Index(index.to_owned()),
            SourceRef::Archive(checksum) => Source::Archive(checksum.to_owned()),
            SourceRef::Git(commit) => Source::Git(commit.to_owned()),
        };
        Key { source, name: self.name.to_owned(), version: self.version.clone() }
    }
}

impl Source {
    fn is(&self, other: SourceRef<'_>) -> bool {
        match (self, other) {
            (Source::Index(one), SourceRef::Index(other))
            | (Source::Archive(one), SourceRef::Archive(other))
            | (Source::Git(one), SourceRef::Git(other)) => one == other,
            (Source::Index(_) | Source::Archive(_) | Source::Git(_), _) => false,
        }
    }
}

/// Values by key, for lookups that copy nothing: a check makes several for each locked package.
#[derive(Clone, Debug)]
pub(super) struct ByKey<T>(HashMap<String, BTreeMap<Version, Vec<(Source, T)>>>);

impl<T> Default for ByKey<T> {
    fn default() -> Self {
        ByKey(HashMap::new())
    }
}

impl<T> ByKey<T> {
    pub(super) fn get(&self, key: KeyRef<'_>) -> Option<&T> {
        let of_version = self.0.get(key.name)?.get(key.version)?;
        of_version.iter().find(|(source, _)| source.is(key.source)).map(|(_, value)| value)
    }

    pub(super) fn contains(&self, key: KeyRef<'_>) -> bool {
        self.get(key).is_some()
    }
}

impl<T> Extend<(Key, T)> for ByKey<T> {
    /// Adds values. They replace those with the same keys.
    fn extend<I: IntoIterator<Item = (Key, T)>>(&mut self, values: I) {
        for (Key { source, name, version }, value) in values {
            let of_version = self.0.entry(name).or_default().entry(version).or_default();
            match of_version.iter_mut().find(|(other, _)| *other == source) {
                Some((_, old)) => *old = value,
                None => of_version.push((source, value)),
            }
        }
    }
}

/// Recognizes keys of the packages in a lock file.
pub(crate) fn is_of_package(lock: &LockFile) -> impl Fn(&Key) -> bool {
    let mut versions: HashMap<&str, BTreeSet<&Version>> = HashMap::new();
    for package in &lock.packages {
        versions.entry(&package.name).or_default().insert(&package.version);
    }
    move |key| versions.get(key.name.as_str()).is_some_and(|versions| versions.contains(&key.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_every_part_of_their_key() {
        let (one, other) = (Version::new(1, 0, 0), "1.0.0+build".parse().unwrap());
        let sources =
            [SourceRef::Index("a"), SourceRef::Archive("a"), SourceRef::Git("a"), SourceRef::Git("b")];
        let keys = sources.into_iter().flat_map(|source| {
            [("a", &one), ("b", &one), ("a", &other)].map(|(name, version)| KeyRef { source, name, version })
        });
        let keys: Vec<KeyRef<'_>> = keys.collect();
        let mut values = ByKey::default();
        for (number, key) in keys.iter().enumerate() {
            assert!(!values.contains(*key), "{key:?}");
            values.extend([(key.owned(), 0), (key.owned(), number)]);
        }
        let found: Vec<_> = keys.iter().map(|key| values.get(*key).copied()).collect();
        assert_eq!(found, (0..keys.len()).map(Some).collect::<Vec<_>>());
    }
}
