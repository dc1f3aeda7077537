//! Measures the audits of many crates. Earlier measurements are remembered; sources are fetched for
//! the rest.
//!
//! Archives are downloaded while complete crates are measured, one crate after the other, so that
//! few source trees are in memory at the same time. Their number is limited by their total size in
//! bytes, for all threads together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_fetch::archives::{Crate, WantedArchive};
use vet_fetch::cache::Cache;
use vet_fetch::crates_io::CratesIo;
use vet_fetch::sizes::{Kept, Key, Sizes, SourceTree};
use vet_graph::LockFile;
use vet_resolver::Audit;
use vet_source::{Outline, Size, Tree};
use vet_store::Version;

use super::queue::{Queue, Share};
use super::task::{self, PlannedCrate, Ruler, Task, versions};
use crate::operation::events::{Event, Stage};
use crate::operation::report::Run;
use crate::search::crate_sources::{CodeAccess, comparison, git_tree};

/// Plans crates.
pub(super) struct Measuring<'a> {
    code: CodeAccess<'a>,
    run: &'a Run<'a>,
}

/// The version of the algorithm that counts and compares lines, and tells which files are built.
/// Increase it when the algorithm changes.
const ALGORITHM: u32 = 2;

/// The number of lines of a delta audit, if a plan has measured it before. Sends no requests.
pub(crate) fn measured_lines(
    cache: &Cache,
    lock: &LockFile,
    crates_io: &CratesIo<'_>,
    name: &str,
    [from, to]: [&Version; 2],
) -> Option<u64> {
    let tree = |version: &Version| {
        let (package, semver) = (name.to_owned(), &version.semver);
        if let Some(revision) = &version.git_rev {
            return Some(SourceTree::Git { revision: revision.as_str().to_owned(), package });
        }
        let locked = lock.checksum(name, semver).map(str::to_owned);
        let known = || crates_io.known_checksums(&[(name, semver)]).into_iter().flatten().next();
        locked.or_else(known).map(SourceTree::Archive)
    };
    let key = Key { from: tree(from)?, to: tree(to)?, algorithm: ALGORITHM };
    match Sizes::open(cache).get(&key)? {
        Kept::Exact(size) => Some(size.lines()),
        Kept::AtLeast(_) => None,
    }
}

/// All tasks about one crate, and their input.
struct Job<'t> {
    name: &'t str,
    /// Each with its index among all tasks.
    tasks: Vec<(usize, &'t Task)>,
    trees: BTreeMap<&'t Version, Result<SourceTree, Diagnostic>>,
    /// The checksums from the lock file.
    locked: BTreeMap<&'t Version, String>,
    archives: BTreeMap<&'t Version, Result<Crate, Diagnostic>>,
    /// The number of archives that are not downloaded yet.
    awaited: usize,
}

impl<'a> Measuring<'a> {
    pub(super) fn new(code: CodeAccess<'a>, run: &'a Run<'a>) -> Self {
        Measuring { code, run }
    }

