//! What rules leave out: members, development, features and targets, one after the other.

#![expect(clippy::unwrap_used, reason = "what fails in a test should stop it, with the line that is wrong")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use vet_diagnostics::Source;
use vet_graph::lock_file::LockedPackage;
use vet_graph::workspace::{LocalPackage, Workspace};
use vet_graph::{
    Declared, EdgeKinds, FeaturesOn, Flags, Graph, LockFile, LockGraph, Manifest, Platform, Platforms,
    Published, PublishedFacts, Rules, graph_from_lock,
};
use vet_testing::{checksum, lock_file};

const LINUX: &str = "x86_64-unknown-linux-gnu";
const WINDOWS: &str = "x86_64-pc-windows-msvc";
const MACOS: &str = "aarch64-apple-darwin";
const WASM: &str = "wasm32-unknown-unknown";

/// Members and published packages by name, with the tables of their manifests. All have version
/// 1.0.0. The locked dependencies of a package are those in its tables.
struct Project {
    members: BTreeMap<&'static str, &'static str>,
    published: BTreeMap<&'static str, &'static str>,
    /// The published packages about which nothing is known.
    unknown: &'static [&'static str],
}

fn manifest(name: &str, tables: &str) -> Manifest {
    let text = format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n{tables}");
    Manifest::parse(&Source::new("Cargo.toml", text)).unwrap()
}

impl PublishedFacts for Project {
    fn is_library(&self, _: &LockedPackage) -> Option<bool> {
        Some(true)
    }

    fn declared(&self, package: &LockedPackage) -> Published<'_> {
        let name = package.name.as_str();
        let tables = self.published.get(name).filter(|_| !self.unknown.contains(&name));
        tables.map_or(Published::Unknown, |tables| {
            Published::Known(Declared::of(&manifest(name, tables), None))
        })
    }
}

impl Project {
    fn new(members: &[(&'static str, &'static str)], published: &[(&'static str, &'static str)]) -> Self {
        Project {
            members: members.iter().copied().collect(),
            published: published.iter().copied().collect(),
            unknown: &[],
        }
    }

    fn lock(&self) -> LockFile {
        let mut lines = String::new();
        for (name, tables) in self.members.iter().chain(&self.published) {
            let manifest = manifest(name, tables);
            let packages =
                manifest.dependencies.iter().map(|one| one.specification.as_ref().unwrap().package.clone());
            let names: BTreeSet<String> = packages.collect();
            let mark = if self.members.contains_key(name) { "" } else { "+" };
            let names: Vec<String> = names.into_iter().collect();
            let arrow = if names.is_empty() { "" } else { " -> " };
            lines += &format!("{mark}{name} 1.0.0{arrow}{}\n", names.join(", "));
        }
        LockFile::parse(&Source::new("Cargo.lock", lock_file(&lines, checksum))).unwrap()
    }

    fn build(&self, rules: &Rules) -> LockGraph {
        let packages = self.members.iter().map(|(name, tables)| {
            let folder = Path::new("/w").join(name);
            LocalPackage::new(&manifest(name, tables), &folder, None, true, || true).unwrap().unwrap()
        });
        let workspace = Workspace { packages: packages.collect(), ..Workspace::default() };
        graph_from_lock(&self.lock(), &workspace, self, EdgeKinds::OfAllPackages, rules).unwrap()
    }

    /// The packages that remain, then those that are left out with their rule, as one line.
    fn with(&self, rules: &Rules) -> String {
        let built = self.build(rules);
        let remaining = Graph::new(built.data, |_, _| false);
        let whole = Graph::new(built.whole.unwrap_or_default(), |_, _| false);
        let left_out: Vec<String> = whole
            .packages()
            .filter_map(|package| Some(format!("{}: {:?}", package.name(), package.left_out()?)))
            .collect();
        let names: Vec<&str> = remaining.packages().map(|package| package.name()).collect();
        let kept: BTreeSet<&str> = names.iter().copied().collect();
        let others: BTreeSet<&str> =
            whole.packages().filter(|one| one.left_out().is_none()).map(|one| one.name()).collect();
        assert!(rules.is_empty() || kept == others, "what remains is what is not left out");
        format!("{} | {}", names.join(" "), left_out.join(", "))
    }
}

