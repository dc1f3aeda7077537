//! The checksums of archives, from the index.
//!
//! A check reads the cached facts about every crate, but needs no checksums. So these are stored in
//! a separate file, which is written when something is learned and read only on demand. A published
//! archive never changes, so a checksum never becomes outdated.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;
use std::time::Duration;

use semver::Version;
use vet_diagnostics::Diagnostic;

use super::crate_cache::{KeptCrate, KeptCrates};
use super::index::{self, Checksums, IndexEntry, is_name};
use super::location::Location;
use super::{CratesIo, service::Service};
use crate::cache::Cache;
use crate::cache::files::Files;
use crate::cache::kinds::CHECKSUMS;
use crate::clock::{is_within, now, seconds};
use crate::http::{Body, Request};
use vet_project::sha256::is_sha256;

/// The minimum interval between updates of a file's time.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Known facts about crates, and errors, by name in lower case.
#[derive(Default)]
struct Learned {
    known: BTreeMap<String, Checksums>,
    problems: BTreeMap<String, Diagnostic>,
}

impl CratesIo<'_> {
    /// The checksums of archives: SHA-256, in 64 hexadecimal digits. Returns one answer for each
    /// name and version, in order; `None` if the index has no such version.
    ///
    /// Only crates with an unknown version are requested, each once. Without the network, nothing
    /// is requested, and unknown checksums are `None`.
    ///
    /// # Errors
    ///
    /// The index cannot be asked.
    pub fn checksums(&self, wanted: &[(&str, &Version)]) -> Vec<Result<Option<String>, Diagnostic>> {
        let mut asked = self.asked_for_checksums.lock().unwrap_or_else(PoisonError::into_inner);
        let mut learned = self.learned(wanted);
        let lacking = wanted.iter().filter(|(name, version)| learned.lacks(name, version));
        // One crate may be written in several ways.
        let mut lacking: BTreeMap<String, &str> =
            lacking.map(|(name, _)| (name.to_ascii_lowercase(), *name)).collect();
        lacking.retain(|lower, _| !asked.contains(lower));
        if !lacking.is_empty() && !self.client.is_offline() {
            self.ask_for_checksums(&lacking, &mut learned);
            asked.extend(lacking.into_keys().filter(|name| !learned.problems.contains_key(name)));
        }
        wanted.iter().map(|(name, version)| learned.answer(name, version)).collect()
    }

    /// Like [`checksums`](Self::checksums), without requests.
    pub fn known_checksums(&self, wanted: &[(&str, &Version)]) -> Vec<Option<String>> {
        let learned = self.learned(wanted);
        wanted.iter().map(|(name, version)| learned.answer(name, version).ok().flatten()).collect()
    }

    /// The facts from the cache and from cargo's copies.
    fn learned(&self, wanted: &[(&str, &Version)]) -> Learned {
        let mut learned = Learned::default();
        let Ok(location) = &self.location else { return learned };
        let kept = KeptChecksums::new(&self.cache, location);
        for name in wanted.iter().map(|(name, _)| *name).filter(|name| is_name(name)) {
            let lower = name.to_ascii_lowercase();
            learned.known.entry(lower).or_insert_with_key(|lower| kept.read(lower));
        }
        let Some(cargo_home) = &self.cargo_home else { return learned };
        let lacking = wanted.iter().filter(|(name, version)| learned.lacks(name, version));
        let lacking: BTreeSet<String> = lacking.map(|(name, _)| name.to_ascii_lowercase()).collect();
        for (lower, known) in learned.known.iter_mut().filter(|(lower, _)| lacking.contains(*lower)) {
            if let Some((entry, _)) = index::entry_of_cargo(cargo_home, location, lower) {
                for (version, checksum) in entry.checksums {
                    known.entry(version).or_insert(checksum);
                }
            }
        }
        learned
    }

    /// Asks the index about crates.
    fn ask_for_checksums(&self, names: &BTreeMap<String, &str>, learned: &mut Learned) {
        let location = self.location.as_ref().map_err(Clone::clone);
        let token = location.and_then(|location| Ok((location, self.index_token(location)?)));
        let (location, token) = match token {
            Ok(found) => found,
            Err(problem) => {
                learned.problems.extend(names.keys().map(|name| (name.clone(), problem.clone())));
                return;
            }
        };
        let request = |name: &&str| {
            let url = location.url(&index::path(name));
            Request::text(url, index::LARGEST).or_absent().with_token(token.clone())
        };
        let requests: Vec<Request> = names.values().map(request).collect();
        let names: Vec<&String> = names.keys().collect();
        let crates = KeptCrates::new(&self.cache, location.key());
        let kept = KeptChecksums::new(&self.cache, location);
        self.client.fetch_each(&requests, usize::MAX, &|_, _| {}, &mut |place, answer| {
            let Some(name) = names.get(place) else { return };
            let entry = answer.and_then(|fetched| match &fetched.body {
                Body::Text(text) => index::entry(&fetched.url, text).map(Some),
                Body::Bytes(_) | Body::Absent => Ok(None),
            });
            match entry {
                Ok(Some(IndexEntry { versions, checksums })) => {
                    kept.keep(name, &checksums);
                    // A look-up can use the versions, too.
                    let details = crates.read(name).and_then(|kept| kept.details);
                    crates.keep(name, &KeptCrate { seen: now(), index: Some(versions), details });
                    learned.known.insert((*name).clone(), checksums);
                }
                Ok(None) => {}
                Err(problem) => {
                    learned.problems.insert((*name).clone(), problem);
                }
            }
        });
    }

    /// The request for an archive.
    ///
    /// # Errors
    ///
    /// The registry does not say where archives are, or requires an unknown token.
    pub(crate) fn archive_request(
        &self,
        name: &str,
        version: &Version,
        checksum: &str,
    ) -> Result<Request, Diagnostic> {
        let location = self.location.as_ref().map_err(Clone::clone)?;
        let service: &Service = self.service(location)?;
        let url = service.archive_url(location, name, version, checksum)?;
        Ok(Request::bytes(url, vet_project::regular_file::LARGEST_ARCHIVE)
            .or_absent()
            .with_token(service.token(location)?))
    }
}