    /// Plans crates, in the order of the tasks. If the search for archives was stopped, the plans
    /// are useless, but measurements are kept.
    pub(super) fn plan(&self, tasks: &[Task]) -> Vec<PlannedCrate> {
        let mut jobs = self.jobs(tasks);
        // Includes what an earlier plan has measured.
        let sizes = Sizes::open(&self.code.context.cache);
        let wanted: Vec<(usize, WantedArchive, &Version)> = wanted(&jobs, &sizes);
        for (job, ..) in &wanted {
            if let Some(job) = jobs.get_mut(*job) {
                job.awaited += 1;
            }
        }
        let total = jobs.len();
        self.run.notice(Event::Debug(format!(
            "sizes: {total} crates to plan; {} archives are read to measure what was not measured before",
            wanted.len()
        )));
        let (queue, done) = (Queue::new(ROOM), AtomicUsize::new(0));
        let mut waiting: Vec<Option<Job<'_>>> = Vec::new();
        for job in jobs {
            match job.awaited {
                0 => {
                    queue.push(job.room(), job);
                    waiting.push(None);
                }
                _ => waiting.push(Some(job)),
            }
        }
        let mut planned: Vec<PlannedCrate> = Vec::new();
        planned.resize_with(tasks.len(), PlannedCrate::default);
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS);
        std::thread::scope(|scope| {
            let workers: Vec<_> =
                (0..workers).map(|_| scope.spawn(|| self.work(&queue, &sizes, &done, total))).collect();
            let requests: Vec<WantedArchive> = wanted.iter().map(|(_, archive, _)| archive.clone()).collect();
            self.code.archives.bring(&requests, &|_| {}, &mut |number, archive| {
                let Some((job, _, version)) = wanted.get(number) else { return };
                let Some(slot) = waiting.get_mut(*job) else { return };
                let Some(job) = slot else { return };
                job.archives.insert(*version, archive);
                job.awaited = job.awaited.saturating_sub(1);
                if job.awaited == 0 {
                    slot.take().into_iter().for_each(|job| queue.push(job.room(), job));
                }
            });
            // Archives without an answer count as missing.
            waiting.into_iter().flatten().for_each(|job| queue.push(job.room(), job));
            queue.close();
            for worker in workers {
                match worker.join() {
                    Ok(found) => {
                        for (place, crate_) in found {
                            if let Some(slot) = planned.get_mut(place) {
                                *slot = crate_;
                            }
                        }
                    }
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        planned
    }

    /// The tasks by crate, with what is known about the sources.
    fn jobs<'t>(&self, tasks: &'t [Task]) -> Vec<Job<'t>> {
        let mut jobs: BTreeMap<&str, Job<'t>> = BTreeMap::new();
        for (place, task) in tasks.iter().enumerate() {
            let job = jobs.entry(&task.name).or_insert_with(|| Job {
                name: &task.name,
                tasks: Vec::new(),
                trees: BTreeMap::new(),
                locked: BTreeMap::new(),
                archives: BTreeMap::new(),
                awaited: 0,
            });
            job.tasks.push((place, task));
        }
        let mut jobs: Vec<Job<'t>> = jobs.into_values().collect();
        self.identify(&mut jobs);
        jobs
    }

    /// Determines the source trees of versions.
    fn identify(&self, jobs: &mut [Job<'_>]) {
        let mut unknown: Vec<(usize, &Version)> = Vec::new();
        for (number, job) in jobs.iter_mut().enumerate() {
            let audits = job.tasks.iter().flat_map(|(_, task)| &task.considered);
            let versions: BTreeSet<&Version> = audits.flat_map(versions).collect();
            for version in versions {
                match (&version.git_rev, self.code.lock.checksum(job.name, &version.semver)) {
                    (Some(revision), _) => {
                        let package = job.name.to_owned();
                        let tree = SourceTree::Git { revision: revision.as_str().to_owned(), package };
                        job.trees.insert(version, Ok(tree));
                    }
                    (None, Some(checksum)) => {
                        job.locked.insert(version, checksum.to_owned());
                        job.trees.insert(version, Ok(SourceTree::Archive(checksum.to_owned())));
                    }
                    (None, None) => unknown.push((number, version)),
                }
            }
        }
        let named = unknown.iter().filter_map(|(job, version)| Some((jobs.get(*job)?.name, &version.semver)));
        let named: Vec<(&str, &semver::Version)> = named.collect();
        let checksums = self.code.network.crates_io.checksums(&named);
        for ((number, version), checksum) in unknown.into_iter().zip(checksums) {
            let Some(job) = jobs.get_mut(number) else { continue };
            let tree = checksum.and_then(|checksum| match checksum {
                Some(checksum) => Ok(SourceTree::Archive(checksum)),
                None => Err(no_checksum(job.name, version)),
            });
            job.trees.insert(version, tree);
        }
    }

    /// Takes crates from the queue and plans them.
    fn work(
        &self,
        queue: &Queue<Job<'_>>,
        sizes: &Sizes,
        done: &AtomicUsize,
        total: usize,
    ) -> Vec<(usize, PlannedCrate)> {
        let mut planned = Vec::new();
        while let Some((job, share)) = queue.pop() {
            if self.code.archives.is_stopped() {
                continue;
            }
            let mut ruler = SourceRuler::new(self, sizes, &job, share);
            for (place, task) in &job.tasks {
                planned.push((*place, task::plan(task, &mut ruler)));
            }
            // A vendored copy may lack files, so it proves nothing about the archive.
            let is_whole = |archive: &Result<Crate, Diagnostic>| archive.as_ref().is_ok_and(Crate::is_whole);
            if job.archives.values().chain(ruler.late.values()).all(is_whole) {
                sizes.keep(&ruler.found);
            }
            drop(ruler);
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            self.run.notice(Event::Progress { stage: Stage::Measuring, done, total });
        }
        planned
    }
}

/// The archives that are needed for sizes which were not measured earlier.
fn wanted<'t>(jobs: &[Job<'t>], sizes: &Sizes) -> Vec<(usize, WantedArchive, &'t Version)> {
    let mut wanted = Vec::new();
    for (number, job) in jobs.iter().enumerate() {
        let audits = job.tasks.iter().flat_map(|(_, task)| &task.considered);
        let unknown = audits.filter(|audit| job.key(audit).is_some_and(|key| sizes.get(&key).is_none()));
        let versions: BTreeSet<&Version> = unknown.flat_map(versions).collect();
        wanted.extend(versions.into_iter().filter_map(|it| Some((number, job.archive(it)?, it))));
    }
    wanted
}

/// The maximum number of threads. More are hardly faster.
const MOST_WORKERS: usize = 4;

