//! How much there is to read.

use crate::changes::{Pair, changes};
use crate::file_role::Parts;
use crate::lines::{self, Numbered, is_binary};
use crate::script::Script;
use crate::tree::Tree;

/// How much differs between two versions of a crate, by the measure of `git diff --ignore-cr-at-eol
/// --numstat` with its default settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Lines that were added.
    pub insertions: u64,
    /// Lines that were removed.
    pub deletions: u64,
    /// Files that were added, removed, renamed or changed; binary ones too, which have no lines.
    pub files_changed: u64,
    /// How many of the lines, added or removed, are in what a dependent builds: see
    /// [`Part::is_built`](crate::Part::is_built).
    pub built: u64,
}

impl Size {
    /// All lines to read.
    pub fn lines(&self) -> u64 {
        self.insertions + self.deletions
    }
}

/// What kind of version another is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// One that was published to a registry.
    Published,
    /// One from a git repository. Publishing rewrites `Cargo.toml`, so that of the root says nothing, and is
    /// not counted; the original is there as `Cargo.toml.orig`.
    Git,
}

impl Comparison {
    /// Whether a file counts. Those that do not are records of cargo, which a dependent does not use.
    pub fn counts(self, path: &str) -> bool {
        match path {
            "Cargo.lock" | ".cargo_vcs_info.json" | ".cargo-ok" => false,
            "Cargo.toml" => self == Comparison::Published,
            _ => true,
        }
    }
}

/// The size of the difference between two versions. The empty tree is what a full audit starts from.
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

/// Insertions and deletions in a file; nothing if the file does not count as changed.
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
