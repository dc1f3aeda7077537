//! Lock files of every version, invalid manifests, and whether the two match.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what fails in a test should stop it, with the line that is wrong"
)]

use std::path::Path;

use vet_diagnostics::{Diagnostic, Source};
use vet_graph::lock_file::LockedPackage;
use vet_graph::workspace::{LocalPackage, Root, Workspace};
use vet_graph::{
    Declared, EdgeKinds, Graph, LockFile, LockGraph, LockMismatch, Manifest, Published, PublishedFacts,
    Rules, graph_from_lock,
};
use vet_testing::{CRATES_IO, checksum, lock_file};

fn lock(text: &str) -> Result<LockFile, Vec<Diagnostic>> {
    LockFile::parse(&Source::new("Cargo.lock", text.replace("CRATES_IO", *CRATES_IO)))
}

/// One line per package: the package and its dependencies.
fn lines(lock: &LockFile) -> String {
    let name = |index: &usize| {
        let package = &lock.packages[*index];
        format!("{} {}", package.name, package.version)
    };
    lock.packages
        .iter()
        .map(|package| {
            let source = package.source.as_deref().unwrap_or("here").replace(*CRATES_IO, "CRATES_IO");
            let checksum = package.checksum.as_deref().unwrap_or("none");
            let edges: Vec<String> = package.dependencies.iter().map(name).collect();
            format!("{} {} {source} {checksum} [{}]\n", package.name, package.version, edges.join(", "))
        })
        .collect()
}

#[test]
fn checksums_of_what_comes_from_crates_io() {
    let package = |source: &str, checksum: &str| {
        format!("[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n{source}{checksum}\n")
    };
    let (elsewhere, crates_io) =
        ("source = \"registry+https://other.example/\"\n", "source = \"CRATES_IO\"\n");
    let text = [
        "version = 4\n".to_owned(),
        package("", ""),
        package(elsewhere, "checksum = \"1\""),
        package(crates_io, "checksum = \"2\""),
    ];
    let lock = lock(&text.concat()).unwrap();
    let checksum = |name: &str, version: &str| lock.checksum(name, &version.parse().unwrap());
    assert_eq!(checksum("a", "1.0.0"), Some("2"));
    assert_eq!(checksum("a", "1.0.1"), None);
    assert_eq!(checksum("b", "1.0.0"), None);
}

