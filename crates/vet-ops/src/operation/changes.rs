//! What a command changed in the store.

use std::collections::{BTreeMap, BTreeSet};

use vet_store::files::{ByCrate, ConfigFile, StoreVersion};
use vet_store::{FolderFile, Store};

use crate::operation::context::Context;
use crate::operation::preview::Preview;

/// The differences that a command made or would make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The files whose bytes changed.
    pub files: Vec<FolderFile>,
    /// Exemptions in `config.toml`.
    pub exemptions: Count,
    /// Policies in `config.toml`.
    pub policies: Count,
    /// Audits, wildcard audits and trusted entries in `audits.toml`.
    pub audits: Count,
    /// Peers in `config.toml`.
    pub peers: Count,
    /// Criteria, including those of peers.
    pub criteria: Count,
    /// Entries in `imports.lock`.
    pub imports: Count,
    /// Whether the content of any file changed, not only its form.
    pub content: bool,
    /// The texts, if [`Context::dry_run`] prevented the write.
    pub preview: Option<Preview>,
}

/// How many entries were added, removed and changed. If entries of one crate were both removed and
/// added, they count as changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// New entries.
    pub added: usize,
    /// Removed entries.
    pub removed: usize,
    /// Changed entries.
    pub changed: usize,
}

impl Count {
    /// Whether no entry changed.
    pub fn is_zero(self) -> bool {
        self == Count::default()
    }

    fn new(added: usize, removed: usize) -> Self {
        let changed = added.min(removed);
        Count { added: added - changed, removed: removed - changed, changed }
    }

    fn add(&mut self, other: Count) {
        self.added += other.added;
        self.removed += other.removed;
        self.changed += other.changed;
    }
}

impl Changes {
    /// Whether no file changed.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// No changes.
    pub(crate) fn none(context: &Context) -> Self {
        Changes { preview: context.dry_run.then(Preview::default), ..Changes::default() }
    }

    pub(crate) fn between(old: &Store, new: &Store, files: Vec<FolderFile>) -> Self {
        let mut changes = Changes { files, ..Changes::default() };
        if changes.is_empty() {
            return changes;
        }
        changes.content = says(old) != says(new);
        changes.exemptions = tables(&old.config.exemptions, &new.config.exemptions);
        let policies = |store: &Store| -> Vec<_> {
            let all = store.config.policy.iter();
            all.map(|(name, version, policy)| (name.to_owned(), version.cloned(), policy.clone())).collect()
        };
        changes.policies = lists(&policies(old), &policies(new));
        changes.audits = tables(&old.audits.audits, &new.audits.audits);
        changes.audits.add(tables(&old.audits.wildcard_audits, &new.audits.wildcard_audits));
        changes.audits.add(tables(&old.audits.trusted, &new.audits.trusted));
        changes.peers = maps(&old.config.imports, &new.config.imports);
        changes.criteria = maps(&old.audits.criteria, &new.audits.criteria);
        let (old, new) = (&old.imports, &new.imports);
        changes.imports = tables(&old.publisher, &new.publisher);
        changes.imports.add(tables(&old.unpublished, &new.unpublished));
        let peers: BTreeSet<&String> = old.audits.keys().chain(new.audits.keys()).collect();
        let none = vet_store::files::AuditsFile::default();
        for peer in peers {
            let (old, new) = (old.audits.get(peer).unwrap_or(&none), new.audits.get(peer).unwrap_or(&none));
            changes.criteria.add(maps(&old.criteria, &new.criteria));
            changes.imports.add(tables(&old.audits, &new.audits));
            changes.imports.add(tables(&old.wildcard_audits, &new.wildcard_audits));
        }
        changes
    }
}

/// The content of a store, regardless of the format version that wrote it.
fn says(store: &Store) -> Store {
    let config = ConfigFile { version: StoreVersion::CURRENT, ..store.config.clone() };
    Store { config, ..store.clone() }
}

fn maps<T: PartialEq>(old: &BTreeMap<String, T>, new: &BTreeMap<String, T>) -> Count {
    let added = new.keys().filter(|name| !old.contains_key(*name)).count();
    let removed = old.keys().filter(|name| !new.contains_key(*name)).count();
    let changed = new.iter().filter(|(name, entry)| old.get(*name).is_some_and(|old| old != *entry)).count();
    Count { added, removed, changed }
}

fn tables<T: PartialEq>(old: &ByCrate<T>, new: &ByCrate<T>) -> Count {
    let mut count = Count::default();
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let list = |table: &'_ ByCrate<T>| table.get(name).map_or(0, Vec::len);
        match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) => count.add(lists(old, new)),
            _ => count.add(Count::new(list(new), list(old))),
        }
    }
    count
}

fn lists<T: PartialEq>(old: &[T], new: &[T]) -> Count {
    if old == new {
        return Count::default();
    }
    let mut left: Vec<&T> = old.iter().collect();
    let mut added = 0;
    for entry in new {
        match left.iter().position(|old| *old == entry) {
            Some(position) => drop(left.swap_remove(position)),
            None => added += 1,
        }
    }
    Count::new(added, left.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_counted_as_often_as_they_are_there() {
        for (old, new, added, removed, changed) in [
            (&[][..], &[][..], 0, 0, 0),
            (&[1, 2], &[2, 1], 0, 0, 0),
            (&[1, 1], &[1], 0, 1, 0),
            (&[1], &[1, 1], 1, 0, 0),
            (&[1, 2], &[1, 3], 0, 0, 1),
            (&[1, 2, 3], &[1, 4], 0, 1, 1),
        ] {
            assert_eq!(lists(old, new), Count { added, removed, changed }, "{old:?} {new:?}");
        }
        let map = |entries: &[(&str, u8)]| -> BTreeMap<String, u8> {
            entries.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
        };
        assert_eq!(
            maps(&map(&[("a", 1), ("b", 1), ("c", 1)]), &map(&[("b", 1), ("c", 2), ("d", 1), ("e", 1)])),
            Count { added: 2, removed: 1, changed: 1 }
        );
        let table = |names: &[&str]| -> ByCrate<u8> {
            names.iter().map(|name| ((*name).to_owned(), vec![1, 2])).collect()
        };
        assert_eq!(
            tables(&table(&["a", "b"]), &table(&["b", "c"])),
            Count { added: 2, removed: 2, changed: 0 }
        );
    }
}
