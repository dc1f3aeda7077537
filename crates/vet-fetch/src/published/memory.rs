//! Verified facts about published packages from earlier runs, in one file.
//!
//! Every fact names its source: an index entry by the index, the package and the entry's checksum;
//! an archive by its checksum; a package in a git repository by the commit. Cargo's answers,
//! unpacked or vendored sources and cargo's copy of an index are never sources, because a checkout
//! may have influenced them.
//!
//! An entry starts with a line that contains `=`, the digest of the rest, and the key. So entries
//! that are not requested cost little, and a damaged entry counts as lost.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::Path;

use memchr::memmem;
use vet_graph::lock_file::LockFile;

use crate::cache_file::CacheFile;
use crate::sha256::sha256;

const MARK: &str = "=";

/// How many digits of the digest are stored with each entry.
const DIGEST: usize = 24;

/// A larger file is started again, in bytes.
const LARGEST: usize = 32 << 20;

/// The file.
#[derive(Clone, Debug)]
pub(crate) struct Memory(CacheFile);

/// The subject and source of a fact, in one line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(String);

impl Key {
    /// A version in an index. `index` is the key of the index.
    pub(super) fn index(index: &str, name: &str, version: &semver::Version) -> Self {
        Key(format!("index {index} {name} {version}"))
    }

    /// An archive, by its checksum, and the package that it is for.
    pub(crate) fn archive(checksum: &str, name: &str, version: &semver::Version) -> Self {
        Key(format!("archive {checksum} {name} {version}"))
    }

    /// A package in a commit.
    pub(super) fn git(commit: &str, name: &str, version: &semver::Version) -> Self {
        Key(format!("git {commit} {name} {version}"))
    }
}

/// Some remembered facts: the lines of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remembered {
    text: String,
    places: HashMap<Key, Range<usize>>,
}

impl Memory {
    /// The declarations and kinds of packages.
    pub(super) fn new(cache_folder: &Path) -> Self {
        Memory(CacheFile::new(cache_folder, "facts", "cargo-vet facts 1"))
    }

    /// The files of archives.
    pub(crate) fn of_files(cache_folder: &Path) -> Self {
        Memory(CacheFile::new(cache_folder, "files", "cargo-vet files 1"))
    }

    /// Reads the facts about the packages of a lock file.
    pub(crate) fn recall_packages(&self, lock: &LockFile) -> Remembered {
        let packages: HashSet<(&str, String)> = lock
            .packages
            .iter()
            .map(|package| (package.name.as_str(), package.version.to_string()))
            .collect();
        self.recall(|key| {
            let mut words = key.split(' ').skip(2);
            match (words.next(), words.next()) {
                (Some(name), Some(version)) => packages.contains(&(name, version.to_owned())),
                _ => false,
            }
        })
    }

    /// Reads the wanted facts that are undamaged. Of two facts with the same key, the later one
    /// counts.
    pub(super) fn recall(&self, is_wanted: impl Fn(&str) -> bool) -> Remembered {
        let text = self.0.read();
        let mut places = HashMap::new();
        let mut note = |start: usize, end: usize| {
            let entry = text.get(start..end)?.strip_prefix(MARK)?;
            let (digest, rest) = entry.split_once(' ')?;
            let (key, lines) = rest.split_once('\n')?;
            let is_sound = is_wanted(key) && sha256(rest).get(..DIGEST) == Some(digest);
            is_sound.then(|| places.insert(Key(key.to_owned()), end - lines.len()..end))
        };
        let mut start = 0;
        for end in memmem::find_iter(text.as_bytes(), b"\n=").map(|newline| newline + 1) {
            note(start, end);
            start = end;
        }
        note(start, text.len());
        Remembered { text, places }
    }

    /// Adds new facts. Facts that cannot be stored are learned again in the next run.
    pub(crate) fn keep(&self, learned: &[(Key, String)]) {
        if learned.is_empty() {
            return;
        }
        let mut text = self.0.read();
        if text.len() > LARGEST {
            text.clear();
        }
        for (key, lines) in learned {
            push(&mut text, key, lines);
        }
        self.0.replace(&text);
    }
}

/// Appends an entry. Returns the range of its lines; `None` if it cannot be written.
fn push(text: &mut String, Key(key): &Key, lines: &str) -> Option<Range<usize>> {
    if key.contains('\n') || lines.starts_with(MARK) || lines.contains("\n=") || !lines.ends_with('\n') {
        return None;
    }
    let rest = format!("{key}\n{lines}");
    let digest = sha256(&rest);
    text.extend([MARK, digest.get(..DIGEST).unwrap_or_default(), " ", &rest]);
    Some(text.len() - lines.len()..text.len())
}

impl Remembered {
    /// The lines of a fact.
    pub(crate) fn get(&self, key: &Key) -> Option<&str> {
        self.text.get(self.places.get(key)?.clone())
    }

    /// Adds a fact.
    pub(super) fn add(&mut self, key: Key, lines: &str) {
        if let Some(place) = push(&mut self.text, &key, lines) {
            self.places.insert(key, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key::index("0011", name, &semver::Version::new(1, 0, 0))
    }

    #[test]
    fn what_was_learned_is_recalled() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::new(folder.path());
        let recall = || memory.recall(|key| !key.contains("unwanted"));
        assert_eq!(recall().get(&key("a")), None);
        memory.keep(&[(key("a"), "one\n".to_owned()), (key("unwanted"), "two\n".to_owned())]);
        memory.keep(&[(key("b"), "three\nfour\n".to_owned()), (key("a"), "five\n".to_owned())]);
        memory.keep(&[(key("c"), "no end".to_owned()), (key("d"), "six\n=\n".to_owned())]);
        memory.keep(&[(key("not a\nline"), "seven\n".to_owned())]);
        let mut recalled = recall();
        assert_eq!(recalled.places.len(), 2);
        assert_eq!(
            (recalled.get(&key("a")), recalled.get(&key("b"))),
            (Some("five\n"), Some("three\nfour\n"))
        );
        recalled.add(key("e"), "eight\n");
        assert_eq!((recalled.get(&key("a")), recalled.get(&key("e"))), (Some("five\n"), Some("eight\n")));
    }

    #[test]
    fn what_is_damaged_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::new(folder.path());
        memory.keep(&[(key("a"), "one\n".to_owned()), (key("b"), "two\n".to_owned())]);
        let whole = std::fs::read(memory.0.path()).unwrap();
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            std::fs::write(memory.0.path(), changed).unwrap();
            let recalled = memory.recall(|_| true);
            let found = [recalled.get(&key("a")), recalled.get(&key("b"))];
            let is_known = |found: &Option<&str>| found.is_some();
            assert!(found.iter().filter(|found| is_known(found)).count() < 2, "{place}");
            for (found, expected) in found.into_iter().zip(["one\n", "two\n"]) {
                assert!(found.is_none_or(|found| found == expected), "{place}: {found:?}");
            }
        }
    }
}
