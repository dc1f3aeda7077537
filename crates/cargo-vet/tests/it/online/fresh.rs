//! A machine that never built the project, so that only the registry can tell which packages are
//! libraries.
//!
//! `app` needs `tool` and `beta`, and `tool` needs `gamma`. `gamma` is not vetted. If `tool` has no
//! library, cargo leaves out both `tool` and `gamma`.

use vet_testing::Fault;

use super::scene::Scene;
use crate::project::Fixture;

const EXEMPTED: &str = "[[exemptions.beta]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n\n\
                        [[exemptions.tool]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";

/// No cargo is available.
fn scene(tool: &[(&str, &str)]) -> Scene {
    let mut scene = Scene::of(Fixture::new()).with_variable("CARGO", "no-cargo");
    scene.fixture.remembers = false;
    for name in ["beta", "gamma", "tool"] {
        scene.world.publish(&format!("{name} 1.0.0 2023-05-01 ann"));
    }
    scene.world.pack("tool", "1.0.0", tool);
    let project = &scene.fixture.project;
    project.package(".", "app", "[dependencies]\nbeta = \"1\"\ntool = \"1\"\n");
    project
        .lock_with("app 0.0.7 -> beta, tool\n+beta 1.0.0\n+gamma 1.0.0\n+tool 1.0.0 -> gamma", |package| {
            scene.world.checksum(package)
        });
    scene.store(EXEMPTED, "", "");
    scene.world.asked();
    scene
}

const MANIFEST: &str = "[package]\nname = \"tool\"\nversion = \"1.0.0\"\n[dependencies]\ngamma = \"1\"\n";

fn library() -> Scene {
    scene(&[("Cargo.toml", MANIFEST), ("src/lib.rs", "")])
}

fn program() -> Scene {
    scene(&[("Cargo.toml", MANIFEST), ("src/main.rs", "fn main() {}")])
}

/// The end of a check, and its requests other than those to the index. Cargo is started only if
/// that is expected.
#[track_caller]
fn check(scene: &Scene, line: &str, passes: bool, expected: &[&str]) -> String {
    let run = scene.run(line);
    assert_eq!(run.status == Some(0), passes, "{line}: {}{}", run.stdout, run.stderr);
    let asked: Vec<String> =
        scene.world.asked().into_iter().filter(|path| !path.starts_with("/index/")).collect();
    assert_eq!(asked, expected, "{line}: {}", run.stderr);
    run.stderr
}

const API_OF_GAMMA: &str = "/api/v1/crates/gamma/1.0.0";
const API_OF_TOOL: &str = "/api/v1/crates/tool/1.0.0";
const ARCHIVE_OF_TOOL: &str = "/dl/tool/1.0.0/download";

#[test]
fn a_failing_check_asks_about_what_leads_to_what_is_missing() {
    let scene = library();
    let said = check(&scene, "vet --locked --verbose info", false, &[API_OF_GAMMA, API_OF_TOOL]);
    assert!(said.contains("asking the registry which of 2 packages are libraries"), "{said}");
    assert!(!said.contains("asking cargo") && !said.contains("VET0309"), "{said}");
    let run = scene.run("vet --locked --verbose info");
    assert!(run.stdout.contains("gamma:1.0.0 missing [\"safe-to-deploy\"]"), "{}", run.stdout);
    assert_eq!(scene.world.asked(), Vec::<String>::new(), "what was said is remembered");
    assert!(!run.stderr.contains("asking the registry"), "and known at once: {}", run.stderr);
}

#[test]
fn a_passing_check_asks_about_nothing() {
    let scene = library();
    let gamma = "\n[[exemptions.gamma]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";
    scene.store(&format!("{EXEMPTED}{gamma}"), "", "");
    check(&scene, "vet --locked", true, &[]);
}

