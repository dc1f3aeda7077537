//! Compares a folder with a tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use vet_project::regular_file::{LARGEST_ARCHIVE, read_file_as};
use vet_source::Tree;

use super::{COMPLETE, MARK, files};

/// Whether a folder contains exactly the files of a tree. Compares every byte of every file. Links,
/// other files and other folders count as differences; permissions do not.
///
/// # Errors
///
/// Something cannot be read.
pub(super) fn is_same(folder: &Path, tree: &Tree) -> io::Result<bool> {
    if !fs::symlink_metadata(folder)?.is_dir() {
        return Ok(false);
    }
    let mut expected: BTreeMap<&str, &[u8]> = files(tree).collect();
    let folders: BTreeSet<&str> = expected.keys().flat_map(|path| folders_of(path)).collect();
    expected.insert(MARK, COMPLETE.as_bytes());

    let mut to_read = vec![String::new()];
    while let Some(inner) = to_read.pop() {
        for entry in fs::read_dir(folder.join(&inner))? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { return Ok(false) };
            let path = if inner.is_empty() { name } else { format!("{inner}/{name}") };
            // The metadata of the entry itself, even if it is a link.
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                if !folders.contains(path.as_str()) {
                    return Ok(false);
                }
                to_read.push(path);
                continue;
            }
            let Some(bytes) = expected.remove(path.as_str()) else { return Ok(false) };
            let may_be_same = metadata.is_file() && metadata.len() == bytes.len() as u64;
            if !may_be_same || read_file_as(&entry.path(), &metadata, LARGEST_ARCHIVE)? != bytes {
                return Ok(false);
            }
        }
    }
    Ok(expected.is_empty())
}

/// The parent folders of a path.
fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(end, _)| path.get(..end))
}
