//! Compares sizes with those of real git: for random trees, as many as the environment variable
//! `VET_DIFF_SEEDS` says, and for archives in the folders that `VET_DIFF_ARCHIVES` names.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use vet_source::{Comparison, File, Size, Tree, at_least, diff, size};

mod made_up;

#[test]
fn sizes_of_made_up_trees_are_those_of_git() {
    let Some(git) = Git::find() else { return };
    let number = std::env::var("VET_DIFF_SEEDS").ok().and_then(|number| number.parse().ok());
    for seed in 0..number.unwrap_or(made_up::NUMBER) {
        let (from, to) = made_up::trees(seed);
        for (from, to) in [(&from, &to), (&to, &from)] {
            git.check(from, to, Comparison::Published, &format!("seed {seed}"));
        }
    }
}

#[test]
fn special_cases_are_those_of_git() {
    let Some(git) = Git::find() else { return };
    let numbers =
        |range: std::ops::Range<u32>| range.map(|number| format!("line {number}\n")).collect::<String>();
    let long = numbers(0..100);
    let crlf = long.replace('\n', "\r\n");
    let many = |count: u32, text: &str| -> Files {
        (0..count).map(|number| (format!("{text}/{number}"), format!("{text} {number}\n"))).collect()
    };
    let cases: Vec<(&str, Files, Files)> = vec![
        ("nothing", files(&[]), files(&[("a", "")])),
        ("no line feed at the end", files(&[("a", "x\ny")]), files(&[("a", "x\ny\n")])),
        ("another last line", files(&[("a", "x\ny")]), files(&[("a", "x\nz\n")])),
        ("carriage returns", files(&[("a", &long)]), files(&[("a", &crlf)])),
        ("a carriage return at the very end", files(&[("a", "x\r")]), files(&[("a", "x")])),
        ("two carriage returns", files(&[("a", "x\r\r\n")]), files(&[("a", "x\r\n")])),
        ("renamed, with carriage returns", files(&[("a", &long)]), files(&[("b", &crlf)])),
        ("renamed", files(&[("a", &long)]), files(&[("c/a", &long)])),
        ("renamed, and empty", files(&[("a", "")]), files(&[("b", "")])),
        ("renamed and changed", files(&[("a", &long)]), files(&[("b", &numbers(20..110))])),
        ("just not renamed", files(&[("a", &long)]), files(&[("b", &numbers(51..151))])),
        (
            "moved and changed",
            files(&[("x/a", &long)]),
            files(&[("y/a", &numbers(20..110)), ("y/b", &numbers(10..100))]),
        ),
        ("binary", files(&[("a", "\0x\n")]), files(&[("a", "\0y\n")])),
        (
            "binary late",
            files(&[("a", &"x\n".repeat(4001))]),
            files(&[("a", &format!("{}\0", "x\n".repeat(4000)))]),
        ),
        (
            "binary soon",
            files(&[("a", &"x\n".repeat(4000))]),
            files(&[("a", &format!("{}\0", "x\n".repeat(3999)))]),
        ),
        ("a file is now a folder", files(&[("a", &long), ("b", "x")]), files(&[("a/b", &long), ("b", "y")])),
        (
            "not counted",
            files(&[("Cargo.lock", "a\n"), ("x/Cargo.lock", "a\n")]),
            files(&[("Cargo.lock", "b\n"), ("x/Cargo.lock", "b\n")]),
        ),
        (
            "the manifest",
            files(&[("Cargo.toml", "a\n")]),
            files(&[("Cargo.toml", "b\n"), ("Cargo.toml.orig", "b\n")]),
        ),
        ("many new names", many(1001, "old"), many(1001, "new")),
        (
            "many of the same content",
            many(0, ""),
            (0..300).map(|number| (format!("d/{number}"), long.clone())).collect(),
        ),
        (
            "of the same content, many names",
            (0..300).map(|number| (format!("d/{number}"), long.clone())).collect(),
            (0..300).map(|number| (format!("e/{}", number + 150), long.clone())).collect(),
        ),
        (
            "attributes",
            files(&[(".gitattributes", "*.txt -diff\n"), ("a.txt", "x\n")]),
            files(&[(".gitattributes", "*.txt -diff\n"), ("a.txt", "y\n")]),
        ),
    ];
    for (name, from, to) in cases {
        let tree = |files: Files| {
            Tree::new(
                files
                    .into_iter()
                    .map(|(path, text)| (path, File { bytes: text.into_bytes().into(), ..File::default() })),
            )
        };
        let (from, to) = (tree(from), tree(to));
        for kind in [Comparison::Published, Comparison::Git] {
            git.check(&from, &to, kind, name);
            git.check(&to, &from, kind, name);
        }
    }
    // On other systems, files have no executable bit.
    if !cfg!(unix) {
        return;
    }
    let file =
        |is_executable| Tree::new([("a".to_owned(), File { bytes: b"x\n".to_vec().into(), is_executable })]);
    git.check(&file(true), &file(false), Comparison::Published, "mode");
}

/// Paths and contents.
type Files = Vec<(String, String)>;

