//! Lock files that cargo accepts, and changes that make it refuse them.

use std::collections::BTreeMap;
use std::path::Path;

use vet_diagnostics::Source;
use vet_testing::checksum;

use crate::declared::Declared;
use crate::from_lock::{EdgeKinds, graph_from_lock};
use crate::lock_file::{LockFile, LockedPackage};
use crate::manifest::Manifest;
use crate::published::{Published, PublishedFacts};
use crate::rules::Rules;
use crate::verify::{LockMismatch, Mismatch, patched_by_chance};
use crate::workspace::{LocalPackage, LocalPatch, LocalReplacement, Workspace};

/// The local packages, and the facts about published ones.
#[derive(Clone, Default)]
struct Project {
    /// Folder, name and tables. The first package is the only member.
    local: Vec<(&'static str, &'static str, String)>,
    /// Tables by name and version.
    published: BTreeMap<String, &'static str>,
    registries: BTreeMap<String, String>,
}

impl PublishedFacts for Project {
    fn is_library(&self, _: &LockedPackage) -> Option<bool> {
        Some(true)
    }

    fn declared(&self, package: &LockedPackage) -> Published<'_> {
        match self.published.get(&format!("{} {}", package.name, package.version)) {
            Some(&"?") => Published::Unknown,
            Some(tables) => Published::Known(Declared::of(&manifest(&package.name, tables), None)),
            None => Published::Contradicted(format!("there is no `{} {}`", package.name, package.version)),
        }
    }
}

/// The manifest of a package, with version 1.0.0 unless the name is followed by another one.
fn manifest(name: &str, tables: &str) -> Manifest {
    let (name, version) = name.split_once(' ').unwrap_or((name, "1.0.0"));
    let text = format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\n{tables}");
    Manifest::parse(&Source::new("Cargo.toml", text)).unwrap()
}

