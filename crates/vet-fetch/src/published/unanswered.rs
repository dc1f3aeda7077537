//! Remembers that cargo could not tell what a lock file leaves open, or that archives could not be
//! downloaded.
//!
//! If sources are unreachable, cargo retries for a long time. So it is not asked about the same
//! lock file again for an hour; sources that arrive on this machine meanwhile are found without it.
//! The same applies to archives.

use std::path::Path;
use std::time::Duration;

use vet_diagnostics::Source;

use crate::cache_file::CacheFile;
use crate::clock::{is_within, now};
use crate::sha256::sha256;

const KEPT_FOR: Duration = Duration::from_secs(60 * 60);

/// The cache file with these failures.
#[derive(Clone, Debug)]
pub struct Unanswered {
    file: CacheFile,
    lock_file: String,
}

impl Unanswered {
    /// The record for one lock file.
    pub fn about(lock_file: &Source, cache_folder: &Path) -> Self {
        let lock_file = sha256(&lock_file.text);
        Unanswered { file: CacheFile::new(cache_folder, "unanswered", "cargo-vet unanswered 1"), lock_file }
    }

    /// The record for the archives of one lock file's packages.
    pub fn about_archives(lock_file: &Source, cache_folder: &Path) -> Self {
        let about = Self::about(lock_file, cache_folder);
        Unanswered { lock_file: sha256(format!("archives {}", about.lock_file)), ..about }
    }

    /// Whether a failure occurred within the last hour.
    pub fn is_recent(&self) -> bool {
        self.recent(now()).any(|(_, lock_file)| lock_file == self.lock_file)
    }

    /// Records a failure now.
    pub fn note(&self) {
        let now = now();
        let mut text = format!("{now} {}\n", self.lock_file);
        for (time, lock_file) in self.recent(now).filter(|(_, lock_file)| *lock_file != self.lock_file) {
            text.push_str(&format!("{time} {lock_file}\n"));
        }
        self.file.replace(&text);
    }

    /// The times and lock files of the last hour.
    fn recent(&self, now: u64) -> impl Iterator<Item = (u64, String)> + use<> {
        let entry = move |line: &str| {
            let (time, lock_file) = line.split_once(' ')?;
            let time: u64 = time.parse().ok()?;
            is_within(time, now, KEPT_FOR).then(|| (time, lock_file.to_owned()))
        };
        let entries: Vec<_> = self.file.read().lines().filter_map(entry).collect();
        entries.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_remembered_for_its_lock_file() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        let about = |text: &str| Unanswered::about(&Source::new("Cargo.lock", text), &cache);
        assert!(!about("a").is_recent());
        about("a").note();
        about("b").note();
        about("a").note();
        assert!(about("a").is_recent() && about("b").is_recent() && !about("c").is_recent());
        let archives = Unanswered::about_archives(&Source::new("Cargo.lock", "a"), &cache);
        assert!(!archives.is_recent());
        assert_eq!(about("a").file.read().lines().count(), 2);

        let hash = about("a").lock_file;
        let now = now();
        for (text, expected) in [
            (format!("{} {hash}\n", now - 3000), true),
            (format!("{} {hash}\n", now - 3601), false),
            (format!("{} {hash}\n", now + 1000), false),
            (format!("x {hash}\n\n{hash}\n"), false),
        ] {
            about("a").file.replace(&text);
            assert_eq!(about("a").is_recent(), expected, "{text}");
        }
    }
}