#[test]
fn every_version_of_the_format_is_read() {
    let oldest = lock(
        r#"
        [root]
        name = "app"
        version = "0.1.0"
        dependencies = [
         "a 1.0.0 (CRATES_IO)",
         "b 0.2.0",
         "g 0.3.0 (git+https://git.example/g?branch=a/b#0123456789012345678901234567890123456789)",
        ]
        [[package]]
        name = "a"
        version = "1.0.0"
        source = "CRATES_IO"
        [[package]]
        name = "b"
        version = "0.2.0"
        dependencies = ["a 1.0.0 (CRATES_IO)"]
        [[package]]
        name = "g"
        version = "0.3.0"
        source = "git+https://git.example/g?branch=a/b#0123456789012345678901234567890123456789"
        [metadata]
        "checksum a 1.0.0 (CRATES_IO)" = "abc"
        "checksum g 0.3.0 (git+https://git.example/g)" = "<none>"
        "#,
    );
    insta::assert_snapshot!(lines(&oldest.unwrap()), @r"
    a 1.0.0 CRATES_IO abc []
    b 0.2.0 here none [a 1.0.0]
    g 0.3.0 git+https://git.example/g?branch=a/b#0123456789012345678901234567890123456789 none []
    app 0.1.0 here none [a 1.0.0, b 0.2.0, g 0.3.0]
    ");

    let newer = |version: &str, branch: &str| {
        lock(&format!(
            r#"
            {version}
            [[package]]
            name = "a"
            version = "1.0.0"
            source = "CRATES_IO"
            checksum = "abc"
            [[package]]
            name = "a"
            version = "2.0.0"
            source = "CRATES_IO"
            checksum = "def"
            [[package]]
            name = "a"
            version = "2.0.0"
            [[package]]
            name = "app"
            version = "0.1.0"
            dependencies = [ "a 1.0.0", "a 2.0.0 (CRATES_IO)", "g", "s 1.0.0 (sparse+https://r.example/i/)" ]
            [[package]]
            name = "g"
            version = "0.3.0"
            source = "git+https://git.example/g?branch={branch}#0123456789012345678901234567890123456789"
            [[package]]
            name = "s"
            version = "1.0.0"
            source = "registry+https://r.example/other"
            [[package]]
            name = "s"
            version = "1.0.0"
            source = "sparse+https://r.example/i/"
            "#
        ))
        .unwrap()
    };
    let expected = lines(&newer("version = 4", "a%2Fb"));
    insta::assert_snapshot!(expected, @r"
    a 1.0.0 CRATES_IO abc []
    a 2.0.0 CRATES_IO def []
    a 2.0.0 here none []
    app 0.1.0 here none [a 1.0.0, a 2.0.0, g 0.3.0, s 1.0.0]
    g 0.3.0 git+https://git.example/g?branch=a/b#0123456789012345678901234567890123456789 none []
    s 1.0.0 registry+https://r.example/other none []
    s 1.0.0 sparse+https://r.example/i/ none []
    ");
    for (version, branch) in
        [("version = 3", "a/b"), ("version = 2", "a/b"), ("", "a/b"), ("version = 0x4", "a%2Fb")]
    {
        assert_eq!(lines(&newer(version, branch)), expected, "{version}");
    }
    assert_eq!(lines(&lock("").unwrap()), "");
}

/// The messages, the lines that they point to, and their help.
fn shown(problems: &[Diagnostic]) -> String {
    problems
        .iter()
        .map(|problem| {
            let line = problem.excerpts.first().map_or(0, |excerpt| {
                1 + excerpt.source.text.get(..excerpt.span.start).unwrap().matches('\n').count()
            });
            let help = problem.help.as_deref().unwrap_or("");
            format!("{} line {line}: {} ({help})\n", problem.code, problem.message)
        })
        .collect()
}

#[test]
fn lock_files_that_cannot_be_read() {
    let package = |rest: &str| format!("[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n{rest}");
    let cases = [
        "version = 5\n[[package]]\nname = 3".to_owned(),
        "version = \"4\"".to_owned(),
        "version = -1".to_owned(),
        "package = 3\nnonsense".to_owned(),
        format!("<<<<<<< ours\n{}\n=======\n>>>>>>> theirs\n", package("")),
        package("dependencies = [\"b\", 3]"),
        "[[package]]\nname = \"a\"\nversion = \"1.0\"".to_owned(),
        "[[package]]\nversion = 3".to_owned(),
        "package = [3]".to_owned(),
        format!("{}\n{}\ndependencies = [\"a\"]", package(""), package("")),
    ];
    let all: String = cases.iter().map(|text| format!("{}\n", shown(&lock(text).unwrap_err()))).collect();
    insta::assert_snapshot!(all);
}

fn manifest(text: &str) -> Result<Manifest, Vec<Diagnostic>> {
    Manifest::parse(&Source::new("Cargo.toml", text))
}

#[test]
fn manifests_that_cannot_be_read() {
    let cases = [
        "",
        "[package]\nversion = \"1.0.0\"",
        "package = 3",
        "[package]\nname = 3\nversion = 1\nautolib = 1\n[dependencies]\na = 3\n[dev-dependencies]\nb = { path = 3, optional = 1 }",
        "[package]\nname = \"a\"\nversion = \"1.0\"",
        "[package]\nname = \"a\"\nversion = { workspace = false }",
        "[workspace]\nmembers = \"a\"\nexclude = [3]\n[workspace.package]\nversion = \"x\"",
        "[package]\nname = \"a\"\n[target.x]\ndependencies = 3\n[target]\ny = 3",
        "[package]\nname = \"a\"\n[patch]\ncrates-io = 3",
        "[package]\nname = \"a\"\nname = \"b\"",
        "[package",
        "<<<<<<< ours\n[package]\n=======\n>>>>>>> theirs\n",
    ];
    let all: String = cases.iter().map(|text| format!("{}\n", shown(&manifest(text).unwrap_err()))).collect();
    insta::assert_snapshot!(all);
}

#[test]
fn what_only_cargo_understands_is_named() {
    let text = "cargo-features = [\"profile-rustflags\"]\n[package]\nname = \"a\"\n[dependencies]\n\
                b = { version = \"1\", artifact = \"bin\" }\nc = { base = \"x\", path = \"c\" }\nd = \"1.0.0.0\"\n";
    assert_eq!(
        manifest(text).unwrap().unusual,
        [
            "`artifact` in the dependency `b`",
            "`base` in the dependency `c`",
            "the version `1.0.0.0` of the dependency `d`",
        ]
    );
    for (lib, expected) in [
        ("crate-type = [\"lib\"]", None),
        (
            "crate-type = [\"lib\"]\ncrate_type = [\"rlib\"]",
            Some("both `crate-type` and `crate_type` of a library"),
        ),
        ("proc-macro = true\nproc_macro = false", Some("both `proc-macro` and `proc_macro` of a library")),
        ("crate_type = [\"proc-macro\"]", Some("the `crate-type` of a macro")),
        ("proc_macro = true", None),
    ] {
        let text = format!("[package]\nname = \"a\"\n[lib]\n{lib}\n");
        let unusual = manifest(&text).unwrap().unusual;
        assert_eq!(unusual.first().map(String::as_str), expected, "{lib}");
    }
}

/// Facts about published packages, by name and tables. All are libraries, except those whose name
/// starts with `tool`.
struct Facts(&'static [(&'static str, &'static str)]);

impl PublishedFacts for Facts {
    fn is_library(&self, package: &LockedPackage) -> Option<bool> {
        (!package.name.starts_with("far")).then(|| !package.name.starts_with("tool"))
    }

    fn declared(&self, package: &LockedPackage) -> Published<'_> {
        let known = self.0.iter().find(|(name, _)| *name == package.name);
        known.map_or(Published::Unknown, |(name, tables)| {
            let text = format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n{tables}");
            Published::Known(Declared::of(&manifest(&text).unwrap(), None))
        })
    }
}

/// The graph of a lock file and a workspace whose only member `app` has the given tables.
fn graph(tables: &str, locked: &str, facts: &Facts) -> Result<LockGraph, LockMismatch> {
    let folder = Path::new("/w");
    let manifest = manifest(&format!("[package]\nname = \"app\"\nversion = \"0.1.0\"\n{tables}")).unwrap();
    let root = manifest.workspace.as_ref().map(|table| Root { folder, table });
    let package = LocalPackage::new(&manifest, folder, root, true, || true).unwrap().unwrap();
    let workspace = Workspace { packages: vec![package], ..Workspace::default() };
    let lock = lock(&lock_file(locked, checksum)).unwrap();
    assert_eq!(lock.unusual, None);
    graph_from_lock(&lock, &workspace, facts, EdgeKinds::OfAllPackages, &Rules::default())
}

#[test]
fn kinds_of_edges_come_from_manifests() {
    let built = graph(
        "[dependencies]\na = \"1\"\n[build-dependencies]\na = \"1\"\n[dev-dependencies]\nb = \"1\"\ntool = \"1\"\nfar = \"1\"\n",
        "app 0.1.0 -> a, b, tool, far\n+a 1.0.0 -> b\n+b 1.0.0\n+tool 1.0.0 -> c\n+c 1.0.0\n+far 1.0.0 -> b",
        &Facts(&[
            ("a", "[build-dependencies]\nb = \"1\""),
            ("b", ""),
            ("tool", "[dependencies]\nc = \"1\""),
            ("c", ""),
        ]),
    )
    .unwrap();
    let locked = ["a", "app", "b", "c", "far", "tool"];
    let names = |list: &[usize]| list.iter().map(|&ix| locked[ix]).collect::<Vec<_>>();
    assert_eq!(names(&built.maybe_no_library), ["far"]);
    assert_eq!(names(&built.kinds_unknown), ["far"]);
    assert_eq!(names(&built.unverified), ["far"]);
    let graph = Graph::new(built.data, |_, _| false);
    let list = |ixs: &[vet_graph::PackageIx]| {
        ixs.iter().map(|&ix| graph.package(ix).unwrap().name()).collect::<Vec<_>>().join(" ")
    };
    let lines: Vec<String> = graph
        .packages()
        .map(|package| {
            let edges = [package.normal_deps(), package.build_deps(), package.dev_deps()].map(list);
            format!("{}: {} | {} | {}", package.name(), edges[0], edges[1], edges[2])
        })
        .collect();
    assert_eq!(lines, ["a:  | b | ", "app: a | a | b far", "b:  |  | ", "far: b |  | "]);
}