impl Project {
    fn new(app: &str, published: &[(&str, &'static str)]) -> Self {
        Project {
            local: vec![("", "app", app.to_owned())],
            published: published.iter().map(|(id, tables)| ((*id).to_owned(), *tables)).collect(),
            registries: BTreeMap::from([("alt".to_owned(), "https://alt.example/index".to_owned())]),
        }
    }

    fn with(mut self, folder: &'static str, name: &'static str, tables: &str) -> Self {
        self.local.push((folder, name, tables.to_owned()));
        self
    }

    /// The first reason to ask cargo; empty if there is none.
    fn problem(&self, lock: &str) -> String {
        let root = Path::new("/w");
        let mut workspace = Workspace { registries: self.registries.clone(), ..Workspace::default() };
        for (number, (folder, name, tables)) in self.local.iter().enumerate() {
            let folder = root.join(folder);
            let manifest = manifest(name, tables);
            if number == 0 {
                let patches = manifest.patches.iter().map(|patch| LocalPatch::new(patch, root));
                workspace.patches = patches.collect();
                let replacements = manifest.replacements.iter();
                workspace.replacements =
                    replacements.map(|replacement| LocalReplacement::new(replacement, root)).collect();
                if let Some(unusual) = manifest.unusual.first() {
                    return unusual.clone();
                }
            }
            let local = LocalPackage::new(&manifest, &folder, None, number == 0, || true).unwrap();
            workspace.packages.extend(local);
        }
        let lock = LockFile::parse(&Source::new("Cargo.lock", locked(lock))).unwrap();
        assert_eq!(lock.unusual, None);
        match graph_from_lock(&lock, &workspace, self, EdgeKinds::OfAllPackages, &Rules::default()) {
            Ok(graph) if graph.unverified.is_empty() => String::new(),
            Ok(_) => "unverified".to_owned(),
            Err(LockMismatch(reasons)) => {
                for Mismatch { message, span } in &reasons {
                    let marked =
                        span.clone().map(|span| lock.source.text.get(span).unwrap().trim_matches('"'));
                    let name = marked.unwrap_or_default();
                    assert!(message.contains(name), "{message} points to {name}");
                    assert!(marked.is_some() || !is_about_a_locked_package(message), "{message}");
                }
                reasons.into_iter().next().unwrap().message
            }
        }
    }
}

const REVISION: &str = "0123456789abcdef0123456789abcdef01234567";

/// Reasons can also be about patches, replacements and manifests.
fn is_about_a_locked_package(message: &str) -> bool {
    let others = ["patch", "are replacements", "is replaced twice", "the member", "several local packages"];
    !others.iter().any(|other| message.contains(other))
}

/// A lock file from lines: `app 1.0.0 -> a, b` for local packages, `+` for crates.io, `alt+` for
/// another registry, `REPO+` for a git repository, `-` for unused patches, and `+a 1.0.0 => a
/// 1.0.0` for a replaced package.
fn locked(lines: &str) -> String {
    let mut text = "version = 4\n".to_owned();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (line, replacement) = line.split_once(" => ").unwrap_or((line, ""));
        let (id, dependencies) = line.split_once(" -> ").unwrap_or((line, ""));
        let (table, id) = match id.strip_prefix('-') {
            Some(id) => ("patch.unused", id),
            None => ("package", id),
        };
        let (source, id) = match id.split_once('+') {
            Some((source, id)) if !source.contains(' ') => (Some(source), id),
            _ => (None, id),
        };
        let (name, version) = id.split_once(' ').unwrap();
        text += &format!("\n[[{table}]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        let sum = checksum(id);
        match source {
            None => {}
            Some("") => {
                text += &format!("source = \"{}\"\nchecksum = \"{sum}\"\n", *vet_testing::CRATES_IO);
            }
            Some("alt") => {
                text += &format!("source = \"registry+https://alt.example/index\"\nchecksum = \"{sum}\"\n");
            }
            Some(repository) => {
                text += &format!("source = \"git+https://git.example/{repository}#{REVISION}\"\n");
            }
        }
        if !dependencies.is_empty() {
            let mut dependencies: Vec<&str> = dependencies.split(", ").collect();
            // Among packages of the same version, those from git are last.
            dependencies.sort_by_key(|text| text.replace("(git+", "(z"));
            let list: String = dependencies.iter().map(|name| format!(" \"{name}\",\n")).collect();
            text += &format!("dependencies = [\n{list}]\n");
        }
        if !replacement.is_empty() {
            text += &format!("replace = \"{replacement}\"\n");
        }
    }
    text
}

/// `app` depends on `good` and `top`, and `top` on `evil`.
fn example() -> Project {
    Project::new(
        "[dependencies]\ngood = \"1\"\ntop = \"1\"",
        &[
            ("good 1.0.0", ""),
            ("top 1.0.0", "[dependencies]\nevil = \"1\"\n[dev-dependencies]\nunlocked = \"1\""),
            ("evil 1.0.0", ""),
            ("evil 2.0.0", ""),
        ],
    )
}

const EXAMPLE: &str = "app 1.0.0 -> good, top\n+evil 1.0.0\n+good 1.0.0\n+top 1.0.0 -> evil";

#[test]
fn what_is_locked_is_what_is_asked_for() {
    for (from, to, expected) in [
        ("", "", ""),
        (" -> evil", "", "`top` depends on `evil ^1`, which is not locked"),
        ("+evil 1.0.0\n", "+evil 2.0.0\n", "`top` depends on `evil ^1`, which is not locked"),
        ("+evil 1.0.0\n", "evil 1.0.0\n", "`evil 1.0.0` is locked, but no manifest has it"),
        ("+evil 1.0.0\n", "alt+evil 1.0.0\n", "`top` depends on `evil ^1`, which is not locked"),
        ("+evil 1.0.0\n", "evil+evil 1.0.0\n", "`top` depends on `evil ^1`, which is not locked"),
        ("+evil 1.0.0\n", "+evil 1.0.1\n", "there is no `evil 1.0.1`"),
        (
            "+good 1.0.0\n",
            "+good 1.0.0 -> evil\n",
            "`evil` is locked as a dependency of `good`, which does not request it",
        ),
        (
            "good, top",
            "evil, good, top",
            "`evil` is locked as a dependency of `app`, which does not request it",
        ),
        ("good, top", "good", "`app` depends on `top ^1`, which is not locked"),
        ("app 1.0.0 -> good, top", "app 1.0.1 -> good, top", "`app 1.0.1` is locked, but no manifest has it"),
    ] {
        assert_eq!(example().problem(&EXAMPLE.replace(from, to)), expected, "{from} {to}");
    }
    let unreachable =
        EXAMPLE.replace("+evil 1.0.0\n", "+evil 1.0.0\n+evil 2.0.0\n").replace("-> evil", "-> evil 1.0.0");
    assert_eq!(example().problem(&unreachable), "`evil 2.0.0` is locked, but nothing requests it");
    let mut unknown = example();
    unknown.published.insert("top 1.0.0".to_owned(), "?");
    assert_eq!(unknown.problem(EXAMPLE), "unverified");
}

#[test]
fn features_decide_what_is_asked_for() {
    let published = [
        (
            "a 1.0.0",
            "[features]\ndefault = [\"std\"]\nstd = [\"dep:b\"]\nmore = [\"c?/x\"]\nnothing = []\nweak = [\"d?/x\"]\n\
             [dependencies]\nb = { version = \"1\", optional = true }\nc = { version = \"1\", optional = true }\nd = { version = \"1\", optional = true }",
        ),
        ("b 1.0.0", ""),
        ("c 1.0.0", "[features]\nx = []"),
        ("d 1.0.0", "[features]\nx = []"),
    ];
    let none = "+a 1.0.0\napp 1.0.0 -> a";
    let b = "+a 1.0.0 -> b\napp 1.0.0 -> a\n+b 1.0.0";
    let c = "+a 1.0.0 -> c\napp 1.0.0 -> a\n+c 1.0.0";
    for (dependency, lock, expected) in [
        ("a = \"1\"", b, ""),
        ("a = \"1\"", none, "`a` depends on `b ^1`, which is not locked"),
        ("a = { version = \"1\", default-features = false }", none, ""),
        (
            "a = { version = \"1\", default-features = false }",
            b,
            "`b` is locked as a dependency of `a`, which does not request it",
        ),
        ("a = { version = \"1\", default-features = false, features = [\"nothing\"] }", none, ""),
        ("a = { version = \"1\", default-features = false, features = [\"c\"] }", c, ""),
        // When cargo writes the lock file, a weak feature counts.
        ("a = { version = \"1\", default-features = false, features = [\"more\"] }", c, ""),
        (
            "a = { version = \"1\", default-features = false, features = [\"b\"] }",
            b,
            "the feature `b` of `a` is requested, but does not exist",
        ),
        (
            "a = { version = \"1\", default-features = false, features = [\"unheard-of\"] }",
            none,
            "the feature `unheard-of` of `a` is requested, but does not exist",
        ),
    ] {
        let project = Project::new(&format!("[dependencies]\n{dependency}"), &published);
        assert_eq!(project.problem(lock), expected, "{dependency}");
    }
    // All features of members are on, and their development dependencies count.
    let project = Project::new(
        "[features]\nf = [\"dep:c\"]\n[dependencies]\nc = { version = \"1\", optional = true }\n\
         [target.'cfg(any())'.build-dependencies]\nd = \"1\"\n[dev-dependencies]\nrenamed = { package = \"b\", version = \"1\" }",
        &published,
    );
    assert_eq!(project.problem("app 1.0.0 -> b, c, d\n+b 1.0.0\n+c 1.0.0\n+d 1.0.0"), "");
    assert_eq!(
        project.problem("app 1.0.0 -> b, d\n+b 1.0.0\n+d 1.0.0"),
        "`app` depends on `c ^1`, which is not locked"
    );
}

#[test]
fn sources_are_those_that_are_named() {
    let published = [("a 1.0.0", "[dependencies]\nb = \"1\""), ("b 1.0.0", "")];
    let lock = |a: &str, b: &str| format!("{a}+a 1.0.0 -> b\napp 1.0.0 -> a\n{b}+b 1.0.0");
    for (dependency, a, b, expected) in [
        ("a = \"1\"", "", "", true),
        ("a = { version = \"1\", registry = \"crates-io\" }", "", "", true),
        ("a = { version = \"1\", registry = \"alt\" }", "", "", false),
        ("a = { version = \"1\", registry = \"alt\" }", "alt", "", true),
        ("a = { version = \"1\", registry = \"other\" }", "alt", "", false),
        ("a = { version = \"1\", registry-index = \"https://alt.example/index\" }", "alt", "", true),
        ("a = { git = \"https://git.example/a\" }", "a", "", true),
        ("a = { git = \"https://git.example/a\" }", "a", "a", false),
        ("a = { git = \"https://git.example/a\" }", "a?branch=master", "", false),
        ("a = { git = \"https://git.example/a\", branch = \"master\" }", "a", "", false),
        ("a = { git = \"https://git.example/a\", tag = \"v1\" }", "a?tag=v1", "", true),
        ("a = { git = \"https://git.example/a\", version = \"2\" }", "a", "", false),
        ("a = { path = \"a\" }", "", "", false),
    ] {
        let project = Project::new(&format!("[dependencies]\n{dependency}"), &published);
        assert_eq!(project.problem(&lock(a, b)).is_empty(), expected, "{dependency} {a} {b}");
    }
    // A folder in a git repository has the same revision.
    let published = [("a 1.0.0", "[dependencies]\nb = { path = \"../b\" }"), ("b 1.0.0", "")];
    let project = Project::new("[dependencies]\na = { git = \"https://git.example/a\" }", &published);
    assert_eq!(project.problem(&lock("a", "a")), "");
    assert_ne!(project.problem(&lock("a", "b")), "");
    assert_ne!(project.problem(&lock("a", "")), "");
}

/// Packages with the same name and version from a folder, crates.io, another registry and git.
#[test]
fn sources_tell_packages_apart() {
    let lines = "+a 1.0.0 -> p 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)\n\
                 app 1.0.0 -> a, DEPENDENCIES\np 1.0.0\nalt+p 1.0.0\n+p 1.0.0\ng+p 1.0.0";
    let all = "p 1.0.0, p 1.0.0 (registry+https://alt.example/index), \
               p 1.0.0 (registry+https://github.com/rust-lang/crates.io-index), p 1.0.0 (git+https://git.example/g)";
    let published = [("a 1.0.0", "[dependencies]\np = \"1\""), ("p 1.0.0", "")];
    let app = "[dependencies]\na = \"1\"\nl = { package = \"p\", path = \"p\" }\n\
               r = { package = \"p\", version = \"1\", registry = \"alt\" }\np = \"1\"\n\
               g = { package = \"p\", git = \"https://git.example/g\" }";
    let project = Project::new(app, &published).with("p", "p", "");
    assert_eq!(project.problem(&lines.replace("DEPENDENCIES", all)), "");
    for dependency in all.split(", ") {
        let rest: Vec<&str> = all.split(", ").filter(|other| *other != dependency).collect();
        let problem = project.problem(&lines.replace("DEPENDENCIES", &rest.join(", ")));
        assert!(problem.contains("which is not locked"), "{dependency}: {problem}");
    }
    let other = lines.replace("DEPENDENCIES", all);
    let other = other.replacen(
        "registry+https://github.com/rust-lang/crates.io-index",
        "registry+https://alt.example/index",
        1,
    );
    assert_eq!(project.problem(&other), "`a` depends on `p ^1`, which is not locked");
}

#[test]
fn local_packages_are_found_by_folder() {
    let app = "[dependencies]\np = { path = \"p\" }";
    let lock = "app 1.0.0 -> p\np 1.0.0";
    let real = Project::new(app, &[]).with("p", "p", "");
    assert_eq!(real.problem(lock), "");
    assert_ne!(Project::new(app, &[]).with("q", "p", "").problem(lock), "");
    let patched = "[dependencies]\np = { path = \"p\" }\n[patch.crates-io]\np = { path = \"decoy\" }";
    let decoy = Project::new(patched, &[]).with("p", "p", "").with("decoy", "p", "autolib = false");
    assert_eq!(decoy.problem(lock), "there are several local packages `p 1.0.0`");
}

const TWO_UNUSED: &str =
    "[patch.crates-io]\nx = { path = \"z\", package = \"z\" }\nzz = { path = \"y\", package = \"y\" }";

#[test]
fn patches_are_of_one_source() {
    let published = [("a 1.0.0", "[dependencies]\nb = \"1\""), ("b 1.0.0", ""), ("b 1.2.0", "")];
    let original = "+a 1.0.0 -> b\napp 1.0.0 -> a\n+b 1.0.0";
    let used = "+a 1.0.0 -> b\napp 1.0.0 -> a\nb 1.0.0";
    let used_git = "+a 1.0.0 -> b\napp 1.0.0 -> a\nb+b 1.0.0";
    let unused = "+a 1.0.0 -> b\napp 1.0.0 -> a\n+b 1.2.0\n-b 1.0.0";
    let unused_git = "+a 1.0.0 -> b\napp 1.0.0 -> a\n+b 1.2.0\n-b+b 1.0.0";
    for (patch, lock, expected) in [
        ("[patch.crates-io]\nb = { path = \"b\" }", used, true),
        ("[patch.\"https://github.com/rust-lang/crates.io-index\"]\nb = { path = \"b\" }", used, true),
        ("[patch.crates-io]\nb = { path = \"b\" }", original, false),
        ("[patch.crates-io]\nb = { path = \"b\" }", unused, true),
        ("[patch.crates-io]\nb = { path = \"b\", version = \"2\" }", used, false),
        // The patch would replace the locked package.
        (
            "[patch.crates-io]\nb = { path = \"b\" }",
            "+a 1.0.0 -> b\napp 1.0.0 -> a\n+b 1.0.0\n-b 1.0.0",
            false,
        ),
        ("[patch.crates-io]\nb = { path = \"b\" }", "+a 1.0.0 -> b\napp 1.0.0 -> a\n+b 1.2.0", false),
        (
            "[patch.crates-io]\nb = { path = \"b\" }",
            "+a 1.0.0 -> b\napp 1.0.0 -> a\n+b 1.2.0\n-b 1.0.1",
            false,
        ),
        ("[patch.crates-io]\nb = { path = \"b\" }", unused_git, false),
        ("[patch.alt]\nb = { path = \"b\" }", used, false),
        ("[patch.\"https://elsewhere.example/index\"]\nb = { path = \"b\" }", used, false),
        ("[patch.\"https://elsewhere.example/index\"]\nb = { path = \"b\" }", unused, true),
        ("[patch.crates-io]\nb = { git = \"https://git.example/b\" }", used_git, true),
        ("[patch.crates-io]\nb = { git = \"https://git.example/c\" }", used_git, false),
        ("[patch.crates-io]\nb = { git = \"https://git.example/b\", branch = \"x\" }", used_git, false),
        ("[patch.crates-io]\nb = { git = \"https://git.example/b\" }", unused_git, true),
        ("[patch.alt]\nb = { git = \"https://git.example/b\" }", used_git, false),
        ("", "+a 1.0.0 -> b\napp 1.0.0 -> a\n+b 1.0.0\n-b 1.2.0", false),
        ("[patch.crates-io]\nb = { version = \"1\", registry = \"alt\" }", original, false),
        // Several unused patches are sorted by their keys.
        (TWO_UNUSED, &format!("{original}\n-z 1.0.0\n-y 1.0.0"), true),
        (TWO_UNUSED, &format!("{original}\n-y 1.0.0\n-z 1.0.0"), false),
        (TWO_UNUSED, &format!("{original}\n-z 1.0.0"), false),
        (TWO_UNUSED, &format!("{original}\n-z 1.0.0\n-y 1.0.0\n-y 1.0.0"), false),
        (&TWO_UNUSED.replace("zz", "[patch.alt]\nzz"), &format!("{original}\n-z 1.0.0\n-y 1.0.0"), false),
        // Of two tables for one source, cargo uses the last.
        (
            "[patch.crates-io]\nb = { path = \"b\" }\n\
             [patch.\"https://github.com/rust-lang/crates.io-index\"]\nz = { path = \"z\" }",
            &format!("{used}\n-z 1.0.0"),
            false,
        ),
    ] {
        let project = Project::new(&format!("[dependencies]\na = \"1\"\n{patch}"), &published);
        let project = if patch.contains("path") { project.with("b", "b", "") } else { project };
        let project =
            if patch.contains("z") { project.with("z", "z", "").with("y", "y", "") } else { project };
        assert_eq!(project.problem(lock).is_empty(), expected, "{patch}\n{lock}");
    }
}

/// Cargo treats tables whose addresses it normalizes as one source, in no fixed order.
#[test]
fn two_tables_may_count_by_chance() {
    let one = "[patch.crates-io]\nb = { path = \"b\" }\n";
    for (other, expected) in [
        ("https://github.com/rust-lang/crates.io-index/", true),
        ("https://github.com/Rust-Lang/crates.io-index", true),
        ("https://github.com/rust-lang/crates.io-index.git", true),
        // The same address as that of `crates-io`: the last table counts.
        ("https://github.com/rust-lang/crates.io-index", false),
        ("https://elsewhere.example/index", false),
    ] {
        let manifest = manifest("app", &format!("{one}[patch.\"{other}\"]\nc = {{ path = \"c\" }}\n"));
        let patches = manifest.patches.iter().map(|patch| LocalPatch::new(patch, Path::new("/w")));
        let workspace = Workspace { patches: patches.collect(), ..Workspace::default() };
        let mut found = patched_by_chance(&workspace);
        found.as_mut().into_iter().for_each(|found| found.sort_unstable());
        assert_eq!(found, expected.then_some(["crates-io", other]), "{other}");
    }
}

/// `top` depends on `evil` from crates.io, which is replaced.
#[test]
fn replacements_are_those_of_the_manifest() {
    let published = [
        ("evil 1.0.0", "[dependencies]\ngood = \"1\"\n[features]\nf = []"),
        ("evil 1.1.0", ""),
        ("evil 1.0.0+x", ""),
        ("good 1.0.0", ""),
        ("top 1.0.0", "[dependencies]\nevil = { version = \"1\", features = [\"f\"] }"),
    ];
    let of_crates_io = "evil 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)";
    let plain = "app 1.0.0 -> top\n+evil 1.0.0 -> good\n+good 1.0.0\n+top 1.0.0 -> evil";
    let top = format!("+top 1.0.0 -> {of_crates_io}");
    let by_folder = format!("app 1.0.0 -> top\nevil 1.0.0\n+evil 1.0.0 => evil 1.0.0\n{top}");
    let by_git = |query: &str| {
        let by = format!("evil 1.0.0 (git+https://git.example/r{query})");
        format!("app 1.0.0 -> top\n+evil 1.0.0 => {by}\nr{query}+evil 1.0.0 -> good\n+good 1.0.0\n{top}")
    };
    let folder = "[replace]\n\"evil:1.0.0\" = { path = \"rep\" }";
    let git = "[replace]\n\"evil:1.0.0\" = { git = \"https://git.example/r\" }";
    let problem = |tables: &str, of_folder: &str, lock: &str| {
        let app = format!("[dependencies]\ntop = \"1\"\n{tables}");
        let project = Project::new(&app, &published);
        let project =
            if tables.contains("path =") { project.with("rep", "evil", of_folder) } else { project };
        project.problem(lock)
    };
    let with_feature = "[features]\nf = []";
    for tables in [
        folder,
        &folder.replace("evil:", "evil@"),
        &folder.replace("evil:", "https://github.com/rust-lang/crates.io-index#evil:"),
        &folder.replace("\"rep\"", "\"./x/../rep\""),
        &format!("{folder}\n\"good:2.0.0\" = {{ git = \"https://git.example/g\" }}"),
    ] {
        assert_eq!(problem(tables, with_feature, &by_folder), "", "{tables}");
    }
    assert_eq!(problem(git, "", &by_git("")), "");
    let branch = git.replace("r\" }", "r\", branch = \"b\" }");
    assert_eq!(problem(&branch, "", &by_git("?branch=b")), "");
    // A replacement that is not used.
    assert_eq!(problem(&folder.replace("1.0.0", "1.2.0"), with_feature, plain), "");

    let direct = by_folder.replace(&format!("-> {of_crates_io}"), "-> evil 1.0.0");
    let both = by_folder.replace(&format!("-> {of_crates_io}"), &format!("-> evil 1.0.0, {of_crates_io}"));
    let edges = by_folder.replace("\nevil 1.0.0\n", "\nevil 1.0.0 -> good\n") + "\n+good 1.0.0";
    let edges = edges.replace(&top, "") + &format!("\n{top}");
    let not_locked = "`evil 1.0.0` is replaced, but not locked as replaced";
    let not_replaced = "`evil 1.0.0` is locked as replaced, but is not replaced";
    let another = "`evil 1.0.0` is replaced by a different package than the locked one";
    let unusual = |spec: &str| format!("the replacement of `{spec}`");
    for (tables, of_folder, lock, expected) in [
        // Either the table or the lock file lacks the replacement.
        (folder, with_feature, plain, not_locked),
        (git, "", plain, not_locked),
        (&*folder.replace("1.0.0", "1.1.0"), with_feature, &by_folder, not_replaced),
        (&folder.replace("evil:", "good:"), with_feature, &by_folder, not_replaced),
        (&folder.replace("1.0.0", "1.0.0-rc.1"), with_feature, &by_folder, not_replaced),
        // Cargo applies it to versions with build metadata.
        (
            folder,
            with_feature,
            &plain.replace("evil 1.0.0 ", "evil 1.0.0+x ").replace("-> good\n+good 1.0.0", ""),
            "`evil 1.0.0+x` is replaced, but not locked as replaced",
        ),
        // Replaced by another package.
        (&folder.replace("\"rep\"", "\"other\""), with_feature, &by_folder, another),
        (folder, with_feature, &by_git(""), another),
        (git, "", &by_git("?branch=b"), another),
        (&branch, "", &by_git(""), another),
        (&git.replace("/r\"", "/s\""), "", &by_git(""), another),
        // The edges are those of the replacement and lead to the replaced package.
        (folder, "", &by_folder, "the feature `f` of `evil` is requested, but does not exist"),
        (
            folder,
            &format!("[dependencies]\ngood = \"1\"\n{with_feature}"),
            &by_folder,
            "`evil` depends on `good ^1`, which is not locked",
        ),
        (
            folder,
            with_feature,
            &edges,
            "`good` is locked as a dependency of `evil`, which does not request it",
        ),
        (folder, with_feature, &direct, "`top` depends on `evil ^1`, which is not locked"),
        (folder, with_feature, &both, "`top 1.0.0` depends on a package and on its replacement"),
        (
            folder,
            &format!(
                "links = \"z\"\n[dependencies]\nx = {{ package = \"evil\", version = \"1\" }}\n{with_feature}"
            ),
            &by_folder.replace("\nevil 1.0.0\n", &format!("\nevil 1.0.0 -> {of_crates_io}\n")),
            "`evil` is part of a cycle of packages that need each other, or is needed by one",
        ),
        // Forms that are left to cargo.
        (&format!("{folder}\n[patch.crates-io]"), with_feature, &by_folder, "`[replace]`"),
        ("[[replace]]", "", plain, "`[replace]`"),
        (
            &format!("{folder}\n\"evil@1.0.0\" = {{ path = \"rep\" }}"),
            with_feature,
            &by_folder,
            "`evil 1.0.0` is replaced twice",
        ),
        (&folder.replace("evil:1.0.0", "evil"), with_feature, &by_folder, &unusual("evil")),
        (&folder.replace("evil:1.0.0", "evil:1"), with_feature, &by_folder, &unusual("evil:1")),
        (&folder.replace("evil:", "evil: "), with_feature, &by_folder, &unusual("evil: 1.0.0")),
        (&folder.replace("1.0.0", "1.0.0+x"), with_feature, &by_folder, not_replaced),
        (
            &folder.replace("evil:", "https://github.com/rust-lang/crates.io-index/#evil:"),
            with_feature,
            &by_folder,
            &unusual("https://github.com/rust-lang/crates.io-index/#evil:1.0.0"),
        ),
        (
            &folder.replace("evil:", "https://alt.example/index#evil:"),
            with_feature,
            &by_folder,
            &unusual("https://alt.example/index#evil:1.0.0"),
        ),
        (&folder.replace(" }", ", package = \"evil\" }"), with_feature, &by_folder, &unusual("evil:1.0.0")),
        (&folder.replace(" }", ", version = \"1\" }"), with_feature, &by_folder, &unusual("evil:1.0.0")),
        (
            &folder.replace(" }", ", git = \"https://git.example/r\" }"),
            with_feature,
            &by_folder,
            &unusual("evil:1.0.0"),
        ),
        (&branch.replace(" }", ", tag = \"t\" }"), "", &by_git(""), &unusual("evil:1.0.0")),
        (&folder.replace("{ path = \"rep\" }", "\"1.0.0\""), "", plain, &unusual("evil:1.0.0")),
        (&folder.replace("path = \"rep\"", "registry = \"alt\""), "", plain, &unusual("evil:1.0.0")),
    ] {
        assert_eq!(problem(tables, of_folder, lock), expected, "{tables}\n{lock}");
    }
    let unlisted = by_folder.replace(&top, "+top 1.0.0").replace("top 1.0.0 -> evil", "top 1.0.0");
    let app =
        format!("[dependencies]\ntop = \"1\"\nmine = {{ package = \"evil\", path = \"rep\" }}\n{folder}");
    let mut project = Project::new(&app, &published).with("rep", "evil", with_feature);
    project.published.insert("top 1.0.0".to_owned(), "");
    let unlisted = unlisted.replace("app 1.0.0 -> top", "app 1.0.0 -> evil 1.0.0, top");
    assert_eq!(project.problem(&unlisted), "`evil 1.0.0` is locked, but nothing requests it");
    // Build metadata must be equal or absent.
    let with_build =
        by_folder.replace(" => evil 1.0.0", " => evil 1.0.0+x").replace("evil 1.0.0\n", "evil 1.0.0+x\n");
    let with_build =
        with_build.replace("evil 1.0.0 (", "evil 1.0.0+x (").replace("+evil 1.0.0 ", "+evil 1.0.0+x ");
    for (tables, expected) in [
        (folder.replace("1.0.0", "1.0.0+x"), ""),
        (folder.replace("1.0.0", "1.0.0+y"), "`evil 1.0.0+x` is locked as replaced, but is not replaced"),
        (folder.to_owned(), "`evil 1.0.0+x` is replaced by a different package than the locked one"),
        (format!("{folder}\n\"evil:1.0.0+x\" = {{ path = \"rep\" }}"), "`evil 1.0.0+x` is replaced twice"),
    ] {
        let app = format!("[dependencies]\ntop = \"1\"\n{tables}");
        let project = Project::new(&app, &published).with("rep", "evil 1.0.0+x", with_feature);
        assert_eq!(project.problem(&with_build), expected, "{tables}");
    }
    // If the replaced version is unknown, it is not verified.
    let app = format!("[dependencies]\ntop = \"1\"\n{folder}");
    let mut project = Project::new(&app, &published).with("rep", "evil", with_feature);
    project.published.insert("evil 1.0.0".to_owned(), "?");
    assert_eq!(project.problem(&by_folder), "unverified");
    project.published.remove("evil 1.0.0");
    assert_eq!(project.problem(&by_folder), "there is no `evil 1.0.0`");
}

#[test]
fn some_packages_exclude_each_other() {
    let problem = |app: &str, published: &[(&str, &'static str)], lock: &str| {
        Project::new(&format!("[dependencies]\n{app}"), published).problem(lock)
    };
    let both = |one: &str, other: &str| {
        let published = [(format!("a {one}"), ""), (format!("a {other}"), "")];
        let published: Vec<(&str, &'static str)> =
            published.iter().map(|(id, tables)| (id.as_str(), *tables)).collect();
        let app = format!("a = \"={one}\"\nb = {{ package = \"a\", version = \"={other}\" }}");
        problem(&app, &published, &format!("+a {one}\n+a {other}\napp 1.0.0 -> a {one}, a {other}"))
    };
    assert_eq!(both("1.0.0", "2.0.0"), "");
    assert_eq!(both("0.1.0", "0.2.0"), "");
    assert_eq!(both("0.0.1", "0.0.2"), "");
    let too_many = "`a 1.0.0` and `a 1.1.0` are locked, although one of them would do";
    assert_eq!(both("1.0.0", "1.1.0"), too_many);
    assert_ne!(both("0.1.0", "0.1.1"), "");
    assert_ne!(both("1.0.0-rc.1", "1.0.0"), "");
    let cycle = [("a 1.0.0", "[dependencies]\nb = \"1\""), ("b 1.0.0", "[build-dependencies]\na = \"1\"")];
    let found = problem("a = \"1\"", &cycle, "+a 1.0.0 -> b\napp 1.0.0 -> a\n+b 1.0.0 -> a");
    assert_eq!(found, "`a` is part of a cycle of packages that need each other, or is needed by one");
}

/// Packages that link to the same native library, one of which is local.
#[test]
fn a_native_library_is_linked_once() {
    let published =
        [("a 1.0.0", "links = \"z\"\n"), ("b 1.0.0", "links = \"z\"\n"), ("c 1.0.0", "links = \"y\"\n")];
    let problem = |app: &str, lock: &str| Project::new(app, &published).problem(lock);
    let one = "[dependencies]\na = \"1\"\nc = \"1\"";
    assert_eq!(problem(one, "+a 1.0.0\napp 1.0.0 -> a, c\n+c 1.0.0"), "");
    let two = "[dependencies]\na = \"1\"\nb = \"1\"";
    assert_eq!(problem(two, "+a 1.0.0\napp 1.0.0 -> a, b\n+b 1.0.0"), "`a` and `b` both link to `z`");
    let local = "links = \"z\"\n[dependencies]\na = \"1\"";
    assert_eq!(problem(local, "+a 1.0.0\napp 1.0.0 -> a"), "`a` and `app` both link to `z`");
}

/// Of several matching versions, cargo uses the first that is locked for the package.
#[test]
fn the_lowest_version_that_fits_is_meant() {
    let published = [("a 0.9.0", ""), ("a 1.0.0", "")];
    let problem = |wide: &str| {
        let app = format!(
            "[dependencies]\na = \"1\"\n[dev-dependencies]\nold = {{ package = \"a\", version = \"{wide}\" }}"
        );
        Project::new(&app, &published).problem("+a 0.9.0\n+a 1.0.0\napp 1.0.0 -> a 0.9.0, a 1.0.0")
    };
    assert_eq!(problem("0.9"), "");
    assert_eq!(problem(">=0.9"), "");
    assert_eq!(problem("1.0.0"), "`app` has two names for `a`");
    // A prerelease must be requested explicitly.
    let published = [("a 1.1.0-rc.1", "")];
    for (requirement, expected) in [("1", false), ("1.1.0-rc.1", true), ("*", false), (">=1.1.0-alpha", true)]
    {
        let project = Project::new(&format!("[dependencies]\na = \"{requirement}\""), &published);
        assert_eq!(project.problem("+a 1.1.0-rc.1\napp 1.0.0 -> a").is_empty(), expected, "{requirement}");
    }
}
