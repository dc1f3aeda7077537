//! Determines the role of each file of a crate, and whether the file is built if the crate is a
//! dependency.
//!
//! If a crate is a dependency, cargo builds its library and its build script, with everything that
//! these two read, include or compile. It never builds the tests, benchmarks, examples and programs
//! of a dependency. So a reader with little time reads first what is built, and must never be told
//! to skip anything that is. If the role of a file is uncertain, the file counts as built.
//!
//! # The rule
//!
//! The first item that matches decides:
//!
//! 1. `Cargo.toml` is the [manifest](Part::Manifest): it says what is built, and from which files.
//!    `Cargo.lock`, `Cargo.toml.orig` and similar files beside it are [records](Part::Record).
//! 2. Files that the library or the build script refers to are built, wherever they are. The
//!    library refers to files by `include!`, `include_str!`, `include_bytes!`, `#[path]` or
//!    `#[debugger_visualizer]`. A build script also refers to files by any string that is the path
//!    of a file or folder. Files that are only shown in documentation, by
//!    `#[doc = include_str!(…)]`, are not built.
//! 3. The library, the build script, and code beside the library are built. Programs (the targets
//!    of `[[bin]]`, `src/main.rs`, `src/bin`) are not built, unless the library uses them as
//!    modules. In a crate without a library, programs are built: an auditor of such a crate intends
//!    to run them.
//! 4. The targets of `[[test]]`, `[[bench]]` and `[[example]]` are not built, and neither is the
//!    code beside them. The same applies to files in `tests`, `benches`, `examples`, `docs` and
//!    `doc`.
//! 5. All other Rust code is built. Texts for people are [documentation](Part::Documentation).
//! 6. All other files are built if there is a build script, which can compile or read them, or if
//!    the library is a procedural macro, which can read them, too. Settings of well-known tools are
//!    an exception. Otherwise, the files are [data](Part::Data).
//!
//! # What code can hide
//!
//! The author of a crate may be hostile, so code is read like a compiler reads it, and in each way
//! in which some compiler does ([`token_trees`]). Conditions such as `#[cfg(test)]` are ignored: a
//! build script can make any of them true. Paths may be made by macros:
//!
//! - If only the end of a path is known, every file with this end is built.
//! - If a macro of the crate includes what its caller names, every string is such a path.
//! - If nothing is known about a path, if the manifest cannot be read, or if code is larger or
//!   more deeply nested than real code, every file is built.
//!
//! What macros of other crates or a build script compute is not found. These crates and the build
//! script have to be read, too.

mod kinds;
mod mentions;
mod path_text;
mod places;
mod references;
mod targets;
mod token_trees;

use crate::changes::Pair;
use crate::tree::Tree;
use references::References;
use targets::Targets;

/// The role of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileRole {
    /// Code of the library or the build script, or a file that these read or compile.
    Built,
    /// The manifest.
    Manifest,
    /// Code of a program in a crate with a library.
    Program,
    /// Code or data of tests.
    Test,
    /// Code or data of benchmarks.
    Bench,
    /// Code or data of examples.
    Example,
    /// Texts for people.
    Documentation,
    /// Any other file that is not built.
    Data,
    /// A file that cargo wrote when the crate was packaged. Cargo does not read it if the crate is
    /// a dependency.
    Record,
}

impl FileRole {
    /// Whether files with this role matter if the crate is a dependency.
    pub fn is_built(self) -> bool {
        matches!(self, FileRole::Built | FileRole::Manifest)
    }
}

/// The roles of the files of a crate.
#[derive(Debug)]
pub struct Layout<'a> {
    targets: Targets,
    references: References<'a>,
    /// Whether code runs during the build. Such code can read any file.
    runs_code: bool,
    has_manifest: bool,
}

impl<'a> Layout<'a> {
    /// Reads the manifest of a crate and finds the files that its code refers to.
    pub fn of(tree: &'a Tree) -> Self {
        let targets = Targets::of(tree);
        let mut layout = Layout {
            runs_code: targets.is_proc_macro || !targets.build_scripts.is_empty(),
            has_manifest: tree.file("Cargo.toml").is_some(),
            targets,
            references: References::default(),
        };
        if layout.targets.are_unknown {
            return layout;
        }
        let is_built = |path: &str| path.ends_with(".rs") && layout.part(path) == FileRole::Built;
        let sources = tree.files().map(|(path, _)| path).filter(|path| is_built(path));
        let references = References::of(tree, sources.collect(), &layout.targets);
        layout.references = references;
        layout
    }

    /// Returns the role of the file at a path. The file need not exist.
    pub fn part(&self, path: &str) -> FileRole {
        match path {
            "Cargo.toml" => return FileRole::Manifest,
            "Cargo.lock" | ".cargo_vcs_info.json" | ".cargo-ok" => return FileRole::Record,
            "Cargo.toml.orig" if self.has_manifest => return FileRole::Record,
            _ => {}
        }
        if self.targets.are_unknown || self.references.contains(path) {
            return FileRole::Built;
        }
        if let Some(part) = self.targets.part(path) {
            return part;
        }
        let is_code_of_others = kinds::is_settings(path);
        match kinds::is_documentation(path) {
            _ if path.ends_with(".rs") => FileRole::Built,
            true => FileRole::Documentation,
            false if self.runs_code && !is_code_of_others => FileRole::Built,
            false => FileRole::Data,
        }
    }
}

/// The layouts of two trees, computed when needed.
pub(crate) struct Parts<'a> {
    from: Known<'a>,
    to: Known<'a>,
}

impl<'a> Parts<'a> {
    pub(crate) fn new(from: &'a Tree, to: &'a Tree) -> Self {
        Parts { from: Known { tree: from, layout: None }, to: Known { tree: to, layout: None } }
    }

    /// Returns the role of a file in the new tree, or in the old tree if the file was removed. A
    /// file that was moved counts as built if it was built before or is built now.
    pub(crate) fn of(&mut self, pair: &Pair<'_>) -> FileRole {
        let old = |parts: &mut Self| pair.old.map(|side| parts.from.layout().part(side.path));
        let Some(new) = pair.new else { return old(self).unwrap_or(FileRole::Built) };
        let part = self.to.layout().part(new.path);
        if part.is_built() || pair.is_at_same_path() {
            return part;
        }
        old(self).filter(|part| part.is_built()).unwrap_or(part)
    }
}

struct Known<'a> {
    tree: &'a Tree,
    layout: Option<Layout<'a>>,
}

impl<'a> Known<'a> {
    fn layout(&mut self) -> &Layout<'a> {
        self.layout.get_or_insert_with(|| Layout::of(self.tree))
    }
}

#[cfg(test)]
mod tests;
