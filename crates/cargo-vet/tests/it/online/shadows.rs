//! Packages of a project that crates.io has too.

use super::scene::Scene;
use crate::project::Fixture;

const DESCRIPTION: &str = "Does one thing.";
const REPOSITORY: &str = "https://example.org/shadow";

/// A project with the package `shadow 0.0.7` in its own folder, with a given description.
fn scene(about: &str) -> Scene {
    let fixture = Fixture::new();
    fixture
        .project
        .package(".", "app", "[dependencies]\nshadow = { path = \"shadow\" }\n")
        .package("shadow", "shadow", about)
        .lock("app 0.0.7 -> shadow\nshadow 0.0.7");
    Scene::of(fixture)
}

fn same() -> String {
    format!("description = \"{DESCRIPTION}\"\nrepository = \"{REPOSITORY}\"\n")
}

fn policy(value: &str) -> String {
    format!("[policy.shadow]\naudit-as-crates-io = {value}\n\n")
}

const MENTIONED: &str = "[[exemptions.shadow]]\nversion = \"0.0.7\"\ncriteria = \"safe-to-deploy\"\n";

/// Whether a policy is needed, depending on what is published and on the store.
#[test]
fn policies_that_are_needed() {
    let other = "description = \"Does one thing!\"\nrepository = \"https://example.org/shadow/\"\n";
    for (about, published, mentioned, value, code) in [
        (same(), true, false, "", "VET0404"),
        (same(), true, false, "true", "unvetted"),
        (same(), true, false, "false", ""),
        (same(), true, true, "true", ""),
        (format!("description = \"{DESCRIPTION}\"\n"), true, false, "", "VET0404"),
        (format!("repository = \"{REPOSITORY}\"\n"), true, false, "", "VET0404"),
        (other.to_owned(), true, false, "", ""),
        (other.to_owned(), true, false, "true", "VET0405"),
        (other.to_owned(), true, false, "false", ""),
        (other.to_owned(), true, true, "", "VET0404"),
        (other.to_owned(), true, true, "true", ""),
        (other.to_owned(), true, true, "false", ""),
        (String::new(), true, false, "", ""),
        (same(), false, false, "", ""),
        (same(), false, false, "true", "VET0718"),
        (same(), false, true, "", "VET0404"),
    ] {
        let scene = scene(&about);
        if published {
            scene.world.publish("shadow 0.0.7 2023-01-01 ann").describe(
                "shadow",
                Some(DESCRIPTION),
                Some(REPOSITORY),
            );
        }
        let policy = if value.is_empty() { String::new() } else { policy(value) };
        let exemption = if mentioned { MENTIONED } else { "" };
        scene.store(&format!("{policy}{exemption}"), "", "");
        let run = scene.run("vet");
        let case = format!("{about} {published} {mentioned} {value}: {}{}", run.stdout, run.stderr);
        let found = run.stderr.split("error[").nth(1).and_then(|rest| rest.get(..7)).unwrap_or("");
        match code {
            "unvetted" => {
                assert!(run.status == Some(255) && run.stdout.contains("shadow:0.0.7 missing"), "{case}")
            }
            "" => assert!(run.status == Some(0), "{case}"),
            code => assert!(run.status == Some(255) && found == code, "{case}"),
        }
        // Without the network, this is not looked up.
        if code == "VET0404" {
            assert_eq!(scene.run("vet --locked").status, Some(0), "{case}");
            let fixed = scene.run("vet regenerate audit-as-crates-io");
            assert_eq!(fixed.status, Some(0), "{case}: {}", fixed.stderr);
            let after = scene.run("vet");
            assert!(!after.stderr.contains("VET040"), "{case}: {}", after.stderr);
        }
    }
}

#[test]
fn policies_are_set_right() {
    let mut transcript = String::new();
    let published = |scene: &Scene| {
        scene.world.publish("shadow 0.0.7 2023-01-01 ann").describe("shadow", Some(DESCRIPTION), None);
    };
    // It is published, and looks like this package.
    let missing = scene(&same());
    published(&missing);
    missing.store("", "", "");
    transcript += &missing.transcript(&[
        "vet",
        "vet regenerate audit-as-crates-io",
        "vet regenerate audit-as-crates-io",
    ]);
    // It is not published.
    let wrong = scene(&same());
    wrong.store(&policy("true"), "", "");
    transcript += &wrong.transcript(&["vet", "vet regenerate audit-as-crates-io", "vet"]);
    // A different crate is published under this name.
    let other = scene("");
    published(&other);
    other.store(MENTIONED, "", "");
    transcript += &other.transcript(&["vet regenerate audit-as-crates-io"]);
    // It is unknown.
    let unknown = scene(&same());
    published(&unknown);
    unknown.world.close("/api");
    unknown.store("", "", "");
    transcript += &unknown.transcript(&["vet", "vet regenerate audit-as-crates-io"]);
    insta::assert_snapshot!(transcript);
}

