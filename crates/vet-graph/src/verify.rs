//! Whether cargo would accept a lock file unchanged.
//!
//! Cargo resolves anew each time and prefers what is locked. With `--locked` it fails if the result
//! differs. The result is the same exactly if three things hold. Each dependency that the features
//! of the members turn on has a locked package that matches by name, version and source. Nothing
//! else is locked. And no locked package excludes another one. So versions need not be resolved:
//! [`Locked`] finds the locked package that cargo uses for each declared dependency, and [`check`]
//! compares the requested packages with the locked ones.
//!
//! If it is not certain what cargo would do, the answer is no, and the caller asks cargo.

mod mismatch;
mod patches;
mod replacements;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::declared::OriginView;
use crate::lock_file::{LockFile, LockedPackage};
use crate::locked_source::{LockedSource, State};
use crate::manifest::DependencyKind;
use crate::published::{Published, PublishedFacts};
use crate::rules::{Candidate, Requested};
use crate::workspace::{LocalOrigin, LocalPackage, Workspace};

pub use mismatch::{LockMismatch, Mismatch};
use patches::Patches;
pub use patches::patched_by_chance;

/// The packages of a lock file, with the facts that identify each one.
pub(crate) struct Locked<'a> {
    pub(crate) lock: &'a LockFile,
    workspace: &'a Workspace,
    /// For each locked package from a folder, the local package.
    pub(crate) local: Vec<Option<&'a LocalPackage>>,
    /// For each other locked package, its source.
    sources: Vec<Option<LockedSource<'a>>>,
    patches: Patches<'a>,
}

/// The stated origin of a dependency.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted<'a> {
    /// The same origin as the package itself.
    Same,
    CratesIo,
    /// A registry, by its name.
    Registry(&'a str),
    /// A registry, by the address of its index.
    Index(&'a str),
    Git(&'a str, State<'a>),
    /// A folder.
    Path(&'a Path),
}

impl<'a> From<&'a LocalOrigin> for Wanted<'a> {
    fn from(origin: &'a LocalOrigin) -> Self {
        match origin {
            LocalOrigin::CratesIo => Wanted::CratesIo,
            LocalOrigin::Registry(name) => Wanted::Registry(name),
            LocalOrigin::Index(index) => Wanted::Index(index),
            LocalOrigin::Git(git) => Wanted::Git(&git.url, git.state()),
            LocalOrigin::Path(folder) => Wanted::Path(folder),
        }
    }
}

impl<'a> From<OriginView<'a>> for Wanted<'a> {
    fn from(origin: OriginView<'a>) -> Self {
        match origin {
            OriginView::Same => Wanted::Same,
            OriginView::CratesIo => Wanted::CratesIo,
            OriginView::Registry(name) => Wanted::Registry(name),
            OriginView::Index(index) => Wanted::Index(index),
            OriginView::Git(url, state) => Wanted::Git(url, state),
        }
    }
}

impl<'a> Locked<'a> {
    /// Finds the source of each locked package, and the package that each patch means.
    ///
    /// # Errors
    ///
    /// Only cargo knows what the lock file means, or cargo would refuse it.
    pub(crate) fn new(
        lock: &'a LockFile,
        workspace: &'a Workspace,
        facts: &impl PublishedFacts,
    ) -> Result<Self, LockMismatch> {
        if let Some(unusual) = &lock.unusual {
            return Err(LockMismatch(vec![Mismatch::other(format!(
                "only cargo knows what it means, because of {unusual}"
            ))]));
        }
        let mut wrong = Vec::new();
        let local = local_packages(lock, workspace, &mut wrong);
        let sources: Vec<Option<LockedSource<'a>>> = lock
            .packages
            .iter()
            .map(|package| package.source.as_deref().and_then(LockedSource::parse))
            .collect();
        for ((package, local), source) in lock.packages.iter().zip(&local).zip(&sources) {
            if local.is_none() && source.is_none() && package.source.is_some() {
                wrong.push(Mismatch::about(
                    package,
                    format!("`{} {}` comes from a source of an unusual form", package.name, package.version),
                ));
            }
        }
        check_revisions(lock, &mut wrong);
        replacements::check(lock, workspace, &local, &sources, &mut wrong);
        let mut locked = Locked { lock, workspace, local, sources, patches: Patches::default() };
        if wrong.is_empty() {
            locked.patches = Patches::new(&locked, facts, &mut wrong);
        }
        if wrong.is_empty() { Ok(locked) } else { Err(LockMismatch(wrong)) }
    }

