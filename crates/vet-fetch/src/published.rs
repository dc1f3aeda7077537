//! Verified facts about published packages, from sources that the checkout does not choose.
//!
//! The declarations of a package come from the user's index, over HTTPS, or from the locked commit.
//! Neither the lock file nor the index says whether a package is a library: this comes from
//! archives whose bytes have the locked checksum, or from the locked commit. These facts never
//! change, so they are remembered. Other sources are not used, because they may have been written
//! for the checkout: cargo's answers, unpacked or vendored sources, and cargo's copy of an index.

mod archive;
mod at_cargo;
pub(crate) mod checkouts;
mod described;
mod download;
mod git;
mod index;
mod libraries;
pub(crate) mod memory;
mod unanswered;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use vet_diagnostics::{Diagnostic, Source};
use vet_graph::graph::{About, GraphData, PackageData, PackageSource};
use vet_graph::lock_file::{LockFile, LockedPackage};
use vet_graph::{Declared, Published, PublishedFacts};

pub use libraries::LibraryEvent;
pub use unanswered::Unanswered;

use described::Described;
use git::Repositories;
use index::{InEntry, IndexFacts};
use memory::{ByKey, Key, KeyRef, SourceRef, is_of_package};

use crate::cache::Cache;
use crate::cache::kinds::FACTS;
use crate::cache::table::Table;
use vet_project::regular_file::{LARGEST_ARCHIVE, read_file_up_to};

use crate::archives::Sources;
use crate::crates_io::{Registries, is_name};
use crate::http::Client;
use vet_project::sha256::{is_sha256, sha256};

/// Known facts about the packages of a lock file.
#[derive(Clone, Debug)]
pub struct KnownPackages {
    memory: Table<Key, String>,
    facts: ByKey<String>,
    /// The key of the user's index for each source. Sources without an index in the user's
    /// configuration are missing.
    indexes: HashMap<String, String>,
    /// The packages that are not in the index of their source.
    absent: ByKey<()>,
    /// The packages that are libraries according to the registry's API, until an archive says more.
    said_libraries: ByKey<()>,
}

impl KnownPackages {
    /// Reads the facts that earlier runs have learned about the packages of a lock file. Facts
    /// from indexes count only after it is known [which indexes](Self::with_registries) are the
    /// user's.
    pub fn remembered(lock: &LockFile, cache: &Cache) -> Self {
        let memory = cache.table(&FACTS);
        let mut facts = ByKey::default();
        facts.extend(memory.read(is_of_package(lock)));
        KnownPackages {
            memory,
            facts,
            indexes: HashMap::new(),
            absent: ByKey::default(),
            said_libraries: ByKey::default(),
        }
    }

    /// Determines the user's indexes for the sources of a lock file.
    #[must_use]
    pub fn with_registries(mut self, lock: &LockFile, registries: &Registries<'_>) -> Self {
        let sources: HashSet<&str> = lock.packages.iter().filter_map(LockedPackage::registry).collect();
        let key = |source: &str| Some((source.to_owned(), registries.index_key(source)?));
        self.indexes = sources.into_iter().filter_map(key).collect();
        self
    }

    /// The packages without verified facts, as indices in the lock file: those from registries, and
    /// those from git repositories.
    pub fn lacking(&self, lock: &LockFile) -> (Vec<usize>, Vec<usize>) {
        let is_lacking = |package: &LockedPackage| self.declared(package) == Published::Unknown;
        let lacking = lock.packages.iter().enumerate().filter(|(_, package)| is_lacking(package));
        let lacking = lacking.filter(|(_, package)| package.source.is_some());
        let (published, of_git): (Vec<_>, Vec<_>) =
            lacking.partition(|(_, package)| package.registry().is_some());
        let places =
            |packages: Vec<(usize, &LockedPackage)>| packages.into_iter().map(|(place, _)| place).collect();
        (places(published), places(of_git))
    }