/// If one version comes from crates.io, each version has its own policy.
#[test]
fn policies_by_version() {
    let fixture = Fixture::new();
    fixture
        .project
        .package(
            ".",
            "app",
            "[dependencies]\nshadow = \"1\"\nours = { package = \"shadow\", path = \"shadow\" }\n",
        )
        .package("shadow", "shadow", &same())
        .vendor("shadow 1.0.0", "", "src/lib.rs")
        .lock("app 0.0.7 -> shadow 0.0.7, shadow 1.0.0\nshadow 0.0.7\n+shadow 1.0.0");
    let scene = Scene::of(fixture);
    scene.world.publish("shadow 0.0.7 2023-01-01 ann\nshadow 1.0.0 2024-01-01 ann");
    let exempted = "[[exemptions.shadow]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";
    scene.store(exempted, "", "");
    let mut transcript = scene.transcript(&["vet", "vet regenerate audit-as-crates-io", "vet"]);
    // A published version needs no such policy.
    let config = scene.fixture.project.read("supply-chain/config.toml");
    let versioned = "[policy.\"shadow:1.0.0\"]\n";
    assert!(config.contains(versioned), "{config}");
    let config = config.replace(versioned, &format!("{versioned}audit-as-crates-io = true\n"));
    scene.fixture.project.write("supply-chain/config.toml", config);
    transcript += &scene.transcript(&["vet", "vet regenerate audit-as-crates-io", "vet"]);
    insta::assert_snapshot!(transcript);
}

/// From an unpublished version to a published one, and further.
#[test]
fn versions_that_are_not_published_yet() {
    let scene = scene(&same());
    scene
        .world
        .publish("shadow 0.0.5 2023-01-01 ann\nshadow 0.0.6 2023-02-01 ann\nshadow 0.0.9 2023-03-01 ann");
    scene.world.describe("shadow", Some(DESCRIPTION), None);
    scene.store(&format!("{}{}", policy("true"), MENTIONED.replace("0.0.7", "0.0.5")), "", "");
    let later = |step: &str, lines: &[&str]| format!("# {step}\n\n{}", scene.forget().transcript(lines));
    let mut transcript = later(
        "0.0.6 is the nearest, and exempted in place of 0.0.5",
        &["vet", "vet regenerate exemptions", "vet", "vet --locked"],
    );
    transcript += &later("The project works on", &["vet", "vet explain-audit shadow"]);
    scene.world.publish("shadow 0.0.7-rc.1 2023-04-01 ann");
    transcript += &later("A nearer one is published", &["vet", "vet regenerate unpublished", "vet"]);
    scene.store(&format!("{}{}", policy("true"), MENTIONED.replace("0.0.7", "0.0.6")), "", "");
    scene.world.delete("shadow").publish("shadow 0.0.6 2023-02-01 ann").describe(
        "shadow",
        Some(DESCRIPTION),
        None,
    );
    transcript += &later("Once more from 0.0.6", &["vet"]);
    scene.world.publish("shadow 0.0.7 2023-05-01 ann");
    transcript +=
        &later("It is published", &["vet", "vet prune", "vet --locked", "vet regenerate unpublished", "vet"]);
    insta::assert_snapshot!(transcript);
}

/// If only higher versions are published, the lowest of them stands for an unpublished one.
#[test]
fn only_higher_versions_are_published() {
    let scene = scene(&same());
    scene.world.publish("shadow 2.0.0 2023-01-01 ann\nshadow 1.0.0 2023-02-01 ann").describe(
        "shadow",
        Some(DESCRIPTION),
        None,
    );
    scene.store(&format!("{}{}", policy("true"), MENTIONED.replace("0.0.7", "1.0.0")), "", "");
    insta::assert_snapshot!(scene.transcript(&["vet", "vet regenerate unpublished --locked"]));
}

/// What `init` finds out, and what it leaves open if it may not or cannot ask.
#[test]
fn a_new_store() {
    let mut transcript = String::new();
    for (line, closed) in
        [("vet init", "-"), ("vet init --locked", "-"), ("vet init", "/api"), ("vet init", "/index")]
    {
        let scene = scene(&same());
        scene
            .world
            .publish("shadow 0.0.6 2023-01-01 ann")
            .describe("shadow", None, Some(REPOSITORY))
            .close(closed);
        transcript += &scene.transcript(&[line, "vet --locked"]);
    }
    insta::assert_snapshot!(transcript);
}
