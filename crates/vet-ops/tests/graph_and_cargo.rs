//! The graph from `Cargo.lock` and manifests equals cargo's, for every feature of manifests.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails in a test should stop it, with the line that is wrong"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use vet_fetch::cache::Cache;
use vet_fetch::crates_io::Registries;
use vet_fetch::published::{KnownPackages, PublishedVersion, remember};
use vet_graph::{
    EdgeKinds, FeaturesOn, Graph, GraphData, LockFile, Platform, Platforms, Rules, graph_from_lock,
    graph_from_metadata,
};
use vet_project::cargo::CargoMetadata;
use vet_project::outside::Outside;
use vet_project::{CargoConfiguration, Checkout, Project, RegistryEnvironment, Told};
use vet_testing::{CRATES_IO, TestProject, index_line, manifest_in};

fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from)
}

/// The graph from the project's own files, which must be complete.
fn own(folder: &Path, cargo_home: &Path, cache: &Path) -> Result<GraphData, String> {
    own_with(folder, cargo_home, cache, &Rules::default())
}

/// The graph from the project's own files, without what rules leave out.
fn own_with(folder: &Path, cargo_home: &Path, cache: &Path, rules: &Rules) -> Result<GraphData, String> {
    let project =
        Project::find(folder, None, Some(cargo_home)).map_err(|problems| format!("{problems:#?}"))?;
    let files = project.read(Some(cargo_home)).map_err(|problems| format!("{problems:#?}"))?;
    if !files.left_to_cargo.is_empty() {
        return Err(format!("left to cargo: {:?}", files.left_to_cargo));
    }
    let lock = LockFile::parse(&project.lock_file().unwrap()).map_err(|problems| format!("{problems:#?}"))?;
    let registries = Registries {
        configuration: &files.configuration.registries,
        environment: &RegistryEnvironment::default(),
        cargo_home: Some(cargo_home),
        cache: &Cache::new(cache),
    };
    TestProject::open(project.root_folder()).remember(cache, &CRATES_IO, true);
    remember_downloads(&lock, cargo_home, cache);
    let mut known = KnownPackages::remembered(&lock, &Cache::new(cache)).with_registries(&lock, &registries);
    let (_, of_git) = known.lacking(&lock);
    known.read_commits(&lock, &of_git, cargo_home);
    let graph = graph_from_lock(&lock, &files.workspace, &known, EdgeKinds::OfAllPackages, rules)
        .map_err(|mismatch| format!("{mismatch:#?}"))?;
    let unknown: Vec<&str> = graph
        .maybe_no_library
        .iter()
        .chain(&graph.kinds_unknown)
        .chain(&graph.terms_unknown)
        .chain(&graph.unverified)
        .map(|&index| lock.packages[index].name.as_str())
        .collect();
    if !unknown.is_empty() {
        return Err(format!("unknown: {unknown:?}"));
    }
    Ok(graph.data)
}

/// Remembers what an index says about the packages whose archives cargo has downloaded.
fn remember_downloads(lock: &LockFile, cargo_home: &Path, cache: &Path) {
    let folders = std::fs::read_dir(cargo_home.join("registry/cache")).into_iter().flatten().flatten();
    let folders: Vec<PathBuf> = folders.map(|folder| folder.path()).collect();
    let downloaded = lock.packages.iter().filter_map(|package| {
        let file = format!("{}-{}.crate", package.name, package.version);
        let archive = folders.iter().find_map(|folder| std::fs::read(folder.join(&file)).ok())?;
        let (manifest, has_library_file) = manifest_in(&archive)?;
        let checksum = package.checksum.clone()?;
        let entry = index_line(&manifest, &checksum, &package.version.to_string());
        Some((package, checksum, entry, manifest, has_library_file))
    });
    let downloaded: Vec<_> = downloaded.collect();
    let versions =
        downloaded.iter().map(|(package, checksum, entry, manifest, has_library_file)| PublishedVersion {
            name: &package.name,
            version: package.version.clone(),
            checksum,
            entry,
            archive: Some((manifest, *has_library_file)),
        });
    remember(&Cache::new(cache), &CRATES_IO, &versions.collect::<Vec<_>>());
}

