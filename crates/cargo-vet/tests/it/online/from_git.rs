//! `inspect` and `diff` of code from git: in cargo's checkout, and always on this machine.

use super::scene::Scene;
use crate::project::Fixture;

const REVISION: &str = "0123456789abcdef0123456789abcdef01234567";

/// A project that needs `alpha 1.0.0` from a repository of which cargo has a checkout.
fn scene() -> Scene {
    let scene = Scene::of(Fixture::new());
    let manifest = "[package]\nname = \"alpha\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
    scene.world.publish("alpha 1.0.0 2023-05-01 ann");
    scene.world.pack(
        "alpha",
        "1.0.0",
        &[
            ("Cargo.toml", "# written by cargo\n"),
            ("Cargo.toml.orig", manifest),
            ("src/lib.rs", "pub fn one() {}\n"),
        ],
    );
    let project = &scene.fixture.project;
    let checkout = "../cargo-home/git/checkouts/alpha-0011/0123456";
    project.write(&format!("{checkout}/.cargo-ok"), "").write(&format!("{checkout}/.git/HEAD"), REVISION);
    project.write(&format!("{checkout}/Cargo.toml"), manifest);
    project.write(&format!("{checkout}/src/lib.rs"), "pub fn two() {}\n");
    let repository = "https://repository.example/alpha";
    project.package(".", "app", &format!("[dependencies]\nalpha = {{ git = \"{repository}\" }}\n"));
    project.write(
        "Cargo.lock",
        format!(
            "version = 4\n\n[[package]]\nname = \"alpha\"\nversion = \"1.0.0\"\n\
             source = \"git+{repository}#{REVISION}\"\n\n\
             [[package]]\nname = \"app\"\nversion = \"0.0.7\"\ndependencies = [\n \"alpha\",\n]\n"
        ),
    );
    scene.store(
        &format!("[policy.\"alpha:1.0.0@git:{REVISION}\"]\naudit-as-crates-io = true\n"),
        "[[audits.alpha]]\nwho = \"Ann\"\ncriteria = \"safe-to-deploy\"\nversion = \"1.0.0\"\n",
        "",
    );
    scene
}

#[test]
fn changes_since_a_release() {
    let scene = scene();
    let line = format!("vet diff alpha 1.0.0 1.0.0@git:{REVISION}");
    let run = scene.run(&format!("{line} --mode diff.rs"));
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    insta::assert_snapshot!(run.stdout);
    assert!(run.stderr.contains("vouch for \"safe-to-deploy\""), "{}", run.stderr);
    // The mode was not remembered.
    let page = scene.run("vet diff alpha 1.0.0 1.0.0 --quiet --locked").stdout;
    assert_eq!(page, "https://diff.rs/alpha/1.0.0/1.0.0/\n");
    let status = scene.run("vet status").stdout;
    assert!(status.contains(&format!("alpha 1.0.0 -> 1.0.0@git:{REVISION}  not certified")), "{status}");
}

/// A copy, so that users do not accidentally change what cargo builds.
#[test]
fn the_source_of_a_revision() {
    let scene = scene();
    let run = scene.run(&format!("vet inspect alpha 1.0.0@git:{REVISION} --quiet"));
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert_eq!(run.stdout, format!("[FOLDER]/cache/cargo-vet-rs/src/alpha-1.0.0.git.{REVISION}\n"));
    let folder = run.stdout.trim_end().replace("[FOLDER]", &scene.fixture.canonical().display().to_string());
    let library = std::fs::read_to_string(std::path::Path::new(&folder).join("src/lib.rs")).unwrap();
    assert_eq!(library, "pub fn two() {}\n");
}

#[test]
fn code_that_does_not_count_can_be_read() {
    let scene = scene();
    scene.store("", "", "");
    let other = REVISION.replace('0', "f");
    let mut transcript = scene.transcript(&[
        &format!("vet inspect alpha 1.0.0@git:{REVISION} --locked"),
        &format!("vet inspect alpha 1.0.0@git:{other} --locked"),
    ]);
    transcript = transcript.replace(&scene.fixture.canonical().display().to_string(), "[FOLDER]");
    insta::assert_snapshot!(transcript);
}
