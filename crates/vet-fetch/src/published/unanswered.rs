//! Remembers that cargo could not tell what a lock file leaves open, or that archives could not be
//! downloaded.
//!
//! If sources are unreachable, cargo retries for a long time. So it is not asked about the same
//! lock file again for an hour; sources that arrive on this machine meanwhile are found without it.
//! The same applies to archives.

use std::time::Duration;

use vet_diagnostics::Source;

use crate::cache::Cache;
use crate::cache::kinds::UNANSWERED;
use crate::cache::table::Table;
use crate::clock::{is_within, now};
use vet_project::sha256::sha256;

const KEPT_FOR: Duration = Duration::from_secs(60 * 60);

/// The failures about one lock file.
#[derive(Clone, Debug)]
pub struct Unanswered {
    /// The times of failures, by the digest of the lock file.
    failures: Table<String, u64>,
    lock_file: String,
}

impl Unanswered {
    /// The record for one lock file.
    pub fn about(lock_file: &Source, cache: &Cache) -> Self {
        let lock_file = sha256(&lock_file.text);
        Unanswered { failures: cache.table(&UNANSWERED), lock_file }
    }

    /// The record for the archives of one lock file's packages.
    pub fn about_archives(lock_file: &Source, cache: &Cache) -> Self {
        let about = Self::about(lock_file, cache);
        Unanswered { lock_file: sha256(format!("archives {}", about.lock_file)), ..about }
    }

    /// Whether a failure occurred within the last hour.
    pub fn is_recent(&self) -> bool {
        self.failures.get(&self.lock_file).is_some_and(|time| is_within(time, now(), KEPT_FOR))
    }

    /// Records a failure now.
    pub fn note(&self) {
        self.failures.add(&[(self.lock_file.clone(), now())]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_remembered_for_its_lock_file() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("cache"));
        let about = |text: &str| Unanswered::about(&Source::new("Cargo.lock", text), &cache);
        assert!(!about("a").is_recent());
        about("a").note();
        about("b").note();
        about("a").note();
        assert!(about("a").is_recent() && about("b").is_recent() && !about("c").is_recent());
        let archives = Unanswered::about_archives(&Source::new("Cargo.lock", "a"), &cache);
        assert!(!archives.is_recent());
        for (time, expected) in [(now() - 3000, true), (now() - 3601, false), (now() + 1000, false)] {
            let about = about("a");
            about.failures.add(&[(about.lock_file.clone(), time)]);
            assert_eq!(about.is_recent(), expected, "{time}");
        }
    }
}
