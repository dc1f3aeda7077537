//! Finds the files of a package that a path in its code can mean.
//!
//! Some file systems ignore case, so the search ignores it, too.

use std::collections::{HashMap, HashSet};

use crate::tree::Tree;

/// The files of a package by all that code can call them.
#[derive(Debug, Default)]
pub(super) struct Places<'a> {
    /// The files by path.
    files: HashMap<String, Vec<&'a str>>,
    /// The files in each folder, directly or below.
    folders: HashMap<String, Vec<&'a str>>,
    /// The files by each end of their path that starts at a folder.
    ends: HashMap<String, Vec<&'a str>>,
    /// The ends of paths whose files were given out. This limits the time that hostile code can
    /// cost.
    given_out: HashSet<(String, bool)>,
    /// The ends of file names that were searched for.
    name_ends: HashSet<String>,
    /// The names of all files.
    names: HashSet<String>,
    /// How many folders the deepest file is in, plus one.
    depth: usize,
}

/// What a search by the [end of a path](Places::ending_in) found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PathMatches<'a> {
    /// These files, except those that another search has found.
    Files(Vec<&'a str>),
    /// Too many searches took place. It can be any file.
    Any,
}

/// More searches for the end of a name than code has a reason for.
const MOST_NAME_ENDS: usize = 200;

impl<'a> Places<'a> {
    pub(super) fn of(tree: &'a Tree) -> Self {
        let mut places = Places::default();
        for (path, _) in tree.files() {
            let lower = path.to_lowercase();
            let slashes: Vec<usize> = lower.match_indices('/').map(|(at, _)| at).collect();
            for at in &slashes {
                let Some((folder, end)) = lower.split_at_checked(*at) else { continue };
                places.folders.entry(folder.to_owned()).or_default().push(path);
                places.ends.entry(end.trim_start_matches('/').to_owned()).or_default().push(path);
            }
            places.names.insert(lower.rsplit('/').next().unwrap_or(&lower).to_owned());
            places.ends.entry(lower.clone()).or_default().push(path);
            places.depth = places.depth.max(slashes.len() + 1);
            places.files.entry(lower).or_default().push(path);
        }
        places
    }

    /// Returns the files at a path that is relative to a folder of the package, or absolute. The
    /// path may leave the package and come back under any name of its folder.
    pub(super) fn at(&self, folder: &str, path: &str) -> Vec<&'a str> {
        let paths = self.meanings(folder, path);
        paths.iter().filter_map(|path| self.files.get(path)).flatten().copied().collect()
    }

    /// Returns the folders at a path that is like that of [`at`](Self::at), each with its files. A
    /// folder is given out only once.
    pub(super) fn folders(&mut self, folder: &str, path: &str) -> Vec<(String, Vec<&'a str>)> {
        let paths = self.meanings(folder, path).into_iter();
        paths.filter_map(|path| self.folders.remove_entry(&path)).collect()
    }

    /// Returns what a path can mean in the package.
    fn meanings(&self, folder: &str, path: &str) -> Vec<String> {
        let Normal { up, parts } = Normal::of(folder, path);
        if up == 0 && !is_absolute(path) {
            return vec![parts.join("/")];
        }
        let first = parts.len().saturating_sub(self.depth);
        (first..parts.len()).filter_map(|start| Some(parts.get(start..)?.join("/"))).collect()
    }

    /// Returns the files whose path ends in this path. The files are given out only once
    /// as code, and once as other files.
    pub(super) fn below_any(&mut self, path: &str, is_code: bool) -> Vec<&'a str> {
        let Normal { up, parts } = Normal::of("", path);
        let end = parts.join("/");
        let mut found = Vec::new();
        if let Some(files) = self.ends.get(&end)
            && self.given_out.insert((end, is_code))
        {
            found.clone_from(files);
        }
        if up > 0 || is_absolute(path) {
            found.extend(self.at("/", path));
        }
        found
    }

    /// Whether there is a file of this name, in any folder.
    pub(super) fn has_name(&self, name: &str) -> bool {
        self.names.contains(&name.to_lowercase())
    }

    /// Returns the files whose path can end in this text, which starts anywhere.
    pub(super) fn ending_in(&mut self, text: &str, is_code: bool) -> PathMatches<'a> {
        let text = text.replace('\\', "/");
        if let Some((_, path)) = text.split_once('/') {
            let parts = Normal::of("", path).parts;
            if !parts.is_empty() {
                return PathMatches::Files(self.below_any(path, is_code));
            }
        }
        let text = text.trim_end_matches('/').to_lowercase();
        if text.is_empty() || self.name_ends.len() >= MOST_NAME_ENDS {
            return PathMatches::Any;
        }
        let ends = |(lower, _): &(&String, &Vec<&str>)| lower.ends_with(&text);
        let found = self.files.iter().filter(ends).flat_map(|(_, paths)| paths).copied().collect();
        self.name_ends.insert(text);
        PathMatches::Files(found)
    }
}

