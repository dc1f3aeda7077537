//! What was read with `inspect` and `diff`. It is recorded per project, so that users do not
//! accidentally certify what they read in another one.
//!
//! The default mode is a habit of the user and is the same for all projects. The original's
//! recorded modes count until this tool has its own.

mod modes;

use std::path::{Path, PathBuf};

use vet_store::{Date, Version};

use crate::cache_file::CacheFile;
use crate::sha256::sha256;

pub use modes::{Command, LastModes};

/// The maximum number of records for all projects together.
const MOST: usize = 1000;

/// A subject that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The crate.
    pub package: String,
    /// The version that the changes start from, for a delta audit.
    pub from: Option<Version>,
    /// The version, or the version that the changes lead to.
    pub to: Version,
    /// The day on which it was last read.
    pub when: Date,
}

/// What was read in one project.
#[derive(Clone, Debug)]
pub struct ReviewHistory {
    file: CacheFile,
    store: String,
}

impl ReviewHistory {
    /// The history of the project with this store folder. `cache_folder` need not exist.
    pub fn of(cache_folder: &Path, store_folder: &Path) -> Self {
        let store: PathBuf = store_folder.canonicalize().unwrap_or_else(|_| store_folder.to_owned());
        ReviewHistory {
            file: CacheFile::new(cache_folder, "looked-at", "cargo-vet looked-at 1"),
            store: sha256(store.as_os_str().as_encoded_bytes()),
        }
    }

    /// All records, latest last, without duplicates.
    pub fn all(&self) -> Vec<Look> {
        self.file.read().lines().filter_map(|line| self.look(line)).collect()
    }

    /// Records that a subject was read. If another process does the same at the same moment, one of
    /// the records may be lost.
    pub fn remember(&self, look: &Look) {
        if look.package.is_empty() || look.package.contains(char::is_whitespace) {
            return;
        }
        let text = self.file.read();
        let is_same =
            |line: &str| self.look(line).is_some_and(|old| Look { when: look.when, ..old } == *look);
        let mut lines: Vec<&str> = text.lines().filter(|line| !is_same(line)).collect();
        let new = self.line(look);
        lines.push(&new);
        let kept = lines.iter().skip(lines.len().saturating_sub(MOST));
        self.file.replace(&kept.map(|line| format!("{line}\n")).collect::<String>());
    }

    fn line(&self, Look { package, from, to, when }: &Look) -> String {
        let from = from.as_ref().map(|from| format!(" {from}")).unwrap_or_default();
        format!("{} {when} {package} {to}{from}", self.store)
    }

    /// The record in a line, if it is about this project.
    fn look(&self, line: &str) -> Option<Look> {
        let mut words = line.split(' ');
        (words.next()? == self.store).then_some(())?;
        let look = Look {
            when: words.next()?.parse().ok()?,
            package: words.next()?.to_owned(),
            to: words.next()?.parse().ok()?,
            from: words.next().map(str::parse).transpose().ok()?,
        };
        words.next().is_none().then_some(look)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REVISION: &str = "1.0.0@git:00112233445566778899aabbccddeeff00112233";

    /// A subject such as `2024-01-31 serde 1.0.0`; the version that changes start from comes at the
    /// end.
    fn look(text: &str) -> Look {
        let mut words = text.split(' ');
        Look {
            when: words.next().unwrap().parse().unwrap(),
            package: words.next().unwrap().to_owned(),
            to: words.next().unwrap().parse().unwrap(),
            from: words.next().map(|from| from.parse().unwrap()),
        }
    }

    #[test]
    fn looks_are_remembered_by_project() {
        let folder = tempfile::tempdir().unwrap();
        let of = |store: &str| ReviewHistory::of(&folder.path().join("cache"), Path::new(store));
        let git = format!("2024-01-04 foo {REVISION} 1.0.0");
        for (store, text) in [
            ("/a", "2024-01-01 serde 1.0.0"),
            ("/b", "2024-01-01 itoa 1.0.0"),
            ("/a", "2024-01-02 serde 1.0.1 1.0.0"),
            ("/a", "2024-01-03 serde 1.0.0"),
            ("/a", &git),
            ("/a", "2024-01-05 not\na-name 1.0.0"),
        ] {
            of(store).remember(&look(text));
        }
        let expected = ["2024-01-02 serde 1.0.1 1.0.0", "2024-01-03 serde 1.0.0", &git].map(look);
        assert_eq!(of("/a").all(), expected);
        assert_eq!(of("/b").all(), [look("2024-01-01 itoa 1.0.0")]);
        assert_eq!(of("/c").all(), []);
    }

    #[test]
    fn lines_that_make_no_sense_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let looked_at = ReviewHistory::of(folder.path(), Path::new("/a"));
        let store = &looked_at.store;
        let line = |rest: &str| format!("{store} {rest}\n");
        let text: String = [
            "2024-01-01 a 1.0.0",
            "2024-01-01 a",
            "today a 1.0.0",
            "2024-01-01 a 1.0",
            "2024-01-01 a 1.0.0 x",
            "2024-01-01 a 1.0.0 1.0.0 1.0.0",
            "",
        ]
        .map(line)
        .concat();
        looked_at.file.replace(&text);
        assert_eq!(looked_at.all(), [look("2024-01-01 a 1.0.0")]);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let of = |store: &str| ReviewHistory::of(folder.path(), Path::new(store));
        let line = |number: usize| of("/a").line(&look(&format!("2024-01-01 a {number}.0.0"))) + "\n";
        of("/a").file.replace(&(0..MOST).map(line).collect::<String>());
        of("/b").remember(&look("2024-01-01 b 1.0.0"));
        let all = of("/a").all();
        assert_eq!((all.len(), all.first()), (MOST - 1, Some(&look("2024-01-01 a 1.0.0"))));
        assert_eq!(of("/b").all().len(), 1);
    }

    /// The folder of a project may also be reached through a link.
    #[cfg(unix)]
    #[test]
    fn links_do_not_matter() {
        let folder = tempfile::tempdir().unwrap();
        let (store, link) = (folder.path().join("store"), folder.path().join("link"));
        std::fs::create_dir(&store).unwrap();
        std::os::unix::fs::symlink(&store, &link).unwrap();
        ReviewHistory::of(folder.path(), &store).remember(&look("2024-01-01 a 1.0.0"));
        assert_eq!(ReviewHistory::of(folder.path(), &link).all().len(), 1);
    }
}
