//! A git repository with trees that git itself would not write: odd modes, names and kinds of
//! entries, and packages that imitate others.

use std::path::Path;

use crate::random::Random;
use crate::registry::Registry;
use crate::repositories::{git, git_with};

/// A repository with an odd tree in each commit, except for the last one.
#[derive(Clone, Debug)]
pub struct OddRepository {
    /// Its URL.
    pub url: String,
    /// The commits with odd trees.
    pub commits: Vec<OddCommit>,
    /// The last commit, which every program can check out.
    pub last: String,
}

/// A commit with an odd tree.
#[derive(Clone, Debug)]
pub struct OddCommit {
    /// Its hash.
    pub revision: String,
    /// The published crate that the package needs.
    pub needs: String,
    /// What is odd.
    pub variant: String,
}

/// The package that each commit contains.
pub const PACKAGE: &str = "odd-one";

/// The number of odd commits of a repository.
const COMMITS: usize = 16;

impl OddRepository {
    /// Creates the repository in a folder.
    pub fn create(random: &mut Random, crates_io: &Registry, folder: &Path) -> Self {
        git(folder.parent().unwrap_or(folder), &["init", "-q", "-b", "main", &folder.display().to_string()]);
        let mut commits: Vec<OddCommit> = Vec::new();
        for _ in 0..COMMITS {
            let needs = random.pick(&crates_io.releases).package.name.clone();
            let (variant, entries) = odd_tree(random, &needs);
            let last = commits.last().map(|commit| commit.revision.as_str());
            let revision = commit(folder, &entries, last);
            commits.push(OddCommit { revision, needs, variant });
        }
        let plain = vec![folder_of("a", package(&manifest(&commits[0].needs), "lib.rs"))];
        let last = commit(folder, &plain, commits.last().map(|commit| commit.revision.as_str()));
        git(folder, &["update-ref", "refs/heads/main", &last]);
        OddRepository { url: format!("file://{}", folder.display()), commits, last }
    }
}

/// An entry of a tree, written as it is.
#[derive(Clone, Debug)]
struct Entry {
    mode: &'static str,
    name: Vec<u8>,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// A file, or the place that a link leads to.
    Text(String),
    Folder(Vec<Entry>),
    /// A commit that is not there.
    Commit,
}

fn file(name: &str, text: &str) -> Entry {
    Entry { mode: "100644", name: name.into(), content: Content::Text(text.to_owned()) }
}

fn link(name: &str, to: &str) -> Entry {
    Entry { mode: "120000", ..file(name, to) }
}

fn folder_of(name: &str, entries: Vec<Entry>) -> Entry {
    Entry { mode: "40000", name: name.into(), content: Content::Folder(entries) }
}

fn submodule(name: &str) -> Entry {
    Entry { mode: "160000", name: name.into(), content: Content::Commit }
}

fn manifest(needs: &str) -> String {
    format!(
        "[package]\nname = \"{PACKAGE}\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\n[dependencies]\n{needs} = \"*\"\n"
    )
}

/// The files of a package with one source file.
fn package(manifest: &str, source: &str) -> Vec<Entry> {
    vec![file("Cargo.toml", manifest), folder_of("src", vec![file(source, "fn main() {}\n")])]
}

/// Modes of folders that libgit2 takes for folders, or may take for them.
const FOLDER_MODES: &[&str] = &["040000", "40755", "0040000", "40777", "40001", "44000"];
/// Modes of files, likewise.
const FILE_MODES: &[&str] =
    &["100664", "100755", "0100644", "100600", "100666", "100777", "100000", "644", "0", "0120000"];
/// Names of folders that a search may skip, or visit in another order than expected.
const NAMES: &[&[u8]] = &[
    b".\xff",
    b"\xff",
    b"a\xfe",
    b"0.",
    b"0 ",
    b" 0",
    b"target",
    b"Target",
    b"target.",
    b".hidden",
    b"..0",
    b"...",
    b".GIT",
    b".git ",
    b"git~1",
    b"0\\x",
    b"a:b",
    b"con",
    "\u{e4}".as_bytes(),
    b"a\xcc\x88",
    b"0\n",
    b"Cargo.toml.d",
    b"src",
    b"A",
];