/// The archive must prove what makes the graph smaller.
#[test]
fn a_package_without_a_library() {
    let scene = program();
    check(&scene, "vet --locked", true, &[API_OF_GAMMA, API_OF_TOOL, ARCHIVE_OF_TOOL]);
    check(&scene, "vet --locked", true, &[]);
    // If nothing is remembered, the registry has to be asked. Its answer alone changes nothing.
    let scene = library();
    scene.world.say_library("tool 1.0.0", false);
    check(&scene, "vet --locked", false, &[API_OF_GAMMA, API_OF_TOOL, ARCHIVE_OF_TOOL]);
}

/// An answer that makes the graph larger is accepted.
#[test]
fn a_package_of_which_the_registry_says_that_it_is_a_library() {
    let scene = program();
    scene.world.say_library("tool 1.0.0", true);
    check(&scene, "vet --locked", false, &[API_OF_GAMMA, API_OF_TOOL]);
}

/// Registries without this information have archives.
#[test]
fn a_registry_that_does_not_say_it() {
    let scene = program();
    for package in ["tool 1.0.0", "gamma 1.0.0"] {
        scene.world.say_library(package, serde_json::Value::Null);
    }
    let archives = ["/dl/gamma/1.0.0/download", ARCHIVE_OF_TOOL];
    check(&scene, "vet --locked", true, &[API_OF_GAMMA, API_OF_TOOL, archives[0], archives[1]]);
}

/// One missing answer does not prevent the others from counting.
#[test]
fn a_registry_that_refuses_once() {
    let scene = library();
    // The preceding requests are the description of the index, three entries, and the question
    // about `gamma`.
    scene.world.disturb(5, Fault::Forbidden);
    let said =
        check(&scene, "vet --locked --verbose info", false, &[API_OF_GAMMA, API_OF_TOOL, ARCHIVE_OF_TOOL]);
    assert!(!said.contains("asking cargo"), "{said}");
    assert!(scene.world.calm(), "an answer was refused");
}

/// Then cargo is asked, as always. If there is no cargo, every possible library counts, with a
/// warning.
#[test]
fn a_registry_that_is_out_of_reach() {
    for (closed, asked) in
        [("/api/", &[API_OF_GAMMA][..]), ("/dl/", &[API_OF_GAMMA, API_OF_TOOL, ARCHIVE_OF_TOOL])]
    {
        let scene = program();
        scene.world.close(closed);
        let said = check(&scene, "vet --locked --verbose info", false, asked);
        assert!(said.contains("asking cargo") && said.contains("warning[VET0309]"), "{said}");
    }
    let scene = program();
    scene.run("vet --locked");
    scene.world.asked();
    let said = check(&scene, "vet --locked --frozen", true, &[]);
    assert!(!said.contains("VET0309"), "{said}");
}

/// The plan of `suggest` does not depend on what is known at first.
#[test]
fn a_plan() {
    let scene = library();
    let plan = scene.run("vet suggest").stdout;
    assert!(plan.contains("gamma 1.0.0") && plan.contains("tool 1.0.0"), "{plan}");
    let scene = program();
    let plan = scene.run("vet suggest");
    assert!(plan.stdout.contains("beta 1.0.0") && !plan.stdout.contains("tool"), "{}", plan.stdout);
    assert!(!plan.stderr.contains("cargo"), "{}", plan.stderr);
    let downloads = scene.world.asked().into_iter().filter(|path| path.starts_with("/dl/"));
    assert_eq!(downloads.collect::<Vec<_>>(), ["/dl/beta/1.0.0/download", ARCHIVE_OF_TOOL]);
}

/// A policy for a crate that cargo leaves out is unused.
#[test]
fn a_policy_for_what_is_left_out() {
    let policy = "[policy.\"gamma:1.0.0\"]\ncriteria = \"safe-to-run\"\n\n";
    let gamma = "\n[[exemptions.gamma]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-run\"\n";
    for (scene, passes) in [(library(), true), (program(), false)] {
        scene.store(&format!("{policy}{EXEMPTED}{gamma}"), "", "");
        let run = scene.run("vet --locked");
        assert_eq!(run.status == Some(0), passes, "{}{}", run.stdout, run.stderr);
    }
}

