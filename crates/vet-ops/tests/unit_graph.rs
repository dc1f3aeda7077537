//! Nothing is left out that cargo compiles: random workspaces and rules, compared with cargo's unit
//! graph.
//!
//! `cargo metadata` resolves for all members, kinds and targets at once. The unit graph shows what
//! a build really compiles; a stable cargo prints it, too, with `RUSTC_BOOTSTRAP`.
//! `VET_TEST_WORKSPACES` sets the number of workspaces.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails in a test should stop it, with the line that is wrong"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use vet_diagnostics::Source;
use vet_fetch::cache::Cache;
use vet_fetch::http::HttpEnvironment;
use vet_graph::EdgeKinds;
use vet_ops::graph::{self, WhenUnknown};
use vet_ops::operation::context::{Context, Features, SettingOverrides};
use vet_ops::operation::events::{Event, Observer};
use vet_project::RegistryEnvironment;
use vet_project::state::State;
use vet_store::parse_settings;
use vet_testing::{CRATES_IO, TestProject};

struct Silent;

impl Observer for Silent {
    fn notice(&self, _: Event) {}
}

/// Pseudo-random numbers, the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap()
    }

    fn one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }

    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

const TARGETS: [&str; 4] =
    ["x86_64-unknown-linux-gnu", "x86_64-pc-windows-msvc", "wasm32-unknown-unknown", "aarch64-apple-darwin"];

const CONDITIONS: [&str; 20] = [
    "cfg(windows)",
    "cfg(unix)",
    "cfg(not(windows))",
    "cfg(target_arch = \"wasm32\")",
    "cfg(target_os = \"macos\")",
    "cfg(debug_assertions)",
    "cfg(not(debug_assertions))",
    "cfg(foo)",
    "cfg(not(foo))",
    "cfg(feature = \"a\")",
    "cfg(not(feature = \"a\"))",
    "cfg(test)",
    "cfg(proc_macro)",
    "cfg(panic = \"abort\")",
    "cfg(target_feature = \"avx\")",
    "cfg(not(target_feature = \"sse2\"))",
    "cfg(all(unix, not(foo)))",
    "cfg(any(windows, overflow_checks))",
    "x86_64-unknown-linux-gnu",
    "aarch64-apple-darwin",
];

/// The empty configuration appears twice, because it is the most common.
const CONFIGURATIONS: [&str; 14] = [
    "",
    "",
    "",
    "",
    "[build]\nrustflags = [\"--cfg\", \"foo\"]\n",
    "[build]\nrustflags = \"--cfg windows\"\n",
    "[build]\nrustflags = [\"-C\", \"target-feature=+avx\"]\n",
    "[build]\nrustflags = [\"-C\", \"panic=abort\", \"-C\", \"debug-assertions=off\"]\n",
    "[target.'cfg(unix)']\nrustflags = [\"--cfg\", \"feature=\\\"a\\\"\"]\n",
    "[build]\nrustflags = [\"--target\", \"x86_64-pc-windows-msvc\"]\n",
    "[build]\ntarget = \"x86_64-pc-windows-msvc\"\n",
    "[build]\ntarget = [\"wasm32-unknown-unknown\", \"aarch64-apple-darwin\"]\n",
    "[build]\nrustflags = [\"-C\", \"target-cpu=native\"]\n",
    "[target.x86_64-unknown-linux-gnu]\nrustflags = [\"--cfg\", \"foo\", \"--cfg\", \"target_os=\\\"macos\\\"\"]\n",
];

const PUBLISHED: usize = 9;
const FEATURES: [&str; 3] = ["a", "b", "c"];

/// A dependency table of a manifest.
struct Dependency {
    key: String,
    package: String,
    is_optional: bool,
}

