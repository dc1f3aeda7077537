//! Violations that peers reported in a failed check, and that are therefore not locked.
//!
//! A failed check does not write the store. The violations are remembered on this machine, for each
//! store, so that the next check with `--locked` does not pass as if they did not exist.

use std::path::{Path, PathBuf};

use vet_project::sha256::sha256;

use crate::cache::Cache;
use crate::cache::kinds::VIOLATIONS;
use crate::cache::table::Table;

/// The violations that were seen for one store.
#[derive(Clone, Debug)]
pub struct SeenViolations {
    /// Packages by name and version, by the digest of the path of the store.
    seen: Table<String, Vec<(String, String)>>,
    store: String,
}

impl SeenViolations {
    /// The violations for the store in a folder.
    pub fn about(store: &Path, cache: &Cache) -> Self {
        let store: PathBuf = store.canonicalize().unwrap_or_else(|_| store.to_owned());
        SeenViolations { seen: cache.table(&VIOLATIONS), store: sha256(store.as_os_str().as_encoded_bytes()) }
    }

    /// The packages that must not be used, by name and version.
    pub fn recall(&self) -> Vec<(String, String)> {
        self.seen.get(&self.store).unwrap_or_default()
    }

    /// Records these packages, replacing earlier records.
    pub fn note(&self, packages: &[(String, String)]) {
        if packages != self.recall() {
            self.seen.add(&[(self.store.clone(), packages.to_owned())]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violations_are_remembered_by_store() {
        let folder = tempfile::tempdir().unwrap();
        let about =
            |store: &str| SeenViolations::about(Path::new(store), &Cache::new(folder.path().join("cache")));
        let package = |name: &str| (name.to_owned(), "1.0.0".to_owned());
        about("/a").note(&[]);
        assert!(!folder.path().join("cache").exists(), "nothing was to be remembered");
        about("/a").note(&[package("x"), package("y")]);
        about("/b").note(&[package("z")]);
        assert_eq!(about("/a").recall(), [package("x"), package("y")]);
        assert_eq!(about("/b").recall(), [package("z")]);
        assert_eq!(about("/c").recall(), []);
        about("/a").note(&[]);
        assert_eq!((about("/a").recall(), about("/b").recall()), (vec![], vec![package("z")]));
    }
}
