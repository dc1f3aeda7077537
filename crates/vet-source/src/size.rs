//! The amount of code to read.

use crate::changes::{Pair, changes};
use crate::file_role::Parts;
use crate::lines::{self, Numbered, is_binary};
use crate::script::Script;
use crate::tree::Tree;

/// The size of the difference between two versions of a crate, as measured by
/// `git diff --ignore-cr-at-eol --numstat` with its default settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// The number of added lines.
    pub insertions: u64,
    /// The number of removed lines.
    pub deletions: u64,
    /// The number of files that were added, removed, renamed or changed. Includes binary files,
    /// which have no lines.
    pub files_changed: u64,
    /// The number of added and removed lines in files that a dependent builds: see
    /// [`FileRole::is_built`](crate::FileRole::is_built).
    pub built: u64,
}

impl Size {
    /// Returns the number of all lines to read.
    pub fn lines(&self) -> u64 {
        self.insertions + self.deletions
    }
}

/// The kind of version that another version is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// A version that was published to a registry.
    Published,
    /// A version from a git repository. Publishing rewrites `Cargo.toml`, so the `Cargo.toml` in
    /// the root is not counted. The original is in `Cargo.toml.orig`.
    Git,
}

impl Comparison {
    /// Whether a file counts. Files that do not count are records of cargo, which a dependent does
    /// not use.
    pub fn counts(self, path: &str) -> bool {
        match path {
            "Cargo.lock" | ".cargo_vcs_info.json" | ".cargo-ok" => false,
            "Cargo.toml" => self == Comparison::Published,
            _ => true,
        }
    }
}

/// Returns the size of the difference between two versions. For a full audit, `from` is the empty
/// tree.
pub fn size(from: &Tree, to: &Tree, kind: Comparison) -> Size {
    let mut size = Size::default();
    let mut parts = Parts::new(from, to);
    for pair in changes(from, to).into_iter().filter(|pair| kind.counts(pair.path())) {
        let Some((insertions, deletions)) = counted(&pair) else { continue };
        size.insertions += insertions;
        size.deletions += deletions;
        size.files_changed += 1;
        if insertions + deletions > 0 && parts.of(&pair).is_built() {
            size.built += insertions + deletions;
        }
    }
    size
}

/// Returns the insertions and deletions in a file, or `None` if the file does not count as changed.
fn counted(pair: &Pair<'_>) -> Option<(u64, u64)> {
    let (old, new) = (pair.old_bytes(), pair.new_bytes());
    if is_binary(old) || is_binary(new) {
        return Some((0, 0));
    }
    let (insertions, deletions) = if old == new {
        (0, 0)
    } else if old.is_empty() || new.is_empty() {
        (lines::count(new), lines::count(old))
    } else {
        let script = Script::new(&Numbered::new(old, new));
        let count = |changes: &[bool]| changes.iter().filter(|change| **change).count() as u64;
        (count(&script.added), count(&script.removed))
    };
    let is_other_file = !pair.is_at_same_path() || pair.has_other_mode();
    (is_other_file || insertions + deletions > 0).then_some((insertions, deletions))
}
