//! The files of a crate.

use std::collections::BTreeMap;
use std::ops::Bound;

use bytes::Bytes;

/// The files of one version of a crate, by path. The empty tree is what a full audit starts from.
///
/// Paths are relative to the folder of the package, with `/` between their parts; no part is empty, `.` or
/// `..`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    files: BTreeMap<String, File>,
}

/// A file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// The content, which several trees may have together.
    pub bytes: Bytes,
    /// Whether it is meant to be run.
    pub is_executable: bool,
}

impl Tree {
    /// A tree of these files. Of several files with the same path the last one counts.
    ///
    /// Paths are taken as they are: see [`Tree`] for what they must be.
    pub fn new(files: impl IntoIterator<Item = (String, File)>) -> Self {
        Tree { files: files.into_iter().collect() }
    }

    /// The files, in order of path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &File)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// How many bytes the files have together.
    pub fn bytes(&self) -> usize {
        self.files.values().map(|file| file.bytes.len()).sum()
    }

    /// The file at a path.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// The files from a path on, in order of path.
    pub(crate) fn files_from(&self, start: &str) -> impl Iterator<Item = (&str, &File)> {
        let range = (Bound::Included(start), Bound::Unbounded);
        self.files.range::<str, _>(range).map(|(path, file)| (path.as_str(), file))
    }
}