    /// Asks the indexes about packages, given as indices in the lock file. The answers are
    /// remembered. `report` receives the number of completed crates and the total.
    ///
    /// # Errors
    ///
    /// An index cannot be asked. The other indexes are asked anyway.
    pub fn ask_indexes(
        &mut self,
        lock: &LockFile,
        packages: &[usize],
        registries: &Registries<'_>,
        client: &Client,
        report: &dyn Fn(usize, usize),
    ) -> Result<(), Vec<Diagnostic>> {
        let mut wanted: BTreeMap<&str, BTreeMap<&str, Vec<&semver::Version>>> = BTreeMap::new();
        for package in packages.iter().filter_map(|place| lock.packages.get(*place)) {
            // A name that is invalid for a crate is in no index.
            if let Some(source) = package.registry().filter(|_| is_name(&package.name)) {
                wanted.entry(source).or_default().entry(&package.name).or_default().push(&package.version);
            }
        }
        let total: usize = wanted.values().map(BTreeMap::len).sum();
        let mut done = 0;
        let (mut learned, mut problems) = (Vec::new(), Vec::new());
        for (source, crates) in &wanted {
            let index = registries.registry(client, source);
            let key = match index.index_key() {
                Ok(key) => key,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            };
            let names: Vec<&str> = crates.keys().copied().collect();
            let asked = index.entries(&names, &mut |place, entry| {
                done += 1;
                report(done, total);
                let Some(name) = names.get(place) else { return };
                for version in crates.get(name).into_iter().flatten() {
                    let key = KeyRef { source: SourceRef::Index(&key), name, version }.owned();
                    match entry.map_or(InEntry::Absent, |entry| index::find(entry, name, version)) {
                        InEntry::Facts(facts) => learned.push((key, facts)),
                        InEntry::Absent => self.absent.extend([(key, ())]),
                        InEntry::Unclear => {}
                    }
                }
            });
            problems.extend(asked.err());
        }
        self.learn(learned);
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Reads packages from the commits that they are locked to, if cargo has fetched these.
    pub fn read_commits(&mut self, lock: &LockFile, packages: &[usize], cargo_home: &Path) {
        let mut repositories = Repositories::new(cargo_home);
        let learned = packages.iter().filter_map(|place| {
            let package = lock.packages.get(*place)?;
            let key = own_key(package).filter(|_| git::commit(package).is_some())?;
            let (described, declared) = repositories.package(package)?;
            Some((key.owned(), format!("{}{}", described.lines(), declared.text())))
        });
        let learned = learned.collect();
        self.learn(learned);
    }

    /// Reads the local archives of packages that are not known yet. Returns whether there were any.
    pub fn read_archives(&mut self, lock: &LockFile, packages: &[usize], folders: &[PathBuf]) -> bool {
        let unknown = packages.iter().filter_map(|place| {
            let package = lock.packages.get(*place)?;
            let checksum = package.checksum.as_deref()?;
            let key = own_key(package).filter(|key| !self.facts.contains(*key))?;
            Some((key, package, checksum))
        });
        let folders: Vec<&PathBuf> = folders.iter().filter(|folder| folder.is_dir()).collect();
        if folders.is_empty() {
            return false;
        }
        let queue = Mutex::new(unknown.collect::<Vec<_>>().into_iter());
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || {
            let mut learned = Vec::new();
            while let Some((key, package, checksum)) = next() {
                let file = format!("{}-{}.crate", package.name, package.version);
                let archives = folders
                    .iter()
                    .filter_map(|folder| read_file_up_to(&folder.join(&file), LARGEST_ARCHIVE).ok());
                if let Some(archive) = archives.into_iter().find(|archive| sha256(archive) == checksum) {
                    let described = archive::described(&archive, &package.name, &package.version);
                    learned.push((key.owned(), described.lines()));
                }
            }
            learned
        };
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let learned: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
        });
        let has_learned = !learned.is_empty();
        self.learn(learned);
        has_learned
    }

    /// Adds the known descriptions of packages to a graph, except those of local packages.
    pub fn describe(&self, lock: &LockFile, graph: &mut GraphData) {
        if !graph.packages.iter().any(|package| undescribed_source(package).is_some()) {
            return;
        }
        let described = lock.packages.iter().filter_map(|package| {
            let source = package.source.as_deref()?;
            let (described, _) = Described::read(self.facts.get(own_key(package)?)?)?;
            let (description, repository) = described.about?;
            Some(((package.name.as_str(), &package.version, source), (description, repository)))
        });
        let described: HashMap<_, _> = described.collect();
        for package in &mut graph.packages {
            let Some(source) = undescribed_source(package) else { continue };
            let key = (package.name.as_str(), &package.version.semver, source);
            if let Some((description, repository)) = described.get(&key).cloned() {
                package.about = About::Known { description, repository };
            }
        }
    }

    fn learn(&mut self, learned: Vec<(Key, String)>) {
        self.memory.add(&learned);
        self.facts.extend(learned);
    }

    /// The index's facts about a package.
    fn in_index(&self, package: &LockedPackage) -> Published<'_> {
        let LockedPackage { name, version, .. } = package;
        let Some(index) = package.registry().and_then(|source| self.indexes.get(source)) else {
            return Published::Unknown;
        };
        let key = KeyRef { source: SourceRef::Index(index), name, version };
        let Some(IndexFacts { checksum, declared }) =
            self.facts.get(key).and_then(|facts| IndexFacts::read(facts))
        else {
            return match self.absent.contains(key) || !is_name(name) {
                true => Published::Contradicted(format!("the index has no `{name} {version}`")),
                false => Published::Unknown,
            };
        };
        match package.checksum.as_deref() {
            Some(locked) if locked == checksum => {}
            Some(_) => {
                let why =
                    format!("the locked checksum of `{name} {version}` differs from the one in the index");
                return Published::Contradicted(why);
            }
            None => {
                return Published::Contradicted(format!("`{name} {version}` is locked without a checksum"));
            }
        }
        let mut declared = Declared::from_text(declared);
        if let Some((described, _)) = own_key(package).and_then(|key| Described::read(self.facts.get(key)?)) {
            declared = declared.with_proc_macro(described.is_proc_macro);
        }
        Published::Known(declared)
    }
}