/// A tree with a package that needs a crate, a package that imitates it, and something odd.
fn odd_tree(random: &mut Random, needs: &str) -> (String, Vec<Entry>) {
    let of_package = manifest(needs);
    let mut real = package(&of_package, "lib.rs");
    let (imitation, decoy) = match random.below(10) {
        0..7 => ("no library", package(&of_package, "main.rs")),
        7 | 8 => ("no edge", package(of_package.split("[dependencies]").next().unwrap_or(""), "lib.rs")),
        _ => ("another version", package(&of_package.replace("1.0.0", "0.9.0"), "main.rs")),
    };
    let (mut first, second) = if random.chance(70) { ("a", "b") } else { ("b", "a") };
    let mut decoy = folder_of(second, decoy);
    let mut more = Vec::new();
    let mut mode = "40000";
    let mut name: Option<&[u8]> = None;
    let variant = match random.below(9) {
        0 => {
            mode = *random.pick(FOLDER_MODES);
            format!("a folder with the mode {mode}")
        }
        1 => {
            let mode = *random.pick(FILE_MODES);
            real[0].mode = mode;
            format!("a manifest with the mode {mode}")
        }
        2 => {
            let odd = *random.pick(NAMES);
            name = Some(odd);
            format!("a folder called {}", odd.escape_ascii())
        }
        3 => {
            let (variant, entry) = match random.below(4) {
                0 => ("link to a file", link("Cargo.toml", "real.toml")),
                1 => ("link to the imitation", link("Cargo.toml", &format!("../{second}/Cargo.toml"))),
                2 => ("folder", folder_of("Cargo.toml", vec![file("Cargo.toml", &of_package)])),
                _ => ("submodule", submodule("Cargo.toml")),
            };
            real[0] = entry;
            real.push(file("real.toml", &of_package));
            format!("a manifest that is a {variant}")
        }
        4 => {
            let (variant, entries) = odd_library(random);
            real.truncate(1);
            real.extend(entries);
            format!("a library: {variant}")
        }
        5 => {
            // The imitation has the odd properties.
            let (variant, entries) = odd_library(random);
            if let Content::Folder(of_decoy) = &mut decoy.content {
                of_decoy.truncate(1);
                of_decoy.extend(entries);
            }
            format!("an imitation with a library: {variant}")
        }
        6 => {
            let place = *random.pick(&["inner", "target", ".inner", "src", "tests", "vendor"]);
            let Content::Folder(of_decoy) = &mut decoy.content else { unreachable!("it is a folder") };
            match random.chance(50) {
                true => {
                    real.retain(|entry| entry.name != place.as_bytes() || place != "src");
                    real.push(folder_of(place, of_decoy.clone()));
                    first = if random.chance(50) { "a" } else { "zz" };
                }
                false => {
                    of_decoy.retain(|entry| entry.name != place.as_bytes());
                    of_decoy.push(folder_of(place, real.clone()));
                    real.clear();
                }
            }
            format!("nested in {place}")
        }
        7 => {
            let entry = match random.below(3) {
                0 => submodule("aa"),
                1 => link("aa", first),
                _ => link("aa", "."),
            };
            more.push(entry);
            // The root is a package itself, or a workspace.
            match random.below(3) {
                0 => more.push(file("Cargo.toml", "[workspace]\n")),
                1 => more.extend(package(&of_package, "main.rs")),
                _ => more.push(file("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n")),
            }
            "things at the root".to_owned()
        }
        _ => {
            let manifest = if random.chance(50) { "[package]\nname = 1\n" } else { "[package\n" };
            if let Content::Folder(of_decoy) = &mut decoy.content {
                of_decoy[0] = file("Cargo.toml", manifest);
            }
            let twice = random.chance(50);
            if twice {
                real.push(file("Cargo.toml", &of_package));
            }
            format!("an invalid manifest{}", if twice { ", and one twice" } else { "" })
        }
    };
    let mut entries = more;
    if !real.is_empty() {
        let name = name.map_or_else(|| first.into(), <[u8]>::to_vec);
        entries.push(Entry { mode, name, content: Content::Folder(real) });
    }
    if random.chance(85) || entries.is_empty() {
        entries.push(decoy);
    }
    (format!("{variant}; {imitation}"), entries)
}

