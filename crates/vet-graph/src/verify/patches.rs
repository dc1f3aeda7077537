//! Patches, which replace packages of a source.

use std::borrow::Cow;

use super::{Locked, Mismatch, Wanted, is_there};
use crate::lock_file::LockedPackage;
use crate::locked_source::{CRATES_IO_ADDRESS, LockedSource, address, is_crates_io};
use crate::published::PublishedFacts;
use crate::workspace::{LocalOrigin, LocalPatch, Workspace};

/// The patches, by the address of the source that they patch.
#[derive(Default)]
pub(super) struct Patches<'a>(Vec<(Cow<'a, str>, Vec<Patch<'a>>)>);

/// A package that replaces others.
pub(super) struct Patch<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a semver::Version,
    /// The number of the package, if it is used.
    pub(super) locked: Option<usize>,
}

impl<'a> Patches<'a> {
    /// Finds the package of each patch. The lock file lists the patches that are not used.
    pub(super) fn new(locked: &Locked<'a>, facts: &impl PublishedFacts, wrong: &mut Vec<Mismatch>) -> Self {
        let mut patches = Patches::default();
        let mut unused: Vec<(&str, &semver::Version, Option<&str>)> = Vec::new();
        let mut sources_of_unused: Vec<Cow<'a, str>> = Vec::new();
        let mut keys: Vec<(Cow<'a, str>, &str)> = Vec::new();
        let mut tables: Vec<(Cow<'a, str>, &str)> = Vec::new();
        for patch in &locked.workspace.patches {
            let found = patched(locked.workspace, &patch.patched).zip(find(locked, facts, patch));
            let Some((address, (found, source))) = found else {
                wrong.push(Mismatch::other(format!(
                    "the patch of `{}` is not locked, or locked in a way that only cargo understands",
                    patch.package
                )));
                continue;
            };
            // Of two patches with the same key, one counts. Which one depends on their places.
            let key = (address.clone(), patch.key.as_str());
            let is_repeated = keys.contains(&key);
            keys.push(key);
            // Of two tables of a manifest for the same source, only the last one counts.
            let table = tables.iter().find(|(other, _)| *other == address);
            if table.is_some_and(|(_, patched)| *patched != patch.patched) {
                wrong.push(Mismatch::other(format!("two tables patch `{address}`")));
            }
            tables.push((address.clone(), &patch.patched));
            if found.locked.is_none() {
                unused.push((found.name, found.version, source));
                if !sources_of_unused.contains(&address) {
                    sources_of_unused.push(address.clone());
                }
            }
            let number = patches.0.iter().position(|(other, _)| *other == address);
            match number.and_then(|number| patches.0.get_mut(number)) {
                Some((_, list)) => {
                    let is_same =
                        |other: &Patch<'_>| (other.name, other.version) == (found.name, found.version);
                    if is_repeated || list.iter().any(is_same) {
                        wrong.push(Mismatch::other(format!("`{}` is patched twice", patch.package)));
                    }
                    list.push(found);
                }
                None => patches.0.push((address, vec![found])),
            }
        }
        let listed = locked.lock.unused_patches.iter();
        let listed: Vec<_> =
            listed.map(|patch| (patch.name.as_str(), &patch.version, patch.source.as_deref())).collect();
        // Cargo lists the unused patches of one source in this order. The order of the sources
        // differs from run to run.
        if sources_of_unused.len() > 1 {
            wrong.push(Mismatch::other("unused patches are for several sources".to_owned()));
        }
        for (name, _, _) in unused.iter().filter(|patch| !listed.contains(patch)) {
            wrong.push(Mismatch::other(format!("the patch of `{name}` is not locked")));
        }
        for (name, _, _) in listed.iter().filter(|patch| !unused.contains(patch)) {
            wrong.push(Mismatch::other(format!(
                "the patch of `{name}` is locked as unused, but is not an unused patch"
            )));
        }
        if wrong.is_empty() && listed != unused {
            wrong.push(Mismatch::other("the unused patches are locked in a different order".to_owned()));
        }
        patches
    }

    /// The patches for the source that a dependency of a package requests.
    pub(super) fn of(&self, locked: &Locked<'_>, of: usize, wanted: Wanted<'_>) -> &[Patch<'a>] {
        if self.0.is_empty() {
            return &[];
        }
        let of_index = |index: &str| match is_crates_io(index) {
            true => Some(CRATES_IO_ADDRESS.to_owned()),
            false => address(index.strip_prefix("sparse+").unwrap_or(index)).map(Cow::into_owned),
        };
        let wanted = match wanted {
            Wanted::CratesIo => Some(CRATES_IO_ADDRESS.to_owned()),
            Wanted::Registry(name) => locked.workspace.registries.get(name).and_then(|index| of_index(index)),
            Wanted::Index(index) => of_index(index),
            Wanted::Git(url, _) => address(url).map(Cow::into_owned),
            Wanted::Path(_) => None,
            Wanted::Same => match locked.sources.get(of).and_then(Option::as_ref) {
                Some(LockedSource::CratesIo) => Some(CRATES_IO_ADDRESS.to_owned()),
                Some(LockedSource::Registry(text)) => {
                    of_index(text.strip_prefix("registry+").unwrap_or(text))
                }
                Some(LockedSource::Git { url, .. }) => address(url).map(Cow::into_owned),
                None => None,
            },
        };
        let found = self.0.iter().find(|(address, _)| wanted.as_deref() == Some(&**address));
        found.map_or(&[], |(_, patches)| patches.as_slice())
    }
}

/// Two tables that patch one source by addresses with different spellings. Cargo uses one of them,
/// and which one differs from run to run.
pub fn patched_by_chance(workspace: &Workspace) -> Option<[&str; 2]> {
    let mut tables: Vec<(Cow<'_, str>, &str, &str)> = Vec::new();
    for LocalPatch { patched: table, .. } in &workspace.patches {
        let written = url(workspace, table);
        let Some(address) = patched(workspace, table) else { continue };
        match tables.iter().find(|(known, _, _)| *known == address) {
            Some((_, other, first)) if *other != written => return Some([first, table]),
            Some(_) => (),
            None => tables.push((address, written, table)),
        }
    }
    None
}

fn url<'a>(workspace: &'a Workspace, patched: &'a str) -> &'a str {
    match patched {
        "crates-io" => CRATES_IO_ADDRESS,
        name => workspace.registries.get(name).map_or(name, String::as_str),
    }
}

/// The address of the patched source. Patches of folders are left to cargo.
fn patched<'a>(workspace: &'a Workspace, patched: &'a str) -> Option<Cow<'a, str>> {
    let url = url(workspace, patched);
    if is_crates_io(url) {
        return Some(Cow::Borrowed(CRATES_IO_ADDRESS));
    }
    if url.starts_with("file:") {
        return None;
    }
    address(url.strip_prefix("sparse+").unwrap_or(url))
}

/// The package that a patch means, and its source; `None` if it is not the locked one.
fn find<'a>(
    locked: &Locked<'a>,
    facts: &impl PublishedFacts,
    patch: &'a LocalPatch,
) -> Option<(Patch<'a>, Option<&'a str>)> {
    let fits = |name: &str, version: &semver::Version| {
        name == patch.package && patch.requirement.as_ref().is_none_or(|wanted| wanted.matches(version))
    };
    match &patch.origin {
        LocalOrigin::Path(folder) => {
            let local = locked.workspace.packages.iter().find(|package| package.folder == *folder)?;
            let is_local = |package: &Option<&_>| package.is_some_and(|package| std::ptr::eq(package, local));
            let patch = Patch {
                name: &local.name,
                version: &local.version,
                locked: locked.local.iter().position(is_local),
            };
            fits(&local.name, &local.version).then_some((patch, None))
        }
        LocalOrigin::Git(git) => {
            // A source cannot be patched with itself.
            if patched(locked.workspace, &patch.patched) == address(&git.url) {
                return None;
            }
            let is_meant = |package: &&LockedPackage| {
                let source = package.source.as_deref().and_then(LockedSource::parse);
                fits(&package.name, &package.version)
                    && source.is_some_and(|source| source.is_git(&git.url, git.state()))
            };
            let all = locked.lock.packages.iter().chain(&locked.lock.unused_patches);
            let mut meant = all.enumerate().filter(|(_, package)| is_meant(package));
            let (number, package) = meant.next()?;
            let is_used = number < locked.lock.packages.len();
            if meant.next().is_some() || !(is_used || is_there(facts, package)) {
                return None;
            }
            let patch =
                Patch { name: &package.name, version: &package.version, locked: is_used.then_some(number) };
            Some((patch, package.source.as_deref()))
        }
        // Only the index would say whether other versions exist.
        LocalOrigin::CratesIo | LocalOrigin::Registry(_) | LocalOrigin::Index(_) => None,
    }
}
