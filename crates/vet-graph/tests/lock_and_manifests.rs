//! Lock files of every version, manifests that are wrong, and whether the two fit each other.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what fails in a test should stop it, with the line that is wrong"
)]

use std::path::Path;

use vet_graph::declared::{PublishedDependency, PublishedOrigin, Terms};
use vet_graph::lock_file::LockedPackage;
use vet_graph::manifest::Features;
use vet_graph::workspace::{LocalPackage, LocalPatch, Root, Workspace};
use vet_graph::{
    Declared, EdgeKinds, Graph, LockFile, LockGraph, LockMismatch, Manifest, Published, PublishedFacts,
    Rules, graph_from_lock,
};
use vet_store::diagnostic::{Diagnostic, Source};
use vet_testing::CRATES_IO;

fn lock(text: &str) -> Result<LockFile, Vec<Diagnostic>> {
    LockFile::parse(&Source::new("Cargo.lock", text.replace("CRATES_IO", *CRATES_IO)))
}

/// A line for each package: what it is and what it depends on.
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
            let replaced = package.replaced_by.map(|index| name(&index)).unwrap_or_default();
            let line = format!(
                "{} {} {source} {checksum} [{}] {replaced}",
                package.name,
                package.version,
                edges.join(", ")
            );
            format!("{}\n", line.trim_end())
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
            replace = "a 2.0.0"
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
            [[patch.unused]]
            name = "u"
            version = "1.0.0"
            "#
        ))
        .unwrap()
    };
    let expected = lines(&newer("version = 4", "a%2Fb"));
    insta::assert_snapshot!(expected, @r"
    a 1.0.0 CRATES_IO abc []
    a 2.0.0 CRATES_IO def [] a 2.0.0
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
    assert_eq!(newer("version = 4", "x").unused_patches, ["u"]);
    assert_eq!(lines(&lock("").unwrap()), "");
}

/// The messages, the lines that they are about, and the ways out.
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
        package("replace = \"b 1.0.0\""),
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
}

/// What is known of published packages: all are libraries, apart from those whose name begins with `tool`, and nothing is
/// known of those whose name begins with `far`.
struct Facts;

impl PublishedFacts for Facts {
    fn is_library(&self, package: &LockedPackage) -> Option<bool> {
        (!package.name.starts_with("far")).then(|| !package.name.starts_with("tool"))
    }

    fn declared(&self, package: &LockedPackage) -> Published<'_> {
        if package.name.starts_with("far") {
            return Published::Unknown;
        }
        {
            let dependency = PublishedDependency {
                kind: vet_graph::manifest::DependencyKind::Build,
                terms: Terms {
                    key: "b".to_owned(),
                    optional: false,
                    default_features: true,
                    features: Vec::new(),
                    condition: None,
                },
                package: "b".to_owned(),
                requirement: Some("1".parse().unwrap()),
                origin: PublishedOrigin::Same,
            };
            Published::Known(Declared::new(Features::new(), &[dependency], None, None))
        }
    }
}

/// The graph of a workspace whose only member `app` has the given tables, and a lock file.
fn graph(tables: &str, locked: &str) -> Result<LockGraph, LockMismatch> {
    let folder = Path::new("/w");
    let manifest = manifest(&format!("[package]\nname = \"app\"\nversion = \"0.1.0\"\n{tables}")).unwrap();
    let root = manifest.workspace.as_ref().map(|table| Root { folder, table });
    let package = LocalPackage::new(&manifest, folder, root, true, || true).unwrap().unwrap();
    let patches = manifest.patches.iter().map(|patch| LocalPatch::new(patch, folder)).collect();
    let workspace = Workspace { packages: vec![package], patches };
    graph_from_lock(
        &lock(&lock_text(locked)).unwrap(),
        &workspace,
        &Facts,
        EdgeKinds::OfAllPackages,
        &Rules::default(),
    )
}

/// A lock file from lines such as `a 1.0.0 -> b, c`.
fn lock_text(lines: &str) -> String {
    let mut text = String::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (package, edges) = line.split_once(" -> ").unwrap_or((line, ""));
        let (name, version) = package.split_once(' ').unwrap();
        text += &format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        if name != "app" {
            text += "source = \"CRATES_IO\"\nchecksum = \"0\"\n";
        }
        let edges: Vec<String> =
            edges.split(", ").filter(|edge| !edge.is_empty()).map(|edge| format!("{edge:?}")).collect();
        text += &format!("dependencies = [{}]\n", edges.join(", "));
    }
    text
}