fn on(targets: &[&str], hosts: &[&str]) -> Rules {
    let platforms = |triples: &[&str]| -> Vec<Platform> {
        triples.iter().map(|triple| Platform::built_in(triple, []).unwrap()).collect()
    };
    let platforms = Platforms { targets: platforms(targets), hosts: platforms(hosts) };
    Rules { platforms: Some(platforms), ..Rules::default() }
}

#[test]
fn targets() {
    let project = Project::new(
        &[(
            "app",
            "[dependencies]\nlib = \"1\"\n[target.'cfg(windows)'.dependencies]\nwin = \"1\"\n\
             [target.aarch64-apple-darwin.dependencies]\nmac = \"1\"\n\
             [target.'cfg(unix)'.dev-dependencies]\nnix-dev = \"1\"",
        )],
        &[
            ("lib", "[target.'cfg(target_family = \"wasm\")'.dependencies]\nweb = \"1\""),
            ("win", "[dependencies]\nwin-sys = \"1\""),
            ("win-sys", ""),
            ("mac", ""),
            ("web", ""),
            ("nix-dev", ""),
        ],
    );
    for (targets, expected) in [
        (&[LINUX][..], "app lib nix-dev | mac: Targets, web: Targets, win: Targets, win-sys: Targets"),
        (&[WINDOWS], "app lib win win-sys | mac: Targets, nix-dev: Targets, web: Targets"),
        (&[MACOS], "app lib mac nix-dev | web: Targets, win: Targets, win-sys: Targets"),
        (&[WASM], "app lib web | mac: Targets, nix-dev: Targets, win: Targets, win-sys: Targets"),
        (&[LINUX, WASM], "app lib nix-dev web | mac: Targets, win: Targets, win-sys: Targets"),
        (&[LINUX, WINDOWS, MACOS, WASM], "app lib mac nix-dev web win win-sys | "),
    ] {
        assert_eq!(project.with(&on(targets, targets)), expected, "{targets:?}");
    }
    assert_eq!(project.with(&Rules::default()), "app lib mac nix-dev web win win-sys | ");
}

/// Build scripts, procedural macros and everything that they need are built for hosts.
#[test]
fn hosts() {
    let project = Project::new(
        &[("app", "[dependencies]\nmacros = \"1\"\nboth = \"1\"\n[build-dependencies]\nbuilder = \"1\"")],
        &[
            ("macros", "[lib]\nproc-macro = true\n[dependencies]\nboth = \"1\"\nmacro-help = \"1\""),
            ("macro-help", "[target.'cfg(unix)'.dependencies]\nunix-help = \"1\""),
            ("unix-help", ""),
            ("builder", "[target.'cfg(windows)'.dependencies]\nwin-builder = \"1\""),
            ("win-builder", ""),
            (
                "both",
                "[target.'cfg(target_family = \"wasm\")'.dependencies]\nweb = \"1\"\n\
                 [target.'cfg(unix)'.build-dependencies]\nunix-builder = \"1\"",
            ),
            ("unix-builder", ""),
            ("web", ""),
        ],
    );
    let all = "app both builder macro-help macros";
    for (targets, hosts, expected) in [
        (&[WASM][..], &[LINUX][..], format!("{all} unix-builder unix-help web | win-builder: Targets")),
        (&[WASM], &[WINDOWS], format!("{all} web win-builder | unix-builder: Targets, unix-help: Targets")),
        (&[LINUX], &[LINUX], format!("{all} unix-builder unix-help | web: Targets, win-builder: Targets")),
        // Nothing is known about the hosts.
        (&[WASM], &[], format!("{all} unix-builder unix-help web win-builder | ")),
        // `web` is built for the host: `macros` needs `both`.
        (
            &[LINUX],
            &[WASM],
            "app both builder macro-help macros web | unix-builder: Targets, \
                             unix-help: Targets, win-builder: Targets"
                .to_owned(),
        ),
    ] {
        assert_eq!(project.with(&on(targets, hosts)), expected, "{targets:?} {hosts:?}");
    }
}

