//! Cached facts about crates: one record for each crate and index.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use semver::Version;
use serde::{Deserialize, Serialize};
use vet_store::entries::Publisher;

use super::{Details, Known, Release};
use crate::cache::Cache;
use crate::cache::files::Files;
use crate::cache::kinds::CRATES;
use crate::clock::{is_within, now};

/// The minimum interval between updates of a file's time.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The cached facts from one index.
#[derive(Clone, Debug)]
pub(super) struct KeptCrates {
    /// By the key of the index and the name of the crate in lower case.
    files: Files<(String, String), Stored>,
    index: String,
}

/// The facts about a crate, and their age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeptCrate {
    /// When the index had this content, in seconds since 1970.
    pub(super) seen: u64,
    /// The versions in the index; `None` if there is no such crate.
    pub(super) index: Option<BTreeSet<Version>>,
    pub(super) details: Option<KeptDetails>,
}

/// The API's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeptDetails {
    /// When it was asked, in seconds since 1970.
    pub(super) asked: u64,
    /// The versions that the index had at that time.
    pub(super) of: BTreeSet<Version>,
    pub(super) details: Details,
}

impl KeptCrate {
    /// The result for callers; `None` if there is no such crate.
    pub(super) fn known(&self, details_are_new: bool) -> Option<Known> {
        let mut versions = self.index.clone()?;
        // The API may be ahead of the index. What it said earlier may have been withdrawn.
        if let Some(details) = self.details.as_ref().filter(|details| details.of == versions) {
            versions.extend(details.details.releases.keys().cloned());
        }
        let details = self.details.as_ref().map(|details| details.details.clone());
        Some(Known { versions, details, details_are_new })
    }
}

impl KeptCrates {
    /// The facts from the index with this key.
    pub(super) fn new(cache: &Cache, index: String) -> Self {
        KeptCrates { files: cache.files(&CRATES), index }
    }

    /// The cached facts about a crate, whose name is in lower case.
    pub(super) fn read(&self, name: &str) -> Option<KeptCrate> {
        let key = self.key(name);
        let kept = self.files.read(&key)?.into_crate()?;
        if !is_within(kept.seen, now(), DAY) {
            self.files.touch(&key);
        }
        Some(kept)
    }

    /// Stores facts about a crate.
    pub(super) fn keep(&self, name: &str, kept: &KeptCrate) {
        self.files.write(&self.key(name), &Stored::of(kept));
    }

    fn key(&self, name: &str) -> (String, String) {
        (self.index.clone(), name.to_owned())
    }
}

