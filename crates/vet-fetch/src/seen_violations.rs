//! Violations that peers reported in a failed check, and that are therefore not locked.
//!
//! A failed check does not write the store. The violations are remembered on this machine, for each
//! store, so that the next check with `--locked` does not pass as if they did not exist.

use std::path::{Path, PathBuf};

use crate::cache_file::CacheFile;
use crate::sha256::sha256;

/// The violations that were seen for one store.
#[derive(Clone, Debug)]
pub struct SeenViolations {
    file: CacheFile,
    store: String,
}

impl SeenViolations {
    /// The violations for the store in a folder. `cache_folder` need not exist.
    pub fn about(store: &Path, cache_folder: &Path) -> Self {
        let store: PathBuf = store.canonicalize().unwrap_or_else(|_| store.to_owned());
        SeenViolations {
            file: CacheFile::new(cache_folder, "violations", "cargo-vet violations 1"),
            store: sha256(store.as_os_str().as_encoded_bytes()),
        }
    }

    /// The packages that must not be used, by name and version.
    pub fn recall(&self) -> Vec<(String, String)> {
        let text = self.file.read();
        let entries = text.lines().filter_map(entry).filter(|(store, ..)| *store == self.store);
        entries.map(|(_, name, version)| (name.to_owned(), version.to_owned())).collect()
    }

    /// Records these packages, replacing earlier records.
    pub fn note(&self, packages: &[(String, String)]) {
        let text = self.file.read();
        let is_other = |line: &&str| entry(line).is_some_and(|(store, ..)| store != self.store);
        let others: Vec<&str> = text.lines().filter(is_other).collect();
        let had_some = others.len() != text.lines().count();
        if packages.is_empty() && !had_some {
            return;
        }
        let mut new: String = others.iter().map(|line| format!("{line}\n")).collect();
        let is_plain = |text: &str| !text.contains(char::is_whitespace);
        for (name, version) in packages.iter().filter(|(name, version)| is_plain(name) && is_plain(version)) {
            new.push_str(&format!("{} {name} {version}\n", self.store));
        }
        self.file.replace(&new);
    }
}

fn entry(line: &str) -> Option<(&str, &str, &str)> {
    let mut words = line.split(' ');
    let entry = (words.next()?, words.next()?, words.next()?);
    words.next().is_none().then_some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violations_are_remembered_by_store() {
        let folder = tempfile::tempdir().unwrap();
        let about = |store: &str| SeenViolations::about(Path::new(store), &folder.path().join("cache"));
        let package = |name: &str| (name.to_owned(), "1.0.0".to_owned());
        about("/a").note(&[]);
        assert!(!folder.path().join("cache").exists(), "nothing was to be remembered");
        about("/a").note(&[package("x"), package("y"), package("not\na name")]);
        about("/b").note(&[package("z")]);
        assert_eq!(about("/a").recall(), [package("x"), package("y")]);
        assert_eq!(about("/b").recall(), [package("z")]);
        assert_eq!(about("/c").recall(), []);
        about("/a").note(&[]);
        assert_eq!((about("/a").recall(), about("/b").recall()), (vec![], vec![package("z")]));
        about("/a").file.replace("nonsense\n a b c d\n");
        assert_eq!(about("/a").recall(), []);
    }
}
