//! Finds the targets of a package from its manifest and the places of its files.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use toml::{Table, Value};

use super::FileRole;
use super::places::Places;
use super::token_trees::{Token, readings, source_text};
use crate::tree::Tree;

/// The greatest number of folders around a file.
const MOST_FOLDERS: usize = 100;

/// The targets of a package.
#[derive(Debug, Default)]
pub(super) struct Targets {
    /// The root of the library.
    pub(super) library: Option<String>,
    /// The roots of build scripts.
    pub(super) build_scripts: Vec<String>,
    /// Whether the library is a procedural macro, which runs in the compiler.
    pub(super) is_proc_macro: bool,
    /// Whether the manifest cannot be read, or folders are nested more deeply than in any real
    /// crate. Then any file can be part of any target.
    pub(super) are_unknown: bool,
    /// The files and folders of programs that the library does not use.
    programs: Vec<String>,
    /// The roots of other targets.
    others: Vec<(String, FileRole)>,
}

impl Targets {
    pub(super) fn of(tree: &Tree) -> Self {
        let manifest = match tree.file("Cargo.toml").map(|file| std::str::from_utf8(&file.bytes)) {
            Some(text) => text.ok().and_then(|text| text.parse::<Table>().ok()),
            None => Some(Table::new()),
        };
        let is_too_deep = tree.files().any(|(path, _)| path.matches('/').count() > MOST_FOLDERS);
        let Some(manifest) = manifest.filter(|_| !is_too_deep) else {
            return Targets { are_unknown: true, ..Targets::default() };
        };
        let places = OnceCell::new();
        let normal = |path: &str| normal(path, tree, &places);
        let library = manifest.get("lib").and_then(Value::as_table);
        let is_set =
            |key| library.and_then(|library| library.get(key)).and_then(Value::as_bool).unwrap_or_default();
        let path = library.and_then(|library| library.get("path")).and_then(Value::as_str).map(normal);
        let inferred = || tree.file("src/lib.rs").is_some() || library.is_some();
        let root = path.or_else(|| inferred().then(|| "src/lib.rs".to_owned()));
        let mut targets = Targets {
            is_proc_macro: is_set("proc-macro")
                || is_set("proc_macro")
                || library.is_some_and(has_type_of_proc_macro),
            build_scripts: build_scripts(&manifest, tree, normal),
            ..Targets::default()
        };
        let mut modules = Modules { tree, words: HashMap::new() };
        if let Some(library) = &root {
            let named = paths(&manifest, "bin", normal);
            let usual = ["src/main.rs".to_owned(), "src/bin".to_owned()];
            let programs = named.chain(usual).filter(|path| path != library);
            targets.programs = programs.filter(|path| !modules.may_have(path, library)).collect();
        }
        for (kind, part) in
            [("test", FileRole::Test), ("bench", FileRole::Bench), ("example", FileRole::Example)]
        {
            let mut unused =
                |path: &String| root.as_ref().is_none_or(|library| !modules.may_have(path, library));
            targets
                .others
                .extend(paths(&manifest, kind, normal).filter(&mut unused).map(|path| (path, part)));
        }
        targets.library = root;
        targets
    }

    /// Returns the names of modules that programs, tests, benchmarks and examples would have. Only
    /// those beside the library matter.
    pub(super) fn names(&self, tree: &Tree) -> HashSet<String> {
        let others = self.others.iter().map(|(path, _)| path);
        let exists = |path: &str| tree.files_from(path).next().is_some_and(|(found, _)| is_in(found, path));
        let is_beside = |path: &&String| self.is_beside_library(path) && exists(path);
        self.programs
            .iter()
            .chain(others)
            .filter(is_beside)
            .map(|path| folder_and_module(path).1.to_owned())
            .collect()
    }

    /// Returns the role of a file, if its place determines the role.
    pub(super) fn part(&self, path: &str) -> Option<FileRole> {
        let is_root = |root: &String| root == path;
        if self.library.as_ref().is_some_and(is_root) || self.build_scripts.iter().any(is_root) {
            return Some(FileRole::Built);
        }
        if self.programs.iter().any(|program| is_in(path, program)) {
            return Some(FileRole::Program);
        }
        if let Some((_, part)) = self.others.iter().find(|(root, _)| root == path) {
            return Some(*part);
        }
        if path.ends_with(".rs") && self.is_beside_library(path) {
            return Some(FileRole::Built);
        }
        if let Some(part) = self.beside_others(path) {
            return Some(part);
        }
        match path.split_once('/')?.0 {
            "tests" => Some(FileRole::Test),
            "benches" => Some(FileRole::Bench),
            "examples" => Some(FileRole::Example),
            "docs" | "doc" => Some(FileRole::Documentation),
            _ => None,
        }
    }