/// The stored form. A few accounts publish many versions, so each account is stored once.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stored {
    seen: u64,
    index: Option<Vec<String>>,
    details: Option<StoredDetails>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredDetails {
    asked: u64,
    of: Vec<String>,
    description: Option<String>,
    repository: Option<String>,
    publishers: Vec<StoredPublisher>,
    /// The version, the day, and the index of the publisher in the list above.
    releases: Vec<(String, String, Option<usize>)>,
    /// Versions with a library.
    #[serde(default)]
    libraries: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StoredPublisher {
    /// The id, login and name.
    User(u64, String, Option<String>),
    TrustedPublisher(String),
}

impl Stored {
    fn of(kept: &KeptCrate) -> Self {
        Stored {
            seen: kept.seen,
            index: kept.index.as_ref().map(texts),
            details: kept.details.as_ref().map(StoredDetails::of),
        }
    }

    /// The stored facts, if all of them are valid.
    fn into_crate(self) -> Option<KeptCrate> {
        let index = match self.index {
            Some(texts) => Some(versions(&texts)?),
            None => None,
        };
        let details = match self.details {
            Some(details) => Some(details.into_details()?),
            None => None,
        };
        Some(KeptCrate { seen: self.seen, index, details })
    }
}

impl StoredDetails {
    fn of(kept: &KeptDetails) -> Self {
        let Details { description, repository, releases, libraries } = &kept.details;
        let publishers: BTreeSet<&Publisher> =
            releases.values().filter_map(|release| release.publisher.as_ref()).collect();
        let places: BTreeMap<&Publisher, usize> =
            publishers.iter().enumerate().map(|(place, publisher)| (*publisher, place)).collect();
        let stored = |(version, release): (&Version, &Release)| {
            let place = release.publisher.as_ref().and_then(|publisher| places.get(publisher).copied());
            (version.to_string(), release.when.to_string(), place)
        };
        StoredDetails {
            asked: kept.asked,
            of: texts(&kept.of),
            description: description.clone(),
            repository: repository.clone(),
            publishers: publishers.into_iter().map(StoredPublisher::of).collect(),
            releases: releases.iter().map(stored).collect(),
            libraries: texts(libraries),
        }
    }

    fn into_details(self) -> Option<KeptDetails> {
        let publishers: Vec<Publisher> =
            self.publishers.into_iter().map(StoredPublisher::into_publisher).collect();
        let release = |(version, when, place): (String, String, Option<usize>)| {
            let publisher = match place {
                Some(place) => Some(publishers.get(place)?.clone()),
                None => None,
            };
            Some((Version::parse(&version).ok()?, Release { when: when.parse().ok()?, publisher }))
        };
        let releases: Option<BTreeMap<Version, Release>> = self.releases.into_iter().map(release).collect();
        let details = Details {
            description: self.description,
            repository: self.repository,
            releases: releases?,
            libraries: versions(&self.libraries)?,
        };
        Some(KeptDetails { asked: self.asked, of: versions(&self.of)?, details })
    }
}

impl StoredPublisher {
    fn of(publisher: &Publisher) -> Self {
        match publisher.clone() {
            Publisher::User { id, login, name } => StoredPublisher::User(id, login, name),
            Publisher::TrustedPublisher(signature) => StoredPublisher::TrustedPublisher(signature),
        }
    }

    fn into_publisher(self) -> Publisher {
        match self {
            StoredPublisher::User(id, login, name) => Publisher::User { id, login, name },
            StoredPublisher::TrustedPublisher(signature) => Publisher::TrustedPublisher(signature),
        }
    }
}

fn texts(versions: &BTreeSet<Version>) -> Vec<String> {
    versions.iter().map(Version::to_string).collect()
}

fn versions(texts: &[String]) -> Option<BTreeSet<Version>> {
    texts.iter().map(|text| Version::parse(text).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(numbers: &[&str]) -> BTreeSet<Version> {
        numbers.iter().map(|number| number.parse().unwrap()).collect()
    }

    fn kept() -> KeptCrate {
        let user = |name: Option<&str>| Publisher::User {
            id: 7,
            login: "a\n\"".to_owned(),
            name: name.map(str::to_owned),
        };
        let releases = [
            ("0.1.0", "2020-01-02", None),
            ("1.0.0-a+b", "2021-01-02", Some(user(None))),
            ("1.0.0", "2021-01-03", Some(user(Some("A")))),
            ("1.1.0", "2022-01-02", Some(user(Some("A")))),
            ("2.0.0", "2023-01-02", Some(Publisher::TrustedPublisher("github:o/r".to_owned()))),
        ];
        let release = |(version, when, publisher): (&str, &str, _)| {
            (version.parse().unwrap(), Release { when: when.parse().unwrap(), publisher })
        };
        let details = Details {
            description: Some("\u{1b}[2J\n".to_owned()),
            repository: None,
            releases: releases.into_iter().map(release).collect(),
            libraries: set(&["1.0.0"]),
        };
        KeptCrate {
            seen: 3,
            index: Some(set(&["1.0.0", "2.0.0"])),
            details: Some(KeptDetails { asked: 2, of: set(&["1.0.0", "2.0.0"]), details }),
        }
    }

    #[test]
    fn what_is_kept_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let crates = KeptCrates::new(&Cache::new(folder.path().join("not/there")), "k".to_owned());
        let other = KeptCrates::new(&Cache::new(folder.path().join("not/there")), "l".to_owned());
        assert_eq!(crates.read("a"), None);
        for kept in [
            kept(),
            KeptCrate { details: None, ..kept() },
            KeptCrate { index: None, details: None, seen: u64::MAX },
        ] {
            crates.keep("a", &kept);
            assert_eq!(crates.read("a"), Some(kept));
            assert_eq!((crates.read("b"), other.read("a")), (None, None));
        }
    }

    #[test]
    fn what_makes_no_sense_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let crates = KeptCrates::new(&Cache::new(folder.path()), "k".to_owned());
        let (key, whole) = (crates.key("a"), Stored::of(&kept()));
        let details = || whole.details.clone().unwrap();
        let release = |place| ("1.0.0".to_owned(), "2020-01-01".to_owned(), place);
        for wrong in [
            Stored { index: Some(vec!["x".to_owned()]), ..whole.clone() },
            Stored {
                details: Some(StoredDetails { releases: vec![release(Some(9))], ..details() }),
                ..whole.clone()
            },
            Stored {
                details: Some(StoredDetails { of: vec!["1".to_owned()], ..details() }),
                ..whole.clone()
            },
        ] {
            crates.files.write(&key, &wrong);
            assert_eq!(crates.read("a"), None, "{wrong:?}");
        }
        crates.files.write(&key, &whole);
        assert_eq!(crates.read("a"), Some(kept()));
    }

    #[test]
    fn what_the_api_has_ahead_of_the_index_counts() {
        let known = |kept: KeptCrate| kept.known(false).map(|known| known.versions.len());
        assert_eq!(known(kept()), Some(5));
        assert_eq!(
            known(KeptCrate { index: Some(set(&["1.0.0"])), ..kept() }),
            Some(1),
            "unless it is older"
        );
        assert_eq!(known(KeptCrate { index: None, ..kept() }), None);
    }
}
