//! Finding out which packages of crates.io are libraries, without downloading them all.
//!
//! Cargo downloads every package to know. The API of crates.io says it in a few hundred bytes, but nothing ties its answer to
//! the locked checksum. That a package is a library makes the graph larger, and is taken from the API for this run. That it is
//! none makes the graph smaller, and is taken from its archive only.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use vet_graph::graph::PackageSource;
use vet_graph::lock_file::{LockFile, LockedPackage};
use vet_store::diagnostic::Diagnostic;

use super::download::bring;
use super::{KnownPackages, Registries, Sources, own_key};
use crate::crates_io::SaidLibraries;
use crate::http::Client;

/// Archives that may be downloaded to learn of packages what the API does not say. For more of them cargo is the better one to
/// ask: it downloads them to where the next build finds them.
const MOST_ARCHIVES: usize = 100;

/// What happens while it is found out.
#[derive(Clone, Copy, Debug)]
pub enum LibraryEvent {
    /// The API was asked about so many packages, of so many.
    Asked(usize, usize),
    /// So many archives are there, of so many.
    Downloaded(usize, usize),
}

impl KnownPackages {
    /// Recalls which packages the API said to be libraries in earlier runs. Only archives count for those that are to be
    /// confirmed, which are given by their places in the lock file.
    pub fn recall_libraries(
        &mut self,
        lock: &LockFile,
        is_to_confirm: &dyn Fn(usize) -> bool,
        cache_folder: &Path,
    ) {
        let mut said = HashMap::new();
        for (place, package) in lock.packages.iter().enumerate() {
            let Some(source) =
                package.registry().filter(|it| PackageSource::of(it) == PackageSource::CratesIo)
            else {
                continue;
            };
            let Some(index) = self.indexes.get(source) else { continue };
            let said = said.entry(source).or_insert_with(|| SaidLibraries::recall(cache_folder, index));
            if said.has(&package.name, &package.version) && !is_to_confirm(place) {
                self.said_libraries.extend(own_key(package));
            }
        }
    }

    /// Finds out which packages are libraries, given by their places in the lock file. The API is not asked about those that
    /// are to be confirmed: for them only archives count, as for packages of other registries.
    ///
    /// # Errors
    ///
    /// A registry cannot be asked. What was found out counts nevertheless, and what archives tell is remembered.
    pub fn find_libraries(
        &mut self,
        lock: &LockFile,
        packages: &BTreeSet<usize>,
        is_to_confirm: &dyn Fn(usize) -> bool,
        from: (&Registries<'_>, &Sources),
        client: &Client,
        report: &dyn Fn(LibraryEvent),
    ) -> Result<(), Diagnostic> {
        let found = self.find_libraries_of_crates_io(lock, packages, is_to_confirm, from, client, report);
        let is_of_other = |place: &usize| {
            let source = lock.packages.get(*place).and_then(LockedPackage::registry);
            source.is_some_and(|source| PackageSource::of(source) != PackageSource::CratesIo)
        };
        let of_others = packages.iter().copied().filter(is_of_other);
        let unknown: Vec<usize> = of_others.filter(|place| self.is_untold(lock, *place)).collect();
        if unknown.is_empty() || unknown.len() > MOST_ARCHIVES {
            return found;
        }
        let report = |done: usize, total: usize| report(LibraryEvent::Downloaded(done, total));
        let brought = self.download_archives(lock, &unknown, from, client, &report);
        let (registries, sources) = from;
        self.read_archives(lock, &unknown, &sources.archives(registries.cache_folder));
        found.and(brought)
    }

    fn find_libraries_of_crates_io(
        &mut self,
        lock: &LockFile,
        packages: &BTreeSet<usize>,
        is_to_confirm: &dyn Fn(usize) -> bool,
        (registries, sources): (&Registries<'_>, &Sources),
        client: &Client,
        report: &dyn Fn(LibraryEvent),
    ) -> Result<(), Diagnostic> {
        let is_of_crates_io = |place: &usize| {
            let source = lock.packages.get(*place).and_then(LockedPackage::registry);
            source.is_some_and(|source| PackageSource::of(source) == PackageSource::CratesIo)
        };
        let Some(source) = packages
            .iter()
            .find(|it| is_of_crates_io(it))
            .and_then(|place| lock.packages.get(*place)?.registry())
        else {
            return Ok(());
        };
        let is_of_source =
            |place: &usize| lock.packages.get(*place).and_then(LockedPackage::registry) == Some(source);
        let unknown =
            packages.iter().copied().filter(|place| is_of_source(place) && self.is_untold(lock, *place));
        let unknown: Vec<usize> = unknown.collect();
        let crates_io = registries.registry(client, source);
        let asked: Vec<usize> = unknown.iter().copied().filter(|place| !is_to_confirm(*place)).collect();
        let named: Vec<&LockedPackage> = asked.iter().filter_map(|place| lock.packages.get(*place)).collect();
        let versions: Vec<_> =
            named.iter().map(|package| (package.name.as_str(), &package.version)).collect();
        let said = crates_io.libraries(&versions, &|done, total| report(LibraryEvent::Asked(done, total)))?;
        self.said_libraries.extend(said.into_iter().filter_map(|number| own_key(named.get(number)?)));

        let is_unknown = |place: &usize| self.is_untold(lock, *place);
        let unknown: Vec<usize> = unknown.into_iter().filter(is_unknown).collect();
        if unknown.is_empty() || unknown.len() > MOST_ARCHIVES {
            return Ok(());
        }
        let brought = bring(&crates_io, lock, &unknown, sources, &|done, total| {
            report(LibraryEvent::Downloaded(done, total));
        });
        self.read_archives(lock, &unknown, &sources.archives(crates_io.cache_folder()));
        brought
    }

    /// Whether nothing has said yet if a package is a library. What an archive leaves open stays open.
    fn is_untold(&self, lock: &LockFile, place: usize) -> bool {
        let key = lock.packages.get(place).and_then(own_key);
        key.is_some_and(|key| self.facts.get(&key).is_none() && !self.said_libraries.contains(&key))
    }
}
