//! Facts from crates.io about crates: their versions, who published them and when, their
//! descriptions, and the checksums of their archives.
//!
//! The index has the versions, and the API has the rest. If cargo's configuration replaces
//! crates.io with a mirror, the mirror is asked, so that users who have configured cargo need no
//! further configuration. Answers are cached to keep requests few, especially those to the API.

mod api;
mod checksums;
mod crate_cache;
mod credentials;
mod entries;
mod index;
mod libraries;
mod location;
mod look_up;
mod next_request;
mod registries;
mod service;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use semver::Version;
use vet_diagnostics::Diagnostic;
use vet_project::RegistryEnvironment;
use vet_store::Date;
use vet_store::entries::Publisher;

pub use registries::Registries;

pub(crate) use index::{is_name, path as index_path};
pub(crate) use libraries::SaidLibraries;

use vet_project::{RegistryConfiguration, Token};

use crate::cache::Cache;
use crate::clock;
use crate::http::Client;
use crate::run_log::RunLog;
use location::Location;
use look_up::LookUp;

pub(crate) use location::index_key;
use service::Service;

/// The source of facts about crates: crates.io, or the mirror that cargo is configured to use
/// instead.
#[derive(Debug)]
pub struct CratesIo<'c> {
    client: &'c Client,
    cargo_home: Option<PathBuf>,
    cache: Cache,
    location: Result<Location, Diagnostic>,
    /// Whether the messages of credential programs were already reported.
    told: AtomicBool,
    /// What the index says about its registry, after it was asked.
    service: OnceLock<Result<Service, Diagnostic>>,
    /// The crates that the API was asked about, in lower case.
    asked: Mutex<BTreeSet<String>>,
    /// The crates for which the index was asked for checksums, in lower case.
    asked_for_checksums: Mutex<BTreeSet<String>>,
}

/// A crate, and which facts are needed.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The name of the crate. It may contain anything; no crate has a name that crates.io does not
    /// allow.
    pub name: String,
    /// The facts that are needed.
    pub what: Needed,
}

/// The facts about a crate that are needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needed {
    /// The version numbers in the index, at most ten minutes old.
    Versions,
    /// Publishers, dates, description and repository, matching such an index.
    Everything,
    /// Like [`Needed::Everything`], with the current answer of the API, unless it was already asked
    /// in this run. Some facts change without a new version, such as the name of an account.
    Anew,
    /// At least the publishers of these versions. Cached facts of any age suffice if they include
    /// all of them.
    Publishers(BTreeSet<Version>),
}

impl Needed {
    /// Combines two needs. Publishers may be cached for long, but versions must be current; both
    /// together require everything.
    #[must_use]
    pub fn and(self, other: Needed) -> Needed {
        match (self, other) {
            (Needed::Versions, Needed::Versions) => Needed::Versions,
            (Needed::Publishers(one), Needed::Publishers(other)) => Needed::Publishers(&one | &other),
            (Needed::Anew, _) | (_, Needed::Anew) => Needed::Anew,
            _ => Needed::Everything,
        }
    }
}

/// The known facts about a crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Every published version, including yanked ones.
    pub versions: BTreeSet<Version>,
    /// The answer of the API; `None` if only the index was asked. It may be older than the
    /// versions, unless [`Needed::Everything`] was requested.
    pub details: Option<Details>,
    /// Whether the API answered in this run, so that the names of accounts are current.
    pub details_are_new: bool,
}

/// The API's answer about a crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The description of the newest version. Untrusted text: it may contain anything.
    pub description: Option<String>,
    /// The repository of the newest version. Untrusted text: it may contain anything.
    pub repository: Option<String>,
    /// The versions that the API has. They may differ from those in the index.
    pub releases: BTreeMap<Version, Release>,
    /// The versions that have a library according to the API.
    pub libraries: BTreeSet<Version>,
}

/// How a version was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The day, in UTC.
    pub when: Date,
    /// The publisher; `None` for very old versions, and for versions that an unknown service
    /// published.
    pub publisher: Option<Publisher>,
}

/// The facts about a crate; `None` if there is no such crate.
pub type Answer = Result<Option<Arc<Known>>, Diagnostic>;