/// A version of a package, as described by an index and its archive.
#[derive(Clone, Debug)]
pub struct PublishedVersion<'p> {
    /// The name of the package.
    pub name: &'p str,
    /// The version.
    pub version: semver::Version,
    /// The checksum of the archive.
    pub checksum: &'p str,
    /// The index entry.
    pub entry: &'p str,
    /// The manifest in the archive, and whether there is a file `src/lib.rs`; `None` if the archive
    /// was never seen.
    pub archive: Option<(&'p str, bool)>,
}

/// Remembers versions as if the index at a URL and their archives had been read. For tests and
/// benchmarks with invented packages.
pub fn remember(cache: &Cache, index: &str, packages: &[PublishedVersion<'_>]) {
    let Some(index) = crate::crates_io::index_key(index) else { return };
    let mut learned = Vec::new();
    for PublishedVersion { name, version, checksum, entry, archive } in packages {
        if let InEntry::Facts(facts) = index::find(entry, name, version) {
            let key = KeyRef { source: SourceRef::Index(&index), name, version };
            learned.push((key.owned(), facts));
        }
        if let Some((manifest, has_library_file)) = archive {
            let manifest = vet_graph::Manifest::parse(&Source::new("Cargo.toml", (*manifest).to_owned()));
            let described = manifest.map(|manifest| Described::of(&manifest, None, *has_library_file));
            let lines = described.unwrap_or_default().lines();
            learned.push((Key::archive(checksum, name, version), lines));
        }
    }
    let memory = cache.table::<Key, String>(&FACTS);
    let known = memory.read(|_| true);
    learned.retain(|(key, lines)| known.get(key) != Some(lines));
    memory.add(&learned);
}

impl PublishedFacts for KnownPackages {
    fn is_library(&self, package: &LockedPackage) -> Option<bool> {
        let key = own_key(package)?;
        match self.facts.get(key) {
            Some(facts) => Described::is_library(facts),
            None => self.said_libraries.contains(key).then_some(true),
        }
    }

    fn declared(&self, package: &LockedPackage) -> Published<'_> {
        if package.registry().is_some() {
            return self.in_index(package);
        }
        let facts = own_key(package).and_then(|key| self.facts.get(key));
        match facts.and_then(|facts| Described::read(facts)) {
            Some((_, declared)) => Published::Known(Declared::from_text(declared)),
            None => Published::Unknown,
        }
    }
}

/// The source of a package that is not local and whose description is unknown.
fn undescribed_source(package: &PackageData) -> Option<&str> {
    match (&package.source, &package.about) {
        (PackageSource::Other(source), About::Unknown) => Some(source),
        _ => None,
    }
}

/// The key of a package besides its index entry: its checksum or its commit.
fn own_key(package: &LockedPackage) -> Option<KeyRef<'_>> {
    let LockedPackage { name, version, .. } = package;
    let source = match (package.registry(), git::commit(package)) {
        (Some(_), _) => {
            SourceRef::Archive(package.checksum.as_deref().filter(|checksum| is_sha256(checksum))?)
        }
        (None, Some(commit)) => SourceRef::Git(commit),
        (None, None) => return None,
    };
    Some(KeyRef { source, name, version })
}