fn metadata(folder: &Path, frozen: bool) -> CargoMetadata {
    let checkout = Checkout::find(folder, None, None);
    let configuration = CargoConfiguration::of_folder(folder, None, &checkout);
    CargoMetadata {
        cargo: cargo().into(),
        outside: Outside::of_process(&checkout, folder),
        manifest_path: Project::find(folder, None, None).unwrap().manifest_path(),
        configuration: configuration.arguments_for_cargo(
            Told::Everything,
            &std::collections::BTreeSet::new(),
            &RegistryEnvironment::default(),
        ),
        cargo_home: None,
        features: Vec::new(),
        all_features: true,
        default_features: true,
        frozen,
        arguments: Vec::new(),
    }
}

/// One line per package, with everything that the graph knows.
fn lines(data: GraphData) -> Vec<String> {
    let graph = Graph::new(data, |_, _| false);
    let list = |ixs: &[vet_graph::PackageIx]| {
        let names = ixs.iter().map(|&ix| graph.package(ix).unwrap());
        names
            .map(|package| format!("{} {}", package.name(), package.version()))
            .collect::<Vec<_>>()
            .join(", ")
    };
    graph
        .packages()
        .map(|package| {
            format!(
                "{} {} {:?}{}{}{} normal: {} build: {} dev: {} about: {:?}",
                package.name(),
                package.version(),
                package.source(),
                if package.is_member() { " member" } else { "" },
                if package.is_root() { " root" } else { "" },
                if package.is_dev_only() { " dev" } else { "" },
                list(package.normal_deps()),
                list(package.build_deps()),
                list(package.dev_deps()),
                // Only packages of the project are compared with crates.io.
                (*package.source() == vet_graph::PackageSource::Path).then(|| package.about()),
            )
        })
        .collect()
}

fn check_equal(folder: &Path, cargo_home: &Path, frozen: bool) {
    let cache = tempfile::tempdir().unwrap();
    let own =
        own(folder, cargo_home, cache.path()).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let theirs = metadata(folder, frozen).run(&Rules::default()).unwrap();
    pretty_equal(&lines(own), &lines(theirs.data), folder);
}

fn pretty_equal(own: &[String], theirs: &[String], folder: &Path) {
    let only = |a: &[String], b: &[String]| -> String {
        a.iter().filter(|line| !b.contains(line)).map(|line| format!("{line}\n")).collect()
    };
    assert!(
        own == theirs,
        "{}\nours only:\n{}cargo's only:\n{}",
        folder.display(),
        only(own, theirs),
        only(theirs, own)
    );
}