/// The maximum size of all trees in memory, in bytes. A larger tree is unpacked when there are no
/// others.
const ROOM: u64 = 48 << 20;

/// The maximum size of the trees of one crate, in bytes, unless two trees that are compared are
/// larger.
const ROOM_OF_CRATE: u64 = 16 << 20;

/// The expected size of a tree before anything is known about it, in bytes.
const UNKNOWN: u64 = 4 << 20;

fn no_checksum(name: &str, version: &Version) -> Diagnostic {
    let name = wording::shown(name);
    Diagnostic::error(Code::NotPublished, format!("the checksum of `{name} {version}` is unknown"))
        .note("the index has no such version, or could not be asked")
}

impl<'t> Job<'t> {
    /// The key under which a size is remembered, if the sources are known.
    fn key(&self, audit: &Audit) -> Option<Key> {
        let tree = |version: &Version| self.trees.get(version)?.as_ref().ok().cloned();
        let from = match &audit.from {
            None => SourceTree::Nothing,
            Some(from) => tree(from)?,
        };
        Some(Key { from, to: tree(&audit.to)?, algorithm: ALGORITHM })
    }

    /// The total size of the trees that are needed at the same time, in bytes.
    fn room(&self) -> u64 {
        let mut bytes: Vec<u64> = self.archives.values().map(|archive| expected(Some(archive))).collect();
        bytes.sort_unstable_by_key(|bytes| std::cmp::Reverse(*bytes));
        let sum = |bytes: &[u64]| bytes.iter().copied().fold(0, u64::saturating_add);
        let largest = bytes.get(..2).map_or_else(|| sum(&bytes), sum);
        sum(&bytes).min(ROOM_OF_CRATE.max(largest))
    }

    /// The archive of a version, if it has one.
    fn archive(&self, version: &Version) -> Option<WantedArchive> {
        match self.trees.get(version) {
            Some(Ok(SourceTree::Archive(_))) => Some(WantedArchive {
                name: self.name.to_owned(),
                version: version.semver.clone(),
                // Checksums of other versions are in the index, and the error for a wrong one names
                // its source.
                checksum: self.locked.get(version).cloned(),
            }),
            _ => None,
        }
    }
}

/// Measures the audits of one crate.
struct SourceRuler<'a, 'q, 't> {
    measuring: &'a Measuring<'a>,
    sizes: &'a Sizes,
    job: &'a Job<'t>,
    /// The share of the memory for trees.
    share: Share<'q, Job<'t>>,
    /// The most recently used trees, latest last.
    trees: Vec<(Version, Tree)>,
    /// The outlines of all trees that were unpacked.
    outlines: BTreeMap<Version, Outline>,
    /// Archives that turned out to be needed later.
    late: BTreeMap<Version, Result<Crate, Diagnostic>>,
    /// New measurements.
    found: Vec<(Key, Kept)>,
}

impl<'a, 'q, 't> SourceRuler<'a, 'q, 't> {
    fn new(
        measuring: &'a Measuring<'a>,
        sizes: &'a Sizes,
        job: &'a Job<'t>,
        share: Share<'q, Job<'t>>,
    ) -> Self {
        let (trees, outlines, late) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        SourceRuler { measuring, sizes, job, share, trees, outlines, late, found: Vec::new() }
    }

    fn known(&self, key: &Key) -> Option<Kept> {
        let here = self.found.iter().rev().find(|(found, _)| found == key).map(|(_, kept)| *kept);
        here.or_else(|| self.sizes.get(key))
    }

    /// Compares two source trees.
    fn size(&mut self, audit: &Audit) -> Result<Size, Diagnostic> {
        self.unpack(&versions(audit).collect::<Vec<_>>())?;
        let nothing = Tree::default();
        let from = match &audit.from {
            None => Some(&nothing),
            Some(from) => self.tree(from),
        };
        match (from, self.tree(&audit.to)) {
            (Some(from), Some(to)) => Ok(vet_source::size(from, to, comparison(versions(audit)))),
            _ => Err(self.unknown(audit)),
        }
    }

    /// A tree that is in memory.
    fn tree(&self, version: &Version) -> Option<&Tree> {
        self.trees.iter().find(|(other, _)| other == version).map(|(_, tree)| tree)
    }

    /// Unpacks the trees of versions.
    fn unpack(&mut self, wanted: &[&Version]) -> Result<(), Diagnostic> {
        self.trees.sort_by_key(|(version, _)| wanted.contains(&version));
        if wanted.iter().all(|version| self.tree(version).is_some()) {
            return Ok(());
        }
        self.bring(wanted);
        self.make_room(wanted);
        for version in wanted {
            if self.tree(version).is_none() {
                let tree = self.unpacked(version)?;
                self.trees.push(((*version).clone(), tree));
            }
        }
        Ok(())
    }