#[test]
fn members_and_development() {
    let project = Project::new(
        &[
            (
                "app",
                "[dependencies]\ncore = { path = \"../core\" }\na = \"1\"\n[dev-dependencies]\nd = \"1\"",
            ),
            ("core", "[dependencies]\nb = \"1\"\n[dev-dependencies]\ne = \"1\""),
            ("fuzz", "[dependencies]\nc = \"1\"\n[dev-dependencies]\nd = \"1\""),
        ],
        &[("a", ""), ("b", ""), ("c", ""), ("d", ""), ("e", "")],
    );
    let members = |names: &[&str]| Some(names.iter().map(ToString::to_string).collect::<BTreeSet<_>>());
    let rules = |members, exclude_dev| Rules { members, exclude_dev, ..Rules::default() };
    for (rules, expected) in [
        (rules(members(&["app", "core"]), false), "a app b core d e | c: Members, fuzz: Members"),
        // A member that `app` needs is in the graph, but its development dependencies are not.
        (rules(members(&["app"]), false), "a app b core d | c: Members, e: Members, fuzz: Members"),
        (
            rules(members(&["fuzz"]), false),
            "c d fuzz | a: Members, app: Members, b: Members, core: Members, e: Members",
        ),
        (rules(None, true), "a app b c core fuzz | d: Development, e: Development"),
        (
            rules(members(&["core"]), true),
            "b core | a: Members, app: Members, c: Members, d: Members, e: Development, fuzz: Members",
        ),
        (
            rules(members(&[]), false),
            " | a: Members, app: Members, b: Members, c: Members, core: Members, \
                                     d: Members, e: Members, fuzz: Members",
        ),
    ] {
        assert_eq!(project.with(&rules), expected, "{rules:?}");
    }
    let graph = Graph::new(project.build(&rules(members(&["app"]), false)).data, |_, _| false);
    let is_member = |name: &str| graph.packages().any(|one| one.name() == name && one.is_member());
    assert!(is_member("app") && !is_member("core"), "what does not count is a package like others");
}

/// Features of the member `app`.
fn on_in_app(names: &[&str], default: bool) -> Rules {
    let on = FeaturesOn { names: names.iter().map(ToString::to_string).collect(), default };
    Rules { features: BTreeMap::from([("app".to_owned(), on)]), ..Rules::default() }
}

#[test]
fn features() {
    let project = Project::new(
        &[(
            "app",
            "[features]\ndefault = [\"one\"]\none = [\"dep:a\"]\ntwo = [\"b\", \"lib/extra\"]\nweak = [\"lib?/more\"]\n\
             deep = [\"lib/c\"]\nold = [\"d/x\"]\nrest = [\"lib/default\"]\n\
             [dependencies]\na = { version = \"1\", optional = true }\nb = { version = \"1\", optional = true }\n\
             lib = { version = \"1\", default-features = false }\nd = { version = \"1\", optional = true }",
        )],
        &[
            ("a", ""),
            ("b", ""),
            ("d", "[features]\nx = [\"dep:e\"]\n[dependencies]\ne = { version = \"1\", optional = true }"),
            ("e", ""),
            (
                "lib",
                "[features]\ndefault = [\"std\"]\nstd = [\"dep:s\"]\nextra = [\"more\"]\nmore = [\"dep:m\"]\n\
                 [dependencies]\ns = { version = \"1\", optional = true }\nm = { version = \"1\", optional = true }\n\
                 c = { version = \"1\", optional = true }",
            ),
            ("s", ""),
            ("m", ""),
            ("c", ""),
        ],
    );
    let rules = |features: &[&str]| on_in_app(features, false);
    let remaining = |features: &[&str]| {
        let line = project.with(&rules(features));
        line.split(" | ").next().unwrap_or_default().to_owned()
    };
    for (features, expected) in [
        (&[][..], "app lib"),
        (&["default"], "a app lib"),
        (&["one"], "a app lib"),
        (&["two"], "app b lib m"),
        (&["b"], "app b lib"),
        // When cargo writes the lock file, a weak feature counts.
        (&["weak"], "app lib m"),
        (&["deep"], "app c lib"),
        (&["old"], "app d e lib"),
        (&["lib/c", "one"], "a app c lib"),
        (&["unheard-of"], "app lib"),
        // `s` needs the default features of `lib`, which only `rest` requests.
        (&["default", "two", "weak", "deep", "old"], "a app b c d e lib m"),
    ] {
        assert_eq!(remaining(features), expected, "{features:?}");
    }
    assert_eq!(
        project.with(&rules(&["default"])),
        "a app lib | b: Features, c: Features, d: Features, e: Features, m: Features, s: Features"
    );
    // Cargo adds the default features to the requested ones.
    assert!(project.with(&on_in_app(&["two"], true)).starts_with("a app b lib m | "));
    assert!(project.with(&on_in_app(&[], true)).starts_with("a app lib | "));
}