#[test]
fn kinds_of_edges_come_from_manifests() {
    let built = graph(
        "[dependencies]\na = \"1\"\n[build-dependencies]\na = \"1\"\n[dev-dependencies]\nb = \"1\"\ntool = \"1\"\nfar = \"1\"\n",
        "app 0.1.0 -> a, b, tool, far\na 1.0.0 -> b\nb 1.0.0\ntool 1.0.0 -> c\nc 1.0.0\nfar 1.0.0 -> b",
    )
    .unwrap();
    let lock = lock(&lock_text("app 0.1.0\na 1.0.0\nb 1.0.0\ntool 1.0.0\nc 1.0.0\nfar 1.0.0")).unwrap();
    let names = |list: &[usize]| list.iter().map(|&ix| lock.packages[ix].name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&built.maybe_no_library), ["far"]);
    assert_eq!(names(&built.kinds_unknown), ["far"]);
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

#[test]
fn lock_files_that_do_not_fit() {
    let base = "app 0.1.0 -> a\na 1.2.0";
    for (tables, locked, expected) in [
        ("[dependencies]\na = \"1\"\n", base, ""),
        ("[dependencies]\nx = { package = \"a\", version = \"1\" }\n", base, ""),
        ("[dependencies]\na = { version = \"1\", registry = \"crates-io\" }\n", base, ""),
        ("[dependencies]\na = \"1.3\"\n", base, "`app` depends on `a ^1.3`, which is not locked"),
        ("[dependencies]\na = \"1\"\nb = \"1\"\n", base, "`app` depends on `b ^1`, which is not locked"),
        (
            "[dependencies]\na = { git = \"https://git.example/a\" }\n",
            base,
            "`app` depends on `a`, which is not locked",
        ),
        ("[dependencies]\na = { path = \"a\" }\n", base, "`app` depends on `a`, which is not locked"),
        (
            "[dependencies]\na = { version = \"1\", registry = \"mine\" }\n[target.'cfg(x)'.dependencies]\nz = { version = \"2\", optional = true }\n",
            base,
            "`app` depends on `z ^2`, which is not locked",
        ),
        ("", base, "`a` is locked as a dependency of `app`, whose manifest does not ask for it"),
        ("", "a 1.0.0", "the member `app 0.1.0` is not locked"),
        (
            "[patch.crates-io]\na = { path = \"a\" }\n[dependencies]\na = \"1\"\n",
            base,
            "the patch of `a` is not locked",
        ),
    ] {
        let mismatch = graph(tables, locked).err().map(|LockMismatch(reasons)| reasons).unwrap_or_default();
        let first = mismatch.first().map_or("", String::as_str);
        assert_eq!(first, expected, "{tables} {mismatch:?}");
    }
    // A package from a folder that nobody has a manifest of.
    let text = lock_text("app 0.1.0 -> a") + "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n";
    let folder = Path::new("/w");
    let manifest = manifest("[package]\nname = \"app\"\nversion = \"0.1.0\"\n").unwrap();
    let package = LocalPackage::new(&manifest, folder, None, true, || true).unwrap().unwrap();
    let workspace = Workspace { packages: vec![package], patches: Vec::new() };
    let LockMismatch(reasons) = graph_from_lock(
        &lock(&text).unwrap(),
        &workspace,
        &Facts,
        EdgeKinds::OfLocalPackages,
        &Rules::default(),
    )
    .unwrap_err();
    assert_eq!(reasons, ["`a 1.0.0` is locked, but no manifest has it"]);
}

/// Two locked versions that both do for one of two declarations of different kinds: only cargo knows which is meant.
#[test]
fn what_is_ambiguous_is_said() {
    let tables = |wide: &str| {
        format!(
            "[dependencies]\na = \"1\"\n[dev-dependencies]\nold = {{ package = \"a\", version = \"{wide}\" }}\n"
        )
    };
    let locked = "app 0.1.0 -> a 1.0.0, a 0.9.0\na 1.0.0\na 0.9.0";
    assert_eq!(graph(&tables("0.9"), locked).unwrap().ambiguous, Vec::<String>::new());
    assert_eq!(graph(&tables(">=0.9"), locked).unwrap().ambiguous.len(), 1);
}
