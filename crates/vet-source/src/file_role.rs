//! What a file of a crate is for, and whether it is built where the crate is a dependency.
//!
//! Somebody who depends on a crate builds its library and its build script, and what these two read, include
//! or compile. Tests, benchmarks, examples and programs of a dependency are never built. So a reader with
//! little time reads what is built first; and must not be told to skip anything that is. Where it cannot be
//! told, a file counts as built.
//!
//! # The rule
//!
//! The first that fits:
//!
//! 1. `Cargo.toml` is the [manifest](Part::Manifest): it says what is built, and of what. `Cargo.lock`,
//!    `Cargo.toml.orig` and the like beside it are [records](Part::Record).
//! 2. What the library or the build script refers to is built, wherever it is: by `include!`, `include_str!`,
//!    `include_bytes!` or `#[path]`; in a build script by any text that is the path of a file or folder. What
//!    is only shown in documentation, by `#[doc = include_str!(…)]`, is not.
//! 3. The library, the build script, and code beside the library are built. Programs are not, as far as the
//!    library does not use them as modules: what `[[bin]]` names, `src/main.rs`, `src/bin`. In a crate
//!    without a library they are: somebody who audits it runs them.
//! 4. What `[[test]]`, `[[bench]]` and `[[example]]` name is not built, nor is the code beside it; and what is
//!    in `tests`, `benches`, `examples`, `docs` and `doc` is not either.
//! 5. All other Rust code is built. Texts for people are [documentation](Part::Documentation).
//! 6. All other files are built if there is a build script, which can compile or read them, or if the library
//!    is a procedural macro, which can read them too; except for the settings of well-known tools. Otherwise
//!    they are [data](Part::Data).

mod kinds;
mod mentions;
mod references;
mod rust_text;
mod targets;

use crate::changes::Pair;
use crate::tree::Tree;
use references::References;
use targets::Targets;

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Code of the library or the build script, or something that these read or compile.
    Built,
    /// The manifest.
    Manifest,
    /// Code of a program that comes with a library.
    Program,
    /// Code or data of tests.
    Test,
    /// Code or data of benchmarks.
    Bench,
    /// Code or data of examples.
    Example,
    /// Texts for people.
    Documentation,
    /// Anything else that nothing builds.
    Data,
    /// What cargo wrote down when the crate was packaged, and does not read where it is a dependency.
    Record,
}

impl Part {
    /// Whether it plays a part where the crate is a dependency.
    pub fn is_built(self) -> bool {
        matches!(self, Part::Built | Part::Manifest)
    }
}

/// What the files of a crate are for.
#[derive(Debug)]
pub struct Layout<'a> {
    targets: Targets,
    references: References<'a>,
    /// Whether code runs when the crate is built, which can read any file.
    runs_code: bool,
    has_manifest: bool,
}

impl<'a> Layout<'a> {
    /// Looks at the manifest of a crate, and at what its code refers to.
    pub fn of(tree: &'a Tree) -> Self {
        let targets = Targets::of(tree);
        let mut layout = Layout {
            runs_code: targets.is_proc_macro || !targets.build_scripts.is_empty(),
            has_manifest: tree.file("Cargo.toml").is_some(),
            targets,
            references: References::default(),
        };
        let is_built = |path: &str| path.ends_with(".rs") && layout.part(path) == Part::Built;
        let sources = tree.files().map(|(path, _)| path).filter(|path| is_built(path));
        let references = References::of(tree, sources.collect(), &layout.targets);
        layout.references = references;
        layout
    }

    /// What the file at a path is for. It need not exist.
    pub fn part(&self, path: &str) -> Part {
        match path {
            "Cargo.toml" => return Part::Manifest,
            "Cargo.lock" | ".cargo_vcs_info.json" | ".cargo-ok" => return Part::Record,
            "Cargo.toml.orig" if self.has_manifest => return Part::Record,
            _ => {}
        }
        if self.references.contains(path) {
            return Part::Built;
        }
        if let Some(part) = self.targets.part(path) {
            return part;
        }
        let is_code_of_others = kinds::is_settings(path);
        match kinds::is_documentation(path) {
            _ if path.ends_with(".rs") => Part::Built,
            true => Part::Documentation,
            false if self.runs_code && !is_code_of_others => Part::Built,
            false => Part::Data,
        }
    }
}

/// The layouts of two trees, looked at when they are needed.
pub(crate) struct Parts<'a> {
    from: Known<'a>,
    to: Known<'a>,
}

impl<'a> Parts<'a> {
    pub(crate) fn new(from: &'a Tree, to: &'a Tree) -> Self {
        Parts { from: Known { tree: from, layout: None }, to: Known { tree: to, layout: None } }
    }

    /// What a file is for: in the new tree, or in the old if it is gone. A file that was moved counts as
    /// built if it was built before or is built now.
    pub(crate) fn of(&mut self, pair: &Pair<'_>) -> Part {
        let old = |parts: &mut Self| pair.old.map(|side| parts.from.layout().part(side.path));
        let Some(new) = pair.new else { return old(self).unwrap_or(Part::Built) };
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