/// Packages that are built together share one set of features per package, so a package that is
/// left out can turn on features of one that is not. Whether it does depends on the resolver and on
/// the members that are built, which the store does not control.
#[test]
fn what_is_left_out_turns_on_features_of_what_is_not() {
    let project = Project::new(
        &[
            (
                "app",
                "[dependencies]\ntop = \"1\"\n[dev-dependencies]\ntop = { version = \"1\", features = [\"d\"] }\n\
                 only-dev = \"1\"",
            ),
            ("fuzz", "[dependencies]\ntop = { version = \"1\", features = [\"f\"] }\nonly-fuzz = \"1\""),
        ],
        &[
            (
                "top",
                "[features]\nd = [\"dep:by-dev\"]\nf = [\"dep:by-fuzz\"]\n\
                 [dependencies]\nby-dev = { version = \"1\", optional = true }\n\
                 by-fuzz = { version = \"1\", optional = true }",
            ),
            ("by-dev", ""),
            ("by-fuzz", ""),
            ("only-dev", ""),
            ("only-fuzz", ""),
        ],
    );
    let rules =
        Rules { members: Some(BTreeSet::from(["app".to_owned()])), exclude_dev: true, ..Rules::default() };
    assert_eq!(
        project.with(&rules),
        "app by-dev by-fuzz top | fuzz: Members, only-dev: Development, only-fuzz: Members"
    );
}

/// The programs of a member with a procedural macro are built for the target.
#[test]
fn members_with_a_macro() {
    let tables =
        "[lib]\nproc-macro = true\n[target.'cfg(target_family = \"wasm\")'.dependencies]\nweb = \"1\"";
    let project = Project::new(&[("app", tables)], &[("web", "")]);
    assert_eq!(project.with(&on(&[WASM], &[LINUX])), "app web | ");
}

/// A condition that flags may change counts both ways, even if only the checkout sets these flags.
#[test]
fn conditions_that_flags_change() {
    let conditions = [
        ("debug_assertions", "a"),
        ("not(debug_assertions)", "b"),
        ("some_flag", "c"),
        ("not(some_flag)", "d"),
        ("target_feature = \"avx\"", "e"),
        ("not(target_feature = \"avx\")", "f"),
        ("loom", "g"),
        ("windows", "h"),
    ];
    let tables: String = conditions
        .iter()
        .map(|(condition, package)| format!("[target.'cfg({condition})'.dependencies]\n{package} = \"1\"\n"))
        .collect();
    let project = Project::new(&[("app", tables.leak())], &conditions.map(|(_, package)| (package, "")));
    let with = |change: &dyn Fn(&mut Platform)| {
        let mut rules = on(&[LINUX], &[LINUX]);
        for platforms in rules.platforms.iter_mut() {
            platforms.targets.iter_mut().chain(&mut platforms.hosts).for_each(change);
        }
        let line = project.with(&rules);
        line.split(" | ").next().unwrap_or_default().to_owned()
    };
    assert_eq!(with(&|_| {}), "a app b c d e f g");
    let unset = |platform: &mut Platform| *platform = platform.clone().without(["loom".to_owned()]);
    assert_eq!(with(&unset), "a app b c d e f");
    let mut flags = Flags::default();
    flags.add(["--cfg", "loom", "--cfg=windows"]);
    let both = |platform: &mut Platform| {
        unset(platform);
        platform.apply(&flags);
    };
    assert_eq!(with(&both), "a app b c d e f g h");
}