    /// The package that is used for a locked one: itself or its replacement.
    pub(crate) fn used(&self, index: usize) -> usize {
        self.lock.packages.get(index).and_then(|package| package.replaced_by).unwrap_or(index)
    }

    /// The package that cargo uses for a dependency of another package: the first matching one that
    /// is locked for it, or its replacement.
    pub(crate) fn target(
        &self,
        of: usize,
        name: &str,
        fits: impl Fn(&semver::Version) -> bool,
        wanted: Wanted<'_>,
    ) -> Option<usize> {
        let packages = &self.lock.packages;
        let patches = self.patches.of(self, of, wanted);
        let mut chosen: Option<(usize, &LockedPackage)> = None;
        let name_of = |index: &usize| packages.get(*index).map(|package| package.name.as_str());
        let dependencies = &packages.get(of)?.dependencies;
        // Cargo sorts them by name.
        let start = dependencies.partition_point(|index| name_of(index) < Some(name));
        let named = dependencies.iter().skip(start).take_while(|index| name_of(index) == Some(name));
        for &index in named {
            let Some(package) = packages.get(index) else { continue };
            let is_first = chosen.is_none_or(|(chosen, _)| index < chosen);
            let is_from =
                || patches.iter().any(|patch| patch.locked == Some(index)) || self.is_from(of, index, wanted);
            if is_first && fits(&package.version) && is_from() {
                chosen = Some((index, package));
            }
        }
        let (index, package) = chosen?;
        // A patch of the same version replaces the package.
        let is_other = |patch: &&patches::Patch<'_>| {
            patch.name == name && *patch.version == package.version && patch.locked != Some(index)
        };
        if patches.iter().any(|patch| is_other(&patch)) { None } else { Some(self.used(index)) }
    }

    /// Whether a locked package has the stated origin.
    fn is_from(&self, of: usize, index: usize, wanted: Wanted<'_>) -> bool {
        let packages = &self.lock.packages;
        let source = || self.sources.get(index).and_then(Option::as_ref);
        match wanted {
            Wanted::Path(folder) => {
                self.local.get(index).copied().flatten().is_some_and(|local| local.folder == folder)
            }
            Wanted::Same => {
                let (of, package) = (packages.get(of), packages.get(index));
                of.zip(package)
                    .is_some_and(|(of, package)| of.source.is_some() && of.source == package.source)
            }
            Wanted::CratesIo => source() == Some(&LockedSource::CratesIo),
            Wanted::Registry(name) => {
                let registry = self.workspace.registries.get(name);
                registry.zip(source()).is_some_and(|(index, source)| source.is_registry(index))
            }
            Wanted::Index(index) => source().is_some_and(|source| source.is_registry(index)),
            Wanted::Git(url, state) => source().is_some_and(|source| source.is_git(url, state)),
        }
    }
}

/// Finds the manifest of each package from a folder. Lock files do not name the folder.
fn local_packages<'a>(
    lock: &'a LockFile,
    workspace: &'a Workspace,
    wrong: &mut Vec<Mismatch>,
) -> Vec<Option<&'a LocalPackage>> {
    let mut by_name: HashMap<(&str, &semver::Version), &LocalPackage> = HashMap::new();
    for package in &workspace.packages {
        let other = by_name.insert((&package.name, &package.version), package);
        if other.is_some_and(|other| other.folder != package.folder) {
            wrong.push(Mismatch::other(format!(
                "there are several local packages `{} {}`",
                package.name, package.version
            )));
        }
    }
    let mut seen: HashSet<&Path> = HashSet::new();
    let mut local = Vec::with_capacity(lock.packages.len());
    for package in &lock.packages {
        let found = match package.source {
            Some(_) => None,
            None => by_name.get(&(package.name.as_str(), &package.version)).copied(),
        };
        match found {
            Some(found) => {
                seen.insert(&found.folder);
            }
            None if package.source.is_none() => {
                wrong.push(Mismatch::about(
                    package,
                    format!("`{} {}` is locked, but no manifest has it", package.name, package.version),
                ));
            }
            None => {}
        }
        local.push(found);
    }
    for package in workspace.packages.iter().filter(|package| package.is_member) {
        if !seen.contains(package.folder.as_path()) {
            wrong.push(Mismatch::other(format!(
                "the member `{} {}` is not locked",
                package.name, package.version
            )));
        }
    }
    local
}

