//! Finds out which packages of registries are libraries, without downloading all of them.
//!
//! Cargo would download every package. The API of crates.io answers in a few hundred bytes, but
//! nothing connects its answer to the locked checksum. An answer that a package is a library makes
//! the graph larger, so it is accepted from the API for this run. An answer that it is not makes
//! the graph smaller, so it is accepted only from the archive. For other registries, it is unknown
//! whether their API has this fact, so their archives are downloaded.

use std::collections::{BTreeSet, HashMap};

use vet_diagnostics::Diagnostic;
use vet_graph::graph::PackageSource;
use vet_graph::lock_file::{LockFile, LockedPackage};

use super::{KnownPackages, Registries, Sources, own_key};
use crate::cache::Cache;
use crate::crates_io::{CratesIo, SaidLibraries};
use crate::http::Client;

/// The maximum number of archives that are downloaded because the API does not answer. If there are
/// more, it is better to ask cargo, which downloads them to where the next build finds them.
const MOST_ARCHIVES: usize = 100;

/// An event of the search.
#[derive(Clone, Copy, Debug)]
pub enum LibraryEvent {
    /// The number of packages that the API was asked about, and the total.
    Asked(usize, usize),
    /// The number of downloaded archives, and the total.
    Downloaded(usize, usize),
}

impl KnownPackages {
    /// Reads which packages are libraries according to the API's answers in earlier runs. For the
    /// packages to be confirmed, given as indices in the lock file, only archives count.
    pub fn recall_libraries(
        &mut self,
        lock: &LockFile,
        is_to_confirm: &dyn Fn(usize) -> bool,
        cache: &Cache,
    ) {
        let mut said: HashMap<&str, Option<SaidLibraries>> = HashMap::new();
        for (place, package) in lock.packages.iter().enumerate() {
            let Some(source) = package.registry() else { continue };
            let said = said.entry(source).or_insert_with(|| {
                let index = self.indexes.get(source)?;
                let is_asked = PackageSource::of(source) == PackageSource::CratesIo;
                is_asked.then(|| SaidLibraries::recall(cache, index))
            });
            let Some(said) = said else { continue };
            if said.has(&package.name, &package.version) && !is_to_confirm(place) {
                self.said_libraries.extend(own_key(package).map(|key| (key.owned(), ())));
            }
        }
    }

    /// Finds out which packages, given as indices in the lock file, are libraries. The API is not
    /// asked about packages to be confirmed and packages of registries other than crates.io: for
    /// them only archives count.
    ///
    /// # Errors
    ///
    /// A registry cannot be asked. The other results count anyway, and facts from archives are
    /// remembered.
    pub fn find_libraries(
        &mut self,
        lock: &LockFile,
        packages: &BTreeSet<usize>,
        is_to_confirm: &dyn Fn(usize) -> bool,
        (registries, sources): (&Registries<'_>, &Sources),
        client: &Client,
        report: &dyn Fn(LibraryEvent),
    ) -> Result<(), Diagnostic> {
        let of_crates_io = |place: usize| {
            let source = lock.packages.get(place).and_then(LockedPackage::registry);
            source.filter(|source| PackageSource::of(source) == PackageSource::CratesIo)
        };
        let mut unknown: Vec<usize> =
            packages.iter().copied().filter(|place| self.is_untold(lock, *place)).collect();
        let asked = match unknown.iter().find_map(|place| of_crates_io(*place)) {
            Some(source) => {
                let asked = unknown.iter().copied();
                let asked = asked.filter(|place| of_crates_io(*place).is_some() && !is_to_confirm(*place));
                let crates_io = registries.registry(client, source);
                self.ask_api(lock, &asked.collect::<Vec<_>>(), &crates_io, report)
            }
            None => Ok(()),
        };
        unknown.retain(|place| {
            self.is_untold(lock, *place) && (asked.is_ok() || of_crates_io(*place).is_none())
        });
        if unknown.is_empty() || unknown.len() > MOST_ARCHIVES {
            return asked;
        }
        let brought =
            self.download_archives(lock, &unknown, (registries, sources), client, &|done, total| {
                report(LibraryEvent::Downloaded(done, total));
            });
        self.read_archives(lock, &unknown, &sources.archives(registries.cache));
        asked.and(brought)
    }

    /// Asks the API of crates.io about packages.
    fn ask_api(
        &mut self,
        lock: &LockFile,
        packages: &[usize],
        crates_io: &CratesIo<'_>,
        report: &dyn Fn(LibraryEvent),
    ) -> Result<(), Diagnostic> {
        let named: Vec<&LockedPackage> =
            packages.iter().filter_map(|place| lock.packages.get(*place)).collect();
        let versions: Vec<_> =
            named.iter().map(|package| (package.name.as_str(), &package.version)).collect();
        let said = crates_io.libraries(&versions, &|done, total| report(LibraryEvent::Asked(done, total)))?;
        let keys = said.into_iter().filter_map(|number| own_key(named.get(number)?));
        self.said_libraries.extend(keys.map(|key| (key.owned(), ())));
        Ok(())
    }

    /// Whether nothing is known yet about a package being a library. If an archive leaves this
    /// open, it stays open.
    fn is_untold(&self, lock: &LockFile, place: usize) -> bool {
        let key = lock.packages.get(place).and_then(own_key);
        key.is_some_and(|key| !self.facts.contains(key) && !self.said_libraries.contains(key))
    }
}
