//! `inspect --mode local` and `diff --mode local` without a terminal.

use std::fs;
use std::path::Path;

use super::scene::Scene;
use crate::project::Fixture;

/// A project that needs `alpha 1.1.0`. Two versions are published, and the older one is audited.
pub(super) fn scene() -> Scene {
    let scene = Scene::of(Fixture::new());
    scene.world.publish("alpha 1.0.0 2023-05-01 ann\nalpha 1.1.0 2023-06-01 ann\n");
    let manifest = |version: &str| format!("[package]\nname = \"alpha\"\nversion = \"{version}\"\n");
    scene.world.pack(
        "alpha",
        "1.0.0",
        &[("Cargo.toml", &manifest("1.0.0")), ("src/lib.rs", "pub fn one() {}\n"), ("old.rs", "gone\n")],
    );
    scene.world.pack(
        "alpha",
        "1.1.0",
        &[
            ("Cargo.toml", &manifest("1.1.0")),
            ("src/lib.rs", "pub fn one() {}\n\n/// \u{1b}[2J\npub fn two() {}\n"),
        ],
    );
    let project = &scene.fixture.project;
    project.package(".", "app", "[dependencies]\nalpha = \"1\"\n");
    project.lock_with("app 0.0.7 -> alpha\n+alpha 1.1.0", |package| scene.world.checksum(package));
    scene.store(
        "",
        "[[audits.alpha]]\nwho = \"Ann\"\ncriteria = \"safe-to-deploy\"\nversion = \"1.0.0\"\n",
        "",
    );
    scene
}

#[test]
fn the_folder_is_the_answer() {
    let scene = scene();
    let run = scene.run("vet inspect alpha 1.1.0 --mode local");
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert_eq!(run.stdout, "[FOLDER]/cache/cargo-vet-rs/src/alpha-1.1.0\n");
    let folder = run.stdout.trim_end().replace("[FOLDER]", &scene.fixture.canonical().display().to_string());
    let folder = Path::new(&folder);
    assert!(fs::read_to_string(folder.join("src/lib.rs")).unwrap().starts_with("pub fn one"));
    assert!(fs::write(folder.join("src/lib.rs"), "").is_err() || is_root(), "it is read-only");

    // Without the network, the source is still there, and the mode is remembered.
    scene.world.close("/");
    let again = scene.run("vet inspect alpha 1.1.0 --locked --quiet --output-file folder.txt");
    assert_eq!((again.status, again.stdout.as_str()), (Some(0), ""), "{}", again.stderr);
    assert_eq!(scene.fixture.project.read("folder.txt").trim_end(), folder.display().to_string());
}

/// For root, nothing is read-only.
fn is_root() -> bool {
    let probe = tempfile::tempdir().unwrap();
    let file = probe.path().join("file");
    fs::write(&file, "").unwrap();
    let mut permissions = fs::metadata(&file).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&file, permissions).unwrap();
    fs::write(&file, "").is_ok()
}

#[test]
fn the_changes_are_the_answer() {
    let scene = scene();
    let run = scene.run("vet diff alpha 1.0.0 1.1.0 --mode local");
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    insta::assert_snapshot!(run.stdout);

    // For programs it is exact: it turns the old version into the new one.
    let (old, new) =
        (scene.run("vet inspect alpha 1.0.0 --mode local"), scene.run("vet inspect alpha 1.1.0"));
    let folder = |run: &crate::run::Run| {
        let canonical = scene.fixture.canonical().display().to_string();
        run.stdout.trim_end().replace("[FOLDER]", &canonical)
    };
    let library = |folder: &str| fs::read_to_string(Path::new(folder).join("src/lib.rs")).unwrap();
    let copy = tempfile::tempdir().unwrap();
    fs::create_dir(copy.path().join("src")).unwrap();
    for file in ["Cargo.toml", "src/lib.rs", "old.rs"] {
        fs::write(copy.path().join(file), fs::read(Path::new(&folder(&old)).join(file)).unwrap()).unwrap();
    }
    fs::write(copy.path().join("patch"), &run.stdout).unwrap();
    let applied =
        std::process::Command::new("git").args(["apply", "patch"]).current_dir(copy.path()).status().unwrap();
    assert!(applied.success());
    assert_eq!(library(&copy.path().display().to_string()), library(&folder(&new)));
    assert!(!copy.path().join("old.rs").exists());

    let colored = scene.run("vet diff alpha 1.0.0 1.1.0 --color always --quiet");
    assert!(colored.stdout.contains("\u{1b}[32m+pub fn two() {}"), "{}", colored.stdout);
    assert!(!colored.stdout.contains("\u{1b}[2J"), "{}", colored.stdout);
}

#[test]
fn versions_that_do_not_differ() {
    let scene = scene();
    insta::assert_snapshot!(scene.transcript(&["vet diff alpha 1.1.0 1.1.0 --mode local"]));
}

#[test]
fn what_cannot_be_had() {
    let scene = scene();
    // The answer of the index is remembered.
    scene.run("vet status --locked");
    insta::assert_snapshot!(scene.transcript(&[
        "vet inspect alpha 1.1.0 --mode local --locked --frozen --quiet",
        "vet inspect alpha 1.2.0 --mode local --quiet",
        "vet inspect alpha 1.2.0 --mode local --quiet --locked",
        "vet diff alpha 1.0.0 1.1.0 --mode local --quiet --locked --frozen",
    ]));
}
