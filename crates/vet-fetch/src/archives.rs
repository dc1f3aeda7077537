//! The archives of published versions: from cargo's downloads, from this tool's cache, or from the
//! registry.
//!
//! An archive is used only if it has the checksum from `Cargo.lock`, or for other versions the one
//! from the index. An attacker who can write to cargo's folder or the cache, or who controls the
//! connection to the registry, can make an archive unavailable, but cannot replace it. Wrong files
//! in cargo's folder are left there and skipped.
//!
//! Downloads are written to disk while they arrive, so memory use does not depend on their size. An
//! interrupted download continues where it stopped.

mod krate;
mod partial_download;
mod problem;
mod vendored;

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use semver::Version;
use vet_diagnostics::Diagnostic;
use vet_project::VendoredSources;

pub use krate::Crate;

use crate::cache::Cache;
use crate::crates_io::{CratesIo, is_name};
use crate::http::{FetchEvent, Request};
use krate::Place;
use partial_download::PartialDownload;
use problem::SaidBy;
use vet_project::sha256::sha256_of_file;

/// The maximum number of simultaneous downloads.
const AT_ONCE: usize = 24;

/// The cache subfolder for archives of crates.io, which is also the original's.
pub(crate) const CACHED: &str = "cache";

/// The cache subfolder for archives of other registries.
pub(crate) const CACHED_OF_OTHERS: &str = "registries";

/// Where to find the sources of published packages.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Cargo's home, which contains its downloads.
    pub cargo_home: Option<PathBuf>,
    /// Folders of vendored sources.
    pub vendored: VendoredSources,
}

impl Sources {
    /// The folders that may contain archives: cargo's downloads and this tool's cache.
    pub fn archives(&self, cache: &Cache) -> Vec<PathBuf> {
        let downloads = self.cargo_home.as_ref().map(|home| home.join("registry").join("cache"));
        let downloads =
            downloads.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten();
        downloads
            .map(|entry| entry.path())
            .chain([CACHED, CACHED_OF_OTHERS].map(|name| cache.path(name)))
            .collect()
    }
}

/// A version whose archive is wanted.
#[derive(Clone, Debug)]
pub struct WantedArchive {
    /// The name of the crate, as `Cargo.lock` or the user writes it. Untrusted: it may contain
    /// anything.
    pub name: String,
    /// The version.
    pub version: Version,
    /// The checksum in `Cargo.lock`, if the version is there. Otherwise it is taken from the index.
    pub checksum: Option<String>,
}

/// An event while archives are provided.
#[derive(Clone, Copy, Debug)]
pub enum ArchiveEvent<'a> {
    /// This many archives are not on this machine and are downloaded.
    Missing(usize),
    /// An event of one download.
    Download {
        /// The index of the wanted archive.
        index: usize,
        /// The event.
        event: FetchEvent<'a>,
    },
}

/// Provides archives.
#[derive(Debug)]
pub struct Archives<'c> {
    crates_io: &'c CratesIo<'c>,
    cache: Cache,
    /// The cache subfolder for archives.
    folder: &'static str,
    /// Cargo's downloads: one folder for each index.
    downloads: Vec<PathBuf>,
    vendored: Vec<PathBuf>,
    is_stopped: Option<&'c AtomicBool>,
    /// Archives that were unavailable. They are not requested again in the same run.
    failed: Mutex<BTreeMap<(String, Version), Diagnostic>>,
}

/// A wanted version, and the checksum that its archive must have.
#[derive(Clone, Debug)]
struct Sought<'w> {
    /// Its index among the wanted versions.
    index: usize,
    wanted: &'w WantedArchive,
    checksum: String,
    said_by: SaidBy,
    /// Files that were found and are something else, for the message if the archive is not found.
    passed_over: Vec<String>,
}

type Got<'g> = dyn FnMut(usize, Result<Crate, Diagnostic>) + 'g;

impl<'c> Archives<'c> {
    /// Creates a provider that uses local sources first, and then the registry.
    pub fn new(crates_io: &'c CratesIo<'c>, sources: Sources) -> Self {
        let Sources { cargo_home, vendored } = sources;
        let downloads = cargo_home.map(|home| home.join("registry").join("cache"));
        let downloads = downloads.and_then(|downloads| fs::read_dir(downloads).ok()).into_iter().flatten();
        let downloads = downloads.flatten().map(|index| index.path()).collect();
        let cache = crates_io.cache().clone();
        Archives {
            crates_io,
            cache,
            folder: CACHED,
            downloads,
            vendored: vendored.folders,
            is_stopped: None,
            failed: Mutex::default(),
        }
    }

    /// Uses a registry other than crates.io and its mirrors. Its archives are stored in their own
    /// folder, because they may have the same names and versions, and the original does not
    /// distinguish them.
    #[must_use]
    pub fn of_another_registry(self) -> Self {
        Archives { folder: CACHED_OF_OTHERS, ..self }
    }

    /// Stops when a flag is set. Running downloads are dropped without a report; a later download
    /// continues from there.
    #[must_use]
    pub fn until(self, is_stopped: &'c AtomicBool) -> Self {
        Archives { is_stopped: Some(is_stopped), ..self }
    }

