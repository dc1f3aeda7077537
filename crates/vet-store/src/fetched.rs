//! What a run found out about the entries of `imports.lock` that the file does not say.
//!
//! An entry is fresh if this run fetched or computed it, and `imports.lock` does not have it yet:
//! no decision has relied on it so far. Marks belong to positions in lists. Code that changes a
//! list changes its marks, too.

use std::collections::{BTreeMap, BTreeSet};

use crate::files::{AuditsFile, ByCrate};
use crate::version::Version;

/// What a run found out about the imported entries of a store. Empty if nothing was fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchedFacts {
    /// The fresh entries of each peer, by name of the import.
    pub peers: BTreeMap<String, FreshOfPeer>,
    /// The fresh records of publishers.
    pub publisher: Fresh,
    /// The fresh unpublished entries.
    pub unpublished: Fresh,
    /// The versions of each crate that are certainly still unpublished.
    pub still_unpublished: BTreeMap<String, BTreeSet<Version>>,
}

/// The fresh entries of a peer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FreshOfPeer {
    /// The fresh audits.
    pub audits: Fresh,
    /// The fresh wildcard audits.
    pub wildcard_audits: Fresh,
}

/// The fresh entries among entries by crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fresh(BTreeMap<String, Vec<bool>>);

/// The fresh entries among those of one crate.
#[derive(Clone, Copy, Debug, Default)]
pub struct FreshOfCrate<'f>(&'f [bool]);

impl FetchedFacts {
    /// The fresh entries of a peer; `None` if it has none.
    pub fn peer(&self, import: &str) -> Option<&FreshOfPeer> {
        self.peers.get(import)
    }

    /// Whether a version of a crate is certainly still unpublished.
    pub fn is_still_unpublished(&self, name: &str, version: &Version) -> bool {
        self.still_unpublished.get(name).is_some_and(|versions| versions.contains(version))
    }
}

impl FreshOfPeer {
    /// Marks all entries of a file.
    pub fn all(file: &AuditsFile) -> Self {
        FreshOfPeer { audits: Fresh::all(&file.audits), wildcard_audits: Fresh::all(&file.wildcard_audits) }
    }
}

impl Fresh {
    /// Marks all entries.
    pub fn all<T>(entries: &ByCrate<T>) -> Self {
        Fresh(entries.iter().map(|(name, entries)| (name.clone(), vec![true; entries.len()])).collect())
    }

    /// Marks an entry of a crate.
    pub fn mark(&mut self, name: &str, position: usize) {
        if !self.0.contains_key(name) {
            self.0.insert(name.to_owned(), Vec::new());
        }
        let Some(marks) = self.0.get_mut(name) else { return };
        if marks.len() <= position {
            marks.resize(position + 1, false);
        }
        marks.get_mut(position).into_iter().for_each(|mark| *mark = true);
    }

    /// Marks entries of a crate, and no others of it: those for which a list has `true`.
    pub fn set(&mut self, name: &str, marks: Vec<bool>) {
        if marks.contains(&true) {
            self.0.insert(name.to_owned(), marks);
        } else {
            self.0.remove(name);
        }
    }

    /// The marks of a crate's entries.
    pub fn of(&self, name: &str) -> FreshOfCrate<'_> {
        FreshOfCrate(self.0.get(name).map_or(&[], Vec::as_slice))
    }

    /// Removes entries, with their marks, unless `keep` accepts their crate, the entry, and whether
    /// it is fresh.
    pub fn retain<T>(&mut self, entries: &mut ByCrate<T>, keep: impl Fn(&str, &T, bool) -> bool) {
        for (name, entries) in entries {
            let (old, mut new) = (self.of(name), Vec::new());
            let mut position = 0;
            entries.retain(|entry| {
                let is_fresh = old.has(position);
                position += 1;
                let is_kept = keep(name, entry, is_fresh);
                if is_kept {
                    new.push(is_fresh);
                }
                is_kept
            });
            self.set(name, new);
        }
    }

    /// The marks of the entries about some crates.
    #[must_use]
    pub fn part(&self, is_wanted: impl Fn(&str) -> bool) -> Self {
        let wanted = self.0.iter().filter(|(name, _)| is_wanted(name));
        Fresh(wanted.map(|(name, marks)| (name.clone(), marks.clone())).collect())
    }
}

impl FreshOfCrate<'_> {
    /// Whether the entry at a position is fresh.
    pub fn has(self, position: usize) -> bool {
        self.0.get(position) == Some(&true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_still_unpublished_if_that_was_noted() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        let mut fetched = FetchedFacts::default();
        let versions = BTreeSet::from([version("1.0.0"), version("1.0.1")]);
        fetched.still_unpublished.insert("a".to_owned(), versions);
        for (name, of, expected) in
            [("a", "1.0.0", true), ("a", "1.0.1", true), ("a", "1.0.2", false), ("b", "1.0.0", false)]
        {
            assert_eq!(fetched.is_still_unpublished(name, &version(of)), expected, "{name} {of}");
        }
    }
}