/// A project with vendored packages, for which cargo writes the lock file.
fn fixture(make: impl Fn(&TestProject)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("project");
    std::fs::create_dir(&root).unwrap();
    let project = TestProject::new(&root);
    project.use_vendored();
    for (package, rest, file) in [
        ("alpha 1.0.0", "", "src/lib.rs"),
        ("alpha 2.0.1", "[dependencies]\nbeta = \"1\"\n", "src/lib.rs"),
        ("beta 1.2.0", "[build-dependencies]\nalpha = \"1\"\n", "src/lib.rs"),
        ("gamma 0.3.0", "[target.'cfg(any())'.dependencies]\ntool = \"1\"\nbeta = \"1\"\n", "src/lib.rs"),
        ("tool 1.0.0", "[dependencies]\ndelta = \"1\"\n", "src/main.rs"),
        ("delta 1.0.0", "", "src/lib.rs"),
        ("delta 1.1.0-rc.1", "", "src/lib.rs"),
        ("macros 1.0.0", "[lib]\nproc-macro = true\n", "src/lib.rs"),
        ("elsewhere 1.0.0", "[lib]\npath = \"lib/here.rs\"\n", "lib/here.rs"),
    ] {
        project.vendor(package, rest, file);
    }
    make(&project);
    let output = Command::new(cargo())
        .args(["generate-lockfile", "--offline"])
        .current_dir(&root)
        .env("CARGO_HOME", folder.path().join("home"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

fn check_fixture(make: impl Fn(&TestProject)) {
    let folder = fixture(make);
    check_equal(&folder.path().join("project"), &folder.path().join("home"), true);
}

#[test]
fn one_package_with_every_kind_of_dependency() {
    check_fixture(|project| {
        project.package(
            ".",
            "app",
            "description = \"An app.\"\nrepository = \"https://git.example/app\"\n\
             [dependencies]\nalpha = \"2\"\nrenamed = { package = \"alpha\", version = \"1\" }\ngamma = \"0.3\"\n\
             macros = { version = \"1\", optional = true }\n\
             [build-dependencies]\nbeta = \"1\"\n[dev-dependencies]\nbeta = \"1\"\nelsewhere = \"1\"\n\
             [target.'cfg(windows)'.dependencies]\ndelta = \"=1.0.0\"\n\
             [target.x86_64-unknown-linux-gnu.dev-dependencies]\nmacros = \"1\"\n\
             [features]\nwith = [\"dep:macros\"]\n",
        );
    });
}

#[test]
fn packages_without_a_library_are_no_dependencies() {
    check_fixture(|project| {
        project.package(
            ".",
            "app",
            "[workspace]\nmembers = [\"bin\"]\n[dependencies]\ntool = \"1\"\nbin = { path = \"bin\" }\n\
             [dev-dependencies]\nauto = { path = \"auto\" }\n",
        );
        project.write("bin/Cargo.toml", "[package]\nname = \"bin\"\n[dependencies]\nalpha = \"1\"\n");
        project.write("bin/src/main.rs", "fn main() {}");
        project
            .write("auto/Cargo.toml", "[package]\nname = \"auto\"\nversion = \"1.0.0\"\nautolib = false\n");
        project.write("auto/src/main.rs", "fn main() {}");
    });
}

#[test]
fn a_workspace_with_globs_excludes_and_inheritance() {
    check_fixture(|project| {
        project.write(
            "Cargo.toml",
            "[workspace]\nresolver = \"2\"\nmembers = [\"crates/*\", \"tools/one\"]\nexclude = [\"crates/no\", \"out\"]\n\
             [workspace.package]\nversion = \"3.1.4\"\ndescription = \"Shared.\"\n\
             repository = \"https://git.example/shared\"\n\
             [workspace.dependencies]\nalpha = \"2\"\nold = { package = \"alpha\", version = \"1\" }\n\
             b = { path = \"crates/b\" }\nouter = { path = \"out/er\" }\n",
        );
        project.write(
            "crates/a/Cargo.toml",
            "[package]\nname = \"a\"\nversion.workspace = true\ndescription.workspace = true\n\
             repository = { workspace = true }\n\
             [dependencies]\nalpha.workspace = true\nb = { workspace = true, optional = true }\n\
             [dev-dependencies]\nold.workspace = true\n[build-dependencies]\nouter.workspace = true\n",
        );
        project.write("crates/a/src/lib.rs", "");
        project.package("crates/b", "b", "[dev-dependencies]\na = { path = \"../a\" }\n");
        project.package("crates/no", "no", "[dependencies]\nalpha = \"1\"\n");
        project.write("crates/README.md", "not a folder");
        project.package("tools/one", "one", "[dependencies]\ninside = { path = \"../inside\" }\n");
        project.package("tools/inside", "inside", "[dev-dependencies]\ndelta = \"1\"\n");
        project.package(
            "out/er",
            "outer",
            "[dependencies]\nelsewhere = { version = \"1\", optional = true }\nbeta = \"1\"\n\
             [dev-dependencies]\nmacros = \"1\"\n",
        );
    });
}

#[test]
fn patches_of_the_manifest() {
    check_fixture(|project| {
        project.package(
            ".",
            "app",
            "[dependencies]\nalpha = \"2\"\nbeta = \"1\"\n\
             [patch.crates-io]\nbeta = { path = \"patched/beta\" }\nunused = { path = \"patched/unused\" }\n",
        );
        project.write(
            "patched/beta/Cargo.toml",
            "[package]\nname = \"beta\"\nversion = \"1.2.5\"\n[dependencies]\ndelta = \"1\"\n",
        );
        project.write("patched/beta/src/lib.rs", "");
        project.package("patched/unused", "unused", "");
    });
}

/// A folder replaces a published version, with its own dependencies, features and workspace.
/// Another folder replaces nothing.
#[test]
fn replacements() {
    check_fixture(|project| {
        project.package(
            ".",
            "app",
            "[dependencies]\nalpha = \"2\"\n[workspace]\nmembers = [\"member\"]\n\
             [replace]\n\"beta:1.2.0\" = { path = \"replacing/beta\" }\n\
             \"unused:1.0.0\" = { path = \"replacing/unused\" }\n",
        );
        project.package("member", "member", "[replace]\n\"alpha:2.0.0\" = { path = \"nowhere\" }\n");
        project.write(
            "replacing/beta/Cargo.toml",
            "[package]\nname = \"beta\"\nversion.workspace = true\n[workspace]\n[workspace.package]\nversion = \"1.2.0\"\n\
             [dependencies]\ndelta = \"1\"\nbeside = { path = \"../beside\" }\n[dev-dependencies]\nunheard-of = \"1\"\n",
        );
        project.write("replacing/beta/src/lib.rs", "");
        project.package("replacing/beside", "beside", "");
        project.package("replacing/unused", "unused", "[dependencies]\nunheard-of = \"1\"\n");
    });
}

#[test]
fn some_replacements_are_left_to_cargo() {
    for (tables, configuration, expected) in [
        (
            "[replace]\n\"beta:1.9.9\" = { path = \"nowhere\" }\n",
            "",
            "the dependency in `nowhere`, where there is no package",
        ),
        ("[replace]\n\"beta:1.9.9\" = { path = \"broken\" }\n", "", "a replacement that cannot be read"),
        (
            "[replace]\n\"beta:1.2.0\" = { path = \"replacing\" }\n",
            "[patch.crates-io]\ndelta = { path = \"patched\" }\n",
            "there are patches and replacements",
        ),
    ] {
        let folder = fixture(|project| {
            project.package(".", "app", &format!("[dependencies]\nalpha = \"2\"\n{tables}"));
            project.write(
                ".cargo/config.toml",
                format!("{}\n{configuration}", project.read(".cargo/config.toml")),
            );
            project.write("broken/Cargo.toml", "x = [");
            project.write("replacing/Cargo.toml", "[package]\nname = \"beta\"\nversion = \"1.2.0\"\n");
            project.write("replacing/src/lib.rs", "");
            project.package("patched", "delta", "");
        });
        let cache = tempfile::tempdir().unwrap();
        let own = own(&folder.path().join("project"), &folder.path().join("home"), cache.path());
        assert!(own.as_ref().unwrap_err().contains(expected), "{own:?}");
    }
}

#[test]
fn patches_in_the_configuration_of_cargo() {
    check_fixture(|project| {
        project.package(".", "app", "[dependencies]\nbeta = \"1\"\n");
        let config = project.read(".cargo/config.toml");
        project.write(
            ".cargo/config.toml",
            format!("{config}\n[patch.crates-io]\nbeta = {{ path = \"mine\" }}\n"),
        );
        project.write("mine/Cargo.toml", "[package]\nname = \"beta\"\nversion = \"1.9.0\"\n");
        project.write("mine/src/lib.rs", "");
    });
}

/// Packages of a repository, whose manifests are in cargo's checkout of it.
#[test]
fn packages_from_git() {
    let folder = tempfile::tempdir().unwrap();
    let repository = folder.path().join("repository");
    std::fs::create_dir(&repository).unwrap();
    let sources = TestProject::new(&repository);
    sources.write("Cargo.toml", "[workspace]\nmembers = [\"some\", \"bin\"]\n");
    sources.package(
        "some",
        "some",
        "[dependencies]\nbin = { path = \"../bin\" }\nsub = { path = \"deep/sub\" }\n",
    );
    sources.package("some/deep/sub", "sub", "");
    sources.write("bin/Cargo.toml", "[package]\nname = \"bin\"\nversion = \"1.0.0\"\n");
    sources.write("bin/src/main.rs", "fn main() {}");
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(&repository)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "First"]);
    git(&["branch", "feature/x"]);

    let root = folder.path().join("project");
    let url = format!("file://{}", repository.display());
    let project = TestProject::new(&std::fs::create_dir(&root).map(|()| root.clone()).unwrap());
    project.package(
        ".",
        "app",
        &format!(
            "[dependencies]\nsome = {{ git = \"{url}\", branch = \"feature/x\" }}\n\
             [dev-dependencies]\nsub = {{ git = \"{url}\", branch = \"feature/x\" }}\n"
        ),
    );
    let home = folder.path().join("home");
    let output =
        Command::new(cargo()).args(["fetch"]).current_dir(&root).env("CARGO_HOME", &home).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let cache = tempfile::tempdir().unwrap();
    let own = lines(own(&root, &home, cache.path()).unwrap());
    let names: Vec<String> = own.iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(names, ["app", "some", "sub"], "the package `bin` is no library");
    let output = Command::new(cargo())
        .args(["metadata", "--format-version", "1", "--all-features", "--frozen"])
        .current_dir(&root)
        .env("CARGO_HOME", &home)
        .output()
        .unwrap();
    let theirs = graph_from_metadata(str::from_utf8(&output.stdout).unwrap(), &Rules::default()).unwrap();
    pretty_equal(&own, &lines(theirs.data), &root);
}

#[test]
fn development_cycles() {
    check_fixture(|project| {
        project
            .write("Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"a\", \"b\", \"testutil\"]\n");
        project.package(
            "a",
            "a",
            "[dev-dependencies]\nb = { path = \"../b\" }\ntestutil = { path = \"../testutil\" }\n",
        );
        project.package("b", "b", "[dependencies]\na = { path = \"../a\" }\nalpha = \"1\"\n");
        project.package("testutil", "testutil", "[dependencies]\ndelta = \"1\"\n");
    });
}

/// The workspace is the same when it is read from a member.
#[test]
fn a_member_finds_its_workspace() {
    let folder = fixture(|project| {
        project.write("Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"one\", \"two\"]\n");
        project.package("one", "one", "[dependencies]\nalpha = \"1\"\n");
        project.package("two", "two", "workspace = \"..\"\n[dependencies]\ndelta = \"1\"\n");
    });
    let home = folder.path().join("home");
    check_equal(&folder.path().join("project/one"), &home, true);
    check_equal(&folder.path().join("project/two/src"), &home, true);
}

#[test]
fn this_workspace() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let home = std::env::home_dir().map(|home| home.join(".cargo"));
    let Some(home) = std::env::var_os("CARGO_HOME").map(PathBuf::from).or(home) else {
        eprintln!("skipped: there is no home of cargo");
        return;
    };
    // Describing the workspace fetches all of its sources, including those for other platforms.
    metadata(root, false).run(&Rules::default()).unwrap();
    check_equal(root, &home, false);
}