/// `app` needs `tool`, and `tool` needs `member`, which needs `gamma`. A patch replaces the
/// published `member` with the member of the workspace. `tool` has no library, so the member is a
/// root, and its dependencies have to meet more than the policy of `app` says.
fn scene_with_patch() -> Scene {
    let mut scene = Scene::of(Fixture::new()).with_variable("CARGO", "no-cargo");
    scene.fixture.remembers = false;
    for name in ["gamma", "member", "tool"] {
        scene.world.publish(&format!("{name} 1.0.0 2023-05-01 ann"));
    }
    let manifest = MANIFEST.replace("gamma", "member");
    scene.world.pack("tool", "1.0.0", &[("Cargo.toml", &manifest), ("src/main.rs", "fn main() {}")]);
    let manifest = MANIFEST.replace("tool", "member");
    scene.world.pack("member", "1.0.0", &[("Cargo.toml", &manifest), ("src/lib.rs", "")]);
    scene
}

fn patch(scene: &Scene) {
    let project = &scene.fixture.project;
    project.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"app\", \"member\"]\nresolver = \"2\"\n\
         [patch.crates-io]\nmember = { path = \"member\" }\n",
    );
    project.package("app", "app", "[dependencies]\ntool = \"1\"\n");
    project.write(
        "member/Cargo.toml",
        "[package]\nname = \"member\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[dependencies]\ngamma = \"1\"\n",
    );
    project.write("member/src/lib.rs", "");
    project.lock_with(
        "app 0.0.7 -> tool\n+gamma 1.0.0\nmember 1.0.0 -> gamma\n+tool 1.0.0 -> member",
        |package| scene.world.checksum(package),
    );
}

fn exempted(name: &str, criteria: &str) -> String {
    format!("[[exemptions.{name}]]\nversion = \"1.0.0\"\ncriteria = \"{criteria}\"\n\n")
}

const POLICIES: &str =
    "[policy.app]\ncriteria = \"safe-to-run\"\n\n[policy.member]\naudit-as-crates-io = false\n\n";

#[test]
fn a_root_that_only_a_program_needs() {
    let scene = scene_with_patch();
    patch(&scene);
    for (criteria, passes) in [("safe-to-run", false), ("safe-to-deploy", true)] {
        let exemptions = exempted("gamma", criteria) + &exempted("tool", "safe-to-run");
        scene.store(&format!("{POLICIES}{exemptions}"), "", "");
        scene.forget();
        let run = scene.run("vet --locked");
        assert_eq!(run.status == Some(0), passes, "{criteria}: {}{}", run.stdout, run.stderr);
    }
}

/// An answer of the registry from an earlier run counts only for packages that need no local
/// package. If `tool` were a library, the member would not be a root.
#[test]
fn a_root_that_only_a_program_needs_of_which_the_registry_said_that_it_is_a_library() {
    let scene = scene_with_patch();
    scene.world.say_library("tool 1.0.0", true);
    let project = &scene.fixture.project;
    project.write("Cargo.toml", "[workspace]\nmembers = [\"app\"]\nresolver = \"2\"\n");
    project.package("app", "app", "[dependencies]\ntool = \"1\"\n");
    project.lock_with(
        "app 0.0.7 -> tool\n+gamma 1.0.0\n+member 1.0.0 -> gamma\n+tool 1.0.0 -> member",
        |package| scene.world.checksum(package),
    );
    let policy = "[policy.app]\ncriteria = \"safe-to-run\"\n\n";
    let of_tool = exempted("tool", "safe-to-run");
    scene.store(&format!("{policy}{of_tool}"), "", "");
    scene.world.asked();
    let asked = [API_OF_GAMMA, "/api/v1/crates/member/1.0.0", API_OF_TOOL];
    check(&scene, "vet --locked", false, &asked);
    patch(&scene);
    let of_gamma = exempted("gamma", "safe-to-run");
    scene.store(&format!("{POLICIES}{of_gamma}{of_tool}"), "", "");
    check(&scene, "vet --locked", false, &[ARCHIVE_OF_TOOL]);
}