fn files(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn sizes_of_archives_are_those_of_git() {
    let Some(folders) = std::env::var_os("VET_DIFF_ARCHIVES") else {
        eprintln!("skipped: VET_DIFF_ARCHIVES names no folders with archives");
        return;
    };
    let Some(git) = Git::find() else { return };
    let mut crates: BTreeMap<String, Vec<(semver::Version, PathBuf)>> = BTreeMap::new();
    for folder in std::env::split_paths(&folders) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if let Some((name, version)) = name.strip_suffix(".crate").and_then(split) {
                crates.entry(name).or_default().push((version, path));
            }
        }
    }
    let (mut pairs, mut lines, mut bounds, mut different) = (0, 0, 0, Vec::new());
    for (name, mut versions) in crates {
        versions.sort();
        let mut last = (Tree::default(), TempDir::new().expect("a folder"));
        let empty = TempDir::new().expect("a folder");
        for (version, path) in versions {
            let archive = fs::read(&path).expect("an archive");
            let tree = match Tree::from_archive(&archive, &format!("{name}-{version}")) {
                Ok(tree) => tree,
                Err(problem) => {
                    different.push(format!("{name} {version}: {problem}"));
                    continue;
                }
            };
            let folder = written(&tree);
            let nothing = Tree::default();
            for (from, at) in [(&nothing, &empty), (&last.0, &last.1)] {
                pairs += 1;
                let (ours, theirs) = (
                    size(from, &tree, Comparison::Published),
                    git.size(at.path(), folder.path(), Comparison::Published),
                );
                assert_eq!(diff(from, &tree, Comparison::Published).size(), ours, "{name} {version}");
                let bound = at_least(from, &tree, Comparison::Published);
                assert!(bound <= theirs.lines(), "{name} {version}: at least {bound}, git {theirs:?}");
                bounds += bound;
                lines += theirs.lines();
                if without_parts(ours) != theirs {
                    different.push(format!("{name} {version}: {ours:?}, git {theirs:?}"));
                }
            }
            last = (tree, folder);
        }
    }
    eprintln!("{pairs} pairs, {} differ; {lines} lines, of which {bounds} are certain", different.len());
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Splits `NAME-VERSION` at the first hyphen before a version.
fn split(stem: &str) -> Option<(String, semver::Version)> {
    let hyphens = stem.match_indices('-').map(|(at, _)| at);
    hyphens.into_iter().find_map(|at| Some((stem[..at].to_owned(), stem[at + 1..].parse().ok()?)))
}

struct Git {
    home: TempDir,
}

impl Git {
    fn find() -> Option<Git> {
        if Command::new("git").arg("--version").output().is_err() {
            eprintln!("skipped: there is no git");
            return None;
        }
        Some(Git { home: TempDir::new().expect("a folder") })
    }

    fn check(&self, from: &Tree, to: &Tree, kind: Comparison, name: &str) {
        let (old, new) = (written(from), written(to));
        let theirs = self.size(old.path(), new.path(), kind);
        assert_eq!(without_parts(size(from, to, kind)), theirs, "{name}, {kind:?}");
        assert_eq!(diff(from, to, kind).size(), size(from, to, kind), "{name}, {kind:?}");
        let bound = at_least(from, to, kind);
        assert!(bound <= theirs.lines(), "{name}, {kind:?}: at least {bound}, git {theirs:?}");
    }

    fn size(&self, from: &Path, to: &Path, kind: Comparison) -> Size {
        let output = Command::new("git")
            .args([
                "-c",
                "core.safecrlf=false",
                "diff",
                "--ignore-cr-at-eol",
                "--no-index",
                "--numstat",
                "-z",
            ])
            .args([from, to])
            .current_dir(self.home.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("HOME", self.home.path())
            .output()
            .expect("git runs");
        assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
        let output = String::from_utf8(output.stdout).expect("UTF-8");
        let mut fields = output.split('\0');
        let mut size = Size::default();
        while let Some(field) = fields.next().filter(|field| !field.is_empty()) {
            let [insertions, deletions, path] = field.splitn(3, '\t').collect::<Vec<_>>()[..] else {
                panic!("{field}");
            };
            assert_eq!(path, "", "without an index, there are always two paths");
            let (old, new) = (fields.next().expect("a path"), fields.next().expect("a path"));
            let path = if new == "/dev/null" { old } else { new };
            let number = |text: &str| if text == "-" { 0 } else { text.parse().expect("a number") };
            let root = [to, from]
                .iter()
                .map(|root| format!("{}/", root.display()).replace('\\', "/"))
                .find(|root| path.starts_with(root));
            if kind.counts(&path[root.expect("a path in a tree").len()..]) {
                size.insertions += number(insertions);
                size.deletions += number(deletions);
                size.files_changed += 1;
            }
        }
        size
    }
}

fn without_parts(size: Size) -> Size {
    Size { built: 0, ..size }
}

fn written(tree: &Tree) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for (path, file) in tree.files() {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, &file.bytes).expect("written");
        #[cfg(unix)]
        if file.is_executable {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set");
        }
    }
    folder
}
