//! Mutations that add packages which versions of cargo, file systems or other tools see in
//! different ways: from odd trees of git, and in folders of the checkout.

use super::{Mutation, Reading, Subject};
use crate::odd_trees::{OddCommit, PACKAGE};
use crate::random::Random;

pub(super) const CATALOG: &[(&str, Mutation)] = &[
    ("odd tree of git", git_tree),
    ("odd tree of git", git_tree),
    ("odd local package", local),
    ("odd local package", local),
    ("odd local package", local),
    ("two spellings", two_spellings),
    ("two spellings", two_spellings),
];

/// Adds a dependency on the package in an odd commit.
fn git_tree(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let odd = &subject.universe.odd;
    let is_known = |commit: &&OddCommit| subject.base.graph.nodes.iter().any(|one| one.name == commit.needs);
    let known: Vec<&OddCommit> = odd.commits.iter().filter(is_known).collect();
    let all: Vec<&OddCommit> = odd.commits.iter().collect();
    let from = if !known.is_empty() && random.chance(60) { known } else { all };
    let commit = (*random.pick(&from)).clone();
    let table = *random.pick(&["dependencies", "dependencies", "dependencies", "build-dependencies"]);
    let line = format!("{PACKAGE} = {{ git = \"{}\", rev = \"{}\" }}", odd.url, commit.revision);
    let path = subject.member(random);
    subject.add(&path, table, &line)?;
    subject.relock = true;
    Some(commit.variant)
}

/// A table for the library of a package, and files.
type Oddity = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const LIBRARIES: &[Oddity] = &[
    ("autolib = false", "autolib = false\n", &[("src/lib.rs", ""), ("src/main.rs", "fn main() {}\n")]),
    ("autolib = false without a program", "autolib = false\n", &[("src/lib.rs", "")]),
    ("autolib = true", "autolib = true\n", &[("src/lib.rs", "")]),
    (
        "autolib = false and a table",
        "autolib = false\n[lib]\n",
        &[("src/lib.rs", ""), ("src/main.rs", "fn main() {}\n")],
    ),
    ("another case", "", &[("src/LIB.rs", ""), ("src/main.rs", "fn main() {}\n")]),
    ("another case of the folder", "", &[("SRC/lib.rs", ""), ("src/main.rs", "fn main() {}\n")]),
    ("a folder", "", &[("src/lib.rs/x", ""), ("src/main.rs", "fn main() {}\n")]),
    ("elsewhere", "[lib]\npath = \"x.rs\"\n", &[("x.rs", "")]),
    ("outside", "[lib]\npath = \"../outside.rs\"\n", &[("../outside.rs", "")]),
    ("missing", "[lib]\npath = \"nowhere.rs\"\n", &[("src/lib.rs", "")]),
    ("missing, by a name", "[lib]\nname = \"x\"\n", &[("src/x.rs", ""), ("src/main.rs", "fn main() {}\n")]),
    (
        "a macro in the new spelling",
        "[lib]\ncrate-type = [\"lib\"]\ncrate_type = [\"proc-macro\"]\n",
        &[("src/lib.rs", "")],
    ),
    (
        "a macro in the old spelling",
        "[lib]\ncrate-type = [\"proc-macro\"]\ncrate_type = [\"lib\"]\n",
        &[("src/lib.rs", "")],
    ),
    ("no macro any more", "[lib]\nproc-macro = false\nproc_macro = true\n", &[("src/lib.rs", "")]),
    ("a macro after all", "[lib]\nproc-macro = true\nproc_macro = false\n", &[("src/lib.rs", "")]),
    ("a macro, by an underscore", "[lib]\nproc_macro = true\n", &[("src/lib.rs", "")]),
    ("a macro, by its type", "[lib]\ncrate-type = [\"proc-macro\"]\n", &[("src/lib.rs", "")]),
    (
        "not a macro and a macro",
        "[lib]\nproc-macro = false\ncrate-type = [\"proc-macro\"]\n",
        &[("src/lib.rs", "")],
    ),
    ("build = true", "build = true\n", &[("src/lib.rs", ""), ("build.rs", "fn main() {}\n")]),
    ("build = false", "build = false\n", &[("src/lib.rs", ""), ("build.rs", "fn main() {}\n")]),
    ("build elsewhere", "build = \"../x.rs\"\n", &[("src/lib.rs", ""), ("../x.rs", "fn main() {}\n")]),
    ("links", "links = \"odd\"\nbuild = \"b.rs\"\n", &[("src/lib.rs", ""), ("b.rs", "fn main() {}\n")]),
    ("a new rust-version", "rust-version = \"1.99\"\n", &[("src/lib.rs", "")]),
    ("a resolver", "resolver = \"1\"\n", &[("src/lib.rs", "")]),
    ("an unknown resolver", "resolver = \"9\"\n", &[("src/lib.rs", "")]),
    ("a feature of cargo", "metabuild = [\"x\"]\n", &[("src/lib.rs", "")]),
    ("nothing special", "", &[("src/lib.rs", "")]),
];

/// Tables of dependencies, with `LINE` for the one that counts.
const TABLES: &[&str] = &[
    "[dependencies]\nLINE\n",
    "[dependencies]\nLINE\n",
    "[build-dependencies]\nLINE\n",
    "[build_dependencies]\nLINE\n",
    "[build-dependencies]\n[build_dependencies]\nLINE\n",
    "[build-dependencies]\nLINE\n[build_dependencies]\n",
    "[target.'cfg(unix)'.dependencies]\nLINE\n",
    "[target.'cfg(target_os = \"linux\")'.dependencies]\nLINE\n",
    "[target.x86_64-unknown-linux-gnu.dependencies]\nLINE\n",
    "[target.'cfg(unix)'.build_dependencies]\nLINE\n",
    "[target.'cfg(windows)'.dependencies]\nLINE\n",
];