/// The text after `[package]` in a manifest. `candidates` are possible dependencies, with the
/// fields that their entries need.
fn tables(random: &mut Random, candidates: &[(String, String)], is_member: bool, most: usize) -> String {
    let mut text = String::new();
    let mut keys: Vec<Dependency> = Vec::new();
    for number in 0..random.below(most + 1) {
        if candidates.is_empty() {
            break;
        }
        let (package, entry) = &candidates[random.below(candidates.len())];
        let kind = match random.below(if is_member { 8 } else { 6 }) {
            0 | 1 => "build-dependencies",
            6 | 7 => "dev-dependencies",
            _ => "dependencies",
        };
        let prefix = match random.one_in(3) {
            true => format!("target.'{}'.", random.one_of(&CONDITIONS)),
            false => String::new(),
        };
        // Cargo rejects a package that is built under two names.
        if keys.iter().any(|one| one.package == *package) {
            continue;
        }
        let key = match random.one_in(4) {
            true => format!("{package}-{number}"),
            false => package.clone(),
        };
        let is_optional = kind != "dev-dependencies" && random.one_in(3);
        let mut fields = format!("{entry}, package = \"{package}\"");
        if is_optional {
            fields += ", optional = true";
        }
        if random.one_in(2) {
            fields += ", default-features = false";
        }
        if random.one_in(2) {
            let _ = write!(fields, ", features = [\"{}\"]", random.one_of(&FEATURES));
        }
        let _ = writeln!(text, "[{prefix}{kind}.{key}]\n{}", fields.replace(", ", "\n"));
        keys.push(Dependency { key, package: package.clone(), is_optional });
    }
    let mut features = String::new();
    for name in ["default", "a", "b", "c"] {
        let mut on: Vec<String> = Vec::new();
        for _ in 0..random.below(3) {
            let dependency = (!keys.is_empty()).then(|| &keys[random.below(keys.len())]);
            on.push(match dependency {
                Some(one) if one.is_optional && random.one_in(2) => format!("dep:{}", one.key),
                Some(one) if one.is_optional && random.one_in(2) => {
                    format!("{}?/{}", one.key, random.one_of(&FEATURES))
                }
                Some(one) if random.one_in(2) => format!("{}/{}", one.key, random.one_of(&FEATURES)),
                _ if name == "default" => random.one_of(&FEATURES).to_owned(),
                _ if name == "a" => "b".to_owned(),
                _ => continue,
            });
        }
        on.sort();
        on.dedup();
        let _ = writeln!(features, "{name} = {on:?}");
    }
    if random.one_in(6) {
        text += "[lib]\nproc-macro = true\n";
    }
    format!("{text}[features]\n{features}")
}