/// A path without `.` and `..`.
#[derive(Debug, PartialEq, Eq)]
struct Normal {
    /// How many folders the path goes up above its start.
    up: usize,
    /// The rest, in lower case.
    parts: Vec<String>,
}

impl Normal {
    /// Joins a path to a folder.
    fn of(folder: &str, path: &str) -> Self {
        let mut normal = Normal { up: 0, parts: Vec::new() };
        for part in folder.split('/').chain(path.split(['/', '\\'])) {
            match part {
                "" | "." => {}
                ".." => {
                    if normal.parts.pop().is_none() {
                        normal.up += 1;
                    }
                }
                part => normal.parts.push(part.to_lowercase()),
            }
        }
        normal
    }
}

/// Whether a path is absolute on some system.
fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.chars().nth(1) == Some(':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::File;

    fn tree() -> Tree {
        let paths = ["src/lib.rs", "src/a/b.rs", "tests/a.rs", "tests/data/b.rs", "Docs/x.txt"];
        Tree::new(paths.map(|path| (path.to_owned(), File::default())))
    }

    #[test]
    fn paths_mean_files() {
        let tree = tree();
        let places = Places::of(&tree);
        let cases: [(&str, &str, &[&str]); 12] = [
            ("src", "../tests/a.rs", &["tests/a.rs"]),
            ("src", "..\\tests\\.\\a.rs", &["tests/a.rs"]),
            ("src", "../TESTS/a.rs", &["tests/a.rs"]),
            ("src", "../docs/x.txt", &["Docs/x.txt"]),
            ("src", "none/../../tests//a.rs", &["tests/a.rs"]),
            ("src", "../../lantern-1.0.0/tests/a.rs", &["tests/a.rs"]),
            ("src", "/home/x/.cargo/registry/lantern-1.0.0/tests/a.rs", &["tests/a.rs"]),
            ("", "C:\\x\\tests\\a.rs", &["tests/a.rs"]),
            ("src", "tests/a.rs", &[]),
            ("", "tests", &[]),
            ("", "", &[]),
            ("src", "../../../../etc/passwd", &[]),
        ];
        for (folder, path, expected) in cases {
            assert_eq!(places.at(folder, path), expected, "{folder} {path}");
        }
    }

    #[test]
    fn ends_of_paths_mean_files_once() {
        let tree = tree();
        let mut places = Places::of(&tree);
        assert_eq!(places.below_any("../../x/../b.rs", true), ["src/a/b.rs", "tests/data/b.rs"]);
        assert!(places.below_any("b.rs", true).is_empty());
        assert_eq!(places.below_any("../../../lantern/tests/a.rs", true), ["tests/a.rs"]);
        assert_eq!(places.ending_in("/data/b.rs", true), PathMatches::Files(vec!["tests/data/b.rs"]));
        assert_eq!(places.ending_in("x.TXT", true), PathMatches::Files(vec!["Docs/x.txt"]));
        assert_eq!(places.ending_in("", true), PathMatches::Any);
        assert_eq!(
            places.folders("src", "../Tests/data"),
            [("tests/data".to_owned(), vec!["tests/data/b.rs"])]
        );
    }
}