/// Real projects, if they are available and cargo can describe them.
#[test]
fn corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap().join("shared/corpus");
    let Ok(packs) = std::fs::read_dir(&corpus) else {
        eprintln!("skipped: there is no corpus of real projects");
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let mut compared = 0;
    for pack in packs.flatten().map(|entry| entry.path()) {
        if pack.extension().is_none_or(|extension| extension != "xz") {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let unpacked =
            Command::new("tar").arg("-xJf").arg(&pack).arg("-C").arg(folder.path()).status().unwrap();
        assert!(unpacked.success(), "{}", pack.display());
        let name = pack.file_name().unwrap().to_str().unwrap().split('.').next().unwrap().to_owned();
        let recorded = folder.path().join(&name).join("recorded/graph-json/stdout");
        let Ok(recorded) = std::fs::read_to_string(recorded) else { continue };
        let Ok(recorded) = serde_json::from_str::<Vec<serde_json::Value>>(&recorded) else { continue };
        // The recording shows which published packages are libraries: it omits the others.
        let root = folder.path().join(&name).join("project");
        let own = from_recording(&root, home.path(), &recorded);
        assert_eq!(own, recorded_edges(&recorded), "{name}");
        compared += 1;
    }
    assert!(compared > 0, "no project of the corpus was compared");
}

/// The edges of the graph from the project's own files. Only the recorded packages are libraries.
fn from_recording(root: &Path, home: &Path, recorded: &[serde_json::Value]) -> Vec<String> {
    struct Recorded(std::collections::BTreeSet<(String, String)>);
    impl vet_graph::PublishedFacts for Recorded {
        fn is_library(&self, package: &vet_graph::lock_file::LockedPackage) -> Option<bool> {
            Some(self.0.contains(&(package.name.clone(), package.version.to_string())))
        }
        fn declared(&self, _: &vet_graph::lock_file::LockedPackage) -> vet_graph::Published<'_> {
            vet_graph::Published::Unknown
        }
    }
    let text = |value: &serde_json::Value| value.as_str().unwrap().split('@').next().unwrap().to_owned();
    let facts = Recorded(recorded.iter().map(|node| (text(&node["name"]), text(&node["version"]))).collect());
    let project = Project::find(root, None, Some(home)).unwrap();
    let files = project.read(Some(home)).unwrap();
    assert_eq!(files.left_to_cargo, Vec::<String>::new());
    let lock = LockFile::parse(&project.lock_file().unwrap()).unwrap();
    let graph =
        graph_from_lock(&lock, &files.workspace, &facts, EdgeKinds::OfLocalPackages, &Rules::default())
            .unwrap();
    let graph = Graph::new(graph.data, |_, _| false);
    let name = |ix: &vet_graph::PackageIx| ix.0;
    graph
        .packages()
        .map(|package| {
            let dev: Vec<usize> = package.dev_deps().iter().map(name).collect();
            let both: Vec<usize> = package.normal_and_build_deps().iter().map(name).collect();
            format!("{} {} {both:?} {dev:?} {}", package.name(), package.version(), package.is_root())
        })
        .collect()
}

