//! The difference between two versions, for people to read.
//!
//! Files that are built come first, and files that need no reading come last. The lines of a file
//! are computed on demand, so a difference uses little memory, however large the versions are.

mod edits;
mod hunks;

use crate::changes::{Pair, changes, in_folders};
use crate::file_role::{FileRole, Parts};
use crate::lines::{self, Numbered, is_binary};
use crate::script::Script;
use crate::size::{Comparison, Size};
use crate::tree::Tree;
use edits::{Edit, edits};

pub use hunks::{Hunk, Line, Text};

/// The difference between two versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff<'a> {
    /// The files that differ, in reading order.
    pub files: Vec<FileDiff<'a>>,
    /// The paths of files in which only line ends differ. Git does not show these files, and they
    /// do not count.
    pub only_line_ends: Vec<&'a str>,
}

/// The difference in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff<'a> {
    /// The kind of change.
    pub change: Change<'a>,
    /// The role of the file.
    pub part: FileRole,
    /// Whether the file counts for the [size](crate::size()).
    pub counts: bool,
    /// The difference in the content.
    pub content: Content<'a>,
}

/// The kind of change of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// The file was added.
    Added(FileName<'a>),
    /// The file was removed.
    Removed(FileName<'a>),
    /// The path is the same as before.
    Modified {
        /// The file before.
        old: FileName<'a>,
        /// The file after.
        new: FileName<'a>,
    },
    /// The path changed.
    Renamed {
        /// The file before.
        old: FileName<'a>,
        /// The file after.
        new: FileName<'a>,
        /// How much of the content is the same, in percent.
        similarity: u8,
    },
}

/// The path and the mode of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileName<'a> {
    /// The path.
    pub path: &'a str,
    /// Whether the file is executable.
    pub is_executable: bool,
}

/// The difference in the content of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// Nothing differs, except line ends.
    Same,
    /// A binary file differs.
    Binary,
    /// Lines differ.
    Lines(Lines<'a>),
}

/// The lines of a file that differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines<'a> {
    old: &'a [u8],
    new: &'a [u8],
    edits: Vec<Edit>,
}

/// Returns the difference between two versions. Its size is the same as that of
/// [`size`](crate::size()).
pub fn diff<'a>(from: &'a Tree, to: &'a Tree, kind: Comparison) -> Diff<'a> {
    let mut diff = Diff::default();
    let mut parts = Parts::new(from, to);
    for pair in changes(from, to) {
        let content = content(&pair);
        if content == Content::Same && pair.is_at_same_path() && !pair.has_other_mode() {
            diff.only_line_ends.push(pair.path());
        } else if let Some(change) = Change::of(&pair) {
            let (part, counts) = (parts.of(&pair), kind.counts(pair.path()));
            diff.files.push(FileDiff { change, part, counts, content });
        }
    }
    diff.files.sort_by(|one, other| {
        let rank = |file: &FileDiff<'_>| (!file.counts, file.part);
        rank(one).cmp(&rank(other)).then_with(|| in_folders(one.path(), other.path()))
    });
    diff
}

impl Diff<'_> {
    /// Returns the size, the same as [`size`](crate::size()).
    pub fn size(&self) -> Size {
        let mut size = Size::default();
        for file in self.files.iter().filter(|file| file.counts) {
            size.insertions += file.insertions();
            size.deletions += file.deletions();
            size.files_changed += 1;
            if file.part.is_built() {
                size.built += file.insertions() + file.deletions();
            }
        }
        size
    }
}

impl<'a> FileDiff<'a> {
    /// Returns the path of the file. For a removed file, returns the old path.
    pub fn path(&self) -> &'a str {
        self.change.after().or(self.change.before()).map(|name| name.path).unwrap_or_default()
    }

    /// Returns the number of added lines.
    pub fn insertions(&self) -> u64 {
        self.sum(|edit| edit.new.len())
    }

    /// Returns the number of removed lines.
    pub fn deletions(&self) -> u64 {
        self.sum(|edit| edit.old.len())
    }

    fn sum(&self, length: impl Fn(&Edit) -> usize) -> u64 {
        match &self.content {
            Content::Lines(lines) => lines.edits.iter().map(|edit| length(edit) as u64).sum(),
            Content::Same | Content::Binary => 0,
        }
    }
}

impl<'a> Change<'a> {
    fn of(pair: &Pair<'a>) -> Option<Self> {
        let name = |side: crate::changes::Side<'a>| FileName {
            path: side.path,
            is_executable: side.file.is_executable,
        };
        match (pair.old.map(name), pair.new.map(name), pair.similarity) {
            (Some(old), Some(new), Some(similarity)) => Some(Change::Renamed { old, new, similarity }),
            (Some(old), Some(new), None) => Some(Change::Modified { old, new }),
            (Some(old), None, _) => Some(Change::Removed(old)),
            (None, Some(new), _) => Some(Change::Added(new)),
            (None, None, _) => None,
        }
    }

    /// Returns the old file, or `None` if the file was added.
    pub fn before(&self) -> Option<FileName<'a>> {
        match *self {
            Change::Added(_) => None,
            Change::Removed(old) | Change::Modified { old, .. } | Change::Renamed { old, .. } => Some(old),
        }
    }

    /// Returns the new file, or `None` if the file was removed.
    pub fn after(&self) -> Option<FileName<'a>> {
        match *self {
            Change::Removed(_) => None,
            Change::Added(new) | Change::Modified { new, .. } | Change::Renamed { new, .. } => Some(new),
        }
    }
}

fn content<'a>(pair: &Pair<'a>) -> Content<'a> {
    let (old, new) = (pair.old_bytes(), pair.new_bytes());
    if old == new {
        return Content::Same;
    }
    if is_binary(old) || is_binary(new) {
        return Content::Binary;
    }
    let edits = if old.is_empty() || new.is_empty() {
        let all = |bytes| 0..usize::try_from(lines::count(bytes)).unwrap_or(usize::MAX);
        vec![Edit { old: all(old), new: all(new) }]
    } else {
        let numbered = Numbered::new(old, new);
        edits(&Script::new(&numbered), &numbered, old, new)
    };
    match edits.is_empty() {
        true => Content::Same,
        false => Content::Lines(Lines { old, new, edits }),
    }
}

#[cfg(test)]
mod tests;