impl<'c> CratesIo<'c> {
    /// Determines which registry to ask, without asking it yet.
    ///
    /// `configuration` and `environment` say what replaces crates.io. `cargo_home` may contain
    /// tokens and cargo's copy of the index. Answers are stored in `cache`.
    pub fn new(
        client: &'c Client,
        cargo_home: Option<&Path>,
        configuration: &RegistryConfiguration,
        environment: &RegistryEnvironment,
        cache: &Cache,
    ) -> Self {
        let location = Location::find(configuration, environment, cargo_home);
        Self::at(client, location, cargo_home, cache)
    }

    /// The registry that a lock file names as a source, for the index entries of packages.
    pub(crate) fn of_source(client: &'c Client, registries: &Registries<'_>, source: &str) -> Self {
        let Registries { configuration, environment, cargo_home, cache } = *registries;
        let location = Location::of_source(source, configuration, environment, cargo_home);
        Self::at(client, location, cargo_home, cache)
    }

    /// The key that identifies the index of a source; `None` if the user's configuration has none.
    pub(crate) fn key_of_source(registries: &Registries<'_>, source: &str) -> Option<String> {
        let Registries { configuration, environment, cargo_home, .. } = *registries;
        Some(Location::of_source(source, configuration, environment, cargo_home).ok()?.key())
    }

    fn at(
        client: &'c Client,
        location: Result<Location, Diagnostic>,
        cargo_home: Option<&Path>,
        cache: &Cache,
    ) -> Self {
        CratesIo {
            client,
            cargo_home: cargo_home.map(Path::to_owned),
            cache: cache.clone(),
            location,
            told: AtomicBool::new(false),
            service: OnceLock::new(),
            asked: Mutex::default(),
            asked_for_checksums: Mutex::default(),
        }
    }

    /// The client for requests.
    pub(crate) fn client(&self) -> &Client {
        self.client
    }

    /// Where answers are stored.
    pub(crate) fn cache(&self) -> &Cache {
        &self.cache
    }

    /// Where to tell what was fetched, and what did not have to be.
    pub(crate) fn log(&self) -> &RunLog {
        self.client.log()
    }

    /// Whether the network must not be used.
    pub(crate) fn is_offline(&self) -> bool {
        self.client.is_offline()
    }

    /// Looks up crates, many at the same time. Returns one answer for each name. `report` receives
    /// the number of completed crates and the total.
    ///
    /// Without the network, cached answers of any age are used.
    pub fn look_up(&self, wanted: &[Wanted], report: &dyn Fn(usize, usize)) -> BTreeMap<String, Answer> {
        let names: BTreeSet<&str> = wanted.iter().map(|wanted| wanted.name.as_str()).collect();
        let (names, nonsense): (BTreeSet<&str>, BTreeSet<&str>) =
            names.into_iter().partition(|name| is_name(name));
        let mut answers: BTreeMap<String, Answer> =
            nonsense.into_iter().map(|name| (name.to_owned(), Ok(None))).collect();
        match &self.location {
            Err(problem) => {
                answers.extend(names.into_iter().map(|name| (name.to_owned(), Err(problem.clone()))));
            }
            Ok(location) => {
                let spelled: BTreeSet<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
                let report = |done: usize| report(done, spelled.len());
                let found = LookUp::new(self, location, clock::now(), wanted, &report).run();
                answers.extend(names.into_iter().filter_map(|name| {
                    Some((name.to_owned(), found.get(&name.to_ascii_lowercase())?.clone()))
                }));
            }
        }
        answers
    }

    /// Messages of credential programs, for verbose output. They are returned only once.
    pub fn remarks(&self) -> Vec<String> {
        let Some(found) = self.location.as_ref().ok().and_then(Location::known_credentials) else {
            return Vec::new();
        };
        match self.told.swap(true, Ordering::Relaxed) {
            true => Vec::new(),
            false => found.problems.iter().chain(&found.complaints).cloned().collect(),
        }
    }

    /// The token for the index. A mirror's needs must be known before it is asked; crates.io needs
    /// none.
    fn index_token(&self, location: &Location) -> Result<Option<Token>, Diagnostic> {
        match location.is_official() {
            true => Ok(None),
            false => self.service(location)?.token(location),
        }
    }

    fn service(&self, location: &Location) -> Result<&Service, Diagnostic> {
        let service = self.service.get_or_init(|| Service::find(self.client, location, &self.cache));
        service.as_ref().map_err(Clone::clone)
    }
}