fn recorded_edges(recorded: &[serde_json::Value]) -> Vec<String> {
    let numbers = |value: &serde_json::Value| -> Vec<u64> {
        value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
    };
    recorded
        .iter()
        .map(|node| {
            format!(
                "{} {} {:?} {:?} {}",
                node["name"].as_str().unwrap(),
                node["version"].as_str().unwrap(),
                numbers(&node["normal_and_build_deps"]),
                numbers(&node["dev_deps"]),
                node["is_root"]
            )
        })
        .collect()
}

const TARGETS: [&str; 5] = [
    "x86_64-unknown-linux-gnu",
    "x86_64-pc-windows-msvc",
    "aarch64-apple-darwin",
    "wasm32-unknown-unknown",
    "thumbv7em-none-eabihf",
];

/// Sets of targets: each target alone, and common combinations.
fn target_sets() -> Vec<Vec<&'static str>> {
    let mut sets: Vec<Vec<&str>> = TARGETS.iter().map(|&target| vec![target]).collect();
    let [linux, windows, macos, wasm, embedded] = TARGETS;
    sets.extend([
        vec![linux, windows, macos],
        vec![linux, wasm],
        vec![linux, embedded, wasm, windows, macos],
    ]);
    sets
}

/// What cargo builds for targets. Cargo also evaluates conditions of build dependencies against the
/// target, so each target is its own host here.
fn of_cargo(folder: &Path, frozen: bool, targets: &[&str]) -> Edges {
    let mut all = Edges::new();
    for target in targets {
        let mut command = metadata(folder, frozen);
        command.arguments = vec!["--filter-platform".to_owned(), (*target).to_owned()];
        for (package, edges) in edges(command.run(&Rules::default()).unwrap().data) {
            all.entry(package).or_default().extend(edges);
        }
    }
    all
}

