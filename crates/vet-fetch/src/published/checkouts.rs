//! Packages from git, in the checkouts that cargo made.

use std::fs;
use std::path::{Path, PathBuf};

use super::manifest::PublishedManifest;
use super::registry::in_folder;
use crate::regular_file::read_utf8;

/// Folders deeper than this are not searched, nor more than so many of them.
const DEEPEST: usize = 8;
const MOST_FOLDERS: usize = 20_000;

/// The manifest of a package in the checkout of a revision.
pub(super) fn manifest(cargo_home: &Path, name: &str, revision: &str) -> Option<PublishedManifest> {
    states(cargo_home, revision).find_map(|state| search(&state, name)).map(|(_, manifest)| manifest)
}

/// The folder of a package in the checkout of a revision.
pub(crate) fn package_folder(state: &Path, name: &str) -> Option<PathBuf> {
    search(state, name).map(|(folder, _)| folder)
}

/// The checkouts of a revision. Several repositories may have it.
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

/// Whether a checkout is complete and of this very revision.
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

/// Looks through folders for the one with a package of this name, the outer ones first, as cargo does.
fn search(state: &Path, name: &str) -> Option<(PathBuf, PublishedManifest)> {
    let mut level = vec![state.to_owned()];
    let mut searched = 0;
    for _ in 0..DEEPEST {
        let mut below = Vec::new();
        for folder in level {
            if let Some(manifest) = in_folder(&folder, name) {
                return Some((folder, manifest));
            }
            searched += 1;
            if searched > MOST_FOLDERS {
                return None;
            }
            let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
            let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
            let is_hidden = |entry: &fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(b".");
            below.extend(
                entries.filter(|entry| is_folder(entry) && !is_hidden(entry)).map(|entry| entry.path()),
            );
        }
        below.sort();
        level = below;
    }
    None
}