/// A package counts as left out by the first rule that removes it.
#[test]
fn the_first_rule_is_named() {
    let project = Project::new(
        &[
            (
                "app",
                "[dependencies]\na = { version = \"1\", optional = true }\n[dev-dependencies]\nd = \"1\"\n\
                     [target.'cfg(windows)'.dependencies]\nw = \"1\"",
            ),
            ("fuzz", "[dependencies]\nf = \"1\"\n[target.'cfg(windows)'.dependencies]\nw = \"1\""),
        ],
        &[
            ("a", "[target.'cfg(windows)'.dependencies]\nw = \"1\""),
            ("d", "[target.'cfg(windows)'.dependencies]\nw = \"1\""),
            ("f", ""),
            ("w", ""),
        ],
    );
    let rules = Rules {
        members: Some(BTreeSet::from(["app".to_owned()])),
        exclude_dev: true,
        features: BTreeMap::from([("app".to_owned(), FeaturesOn::default())]),
        ..on(&[LINUX], &[LINUX])
    };
    assert_eq!(
        project.with(&rules),
        "app | a: Features, d: Development, f: Members, fuzz: Members, w: Targets"
    );
}

/// Nothing is left out on a guess. More facts are requested only if they could make a difference.
#[test]
fn packages_of_which_nothing_is_known() {
    let mut project = Project::new(
        &[("app", "[dependencies]\nlib = \"1\"\n[target.'cfg(windows)'.dependencies]\nwin = \"1\"")],
        &[
            ("lib", "[target.'cfg(windows)'.dependencies]\nhelp = \"1\""),
            ("win", "[dependencies]\nwin-sys = { version = \"1\", features = [\"help\"] }"),
            ("win-sys", "[dependencies]\nhelp = { version = \"1\", optional = true }"),
            ("help", ""),
        ],
    );
    let linux = on(&[LINUX], &[LINUX]);
    let unknown = |project: &Project| project.build(&linux).terms_unknown.len();
    assert_eq!(project.with(&linux), "app lib | help: Targets, win: Targets, win-sys: Targets");
    assert_eq!(unknown(&project), 0);
    // Packages that are built for Windows only do not matter.
    project.unknown = &["win", "win-sys"];
    assert_eq!(project.with(&linux), "app lib | help: Targets, win: Targets, win-sys: Targets");
    assert_eq!(unknown(&project), 0);
    project.unknown = &["lib", "win"];
    assert_eq!(project.with(&linux), "app help lib | win: Targets, win-sys: Targets");
    assert_eq!(unknown(&project), 2);
    // A package without dependencies does not matter.
    project.unknown = &["help"];
    assert_eq!(unknown(&project), 0);
}

/// With all members, features and targets, everything that is locked remains.
#[test]
fn rules_that_leave_nothing_out() {
    let project = Project::new(
        &[(
            "app",
            "[features]\nf = [\"dep:a\"]\n[dependencies]\na = { version = \"1\", optional = true }\n\
                   [build-dependencies]\nb = \"1\"\n[dev-dependencies]\nc = \"1\"",
        )],
        &[("a", "[build-dependencies]\nb = \"1\""), ("b", ""), ("c", "[dependencies]\nb = \"1\"")],
    );
    let all = Rules { members: Some(BTreeSet::from(["app".to_owned()])), ..Rules::default() };
    let (with, without) = (project.build(&all), project.build(&Rules::default()));
    let shown = |graph: &LockGraph| format!("{:?}", Graph::new(graph.data.clone(), |_, _| false));
    assert_eq!(shown(&with), shown(&without));
}