/// The dependencies of each package.
type Edges = std::collections::BTreeMap<String, std::collections::BTreeSet<String>>;

fn edges(data: GraphData) -> Edges {
    let graph = Graph::new(data, |_, _| false);
    let id = |package: vet_graph::Package<'_>| {
        format!("{} {} {:?}", package.name(), package.version(), package.source())
    };
    let edges = |package: vet_graph::Package<'_>| {
        package.all_deps().iter().map(|&ix| id(graph.package(ix).unwrap())).collect()
    };
    graph.packages().map(|package| (id(package), edges(package))).collect()
}

/// The same from the project's own files: one graph per target, as with cargo.
fn of_ours(folder: &Path, cargo_home: &Path, cache: &Path, targets: &[&str]) -> Result<Edges, String> {
    let mut all = Edges::new();
    for target in targets {
        let target = Platform::built_in(target, []).unwrap();
        let platforms = Platforms { targets: vec![target.clone()], hosts: vec![target] };
        let rules = Rules { platforms: Some(platforms), ..Rules::default() };
        for (package, edges) in edges(own_with(folder, cargo_home, cache, &rules)?) {
            all.entry(package).or_default().extend(edges);
        }
    }
    Ok(all)
}

#[test]
fn what_is_built_for_targets() {
    let folder = fixture(|project| {
        project.vendor(
            "windows 1.0.0",
            "[features]\nextra = [\"dep:gamma\"]\n[dependencies]\ngamma = { version = \"0.3\", optional = true }\n",
            "src/lib.rs",
        );
        project.vendor(
            "portable 1.0.0",
            "[features]\ndefault = [\"std\"]\nstd = [\"opt?/x\", \"dep:elsewhere\"]\n\
             [dependencies]\nopt = { version = \"1\", optional = true }\n\
             elsewhere = { version = \"1\", optional = true }\nmacros = \"1\"\n\
             [target.'cfg(windows)'.dependencies]\nwindows = \"1\"\n\
             [target.'cfg(all(unix, not(target_os = \"macos\")))'.dependencies]\nbeta = \"1\"\n\
             [target.aarch64-apple-darwin.dependencies]\nalpha = \"2\"\n\
             [target.'cfg(target_os = \"none\")'.build-dependencies]\nunder = \"1\"\n",
            "src/lib.rs",
        );
        project.vendor(
            "under 1.0.0",
            "[dependencies]\nportable-help = { version = \"1\", package = \"help\" }\n",
            "src/lib.rs",
        );
        project.vendor("help 1.0.0", "", "src/lib.rs");
        project.vendor("opt 1.0.0", "[features]\nx = []\n", "src/lib.rs");
        project.package(
            ".",
            "app",
            "[features]\nf = [\"portable/std\", \"windows/extra\"]\n\
             [dependencies]\nportable = { version = \"1\", default-features = false }\n\
             [target.'cfg(target_arch = \"wasm32\")'.dependencies]\nwindows = { version = \"1\", optional = true }\n\
             [target.'cfg(target_pointer_width = \"64\")'.dependencies]\ndelta = \"1\"\n\
             [target.'cfg(unix)'.dev-dependencies]\nhelp = \"1\"\n",
        );
    });
    let (root, home) = (folder.path().join("project"), folder.path().join("home"));
    let cache = tempfile::tempdir().unwrap();
    let mut sizes = std::collections::BTreeSet::new();
    for targets in target_sets() {
        let own = of_ours(&root, &home, cache.path(), &targets).unwrap();
        sizes.insert(own.len());
        pretty_equal(&flat(&own), &flat(&of_cargo(&root, true, &targets)), &root);
    }
    assert!(sizes.len() > 3, "the targets differ: {sizes:?}");
}