/// Adds a package in a folder, with something that decides whether its dependency is compiled.
fn local(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    if subject.tree.contains_key("odd/local/Cargo.toml") {
        return None;
    }
    let known: Vec<&str> = subject
        .base
        .graph
        .nodes
        .iter()
        .filter(|node| node.is_published() && !node.version.contains('-'))
        .map(|node| node.name.as_str())
        .collect();
    let any = random.pick(&subject.universe.crates_io.releases).package.name.clone();
    let needs =
        random.maybe(&known).filter(|_| random.clone().chance(80)).map_or(any, |name| (*name).to_owned());
    let (variant, library, files) = *random.pick(LIBRARIES);
    let mut reading: Option<(&str, &str)> = None;
    let (table, what) = match random.chance(40) {
        true => {
            let (condition, other) = *random.pick(super::keys::CONDITIONS);
            reading = other.map(|other| (condition, other));
            (format!("[target.{condition}.dependencies]\nLINE\n"), format!(", {condition}"))
        }
        false => ((*random.pick(TABLES)).to_owned(), String::new()),
    };
    let line = match random.below(6) {
        0 => format!("{needs} = {{ version = \"*\", default-features = false, default_features = true }}"),
        1 => format!("{needs} = {{ version = \"*\", default-features = true, default_features = false }}"),
        3 | 4 => format!("{needs} = {{ version = \"*\", default-features = false }}"),
        2 => format!("renamed = {{ version = \"*\", package = \"{needs}\" }}"),
        _ => format!("{needs} = \"*\""),
    };
    let edition = *random.pick(&["2018", "2021", "2021", "2024"]);
    // It is a member of the workspace, or a package of its own.
    let is_member = random.chance(30);
    let workspace = if is_member { "" } else { "[workspace]\n" };
    let root = subject.text("Cargo.toml")?;
    if !is_member && !root.contains("exclude = ") {
        let excluded = root.replacen("[workspace]\n", "[workspace]\nexclude = [\"odd\"]\n", 1);
        subject.put("Cargo.toml", &excluded);
    }
    // Keys of the package come before other tables.
    let start = library.find('[').unwrap_or(library.len());
    let text = format!(
        "[package]\nname = \"odd-local\"\nversion = \"0.1.0\"\nedition = \"{edition}\"\n{}\n{}\n{}\n{workspace}",
        &library[..start],
        table.replace("LINE", &line),
        &library[start..],
    );
    let folder = "odd/local";
    subject.put(&format!("{folder}/Cargo.toml"), &text);
    for (path, text) in files {
        match path.strip_prefix("../") {
            Some(path) => subject.put(&format!("odd/{path}"), text),
            None => subject.put(&format!("{folder}/{path}"), text),
        }
    }
    if let Some((condition, other)) = reading {
        subject.readings.push(Reading::new(&format!("{folder}/Cargo.toml"), condition, other));
    }
    if variant.starts_with("autolib = false") {
        // Cargo before version 1.83 ignores the key.
        subject.readings.push(Reading::new(&format!("{folder}/Cargo.toml"), "autolib = false\n", ""));
    }
    let path = subject.member(random);
    let up = "../".repeat(path.matches('/').count());
    let of_member = *random.pick(&["dependencies", "dependencies", "dependencies", "build-dependencies"]);
    subject.add(&path, of_member, &format!("odd-local = {{ path = \"{up}{folder}\" }}"))?;
    subject.relock = true;
    Some(format!("{variant}{what}"))
}

/// Keys with two spellings.
fn two_spellings(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let path = subject.member(random);
    let text = subject.text(&path)?;
    if random.chance(40) {
        let (path, line) = super::declared(subject, random, "")?;
        let (first, second) = *random.pick(&[
            ("default-features = false", "default_features = true"),
            ("default-features = true", "default_features = false"),
            ("default_features = true", "default-features = false"),
            ("default_features = false", "optional = false"),
        ]);
        let plain = line.replace(", default-features = false", "");
        subject.replace(&path, &line, &plain.replace(" }", &format!(", {first}, {second} }}")))?;
        subject.relock = random.chance(50);
        return Some(format!("{first} and {second}"));
    }
    let kind = *random.pick(&["dev", "build"]);
    let (dashed, underscored) = (format!("\n[{kind}-dependencies]\n"), format!("\n[{kind}_dependencies]\n"));
    let victim = subject.victim(random)?.name;
    let variant = match random.below(4) {
        0 if text.contains(&dashed) => {
            subject.replace(&path, &dashed, &format!("{underscored}{dashed}"))?;
            "the old one is empty"
        }
        1 if text.contains(&dashed) => {
            subject.replace(&path, &dashed, &format!("{dashed}{underscored}"))?;
            "the new one is empty"
        }
        2 if text.contains(&dashed) => {
            subject.replace(&path, &dashed, &underscored)?;
            "the old one only"
        }
        _ => {
            subject.append(&path, &format!("{underscored}{victim} = \"*\"\n"));
            if !text.contains(&dashed) && random.chance(50) {
                subject.append(&path, &dashed);
            }
            "another package in the old one"
        }
    };
    subject.relock = random.chance(60);
    Some(format!("{kind} dependencies, {variant}"))
}