/// A random workspace with rules and a configuration; a text describes all of it.
struct Scene {
    root: PathBuf,
    home: PathBuf,
    settings: String,
    targets: Vec<&'static str>,
    exclude_dev: bool,
    selected: Vec<usize>,
    /// The features of the first member that is not left out, and whether `default` is on.
    features: Option<(Vec<&'static str>, bool)>,
    configuration: &'static str,
}

const MEMBERS: usize = 3;

fn scene(folder: &Path, random: &mut Random) -> Scene {
    let root = folder.join("project");
    std::fs::create_dir(&root).unwrap();
    let project = TestProject::new(&root);
    project.use_vendored();
    let mut published: Vec<(String, String)> = Vec::new();
    for number in (0..PUBLISHED).rev() {
        let name = format!("p{number}");
        let rest = tables(random, &published, false, 4);
        project.vendor(&format!("{name} 1.0.0"), &rest, "src/lib.rs");
        project.write(&format!("vendor/{name}-1.0.0/build.rs"), "fn main() {}");
        published.push((name, "version = \"1\"".to_owned()));
    }
    let is_virtual = random.one_in(2);
    let mut candidates = published;
    let folder_of =
        |number: usize| if number == 0 && !is_virtual { ".".to_owned() } else { format!("m{number}") };
    let resolver = random.one_of(&["", "resolver = \"1\"\n", "resolver = \"2\"\n"]);
    let workspace = format!(
        "[workspace]\nmembers = [\"m1\", \"m2\"{}]\n{resolver}",
        if is_virtual { ", \"m0\"" } else { "" }
    );
    for number in (0..MEMBERS).rev() {
        let folder = folder_of(number);
        let edition = random.one_of(&["2018", "2021"]);
        let rest = format!(
            "{}{}",
            tables(random, &candidates, true, 6),
            if folder == "." { workspace.as_str() } else { "" }
        );
        project.package(&folder, &format!("m{number}"), &rest);
        let path = format!("{folder}/Cargo.toml");
        project.write(&path, project.read(&path).replacen("2021", edition, 1));
        project.write(&format!("{folder}/build.rs"), "fn main() {}");
        if random.one_in(2) {
            project.write(&format!("{folder}/src/main.rs"), "fn main() {}");
        }
        let path = if is_virtual { format!("../m{number}") } else { format!("{{up}}m{number}") };
        candidates.push((format!("m{number}"), format!("path = \"{path}\"")));
    }
    if is_virtual {
        project.write("Cargo.toml", &workspace);
    }
    // If the root is a package, members are below it.
    for number in 0..MEMBERS {
        let path = format!("{}/Cargo.toml", folder_of(number));
        let up = if folder_of(number) == "." { "" } else { "../" };
        project.write(&path, project.read(&path).replace("{up}", up));
    }
    let configuration = random.one_of(&CONFIGURATIONS);
    let config = project.read(".cargo/config.toml");
    project.write(".cargo/config.toml", format!("{config}\n{configuration}"));

    // The machine that runs the test is a host.
    let mut targets: Vec<&str> = TARGETS.into_iter().filter(|_| random.one_in(2)).collect();
    if targets.is_empty() {
        targets.push(TARGETS[0]);
    }
    let exclude_dev = random.one_in(2);
    let selected: Vec<usize> = match random.below(3) {
        0 => vec![random.below(MEMBERS)],
        1 => {
            let left_out = random.below(MEMBERS);
            (0..MEMBERS).filter(|&number| number != left_out).collect()
        }
        _ => (0..MEMBERS).collect(),
    };
    let features = random.one_in(2).then(|| {
        let named: Vec<&str> = FEATURES.into_iter().filter(|_| random.one_in(2)).collect();
        (named, random.one_in(2))
    });
    let mut settings = format!(
        "[graph]\ntargets = {targets:?}\nhosts = [\"{}\"]\nexclude-dev = {exclude_dev}\n",
        TARGETS[0]
    );
    if selected.len() < MEMBERS {
        let names: Vec<String> = selected.iter().map(|number| format!("m{number}")).collect();
        let _ = writeln!(settings, "members = {names:?}");
    }
    if let Some((named, default)) = &features {
        let mut names: Vec<&str> = named.clone();
        if !default {
            names.push("-default");
        }
        let _ = writeln!(settings, "[graph.features]\nm{} = {names:?}", selected[0]);
    }
    let home = folder.join("home");
    Scene { root, home, settings, targets, exclude_dev, selected, features, configuration }
}

impl Scene {
    fn cargo(&self, arguments: &[String]) -> Output {
        let cargo = std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from);
        Command::new(cargo)
            .args(arguments)
            .current_dir(&self.root)
            .env("CARGO_HOME", &self.home)
            .env("RUSTC_BOOTSTRAP", "1")
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_BUILD_TARGET")
            .output()
            .unwrap()
    }

    /// The builds that the rules allow, as cargo arguments.
    fn builds(&self) -> Vec<Vec<String>> {
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let mut selections = Vec::new();
        for (place, number) in self.selected.iter().enumerate() {
            selections.push(match &self.features {
                Some((named, default)) if place == 0 => {
                    let default = if *default { "" } else { "--no-default-features" };
                    words(&format!("-p m{number} --features={} {default}", named.join(",")))
                }
                _ => words(&format!("-p m{number} --all-features")),
            });
        }
        if self.features.is_none() {
            let all: Vec<String> = self.selected.iter().map(|number| format!("-p m{number}")).collect();
            selections.push(words(&format!("{} --all-features", all.join(" "))));
            selections.push(words(&all.join(" ")));
        }
        let mut builds = Vec::new();
        for selection in selections {
            let mut lines: Vec<String> =
                self.targets.iter().map(|target| format!("build --target {target}")).collect();
            if self.configuration.contains("[build]\ntarget") || self.targets.contains(&TARGETS[0]) {
                lines.extend(["build".to_owned(), "build --release".to_owned()]);
            }
            if !self.exclude_dev {
                lines.push(format!("build --all-targets --target {}", self.targets[0]));
            }
            for line in lines {
                builds.push([words(&line), selection.clone()].concat());
            }
        }
        builds
    }

    /// The packages that a build compiles; `None` if cargo refuses it.
    fn compiled(&self, build: &[String]) -> Option<BTreeSet<String>> {
        let output =
            self.cargo(&[build, &["--unit-graph".to_owned(), "-Zunstable-options".to_owned()]].concat());
        if !output.status.success() {
            return None;
        }
        let graph: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let units = graph["units"].as_array().unwrap();
        Some(units.iter().map(|unit| name(unit["pkg_id"].as_str().unwrap())).collect())
    }