/// Our graph may contain more: it includes what compiler flags could turn on, and cargo runs
/// without flags.
fn contains_all(own: &Edges, theirs: &Edges, folder: &Path) {
    for (package, edges) in theirs {
        let Some(of_package) = own.get(package) else { panic!("{}: no {package}", folder.display()) };
        let missing: Vec<&String> = edges.difference(of_package).collect();
        assert!(missing.is_empty(), "{}: {package}: {missing:?}", folder.display());
    }
}

fn flat(edges: &Edges) -> Vec<String> {
    edges.iter().map(|(package, edges)| format!("{package}: {edges:?}")).collect()
}

/// The features of the only member, as cargo turns them on.
#[test]
fn what_features_need() {
    let folder = fixture(|project| {
        project.vendor(
            "rich 1.0.0",
            "[features]\ndefault = [\"one\"]\none = [\"dep:delta\"]\ntwo = [\"gamma\", \"opt?/x\"]\n\
             [dependencies]\ndelta = { version = \"1\", optional = true }\n\
             gamma = { version = \"0.3\", optional = true }\nopt = { version = \"1\", optional = true }\n",
            "src/lib.rs",
        );
        project.vendor("opt 1.0.0", "[features]\nx = []\n", "src/lib.rs");
        project.package(
            ".",
            "app",
            "[features]\ndefault = [\"a\"]\na = [\"rich/one\"]\nb = [\"rich?/two\"]\nc = [\"dep:elsewhere\", \"b\"]\n\
             [dependencies]\nrich = { version = \"1\", optional = true, default-features = false }\n\
             elsewhere = { version = \"1\", optional = true }\nmacros = { version = \"1\", optional = true }\n",
        );
    });
    let (root, home) = (folder.path().join("project"), folder.path().join("home"));
    let cache = tempfile::tempdir().unwrap();
    let mut sizes = std::collections::BTreeSet::new();
    for features in
        [&[][..], &["default"], &["a"], &["b"], &["c"], &["rich"], &["macros"], &["a", "c"], &["rich/two"]]
    {
        let mut command = metadata(&root, true);
        command.all_features = false;
        command.default_features = false;
        command.features = features.iter().map(ToString::to_string).collect();
        let theirs = edges(command.run(&Rules::default()).unwrap().data);
        let on = FeaturesOn { names: command.features.clone(), default: false };
        let of_app = ("app".to_owned(), on);
        let rules = Rules { features: [of_app].into(), ..Rules::default() };
        let own = edges(own_with(&root, &home, cache.path(), &rules).unwrap());
        sizes.insert(own.len());
        pretty_equal(&flat(&own), &flat(&theirs), &root);
        // The same rules, applied to cargo's graph with all features, give the same result.
        let of_all = metadata(&root, true).run(&rules).unwrap().data;
        pretty_equal(&flat(&own), &flat(&edges(of_all)), &root);
    }
    assert!(sizes.len() > 3, "the features differ: {sizes:?}");
}