    /// Fetches archives that turned out to be needed later.
    fn bring(&mut self, wanted: &[&Version]) {
        let is_there =
            |version: &Version| self.job.archives.contains_key(version) || self.late.contains_key(version);
        let lacking = wanted.iter().filter(|version| !is_there(version));
        let lacking: Vec<(&Version, WantedArchive)> =
            lacking.filter_map(|version| Some((*version, self.job.archive(version)?))).collect();
        let requests: Vec<WantedArchive> = lacking.iter().map(|(_, archive)| archive.clone()).collect();
        self.measuring.code.archives.bring(&requests, &|_| {}, &mut |number, archive| {
            if let Some((version, _)) = lacking.get(number) {
                self.late.insert((*version).clone(), archive);
            }
        });
    }

    /// Drops trees, oldest first, until there is room for others.
    fn make_room(&mut self, wanted: &[&Version]) {
        while self.bytes_with(wanted) > ROOM_OF_CRATE {
            let Some(oldest) = self.trees.iter().position(|(version, _)| !wanted.contains(&version)) else {
                break;
            };
            self.trees.remove(oldest);
        }
        if self.bytes_with(wanted) > self.share.bytes() {
            self.trees.clear();
            self.share.exchange(self.bytes_with(wanted));
        }
    }

    /// The total size of the trees in memory and of other trees, in bytes.
    fn bytes_with(&self, wanted: &[&Version]) -> u64 {
        let at_hand = self.trees.iter().map(|(_, tree)| tree.bytes() as u64);
        let others = wanted.iter().filter(|version| self.tree(version).is_none());
        at_hand.chain(others.map(|version| expected(self.archive(version)))).fold(0, u64::saturating_add)
    }

    /// The archive of a version, if it has one.
    fn archive(&self, version: &Version) -> Option<&Result<Crate, Diagnostic>> {
        self.job.archives.get(version).or_else(|| self.late.get(version))
    }

    /// The files of a version.
    fn unpacked(&self, version: &Version) -> Result<Tree, Diagnostic> {
        let CodeAccess { context, network, sources, .. } = self.measuring.code;
        if let Some(tree) = git_tree(context, network, sources, self.job.name, version) {
            return tree;
        }
        match self.archive(version) {
            Some(Ok(archive)) => {
                let at_hand: Vec<&Tree> = self.trees.iter().map(|(_, tree)| tree).collect();
                archive.tree_beside(&at_hand)
            }
            Some(Err(problem)) => Err(problem.clone()),
            None => Err(no_checksum(self.job.name, version)),
        }
    }

    fn outline(&mut self, version: &Version) -> Option<()> {
        if !self.outlines.contains_key(version) {
            self.unpack(&[version]).ok()?;
            self.outlines.insert(version.clone(), Outline::of(self.tree(version)?));
        }
        Some(())
    }

    fn lines_at_least(&mut self, audit: &Audit) -> Option<u64> {
        self.outline(&audit.to)?;
        if let Some(from) = &audit.from {
            self.outline(from)?;
        }
        let nothing = Outline::default();
        let from = match &audit.from {
            None => &nothing,
            Some(from) => self.outlines.get(from)?,
        };
        Some(Outline::at_least(from, self.outlines.get(&audit.to)?, comparison(versions(audit))))
    }

    /// Why a source is unknown.
    fn unknown(&self, audit: &Audit) -> Diagnostic {
        let mut problems = versions(audit).filter_map(|version| self.job.trees.get(version)?.as_ref().err());
        problems.next().cloned().unwrap_or_else(|| no_checksum(self.job.name, &audit.to))
    }
}

/// The expected size of a tree, in bytes.
fn expected(archive: Option<&Result<Crate, Diagnostic>>) -> u64 {
    match archive {
        Some(Ok(archive)) => archive.unpacked_bytes().unwrap_or(UNKNOWN),
        Some(Err(_)) => 0,
        None => UNKNOWN,
    }
}

impl Ruler for SourceRuler<'_, '_, '_> {
    fn exactly(&mut self, audit: &Audit) -> Result<Size, Diagnostic> {
        let Some(key) = self.job.key(audit) else { return Err(self.unknown(audit)) };
        if let Some(Kept::Exact(size)) = self.known(&key) {
            return Ok(size);
        }
        let size = self.size(audit)?;
        self.found.push((key, Kept::Exact(size)));
        Ok(size)
    }

    fn at_least(&mut self, audit: &Audit) -> Option<u64> {
        let key = self.job.key(audit)?;
        match self.known(&key) {
            Some(Kept::Exact(size)) => Some(size.lines()),
            Some(Kept::AtLeast(lines)) => Some(lines),
            None => {
                let lines = self.lines_at_least(audit)?;
                self.found.push((key, Kept::AtLeast(lines)));
                Some(lines)
            }
        }
    }
}
