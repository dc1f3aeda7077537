//! What is known about published packages: from what was remembered, and from the sources at hand.
//!
//! A lock file does not tell whether a package is a library. That never changes for a published package, so it is read
//! once, from what cargo downloaded or vendored, and kept by checksum.

pub(crate) mod checkouts;
mod declared;
mod index;
mod manifest;
mod memory;
mod registry;
mod unanswered;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use vet_graph::from_metadata::DescribedPackage;
use vet_graph::lock_file::{LockFile, LockedPackage};
use vet_graph::{Declared, Published, PublishedFacts};

pub use unanswered::Unanswered;

use declared::{DeclaredMemory, KeptDeclarations};
use manifest::PublishedManifest;
use memory::Memory;

/// Where the sources of published packages may be.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The folder of cargo's downloads.
    pub cargo_home: Option<PathBuf>,
    /// Folders of vendored sources.
    pub vendored: Vec<PathBuf>,
}

/// What is known about the packages of a lock file.
#[derive(Clone, Debug)]
pub struct KnownPackages {
    sources: Sources,
    /// By key: whether the package is a library.
    libraries: HashMap<String, bool>,
    memory: Memory,
    /// What packages declare, by key. Empty until somebody wants to know.
    declared: KeptDeclarations,
    declared_memory: DeclaredMemory,
}

impl KnownPackages {
    /// Collects what is known about the packages of a lock file: what was remembered, else what their sources say. With
    /// `declared`, also what they declare. `cache_folder` is where it is remembered, and need not exist.
    pub fn about(lock: &LockFile, sources: Sources, cache_folder: &Path, declared: bool) -> Self {
        let mut known = Self::remembered(lock, cache_folder, declared);
        known.look_up(lock, sources, declared);
        known
    }

    /// Collects what was remembered, without a look at sources.
    pub fn remembered(lock: &LockFile, cache_folder: &Path, declared: bool) -> Self {
        let memory = Memory::new(cache_folder);
        let keys: HashSet<String> = lock.packages.iter().filter_map(key).collect();
        let libraries = memory.recall(|key| keys.contains(key));
        let declared_memory = DeclaredMemory::new(cache_folder);
        let declared = if declared {
            declared_memory.recall(|key| keys.contains(key))
        } else {
            KeptDeclarations::default()
        };
        KnownPackages { sources: Sources::default(), libraries, memory, declared, declared_memory }
    }

    /// Looks at the sources of packages of which nothing is remembered. What they declare, cargo may also have in its index.
    pub fn look_up(&mut self, lock: &LockFile, sources: Sources, declared: bool) {
        self.sources = sources;
        let packages: HashMap<String, &LockedPackage> =
            lock.packages.iter().filter_map(|package| Some((key(package)?, package))).collect();
        let is_unknown = |key: &String| !self.libraries.contains_key(key);
        let found = packages.iter().filter(|(key, _)| is_unknown(key)).filter_map(|(key, package)| {
            let manifest = self.manifest(package)?;
            Some((key.clone(), manifest.is_library()))
        });
        let found: Vec<(String, bool)> = found.collect();
        self.learn(found);
        if !declared {
            return;
        }
        // An index does not say what is a macro. The sources may have come since.
        let is_wanted = |key: &String| self.lacks_declared(key);
        let learned = packages.into_iter().filter(|(key, _)| is_wanted(key)).filter_map(|(key, package)| {
            let manifest = self.manifest(package).map(|manifest| manifest.declared());
            let declared = manifest.or_else(|| {
                let is_known = self.declared.get(&key).is_some();
                if is_known { None } else { index::declared(self.sources.cargo_home.as_deref()?, package) }
            });
            Some((key, declared?))
        });
        let learned: Vec<(String, Declared<'_>)> = learned.collect();
        self.learn_declared(learned);
    }

    /// Whether it is not known what a package declares, or not whether it is a macro.
    fn lacks_declared(&self, key: &str) -> bool {
        self.declared.get(key).is_none_or(|declared| declared.is_proc_macro().is_none())
    }

    fn learn_declared(&mut self, learned: Vec<(String, Declared<'_>)>) {
        if !learned.is_empty() {
            self.declared_memory.keep(&learned);
            for (key, declared) in learned {
                self.declared.add(key, &declared);
            }
        }
    }

    /// Takes over what cargo said about packages.
    pub fn learn_from_cargo(&mut self, lock: &LockFile, described: &[DescribedPackage]) {
        let by_name: HashMap<(&str, &semver::Version, &str), &DescribedPackage> = described
            .iter()
            .map(|package| ((package.name.as_str(), &package.version, package.source.as_str()), package))
            .collect();
        let of_lock = lock.packages.iter().filter_map(|package| {
            let source = package.source.as_deref()?;
            let described = by_name.get(&(package.name.as_str(), &package.version, source))?;
            Some((key(package)?, *described))
        });
        let (mut libraries, mut declared) = (Vec::new(), Vec::new());
        for (key, described) in of_lock {
            if self.lacks_declared(&key) {
                declared.push((key.clone(), described.declared.clone()));
            }
            if !self.libraries.contains_key(&key) {
                libraries.push((key, described.is_library));
            }
        }
        self.learn(libraries);
        self.learn_declared(declared);
    }

    fn learn(&mut self, learned: Vec<(String, bool)>) {
        if !learned.is_empty() {
            self.memory.keep(&learned);
            self.libraries.extend(learned);
        }
    }

    fn manifest(&self, package: &LockedPackage) -> Option<PublishedManifest> {
        let source = package.source.as_deref()?;
        let Sources { cargo_home, vendored } = &self.sources;
        if let Some(checksum) = &package.checksum {
            return registry::vendored(vendored, package, Some(checksum))
                .or_else(|| registry::downloaded(cargo_home.as_deref()?, package, checksum));
        }
        let revision = source.strip_prefix("git+")?.split_once('#').map(|(_, revision)| revision)?;
        registry::vendored(vendored, package, None)
            .or_else(|| checkouts::manifest(cargo_home.as_deref()?, &package.name, revision))
    }
}

impl PublishedFacts for KnownPackages {
    fn is_library(&self, package: &LockedPackage) -> Option<bool> {
        self.libraries.get(&key(package)?).copied()
    }

    fn declared(&self, package: &LockedPackage) -> Published<'_> {
        if let Some(declared) = key(package).and_then(|key| self.declared.get(&key)) {
            return Published::Known(declared);
        }
        // Whoever did not collect it wants to know of a few packages only.
        let manifest = self.declared.is_empty().then(|| self.manifest(package)).flatten();
        manifest.map_or(Published::Unknown, |manifest| Published::Known(manifest.declared()))
    }
}

/// What a published package is remembered under: its checksum, or the revision that it comes from.
fn key(package: &LockedPackage) -> Option<String> {
    let source = package.source.as_deref()?;
    match &package.checksum {
        Some(checksum) => Some(checksum.clone()),
        None if source.starts_with("git+") && source.contains('#') => {
            Some(format!("{} {} {source}", package.name, package.version))
        }
        None => None,
    }
}
