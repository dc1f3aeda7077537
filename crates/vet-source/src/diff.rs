//! The difference between two versions, for people to read.
//!
//! What is built comes first, and what nobody has to read comes last. The lines of a file are put together
//! when they are asked for, so that a difference takes little memory, however large the versions are.

mod edits;
mod hunks;

use crate::changes::{Pair, changes, in_folders};
use crate::file_role::{Part, Parts};
use crate::lines::{self, Numbered, is_binary};
use crate::script::Script;
use crate::size::{Comparison, Size};
use crate::tree::Tree;
use edits::{Edit, edits};

pub use hunks::{Hunk, Line, Text};

/// What is different between two versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff<'a> {
    /// The files that differ, in the order in which to read them.
    pub files: Vec<FileDiff<'a>>,
    /// Paths of files of which only the ends of lines differ. Git does not show them, and they do not count.
    pub only_line_ends: Vec<&'a str>,
}

/// What is different in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff<'a> {
    /// What happened to it.
    pub change: Change<'a>,
    /// What it is for.
    pub part: Part,
    /// Whether it counts for the [size](crate::size()).
    pub counts: bool,
    /// What is different in its content.
    pub content: Content<'a>,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// It is new.
    Added(FileName<'a>),
    /// It is gone.
    Removed(FileName<'a>),
    /// It is at the same path as before.
    Modified {
        /// What it was.
        old: FileName<'a>,
        /// What it is.
        new: FileName<'a>,
    },
    /// It is at another path.
    Renamed {
        /// What it was.
        old: FileName<'a>,
        /// What it is.
        new: FileName<'a>,
        /// How much of the content is the same, in percent.
        similarity: u8,
    },
}

/// What a folder says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileName<'a> {
    /// The path.
    pub path: &'a str,
    /// Whether it is meant to be run.
    pub is_executable: bool,
}

/// What is different in the content of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// Nothing, apart from the ends of lines.
    Same,
    /// Something in a file that is not text.
    Binary,
    /// Lines.
    Lines(Lines<'a>),
}

/// The lines that are different in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines<'a> {
    old: &'a [u8],
    new: &'a [u8],
    edits: Vec<Edit>,
}

/// The difference between two versions. It has the [size](crate::size()) that the two have.
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
    /// The size, as [`size`](crate::size()) gives it.
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
    /// Where it is, or was if it is gone.
    pub fn path(&self) -> &'a str {
        self.change.after().or(self.change.before()).map(|name| name.path).unwrap_or_default()
    }

    /// How many lines are new.
    pub fn insertions(&self) -> u64 {
        self.sum(|edit| edit.new.len())
    }

    /// How many lines are gone.
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

    /// What the file was, unless it is new.
    pub fn before(&self) -> Option<FileName<'a>> {
        match *self {
            Change::Added(_) => None,
            Change::Removed(old) | Change::Modified { old, .. } | Change::Renamed { old, .. } => Some(old),
        }
    }

    /// What the file is, unless it is gone.
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
