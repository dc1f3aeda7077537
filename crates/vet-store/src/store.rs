//! A store, as a value.

use crate::fetched::FetchedFacts;
use crate::files::{AuditsFile, ConfigFile, ImportsFile};
use crate::version::Version;

/// The three files together, with what was found out about imported entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Store {
    /// `config.toml`.
    pub config: ConfigFile,
    /// `audits.toml`.
    pub audits: AuditsFile,
    /// `imports.lock`, or what was fetched to replace it.
    pub imports: ImportsFile,
    /// What was found out about the entries of `imports` if they were fetched. Never written.
    pub fetched: FetchedFacts,
}

impl Store {
    /// Removes unpublished entries, unless `keep` accepts their crate, version, and whether they
    /// are fresh.
    pub fn retain_unpublished(&mut self, keep: impl Fn(&str, &Version, bool) -> bool) {
        let (entries, fresh) = (&mut self.imports.unpublished, &mut self.fetched.unpublished);
        fresh.retain(entries, |name, entry, is_fresh| keep(name, &entry.version, is_fresh));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::UnpublishedEntry;

    #[test]
    fn marks_move_with_their_entries() {
        let entry = |minor: u64| UnpublishedEntry {
            version: Version::from(semver::Version::new(1, minor, 0)),
            audited_as: Version::from(semver::Version::new(1, 0, 0)),
        };
        let mut store = Store::default();
        store.imports.unpublished.insert("a".to_owned(), (1..=4).map(entry).collect());
        store.fetched.unpublished.mark("a", 3);
        store.fetched.unpublished.mark("a", 1);
        let fresh = |store: &Store| -> Vec<(u64, bool)> {
            let marks = store.fetched.unpublished.of("a");
            let entries = store.imports.unpublished["a"].iter().enumerate();
            entries.map(|(position, entry)| (entry.version.semver.minor, marks.has(position))).collect()
        };
        assert_eq!(fresh(&store), [(1, false), (2, true), (3, false), (4, true)]);
        store.retain_unpublished(|_, version, is_fresh| is_fresh || version.semver.minor == 3);
        assert_eq!(fresh(&store), [(2, true), (3, false), (4, true)]);
        store.retain_unpublished(|_, _, is_fresh| !is_fresh);
        assert_eq!(fresh(&store), [(3, false)]);
        assert_eq!(store.fetched, FetchedFacts::default());
    }
}
