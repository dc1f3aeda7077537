//! Pairs the files of two trees, and finds those that changed.
//!
//! Files at the same path form a pair. A removed file and an added file can be the same file under
//! another name; [`renames`] finds these pairs.

mod renames;
mod similarity;

use std::cmp::Ordering;

use crate::tree::{File, Tree};

pub(crate) use similarity::could_be_renamed;

/// A file whose path or content differs between the trees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair<'a> {
    /// The old path and content.
    pub(crate) old: Option<Side<'a>>,
    /// The new path and content.
    pub(crate) new: Option<Side<'a>>,
    /// The similarity of the contents in percent, if the path changed.
    pub(crate) similarity: Option<u8>,
}

/// A file in one of the trees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side<'a> {
    pub(crate) path: &'a str,
    pub(crate) file: &'a File,
}

impl<'a> Pair<'a> {
    /// Returns the path of the file. For a removed file, returns the old path.
    pub(crate) fn path(&self) -> &'a str {
        self.new.or(self.old).map(|side| side.path).unwrap_or_default()
    }

    /// Returns the old content, which is empty for an added file.
    pub(crate) fn old_bytes(&self) -> &'a [u8] {
        self.old.map(|side| &*side.file.bytes).unwrap_or_default()
    }

    /// Returns the new content, which is empty for a removed file.
    pub(crate) fn new_bytes(&self) -> &'a [u8] {
        self.new.map(|side| &*side.file.bytes).unwrap_or_default()
    }

    /// Whether the path is the same as before.
    pub(crate) fn is_at_same_path(&self) -> bool {
        self.old.is_some() && self.new.is_some() && self.similarity.is_none()
    }

    /// Whether the file became executable, or stopped being executable.
    pub(crate) fn has_other_mode(&self) -> bool {
        let mode = |side: Option<Side<'_>>| side.map(|side| side.file.is_executable);
        self.old.is_some() && self.new.is_some() && mode(self.old) != mode(self.new)
    }
}

/// Returns the files that differ. Removed and added files come after those at the same path.
pub(crate) fn changes<'a>(from: &'a Tree, to: &'a Tree) -> Vec<Pair<'a>> {
    let mut pairs = Vec::new();
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    for (old_side, new_side) in sides(from, to) {
        match (old_side, new_side) {
            (Some(old), Some(new)) if old.file == new.file => {}
            (Some(old), None) => gone.push(old),
            (None, Some(side)) => new.push(side),
            (old, new) => pairs.push(Pair { old, new, similarity: None }),
        }
    }
    gone.sort_by(|one, other| in_folders(one.path, other.path));
    new.sort_by(|one, other| in_folders(one.path, other.path));
    renames::pair(gone, new, &mut pairs);
    pairs
}

/// Iterates over every path of either tree, with the files at the path.
pub(crate) fn sides<'a>(
    from: &'a Tree,
    to: &'a Tree,
) -> impl Iterator<Item = (Option<Side<'a>>, Option<Side<'a>>)> {
    let side = |(path, file)| Side { path, file };
    let (mut old, mut new) = (from.files().map(side).peekable(), to.files().map(side).peekable());
    std::iter::from_fn(move || {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.path.cmp(new.path),
        };
        Some(match order {
            Ordering::Less => (old.next(), None),
            Ordering::Greater => (None, new.next()),
            Ordering::Equal => (old.next(), new.next()),
        })
    })
}

/// Compares paths folder by folder: `a/b` comes before `a.b`.
pub(crate) fn in_folders(one: &str, other: &str) -> Ordering {
    one.split('/').cmp(other.split('/'))
}
