//! Packages from git, in cargo's checkouts.

use std::fs;
use std::path::{Path, PathBuf};

use semver::Version;
use vet_diagnostics::Source;
use vet_graph::Manifest;
use vet_graph::manifest::VersionField;

use vet_project::regular_file::read_utf8;

/// The maximum depth of folders that are searched. Their number is limited, too.
const DEEPEST: usize = 32;
const MOST_FOLDERS: usize = 20_000;

/// The folder of a package in the checkout of a revision.
pub(crate) fn package_folder(state: &Path, name: &str, version: &Version) -> Option<PathBuf> {
    let mut searched = 0;
    search(state, name, version, 0, &mut searched)
}

/// The checkouts of a revision. Several repositories may contain it.
pub(crate) fn states(cargo_home: &Path, revision: &str) -> impl Iterator<Item = PathBuf> {
    let repositories = fs::read_dir(cargo_home.join("git").join("checkouts")).into_iter().flatten().flatten();
    repositories.filter_map(move |repository| {
        let states = fs::read_dir(repository.path()).ok()?;
        let is_state = |folder: &PathBuf| {
            let short = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            !short.is_empty() && revision.starts_with(short) && is_checked_out(folder, revision)
        };
        states.flatten().map(|state| state.path()).find(is_state)
    })
}

/// Whether a checkout is complete and has exactly this revision.
fn is_checked_out(folder: &Path, revision: &str) -> bool {
    folder.join(".cargo-ok").exists() && head(&folder.join(".git")).as_deref() == Some(revision)
}

/// The revision that is checked out: HEAD, or the branch that it names.
fn head(git: &Path) -> Option<String> {
    let head = read_utf8(&git.join("HEAD")).ok()?;
    let Some(branch) = head.trim().strip_prefix("ref: ") else { return Some(head.trim().to_owned()) };
    if let Ok(revision) = read_utf8(&git.join(branch)) {
        return Some(revision.trim().to_owned());
    }
    let packed = read_utf8(&git.join("packed-refs")).ok()?;
    let revision = packed.lines().find_map(|line| line.strip_suffix(branch)?.strip_suffix(' '))?;
    Some(revision.to_owned())
}

/// Searches folders for a package with this name and version, in cargo's order: each folder before
/// its subfolders. Hidden folders, `target` beside a manifest, and submodules are skipped.
fn search(
    folder: &Path,
    name: &str,
    version: &Version,
    depth: usize,
    searched: &mut usize,
) -> Option<PathBuf> {
    *searched += 1;
    if depth > DEEPEST || *searched > MOST_FOLDERS {
        return None;
    }
    if is_package(folder, name, version) {
        return Some(folder.to_owned());
    }
    let has_manifest = folder.join("Cargo.toml").exists();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    let is_searched = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        !(name.as_encoded_bytes().starts_with(b".") || (has_manifest && name == "target"))
    };
    let mut below: Vec<PathBuf> = entries
        .filter(|entry| is_folder(entry) && is_searched(entry) && !entry.path().join(".git").exists())
        .map(|entry| entry.path())
        .collect();
    below.sort();
    below.iter().find_map(|folder| search(folder, name, version, depth + 1, searched))
}

/// Whether a folder contains a package. A package that inherits its version may have any version.
fn is_package(folder: &Path, name: &str, version: &Version) -> bool {
    let manifest = || {
        let text = read_utf8(&folder.join("Cargo.toml")).ok()?;
        Manifest::parse(&Source::new("Cargo.toml", text)).ok()?.package
    };
    manifest().is_some_and(|package| {
        let has_version = match &package.version {
            VersionField::Stated(stated) => stated == version,
            VersionField::Inherited(_) => true,
        };
        package.name == name && has_version
    })
}