    /// Returns the role of code in a folder with a test, a benchmark or an example. Other code has
    /// no modules in such a folder.
    fn beside_others(&self, path: &str) -> Option<FileRole> {
        let has_root = |(root, _): &&(String, FileRole)| {
            root.rsplit_once('/').is_some_and(|(folder, _)| is_in(path, folder))
        };
        path.ends_with(".rs").then(|| self.others.iter().find(has_root))?.map(|(_, part)| *part)
    }

    /// Whether a file is in the folder of the library or of a build script, unless that is the root
    /// folder of the package.
    pub(super) fn is_beside_library(&self, path: &str) -> bool {
        let roots = self.library.iter().chain(&self.build_scripts);
        roots.filter_map(|root| root.rsplit_once('/')).any(|(folder, _)| is_in(path, folder))
    }
}

/// Whether a path is `folder` itself or inside it.
pub(super) fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether `crate-type` makes a library a procedural macro.
fn has_type_of_proc_macro(library: &Table) -> bool {
    let types = ["crate-type", "crate_type"].into_iter().filter_map(|key| library.get(key)?.as_array());
    types.flatten().any(|name| name.as_str() == Some("proc-macro"))
}

fn build_scripts(manifest: &Table, tree: &Tree, normal: impl Fn(&str) -> String) -> Vec<String> {
    let inferred = || tree.file("build.rs").map(|_| "build.rs".to_owned());
    // Old versions of cargo also read `[project]`.
    let tables = ["package", "project"].into_iter().filter_map(|key| manifest.get(key)?.get("build"));
    let scripts: Vec<&Value> = tables.collect();
    if scripts.is_empty() {
        return inferred().into_iter().collect();
    }
    let scripts = scripts.into_iter().flat_map(|script| match script {
        Value::Boolean(false) => Vec::new(),
        Value::String(path) => vec![normal(path)],
        Value::Array(paths) => paths.iter().filter_map(Value::as_str).map(&normal).collect(),
        _ => inferred().into_iter().collect(),
    });
    scripts.collect()
}

/// Iterates over the paths of targets of a kind in the manifest.
fn paths(manifest: &Table, kind: &str, normal: impl Fn(&str) -> String) -> impl Iterator<Item = String> {
    let targets = manifest.get(kind).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    targets.iter().filter_map(|target| target.get("path")?.as_str()).map(normal)
}

/// Converts a path of a manifest to the form of paths in trees. The path can be written in a way
/// that hides which file it means.
fn normal<'a>(path: &str, tree: &'a Tree, places: &OnceCell<Places<'a>>) -> String {
    let path = path.replace('\\', "/");
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let plain = parts.join("/");
    match tree.file(&plain) {
        Some(_) => plain,
        None => {
            let found = places.get_or_init(|| Places::of(tree)).at("", &path);
            found.first().map_or(plain, |found| (*found).to_owned())
        }
    }
}

/// Returns the folder of the file that could declare a module, and the name of the module.
fn folder_and_module(path: &str) -> (&str, &str) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    match name {
        "mod.rs" | "main.rs" if folder.contains('/') => folder.rsplit_once('/').unwrap_or(("", folder)),
        _ => (folder, name.strip_suffix(".rs").unwrap_or(name)),
    }
}

/// The words of the files that could declare modules.
struct Modules<'a> {
    tree: &'a Tree,
    words: HashMap<String, HashSet<String>>,
}

impl Modules<'_> {
    /// Whether the library may use a file or folder as a module: a file that could declare the
    /// module contains its name, possibly in a macro.
    fn may_have(&mut self, path: &str, library: &str) -> bool {
        let (folder, name) = folder_and_module(path);
        let in_folder =
            |file: &str| if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
        let declaring =
            [library.to_owned(), in_folder("mod.rs"), in_folder("lib.rs"), format!("{folder}.rs")];
        declaring.into_iter().any(|path| self.words(path).contains(name))
    }

    fn words(&mut self, path: String) -> &HashSet<String> {
        let tree = self.tree;
        self.words.entry(path).or_insert_with_key(|path| {
            let code = source_text(tree.file(path).map(|file| &*file.bytes).unwrap_or_default());
            let mut words = HashSet::new();
            for trees in readings(&code) {
                words.extend(trees.tokens().iter().filter_map(|token| match token {
                    Token::Word(word) => Some((*word).to_owned()),
                    _ => None,
                }));
            }
            words
        })
    }
}
