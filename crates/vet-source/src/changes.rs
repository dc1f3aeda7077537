//! Which files of two trees belong together, and which of them changed.
//!
//! Files at the same path belong together. What is gone and what is new may be the same file under another
//! name: how that is found out is in [`renames`].

mod renames;
mod similarity;

use std::cmp::Ordering;

use crate::tree::{File, Tree};

pub(crate) use similarity::could_be_renamed;

/// A file that is not in both trees with the same path and content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair<'a> {
    /// Where it was, and what it was.
    pub(crate) old: Option<Side<'a>>,
    /// Where it is, and what it is.
    pub(crate) new: Option<Side<'a>>,
    /// If the path is another: how similar the contents are, in percent.
    pub(crate) similarity: Option<u8>,
}

/// A file in one of the trees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side<'a> {
    pub(crate) path: &'a str,
    pub(crate) file: &'a File,
}

impl<'a> Pair<'a> {
    /// Where the file is, or was if it is gone.
    pub(crate) fn path(&self) -> &'a str {
        self.new.or(self.old).map(|side| side.path).unwrap_or_default()
    }

    /// The content before, empty if there was none.
    pub(crate) fn old_bytes(&self) -> &'a [u8] {
        self.old.map(|side| &*side.file.bytes).unwrap_or_default()
    }

    /// The content after, empty if there is none.
    pub(crate) fn new_bytes(&self) -> &'a [u8] {
        self.new.map(|side| &*side.file.bytes).unwrap_or_default()
    }

    /// Whether the file is at the same path as before.
    pub(crate) fn is_at_same_path(&self) -> bool {
        self.old.is_some() && self.new.is_some() && self.similarity.is_none()
    }

    /// Whether it became, or ceased to be, executable.
    pub(crate) fn has_other_mode(&self) -> bool {
        let mode = |side: Option<Side<'_>>| side.map(|side| side.file.is_executable);
        self.old.is_some() && self.new.is_some() && mode(self.old) != mode(self.new)
    }
}

/// The files that differ. Those that are gone and those that are new come after those at the same path.
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

/// Every path of either tree, with the files that are there.
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

/// The order of paths folder by folder: `a/b` is before `a.b`.
pub(crate) fn in_folders(one: &str, other: &str) -> Ordering {
    one.split('/').cmp(other.split('/'))
}