/// What is built of each project of the corpus for each set of targets, if cargo could download it.
/// Needs `VET_TEST_CARGO_HOME`, the folder of cargo's downloads.
#[test]
fn what_is_built_of_real_projects() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let (true, Some(home)) = (corpus.is_dir(), std::env::var_os("VET_TEST_CARGO_HOME")) else {
        eprintln!("skipped: there are no projects with sources to compare");
        return;
    };
    let home = PathBuf::from(home);
    let mut compared = 0;
    for archive in std::fs::read_dir(&corpus).unwrap().map(|entry| entry.unwrap().path()) {
        let Some(name) = archive.file_name().unwrap().to_str().unwrap().strip_suffix(".tar.xz") else {
            continue;
        };
        let folder = tempfile::tempdir().unwrap();
        let unpacked =
            Command::new("tar").arg("xf").arg(&archive).arg("-C").arg(folder.path()).status().unwrap();
        assert!(unpacked.success());
        let root = folder.path().join(name).join("project");
        if let Err(problem) = metadata(&root, true).run(&Rules::default()) {
            eprintln!("skipped: {name}: {:?}", problem.notes.last());
            continue;
        }
        let cache = tempfile::tempdir().unwrap();
        for targets in target_sets() {
            match of_ours(&root, &home, cache.path(), &targets) {
                Ok(own) => contains_all(&own, &of_cargo(&root, true, &targets), &root),
                Err(why) => eprintln!("skipped: {name}: {why}"),
            }
            compared += 1;
        }
    }
    assert!(compared > 0, "no project was compared");
}