impl Learned {
    /// Whether the checksum of a version is unknown, and the name is valid for a crate.
    fn lacks(&self, name: &str, version: &Version) -> bool {
        is_name(name)
            && self.known.get(&name.to_ascii_lowercase()).is_none_or(|known| !known.contains_key(version))
    }

    fn answer(&self, name: &str, version: &Version) -> Result<Option<String>, Diagnostic> {
        let name = name.to_ascii_lowercase();
        match self.known.get(&name).and_then(|known| known.get(version)) {
            Some(checksum) => Ok(Some(checksum.clone())),
            None => self.problems.get(&name).map_or(Ok(None), |problem| Err(problem.clone())),
        }
    }
}

/// The cached checksums of crates.
#[derive(Clone, Debug)]
pub(super) struct KeptChecksums {
    /// The checksums by version, by the key of the index and the name of the crate in lower case.
    files: Files<(String, String), BTreeMap<String, String>>,
    index: String,
}

impl KeptChecksums {
    /// The checksums from one index.
    pub(super) fn new(cache: &Cache, location: &Location) -> Self {
        KeptChecksums { files: cache.files(&CHECKSUMS), index: location.key() }
    }

    /// Whether there is a file for a crate, whatever its content.
    pub(super) fn exist(&self, name: &str) -> bool {
        self.files.last_used(&self.key(name)).is_some()
    }

    /// The checksums of a crate; empty unless all of them are valid.
    fn read(&self, name: &str) -> Checksums {
        let key = self.key(name);
        let Some(checksums) = self.files.read(&key) else { return Checksums::new() };
        if !is_within(self.files.last_used(&key).map_or(0, seconds), now(), DAY) {
            self.files.touch(&key);
        }
        let entry = |(version, checksum): (String, String)| {
            let checksum = Some(checksum).filter(|checksum| is_sha256(checksum))?;
            Some((Version::parse(&version).ok()?, checksum))
        };
        checksums.into_iter().map(entry).collect::<Option<_>>().unwrap_or_default()
    }

    /// Stores the checksums of a crate from the index.
    pub(super) fn keep(&self, name: &str, checksums: &Checksums) {
        let texts = checksums.iter().map(|(version, checksum)| (version.to_string(), checksum.clone()));
        self.files.write(&self.key(name), &texts.collect());
    }

    fn key(&self, name: &str) -> (String, String) {
        (self.index.clone(), name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use vet_project::sha256::sha256;

    use super::*;

    fn kept(folder: &std::path::Path) -> KeptChecksums {
        KeptChecksums { files: Cache::new(folder).files(&CHECKSUMS), index: "i".to_owned() }
    }

    #[test]
    fn what_is_no_checksum_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let kept = kept(folder.path());
        assert_eq!((kept.exist("a"), kept.read("a")), (false, Checksums::new()));
        let checksums: Checksums =
            ["1.0.0", "1.0.0-a+b"].map(|version| (version.parse().unwrap(), sha256(version))).into();
        kept.keep("a", &checksums);
        assert_eq!((kept.exist("a"), kept.read("a")), (true, checksums));
        assert!(!kept.exist("b"));
        for (version, checksum) in [("1.0", sha256("a")), ("1.0.0", "0123".to_owned())] {
            kept.files.write(&kept.key("a"), &[(version.to_owned(), checksum)].into());
            assert_eq!(kept.read("a"), Checksums::new(), "{version}");
        }
    }

    /// Files in use are marked as used, but not in every run.
    #[test]
    fn files_in_use_stay() {
        let folder = tempfile::tempdir().unwrap();
        let kept = kept(folder.path());
        kept.keep("a", &Checksums::new());
        let path = kept.files.path(&kept.key("a"));
        for (age, is_touched) in [(2, true), (0, false)] {
            let time = std::time::SystemTime::now() - DAY * age - Duration::from_secs(60);
            fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
            kept.read("a");
            let modified = fs::metadata(&path).unwrap().modified().unwrap();
            assert_eq!(modified > time + Duration::from_secs(30), is_touched);
        }
    }
}
