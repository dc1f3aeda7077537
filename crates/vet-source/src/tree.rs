//! The files of a crate.

use std::collections::BTreeMap;
use std::ops::Bound;

use bytes::Bytes;

/// The files of one version of a crate, by path. A full audit starts from the empty tree.
///
/// Paths are relative to the folder of the package, with `/` as the separator. No part is empty,
/// `.` or `..`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    files: BTreeMap<String, File>,
}

/// A file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// The content. Several trees may share it.
    pub bytes: Bytes,
    /// Whether the file is executable.
    pub is_executable: bool,
}

impl Tree {
    /// Creates a tree of these files. If several files have the same path, the last one is used.
    ///
    /// Paths are not checked: see [`Tree`] for the requirements.
    pub fn new(files: impl IntoIterator<Item = (String, File)>) -> Self {
        Tree { files: files.into_iter().collect() }
    }

    /// Iterates over the files, in order of path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &File)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// Returns the total size of the files in bytes.
    pub fn bytes(&self) -> usize {
        self.files.values().map(|file| file.bytes.len()).sum()
    }

    /// Returns the file at a path.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// Iterates over the files from a path on, in order of path.
    pub(crate) fn files_from(&self, start: &str) -> impl Iterator<Item = (&str, &File)> {
        let range = (Bound::Included(start), Bound::Unbounded);
        self.files.range::<str, _>(range).map(|(path, file)| (path.as_str(), file))
    }
}
