//! When cargo could not tell what a lock file leaves open.
//!
//! Where sources are out of reach, cargo tries for long. It is not asked again about the same lock file for an hour; what
//! gets onto this machine meanwhile is found without it.

use std::path::Path;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use vet_store::diagnostic::Source;

use crate::cache_file::CacheFile;

const KEPT_FOR: Duration = Duration::from_secs(60 * 60);

/// The file in the cache that says so.
#[derive(Clone, Debug)]
pub struct Unanswered {
    file: CacheFile,
    lock_file: String,
}

impl Unanswered {
    /// About one lock file.
    pub fn about(lock_file: &Source, cache_folder: &Path) -> Self {
        let digest = Sha256::digest(lock_file.text.as_bytes());
        let lock_file = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Unanswered { file: CacheFile::new(cache_folder, "unanswered", "cargo-vet unanswered 1"), lock_file }
    }

    /// Whether cargo failed within the last hour.
    pub fn is_recent(&self) -> bool {
        self.recent(SystemTime::now()).any(|(_, lock_file)| lock_file == self.lock_file)
    }

    /// Remembers that cargo failed now.
    pub fn note(&self) {
        let now = SystemTime::now();
        let mut text = format!("{} {}\n", seconds(now), self.lock_file);
        for (time, lock_file) in self.recent(now).filter(|(_, lock_file)| *lock_file != self.lock_file) {
            text.push_str(&format!("{time} {lock_file}\n"));
        }
        self.file.replace(&text);
    }

    /// Times and lock files of the last hour. Entries from the future are those of another clock.
    fn recent(&self, now: SystemTime) -> impl Iterator<Item = (u64, String)> + use<> {
        let now = seconds(now);
        let entry = move |line: &str| {
            let (time, lock_file) = line.split_once(' ')?;
            let time: u64 = time.parse().ok()?;
            let is_recent = now.checked_sub(time).is_some_and(|age| age < KEPT_FOR.as_secs());
            is_recent.then(|| (time, lock_file.to_owned()))
        };
        let entries: Vec<_> = self.file.read().lines().filter_map(entry).collect();
        entries.into_iter()
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |age| age.as_secs())
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
        assert_eq!(about("a").file.read().lines().count(), 2);

        let hash = about("a").lock_file;
        let now = seconds(SystemTime::now());
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
