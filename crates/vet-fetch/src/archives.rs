//! The archives of published versions: from cargo's downloads, from our cache, or from the registry.
//!
//! An archive is used only if it has the checksum that `Cargo.lock` says, or for other versions the index. Whoever wrote
//! into cargo's folder or into the cache, or sits between us and the registry, can keep us from an archive, but cannot
//! replace it. What is wrong among cargo's files is left there, and passed over.
//!
//! Downloads go to disk while they arrive, so that memory does not depend on how much there is, and go on where they were
//! when they break off.

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

pub use krate::Crate;

use crate::cache_folder::CacheFolder;
use crate::crates_io::{CratesIo, is_name};
use crate::http::{FetchEvent, Request};
use crate::published::Sources;
use crate::sha256::sha256_of_file;
use krate::Place;
use partial_download::PartialDownload;
use problem::SaidBy;

/// So many archives are downloaded at the same time.
const AT_ONCE: usize = 24;

/// The folder of the cache for archives of crates.io, which is that of the original.
pub(crate) const CACHED: &str = "cache";

/// The folder of the cache for archives of other registries.
pub(crate) const CACHED_OF_OTHERS: &str = "registries";

/// A version whose archive is wanted.
#[derive(Clone, Debug)]
pub struct WantedArchive {
    /// The name of the crate, as `Cargo.lock` or the user writes it. It may hold anything.
    pub name: String,
    /// Which version.
    pub version: Version,
    /// The checksum in `Cargo.lock`, if the version is there. Otherwise the index has to know it.
    pub checksum: Option<String>,
}

/// What happens while archives are brought.
#[derive(Clone, Copy, Debug)]
pub enum ArchiveEvent<'a> {
    /// So many are not at hand, and are downloaded.
    Missing(usize),
    /// Something happens to the download of one.
    Download {
        /// The place of what was wanted.
        index: usize,
        /// What happens.
        event: FetchEvent<'a>,
    },
}

/// Brings archives.
#[derive(Debug)]
pub struct Archives<'c> {
    crates_io: &'c CratesIo<'c>,
    cache: CacheFolder,
    /// The folder of the cache in which archives are.
    folder: &'static str,
    /// Cargo's downloads, in a folder for each index.
    downloads: Vec<PathBuf>,
    vendored: Vec<PathBuf>,
    is_stopped: Option<&'c AtomicBool>,
    /// What could not be had. In one run nobody is asked again.
    failed: Mutex<BTreeMap<(String, Version), Diagnostic>>,
}

/// A version whose archive is wanted, and the checksum that it must have.
#[derive(Clone, Debug)]
struct Sought<'w> {
    /// Its place among what is wanted.
    index: usize,
    wanted: &'w WantedArchive,
    checksum: String,
    said_by: SaidBy,
    /// What was found and is something else, for the message if nothing is found.
    passed_over: Vec<String>,
}

type Got<'g> = dyn FnMut(usize, Result<Crate, Diagnostic>) + 'g;

impl<'c> Archives<'c> {
    /// From a registry, unless they are among the sources at hand.
    pub fn new(crates_io: &'c CratesIo<'c>, sources: Sources) -> Self {
        let Sources { cargo_home, vendored } = sources;
        let downloads = cargo_home.map(|home| home.join("registry").join("cache"));
        let downloads = downloads.and_then(|downloads| fs::read_dir(downloads).ok()).into_iter().flatten();
        let downloads = downloads.flatten().map(|index| index.path()).collect();
        let cache = CacheFolder::new(crates_io.cache_folder());
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

    /// From another registry than crates.io and its mirrors. Its archives have a folder of their own, because there may be others
    /// of the same names and versions, and the original does not tell them apart.
    #[must_use]
    pub fn of_another_registry(self) -> Self {
        Archives { folder: CACHED_OF_OTHERS, ..self }
    }

    /// Until somebody sets a flag. Then what is on its way is dropped, and nothing is said of it; the next one who wants it
    /// goes on from there.
    #[must_use]
    pub fn until(self, is_stopped: &'c AtomicBool) -> Self {
        Archives { is_stopped: Some(is_stopped), ..self }
    }

    /// Hands each archive over as soon as it is there, with its place among what is wanted; those at hand come first.
    ///
    /// # Errors
    ///
    /// An archive cannot be had, or is not what it should be. The others are brought nevertheless.
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

    /// Whether somebody has set the flag of [`until`](Self::until).
    pub fn is_stopped(&self) -> bool {
        self.is_stopped.is_some_and(|is_stopped| is_stopped.load(Ordering::Relaxed))
    }

    /// Those of which a checksum is known, and those that need one.
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
                // It becomes part of paths.
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

    /// Looks for archives on this machine. Returns those that are missing.
    ///
    /// Every byte is read, which takes longer than all else where everything is at hand. So all processors share the work.
    fn look_around<'w>(&self, sought: Vec<Sought<'w>>, got: &mut Got<'_>) -> Vec<Sought<'w>> {
        let threads = thread::available_parallelism().map_or(1, NonZero::get).min(sought.len());
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
                    Some(path) => got(sought.index, Ok(sought.found(Place::Archive(path)))),
                    None => missing.push(sought),
                }
            }
        });
        missing.sort_by_key(|sought| sought.index);
        missing
    }

    /// The name of an archive in our cache.
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
        // A download that ended just before it could be put into its place.
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
        // What earlier runs left was not the beginning of these.
        let (sought, requests): (Vec<_>, Vec<_>) = again
            .into_iter()
            .filter_map(|place| Some((sought.get(place)?.clone(), requests.get(place)?.clone())))
            .unzip();
        if !self.is_stopped() {
            self.attempt(&sought, &requests, PartialDownload::begin, report, got);
        }
    }

    /// Downloads what the requests are for. Returns the places of those to be tried once more.
    fn attempt<'s>(
        &'s self,
        sought: &[Sought<'_>],
        requests: &[Request],
        open: impl Fn(&'s CacheFolder, &str) -> PartialDownload<'s>,
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

    /// Takes what was vendored, which is better than nothing.
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

    /// Whether the archive is at a path. What is there instead is noted.
    fn is_at(&mut self, path: &Path) -> bool {
        let Ok(found) = sha256_of_file(path) else { return false };
        let is_it = found == self.checksum;
        if !is_it {
            self.passed_over.push(format!("`{}` has another checksum, {found}", path.display()));
        }
        is_it
    }

    fn found(&self, place: Place) -> Crate {
        let WantedArchive { name, version, .. } = self.wanted.clone();
        Crate { name, version, checksum: self.checksum.clone(), place }
    }
}