/// Checks that packages from the same state of a repository have the same revision.
fn check_revisions(lock: &LockFile, wrong: &mut Vec<Mismatch>) {
    let mut revisions = HashMap::new();
    for package in lock.packages.iter().chain(&lock.unused_patches) {
        let from_git = package.source.as_deref().filter(|source| source.starts_with("git+"));
        let Some(source @ LockedSource::Git { revision, .. }) = from_git.and_then(LockedSource::parse) else {
            continue;
        };
        if let Some(state) = source.git()
            && revisions.insert(state, revision).is_some_and(|other| other != revision)
        {
            wrong.push(Mismatch::about(
                package,
                format!("`{}` is locked at another revision than its repository", package.name),
            ));
        }
    }
}

/// Compares the requested packages with the locked ones. `links` has the native library of each
/// package. `shown` formats a dependency of a package for messages. If `is_all_known` is false, the
/// declarations of some packages are unknown, and more packages might be requested.
pub(crate) fn check(
    locked: &Locked<'_>,
    candidates: &[Candidate<'_>],
    found: &Requested<'_>,
    links: &[Option<&str>],
    shown: impl Fn(usize, usize) -> String,
    is_all_known: bool,
) -> Vec<Mismatch> {
    let mut wrong = Vec::new();
    let packages = &locked.lock.packages;
    let name = |index: usize| packages.get(index).map_or("", |package| package.name.as_str());
    for &(index, feature) in &found.missing {
        let Some(package) = packages.get(index) else { continue };
        wrong.push(Mismatch::about(
            package,
            format!("the feature `{feature}` of `{}` is requested, but does not exist", package.name),
        ));
    }
    // For each locked dependency, the key that requests it.
    let mut asked_for: Vec<Option<&str>> = Vec::new();
    let mut places: HashMap<usize, usize> = HashMap::new();
    for (index, (package, candidate)) in packages.iter().zip(candidates).enumerate() {
        if candidate.features.is_none() {
            continue;
        }
        asked_for.clear();
        asked_for.resize(package.dependencies.len(), None);
        places.clear();
        let used = package.dependencies.iter().map(|target| locked.used(*target));
        places.extend(used.enumerate().map(|(place, target)| (target, place)));
        for (number, dependency) in candidate.dependencies.iter().enumerate() {
            if !found.is_active(index, number) {
                continue;
            }
            if dependency.packages.is_empty() {
                wrong.push(Mismatch::about(
                    package,
                    format!("`{}` depends on `{}`, which is not locked", package.name, shown(index, number)),
                ));
            }
            for target in &dependency.packages {
                let Some(slot) = places.get(target).and_then(|place| asked_for.get_mut(*place)) else {
                    continue;
                };
                // Cargo refuses to give one library two names.
                let key = dependency.terms.key;
                if slot.replace(key).is_some_and(|other| !is_same_name(key, other)) {
                    wrong.push(Mismatch::about(
                        package,
                        format!("`{}` has two names for `{}`", package.name, name(*target)),
                    ));
                }
            }
        }
        if !is_all_known {
            continue;
        }
        for (_, target) in asked_for.iter().zip(&package.dependencies).filter(|(key, _)| key.is_none()) {
            wrong.push(Mismatch::about(
                package,
                format!(
                    "`{}` is locked as a dependency of `{}`, which does not request it",
                    name(*target),
                    package.name
                ),
            ));
        }
    }
    let depended_on: HashSet<usize> = match packages.iter().any(|package| package.replaced_by.is_some()) {
        true => packages.iter().flat_map(|package| package.dependencies.iter().copied()).collect(),
        false => HashSet::new(),
    };
    // A replaced package is not used itself, but it must be requested.
    let is_asked_for = |index: usize, package: &LockedPackage| match package.replaced_by {
        Some(_) => depended_on.contains(&index),
        None => found.is_reached(index),
    };
    for (index, package) in packages.iter().enumerate() {
        if is_all_known && !is_asked_for(index, package) {
            wrong.push(Mismatch::about(
                package,
                format!("`{} {}` is locked, but nothing requests it", package.name, package.version),
            ));
        }
    }
    check_versions(locked, &mut wrong);
    check_links(packages, links, &mut wrong);
    if wrong.is_empty() {
        check_cycles(packages, candidates, found, &mut wrong);
    }
    wrong
}

/// Whether two keys give a library the same name.
fn is_same_name(one: &str, other: &str) -> bool {
    let letters =
        |key: &str| -> Vec<u8> { key.bytes().map(|byte| if byte == b'-' { b'_' } else { byte }).collect() };
    one == other || letters(one) == letters(other)
}

/// Checks that of compatible versions, only one comes from each source.
fn check_versions(locked: &Locked<'_>, wrong: &mut Vec<Mismatch>) {
    let packages = &locked.lock.packages;
    let is_same_source = |one: usize, other: usize| {
        let source = |index: usize| locked.sources.get(index).and_then(Option::as_ref);
        match (source(one), source(other)) {
            (Some(one @ LockedSource::Git { .. }), Some(other)) => one.git() == other.git(),
            (Some(one), Some(other)) => one == other,
            _ => false,
        }
    };
    for (index, package) in packages.iter().enumerate() {
        let others = packages.iter().enumerate().skip(index + 1);
        for (other_index, other) in others.take_while(|(_, other)| other.name == package.name) {
            if are_compatible(&package.version, &other.version) && is_same_source(index, other_index) {
                wrong.push(Mismatch::about(
                    package,
                    format!(
                        "`{name} {}` and `{name} {}` are locked, although one of them would do",
                        package.version,
                        other.version,
                        name = package.name
                    ),
                ));
            }
        }
    }
}

fn are_compatible(one: &semver::Version, other: &semver::Version) -> bool {
    let part = |version: &semver::Version| match (version.major, version.minor, version.patch) {
        (0, 0, patch) => (0, 0, patch),
        (0, minor, _) => (0, minor, 0),
        (major, _, _) => (major, 0, 0),
    };
    part(one) == part(other)
}

/// Checks that only one package links to each native library.
fn check_links(packages: &[LockedPackage], links: &[Option<&str>], wrong: &mut Vec<Mismatch>) {
    let mut linking: HashMap<&str, &LockedPackage> = HashMap::new();
    for (package, links) in packages.iter().zip(links) {
        let Some(links) = links else { continue };
        if let Some(other) = linking.insert(links, package) {
            wrong.push(Mismatch::about(
                package,
                format!("`{}` and `{}` both link to `{links}`", other.name, package.name),
            ));
        }
    }
}

/// Checks that packages do not depend on each other in cycles. Development dependencies may form
/// cycles.
fn check_cycles<'p>(
    packages: &'p [LockedPackage],
    candidates: &[Candidate<'_>],
    found: &Requested<'_>,
    wrong: &mut Vec<Mismatch>,
) {
    let mut targets: Vec<Vec<usize>> = Vec::with_capacity(packages.len());
    for (index, candidate) in candidates.iter().enumerate() {
        let mut of_package = candidate.undeclared.clone();
        for (number, dependency) in candidate.dependencies.iter().enumerate() {
            if dependency.kind != DependencyKind::Development && found.is_active(index, number) {
                of_package.extend(&dependency.packages);
            }
        }
        of_package.sort_unstable();
        of_package.dedup();
        targets.push(of_package);
    }
    let mut needed_by = vec![0_usize; packages.len()];
    for target in targets.iter().flatten() {
        if let Some(count) = needed_by.get_mut(*target) {
            *count += 1;
        }
    }
    // Removes packages that no remaining package needs. What remains at the end are cycles.
    let is_free = |(index, count): (usize, &usize)| (*count == 0).then_some(index);
    let mut free: Vec<usize> = needed_by.iter().enumerate().filter_map(is_free).collect();
    let mut remaining = packages.len();
    while let Some(index) = free.pop() {
        remaining -= 1;
        for &target in targets.get(index).into_iter().flatten() {
            if let Some(count) = needed_by.get_mut(target) {
                *count -= 1;
                if *count == 0 {
                    free.push(target);
                }
            }
        }
    }
    let is_in_cycle = |(package, count): (&'p LockedPackage, &usize)| (*count > 0).then_some(package);
    if remaining > 0
        && let Some(package) = packages.iter().zip(&needed_by).find_map(is_in_cycle)
    {
        wrong.push(Mismatch::about(
            package,
            format!(
                "`{}` is part of a cycle of packages that need each other, or is needed by one",
                package.name
            ),
        ));
    }
}

/// Whether the declarations of a locked patch are known, which also proves that the package exists.
fn is_there(facts: &impl PublishedFacts, package: &LockedPackage) -> bool {
    matches!(facts.declared(package), Published::Known(_))
}