    /// Passes each archive to `got` as soon as it is available, with its index among the wanted
    /// versions. Local archives come first.
    ///
    /// # Errors
    ///
    /// An archive is unavailable or invalid. The other archives are provided anyway.
    pub fn bring(&self, wanted: &[WantedArchive], report: &dyn Fn(ArchiveEvent<'_>), got: &mut Got<'_>) {
        let got = &mut |index: usize, archive: Result<Crate, Diagnostic>| {
            if let (Some(wanted), Err(problem)) = (wanted.get(index), &archive) {
                self.failed().insert((wanted.name.clone(), wanted.version.clone()), problem.clone());
            }
            got(index, archive);
        };
        let (known, unknown) = self.with_known_checksum(wanted, got);
        let mut missing = self.look_around(known, got);
        if self.is_stopped() {
            return;
        }
        let known = self.ask_for_checksums(unknown, got);
        missing.extend(self.look_around(known, got));
        self.download(missing, report, got);
    }

    fn failed(&self) -> MutexGuard<'_, BTreeMap<(String, Version), Diagnostic>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the flag of [`until`](Self::until) is set.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped.is_some_and(|is_stopped| is_stopped.load(Ordering::Relaxed))
    }

    /// Splits the wanted versions into those with a known checksum and those that need one.
    fn with_known_checksum<'w>(
        &self,
        wanted: &'w [WantedArchive],
        got: &mut Got<'_>,
    ) -> (Vec<Sought<'w>>, Vec<(usize, &'w WantedArchive)>) {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for (index, wanted) in wanted.iter().enumerate() {
            let problem = self.failed().get(&(wanted.name.clone(), wanted.version.clone())).cloned();
            if let Some(problem) = problem {
                got(index, Err(problem));
                continue;
            }
            match &wanted.checksum {
                // The name becomes part of paths.
                _ if !is_name(&wanted.name) => got(index, Err(problem::no_name(wanted))),
                Some(checksum) => known.push(Sought::new(index, wanted, checksum.clone(), SaidBy::LockFile)),
                None => unknown.push((index, wanted)),
            }
        }
        let names: Vec<(&str, &Version)> = unknown.iter().map(|(_, wanted)| wanted.package()).collect();
        let checksums = self.crates_io.known_checksums(&names);
        let mut still_unknown = Vec::new();
        for ((index, wanted), checksum) in unknown.into_iter().zip(checksums) {
            match checksum {
                Some(checksum) => known.push(Sought::new(index, wanted, checksum, SaidBy::Index)),
                None => still_unknown.push((index, wanted)),
            }
        }
        (known, still_unknown)
    }

    fn ask_for_checksums<'w>(
        &self,
        unknown: Vec<(usize, &'w WantedArchive)>,
        got: &mut Got<'_>,
    ) -> Vec<Sought<'w>> {
        let names: Vec<(&str, &Version)> = unknown.iter().map(|(_, wanted)| wanted.package()).collect();
        let checksums = self.crates_io.checksums(&names);
        let mut known = Vec::new();
        for ((index, wanted), checksum) in unknown.into_iter().zip(checksums) {
            match checksum {
                Ok(Some(checksum)) => known.push(Sought::new(index, wanted, checksum, SaidBy::Index)),
                Ok(None) if self.crates_io.is_offline() => got(index, Err(problem::no_checksum(wanted))),
                Ok(None) => got(index, Err(problem::not_published(wanted))),
                Err(why) => got(index, Err(problem::not_brought(wanted, why))),
            }
        }
        known
    }

    /// Looks for archives on this machine. Returns the missing ones.
    ///
    /// Every byte is read. If all archives are local, this takes longer than everything else, so
    /// all processors share the work.
    fn look_around<'w>(&self, sought: Vec<Sought<'w>>, got: &mut Got<'_>) -> Vec<Sought<'w>> {
        let threads = thread::available_parallelism().map_or(1, NonZero::get).min(sought.len());
        let (total, log) = (sought.len(), self.crates_io.log());
        let queue = Mutex::new(sought.into_iter());
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let (looked, results) = mpsc::channel();
        let mut missing = Vec::new();
        thread::scope(|scope| {
            for looked in vec![looked; threads] {
                scope.spawn(move || {
                    while let Some(mut sought) = next() {
                        let found = self.at_hand(&mut sought);
                        let _ = looked.send((sought, found));
                    }
                });
            }
            for (sought, found) in results {
                match found {
                    Some(path) => {
                        log.trace(|| format!("archives: {}", path.display()));
                        got(sought.index, Ok(sought.found(Place::Archive(path))));
                    }
                    None => missing.push(sought),
                }
            }
        });
        if total > 0 {
            let here = total - missing.len();
            log.debug(|| format!("archives: {here} of {total} are on this machine"));
        }
        missing.sort_by_key(|sought| sought.index);
        missing
    }

    /// The path of an archive in the cache.
    fn cached(&self, sought: &Sought<'_>) -> String {
        format!("{}/{}", self.folder, sought.file_name())
    }

    fn at_hand(&self, sought: &mut Sought<'_>) -> Option<PathBuf> {
        for index in &self.downloads {
            let path = index.join(sought.file_name());
            if sought.is_at(&path) {
                return Some(path);
            }
        }
        let cached = self.cached(sought);
        let path = self.cache.path(&cached);
        if sought.is_at(&path) {
            self.cache.touch(&cached);
            return Some(path);
        }
        // A download that was complete, but was not moved to its final place.
        let part = self.cache.path(&format!("{cached}.part"));
        let is_whole = sha256_of_file(&part).is_ok_and(|checksum| checksum == sought.checksum);
        (is_whole && fs::rename(part, &path).is_ok()).then_some(path)
    }

    fn download(&self, missing: Vec<Sought<'_>>, report: &dyn Fn(ArchiveEvent<'_>), got: &mut Got<'_>) {
        let (mut sought, mut requests) = (Vec::new(), Vec::new());
        for one in missing {
            let (name, version) = one.wanted.package();
            match self.crates_io.archive_request(name, version, &one.checksum) {
                _ if self.crates_io.is_offline() => self.give_up(&one, problem::offline, got),
                Ok(request) => {
                    sought.push(one);
                    requests.push(request);
                }
                Err(why) => self.give_up(&one, |sought| problem::not_brought(sought.wanted, why), got),
            }
        }
        if sought.is_empty() {
            return;
        }
        report(ArchiveEvent::Missing(sought.len()));
        let again = self.attempt(&sought, &requests, PartialDownload::open, report, got);
        // The partial files of earlier runs were not the beginning of these archives.
        let (sought, requests): (Vec<_>, Vec<_>) = again
            .into_iter()
            .filter_map(|place| Some((sought.get(place)?.clone(), requests.get(place)?.clone())))
            .unzip();
        if !self.is_stopped() {
            self.attempt(&sought, &requests, PartialDownload::begin, report, got);
        }
    }

    /// Downloads the archives of the requests. Returns the indices of those to try once more.
    fn attempt<'s>(
        &'s self,
        sought: &[Sought<'_>],
        requests: &[Request],
        open: impl Fn(&'s Cache, &str) -> PartialDownload<'s>,
        report: &dyn Fn(ArchiveEvent<'_>),
        got: &mut Got<'_>,
    ) -> Vec<usize> {
        let mut again = Vec::new();
        let begin = |place: usize| {
            open(&self.cache, &sought.get(place).map(|it| self.cached(it)).unwrap_or_default())
        };
        let report = |place: usize, event: FetchEvent<'_>| {
            if let Some(Sought { index, .. }) = sought.get(place) {
                report(ArchiveEvent::Download { index: *index, event });
            }
        };
        self.crates_io.client().download_each(
            requests,
            AT_ONCE,
            &begin,
            &report,
            &mut |place, part, ended| {
                let Some(sought) = sought.get(place) else { return };
                match ended {
                    Ok(Some(url)) => match part.finish(&sought.checksum) {
                        Ok(found) => got(sought.index, Ok(sought.found(found))),
                        Err(wrong) if wrong.is_continued => again.push(place),
                        Err(wrong) => {
                            got(sought.index, Err(problem::wrong_checksum(sought, &url, &wrong.checksum)))
                        }
                    },
                    Ok(None) => self.give_up(sought, problem::absent, got),
                    Err(why) => self.give_up(sought, |sought| problem::not_brought(sought.wanted, why), got),
                }
            },
            &|| !self.is_stopped(),
        );
        again
    }

    /// Uses a vendored copy if there is one; otherwise reports the error.
    fn give_up(&self, sought: &Sought<'_>, why: impl FnOnce(&Sought<'_>) -> Diagnostic, got: &mut Got<'_>) {
        let vendored = vendored::find(&self.vendored, sought.wanted, &sought.checksum);
        got(
            sought.index,
            match vendored {
                Some(folder) => Ok(sought.found(Place::Vendored(folder))),
                None => Err(sought.passed_over.iter().fold(why(sought), Diagnostic::note)),
            },
        );
    }
}

impl WantedArchive {
    fn package(&self) -> (&str, &Version) {
        (&self.name, &self.version)
    }
}

impl<'w> Sought<'w> {
    fn new(index: usize, wanted: &'w WantedArchive, checksum: String, said_by: SaidBy) -> Self {
        Sought { index, wanted, checksum, said_by, passed_over: Vec::new() }
    }

    fn file_name(&self) -> String {
        format!("{}-{}.crate", self.wanted.name, self.wanted.version)
    }

    /// Whether the archive is at a path. Records what is there instead.
    fn is_at(&mut self, path: &Path) -> bool {
        let Ok(found) = sha256_of_file(path) else { return false };
        let is_it = found == self.checksum;
        if !is_it {
            self.passed_over.push(format!("`{}` has a different checksum, {found}", path.display()));
        }
        is_it
    }

    fn found(&self, place: Place) -> Crate {
        let WantedArchive { name, version, .. } = self.wanted.clone();
        Crate { name, version, checksum: self.checksum.clone(), place }
    }
}
