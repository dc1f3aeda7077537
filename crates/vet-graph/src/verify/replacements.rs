//! Replacements of single versions by `[replace]`.
//!
//! Cargo resolves as if the replaced version were used, and then uses the declarations of the
//! replacement instead. A lock file has both packages. Others depend on the replaced one, which has
//! no dependencies and names its replacement.

use std::collections::{HashMap, HashSet};

use super::{LocalPackage, Mismatch};
use crate::lock_file::LockFile;
use crate::locked_source::LockedSource;
use crate::workspace::{LocalOrigin, LocalReplacement, Workspace};

/// Checks that exactly the packages that the manifest replaces are locked as replaced, each by the
/// right package. `local` and `sources` identify the packages.
pub(super) fn check(
    lock: &LockFile,
    workspace: &Workspace,
    local: &[Option<&LocalPackage>],
    sources: &[Option<LockedSource<'_>>],
    wrong: &mut Vec<Mismatch>,
) {
    let Workspace { replacements, patches, .. } = workspace;
    if replacements.is_empty() && lock.packages.iter().all(|package| package.replaced_by.is_none()) {
        return;
    }
    if !patches.is_empty() {
        wrong.push(Mismatch::other("there are patches and replacements".to_owned()));
    }
    let mut by_id: HashMap<Id<'_>, &LocalReplacement> = HashMap::with_capacity(replacements.len());
    for one in replacements {
        if by_id.insert(id(&one.package, &one.version), one).is_some() {
            wrong.push(Mismatch::other(format!("`{} {}` is replaced twice", one.package, one.version)));
        }
    }
    for (index, package) in lock.packages.iter().enumerate() {
        let shown = || format!("`{} {}`", package.name, package.version);
        let is_from_crates_io = sources.get(index) == Some(&Some(LockedSource::CratesIo));
        let (exact, any_build) = ids_of_locked(&package.name, &package.version);
        let find = |id: Option<Id<'_>>| by_id.get(&id?).copied().filter(|_| is_from_crates_io);
        let (exact, any_build) = (find(Some(exact)), find(any_build));
        if exact.is_some() && any_build.is_some() {
            wrong.push(Mismatch::about(package, format!("{} is replaced twice", shown())));
        }
        let wanted = exact.or(any_build);
        match (wanted, package.replaced_by) {
            (None, None) => {}
            (Some(_), None) => wrong.push(Mismatch::about(
                package,
                format!("{} is replaced, but not locked as replaced", shown()),
            )),
            (None, Some(_)) => wrong.push(Mismatch::about(
                package,
                format!("{} is locked as replaced, but is not replaced", shown()),
            )),
            (Some(wanted), Some(by)) => {
                let is_from = match &wanted.origin {
                    LocalOrigin::Path(folder) => {
                        local.get(by).is_some_and(|local| local.is_some_and(|local| local.folder == *folder))
                    }
                    LocalOrigin::Git(git) => sources.get(by).is_some_and(|source| {
                        source.is_some_and(|source| source.is_git(&git.url, git.state()))
                    }),
                    LocalOrigin::CratesIo | LocalOrigin::Registry(_) | LocalOrigin::Index(_) => false,
                };
                let is_alike = lock.packages.get(by).is_some_and(|by| {
                    (&by.name, &by.version) == (&package.name, &package.version) && by.replaced_by.is_none()
                });
                if !is_from || !is_alike || wanted.version != package.version {
                    wrong.push(Mismatch::about(
                        package,
                        format!("{} is replaced by a different package than the locked one", shown()),
                    ));
                }
            }
        }
        let replacing = |dependency: &usize| lock.packages.get(*dependency)?.replaced_by;
        let replacing: HashSet<usize> = package.dependencies.iter().filter_map(replacing).collect();
        if package.dependencies.iter().any(|dependency| replacing.contains(dependency)) {
            wrong.push(Mismatch::about(
                package,
                format!("{} depends on a package and on its replacement", shown()),
            ));
        }
    }
}

/// What identifies the replaced package: the name and the parts of the version.
type Id<'t> = (&'t str, (u64, u64, u64), &'t semver::Prerelease, &'t str);

fn id<'t>(name: &'t str, version: &'t semver::Version) -> Id<'t> {
    (name, (version.major, version.minor, version.patch), &version.pre, version.build.as_str())
}

/// The ids of the replacements that cargo applies to a locked version: the one with the same build
/// metadata, and the one without build metadata.
fn ids_of_locked<'t>(name: &'t str, version: &'t semver::Version) -> (Id<'t>, Option<Id<'t>>) {
    let exact @ (name, numbers, pre, _) = id(name, version);
    let any_build = (name, numbers, pre, "");
    (exact, (!version.build.is_empty()).then_some(any_build))
}