/// The sources of a package that may or may not have a library.
fn odd_library(random: &mut Random) -> (&'static str, Vec<Entry>) {
    let text = "pub fn f() {}\n";
    let main = || folder_of("src", vec![file("main.rs", "fn main() {}\n")]);
    match random.below(9) {
        0 => ("SRC/lib.rs", vec![folder_of("SRC", vec![file("lib.rs", text)]), main()]),
        1 => ("src/LIB.rs", vec![folder_of("src", vec![file("LIB.rs", text), file("main.rs", "")])]),
        2 => ("a link", vec![folder_of("src", vec![link("lib.rs", "../x.rs")]), file("x.rs", text)]),
        3 => {
            ("a dangling link", vec![folder_of("src", vec![link("lib.rs", "nowhere"), file("main.rs", "")])])
        }
        4 => ("src is a link", vec![link("src", "code"), folder_of("code", vec![file("lib.rs", text)])]),
        5 => ("lib.rs is a folder", vec![folder_of("src", vec![folder_of("lib.rs", vec![file("x", "")])])]),
        6 => {
            let entry = Entry { mode: one_of(random, FILE_MODES), ..file("lib.rs", text) };
            ("an odd mode", vec![folder_of("src", vec![entry, file("main.rs", "")])])
        }
        7 => {
            let entry = folder_of("src", vec![file("lib.rs", text)]);
            ("in a folder with an odd mode", vec![Entry { mode: one_of(random, FOLDER_MODES), ..entry }])
        }
        _ => ("src is a submodule", vec![submodule("src"), file("build.rs", "fn main() {}\n")]),
    }
}

fn one_of(random: &mut Random, modes: &[&'static str]) -> &'static str {
    let &mode = random.pick(modes);
    mode
}

/// Writes a commit. Returns its hash.
fn commit(folder: &Path, entries: &[Entry], parent: Option<&str>) -> String {
    let tree = write(folder, entries);
    let mut arguments = vec!["commit-tree", "-m", "a commit", &tree];
    arguments.extend(parent.iter().flat_map(|parent| ["-p", parent]));
    git(folder, &arguments).trim().to_owned()
}

/// Writes a tree object with everything in it. Returns its hash.
fn write(folder: &Path, entries: &[Entry]) -> String {
    let mut entries: Vec<&Entry> = entries.iter().collect();
    // Git sorts folders as if their names ended in a slash.
    entries.sort_by_key(|entry| {
        let end: &[u8] = if matches!(entry.content, Content::Folder(_)) { b"/" } else { b"" };
        [&entry.name, end].concat()
    });
    let mut bytes = Vec::new();
    for Entry { mode, name, content } in entries {
        let hash = match content {
            Content::Text(text) => git_with(folder, &["hash-object", "-w", "--stdin"], text.as_bytes()),
            Content::Folder(entries) => write(folder, entries),
            Content::Commit => "1".repeat(40),
        };
        bytes.extend(mode.as_bytes());
        bytes.push(b' ');
        bytes.extend(name);
        bytes.push(0);
        let digits = hash.trim().as_bytes().chunks(2);
        bytes.extend(digits.map(|pair| u8::from_str_radix(&String::from_utf8_lossy(pair), 16).unwrap()));
    }
    let arguments = ["hash-object", "-w", "--stdin", "-t", "tree", "--literally"];
    git_with(folder, &arguments, &bytes).trim().to_owned()
}
