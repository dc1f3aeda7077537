//! What crates.io knows of crates: which versions there are, who published them and when, what they are, and the
//! checksums of their archives.
//!
//! The index has the versions, the API the rest. Where cargo's configuration replaces crates.io by a mirror, the mirror
//! is asked: who has made cargo work has nothing left to do. Answers are kept, so that as little is asked as possible,
//! and the API hardly ever.

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

pub(crate) use index::path as index_path;
pub(crate) use libraries::SaidLibraries;

use vet_project::{RegistryConfiguration, Token};

use crate::clock;
use crate::http::Client;
use crate::published::Registries;
use location::Location;
use look_up::LookUp;

pub(crate) use location::index_key;
pub(crate) use look_up::is_name;
use service::Service;

/// What crates.io, or the mirror that cargo is configured to use in its place, knows of crates.
#[derive(Debug)]
pub struct CratesIo<'c> {
    client: &'c Client,
    cargo_home: Option<PathBuf>,
    cache_folder: PathBuf,
    location: Result<Location, Diagnostic>,
    /// Whether it was told what programs said that know tokens.
    told: AtomicBool,
    /// What the index says of its registry, once it has been asked.
    service: OnceLock<Result<Service, Diagnostic>>,
    /// The crates that the API was asked about, in lower case.
    asked: Mutex<BTreeSet<String>>,
    /// The crates whose checksums the index was asked for, in lower case.
    asked_for_checksums: Mutex<BTreeSet<String>>,
}

/// A crate, and what is needed of it.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The name of the crate. It may hold anything; no crate has a name of other letters than crates.io allows.
    pub name: String,
    /// What is needed.
    pub what: Needed,
}

/// What is needed of a crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needed {
    /// The version numbers, as the index has them now or had them within the last ten minutes.
    Versions,
    /// Publishers, dates, description and repository, in step with such an index.
    Everything,
    /// As [`Needed::Everything`], from the API as it is now, unless it was asked in this run. There are things that change
    /// without a new version, such as the name of an account.
    Anew,
    /// The publishers of these versions at least. What was learned earlier, however long ago, is enough if it has them
    /// all.
    Publishers(BTreeSet<Version>),
}

impl Needed {
    /// What meets two needs. Publishers may be known from long ago, while versions are wanted as they are now; both together
    /// are everything.
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

/// What is known of a crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Every published version, yanked ones included.
    pub versions: BTreeSet<Version>,
    /// What the API says; nothing if only the index was asked so far. It may be older than the versions, unless
    /// [`Needed::Everything`] was asked for.
    pub details: Option<Details>,
    /// The API said so in this run, so that the names of accounts are those of today.
    pub details_are_new: bool,
}

/// What the API says of a crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// What the crate is, in its newest version. Text from outside: anything may be in it.
    pub description: Option<String>,
    /// Where its sources are, in its newest version. Text from outside: anything may be in it.
    pub repository: Option<String>,
    /// The versions that the API has, which may be others than those in the index.
    pub releases: BTreeMap<Version, Release>,
    /// The versions of which the API says that they have a library.
    pub libraries: BTreeSet<Version>,
}

/// How a version came to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The day, in UTC.
    pub when: Date,
    /// Who published it; nobody knows for very old versions, and for those that an unknown service published.
    pub publisher: Option<Publisher>,
}

/// What is known of a crate; nothing if there is no such crate.
pub type Answer = Result<Option<Arc<Known>>, Diagnostic>;

impl<'c> CratesIo<'c> {
    /// Finds out whom to ask. Nobody is asked yet.
    ///
    /// `configuration` and `environment` say what is used in place of crates.io. `cargo_home` may hold tokens, and what
    /// cargo keeps of the index. `cache_folder` is where answers are kept, and need not exist.
    pub fn new(
        client: &'c Client,
        cargo_home: Option<&Path>,
        configuration: &RegistryConfiguration,
        environment: &RegistryEnvironment,
        cache_folder: &Path,
    ) -> Self {
        let location = Location::find(configuration, environment, cargo_home);
        Self::at(client, location, cargo_home, cache_folder)
    }

    /// The registry that a lock file names as a source, for what its index has of packages.
    pub(crate) fn of_source(client: &'c Client, registries: &Registries<'_>, source: &str) -> Self {
        let Registries { configuration, environment, cargo_home, cache_folder } = *registries;
        let location = Location::of_source(source, configuration, environment, cargo_home);
        Self::at(client, location, cargo_home, cache_folder)
    }

    /// What stands for the index of a source; nothing if the user has none for it.
    pub(crate) fn key_of_source(registries: &Registries<'_>, source: &str) -> Option<String> {
        let Registries { configuration, environment, cargo_home, .. } = *registries;
        Some(Location::of_source(source, configuration, environment, cargo_home).ok()?.key())
    }

    fn at(
        client: &'c Client,
        location: Result<Location, Diagnostic>,
        cargo_home: Option<&Path>,
        cache_folder: &Path,
    ) -> Self {
        CratesIo {
            client,
            cargo_home: cargo_home.map(Path::to_owned),
            cache_folder: cache_folder.to_owned(),
            location,
            told: AtomicBool::new(false),
            service: OnceLock::new(),
            asked: Mutex::default(),
            asked_for_checksums: Mutex::default(),
        }
    }

    /// What asks.
    pub(crate) fn client(&self) -> &Client {
        self.client
    }

    /// Where answers are kept.
    pub(crate) fn cache_folder(&self) -> &Path {
        &self.cache_folder
    }

    /// Whether nobody must be asked.
    pub(crate) fn is_offline(&self) -> bool {
        self.client.is_offline()
    }

    /// Looks crates up, many at the same time. There is one answer for each name. `report` hears how many crates are
    /// done, of how many.
    ///
    /// Without the network, what was kept has to do, however old it is.
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

    /// What programs said that were asked for a token, for those who want to know. It is said once.
    pub fn remarks(&self) -> Vec<String> {
        let Some(found) = self.location.as_ref().ok().and_then(Location::known_credentials) else {
            return Vec::new();
        };
        match self.told.swap(true, Ordering::Relaxed) {
            true => Vec::new(),
            false => found.problems.iter().chain(&found.complaints).cloned().collect(),
        }
    }

    /// What tells the index who asks. What a mirror wants has to be known before it is asked; crates.io wants nothing.
    fn index_token(&self, location: &Location) -> Result<Option<Token>, Diagnostic> {
        match location.is_official() {
            true => Ok(None),
            false => self.service(location)?.token(location),
        }
    }

    fn service(&self, location: &Location) -> Result<&Service, Diagnostic> {
        let service = self.service.get_or_init(|| Service::find(self.client, location, &self.cache_folder));
        service.as_ref().map_err(Clone::clone)
    }
}