    fn ours(&self, cache: &Path) -> Result<BTreeSet<String>, String> {
        let context = Context {
            current_folder: self.root.clone(),
            manifest_path: None,
            store_path: None,
            cargo_home: Some(self.home.clone()),
            cache: Cache::new(cache),
            state: State::new(cache.join("state")),
            cargo: std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
            cargo_arguments: Vec::new(),
            http: HttpEnvironment::default(),
            registries: RegistryEnvironment::default(),
            log: vet_fetch::run_log::RunLog::default(),
            unfetched: vet_ops::operation::context::Unfetched::default(),
            accepted: vet_ops::operation::context::Accepted::default(),
            features: Features { all: true, default: true, named: Vec::new() },
            filters: Vec::new(),
            locked: true,
            frozen: true,
            dry_run: false,
            strict: false,
            overrides: SettingOverrides::default(),
            today: "2026-11-23".parse().unwrap(),
        };
        let settings = parse_settings(&Source::new("vet.toml", &*self.settings)).into_result().unwrap();
        let project = context.project().map_err(|problems| format!("{problems:#?}"))?;
        let read = graph::read(
            &project,
            &context,
            EdgeKinds::OfLocalPackages,
            &WhenUnknown::FindOut,
            &Silent,
            &settings.graph,
        )
        .answer
        .map_err(|problems| format!("{problems:#?}"))?;
        Ok(read.data.packages.iter().map(|package| package.name.clone()).collect())
    }
}

/// The name in a package identifier: `…/p1-1.0.0#p1@1.0.0` or `…/m1#0.0.7`.
fn name(id: &str) -> String {
    let (address, fragment) = id.rsplit_once('#').unwrap();
    match fragment.split_once('@') {
        Some((name, _)) => name.to_owned(),
        None => address.rsplit('/').next().unwrap().to_owned(),
    }
}

#[derive(Default, Debug)]
struct Figures {
    refused: usize,
    compared: usize,
    left_out: usize,
    needlessly_kept: usize,
}

/// Tests one workspace.
fn check(seed: u64, figures: &mut Figures) {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random(seed);
    let scene = scene(folder.path(), &mut random);
    let locked = scene.cargo(&["generate-lockfile".to_owned(), "--offline".to_owned()]);
    if !locked.status.success() {
        figures.refused += 1;
        if figures.refused <= 2 {
            eprintln!("seed {seed}: {}", String::from_utf8_lossy(&locked.stderr));
        }
        return;
    }
    let cache = folder.path().join("cache");
    TestProject::open(&scene.root).remember(&cache, &CRATES_IO, true);
    let ours = scene.ours(&cache).unwrap_or_else(|why| panic!("seed {seed}: {why}\n{}", scene.settings));
    let mut needed = BTreeSet::new();
    for build in scene.builds() {
        let Some(compiled) = scene.compiled(&build) else { continue };
        let missing: Vec<&String> = compiled.difference(&ours).collect();
        if !missing.is_empty() {
            let kept = folder.keep();
            panic!(
                "seed {seed}: `cargo {}` compiles {missing:?}, which is left out in {}\n{}{}",
                build.join(" "),
                kept.display(),
                scene.settings,
                scene.configuration
            );
        }
        figures.compared += 1;
        needed.extend(compiled);
    }
    let lock = std::fs::read_to_string(scene.root.join("Cargo.lock")).unwrap();
    figures.left_out += lock.matches("[[package]]").count() - ours.len();
    figures.needlessly_kept += ours.difference(&needed).count();
}

#[test]
fn what_cargo_compiles_is_never_left_out() {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let workspaces = number("VET_TEST_WORKSPACES", 8);
    let first = number("VET_TEST_SEED", 1);
    let mut figures = Figures::default();
    for seed in first..first + workspaces {
        check(seed, &mut figures);
    }
    eprintln!("{figures:?} of {workspaces} workspaces");
    assert!(figures.refused * 2 < usize::try_from(workspaces).unwrap(), "cargo refuses most workspaces");
    if figures.compared == 0 {
        eprintln!("skipped: cargo shows no unit graph");
        return;
    }
    assert!(figures.left_out > 0, "nothing was left out, so nothing was tried");
}
