//! Vendored sources whose archives are not on this machine.
//!
//! `app` needs `top`, and `top` needs `evil`. Everything is exempted. No cargo is available.

use vet_testing::{Fault, TestProject};

use super::scene::Scene;
use crate::project::Fixture;

const EXEMPTED: &str = "[[exemptions.evil]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n\n\
                        [[exemptions.top]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";

const TOP: &str =
    "[package]\nname = \"top\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[dependencies]\nevil = \"1\"\n";
const EVIL: &str = "[package]\nname = \"evil\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";

const DOWNLOADS: [&str; 2] = ["/dl/evil/1.0.0/download", "/dl/top/1.0.0/download"];

fn scene() -> Scene {
    let mut scene = Scene::of(Fixture::new()).with_variable("CARGO", "no-cargo");
    scene.fixture.remembers = false;
    let project = &scene.fixture.project;
    project.package(".", "app", "[dependencies]\ntop = \"1\"\n");
    for (name, manifest) in [("evil", EVIL), ("top", TOP)] {
        scene.world.publish(&format!("{name} 1.0.0 2023-05-01 ann"));
        let files = [("Cargo.toml", manifest), ("src/lib.rs", "//! text"), (".gitignore", "x")];
        scene.world.pack(name, "1.0.0", &files);
        for (path, text) in &files[..2] {
            project.write(&format!("vendor/{name}/{path}"), text);
        }
        let checksum = scene.world.checksum(&format!("{name} 1.0.0"));
        let noted = format!("{{\"files\":{{}},\"package\":\"{checksum}\"}}");
        project.write(&format!("vendor/{name}/.cargo-checksum.json"), noted);
    }
    project.lock_with("app 0.0.7 -> top\n+evil 1.0.0\n+top 1.0.0 -> evil", |package| {
        scene.world.checksum(package)
    });
    project.use_vendored();
    scene.store(EXEMPTED, "", "");
    scene.world.asked();
    scene
}

fn project(scene: &Scene) -> &TestProject {
    &scene.fixture.project
}

/// The output of a check, and the archives that it downloaded.
#[track_caller]
fn check(scene: &Scene, line: &str, status: i32, downloads: &[&str]) -> String {
    let run = scene.run(line);
    assert_eq!(run.status, Some(status), "{line}: {}{}", run.stdout, run.stderr);
    let mut asked = scene.world.asked();
    asked.retain(|path| path.starts_with("/dl/"));
    asked.sort();
    assert_eq!(asked, downloads, "{line}: {}", run.stderr);
    run.stderr
}

/// Removes all archives from this machine.
fn without_archives(scene: &Scene) {
    std::fs::remove_dir_all(scene.fixture.cache().join("cache")).unwrap();
}

/// Archives are downloaded once. Their content is remembered, so that later checks need neither
/// them nor cargo.
#[test]
fn archives_are_downloaded_once() {
    let scene = scene();
    let said = check(&scene, "vet --locked --verbose info", 0, &DOWNLOADS);
    assert!(said.contains("downloading the archives of 2 vendored packages"), "{said}");
    without_archives(&scene);
    scene.world.close("/");
    for line in ["vet --locked --verbose info", "vet --locked --frozen --strict --verbose info"] {
        let said = check(&scene, line, 0, &[]);
        assert!(said.contains("without cargo"), "{line}: {said}");
        assert!(!said.contains("asking") && !said.contains("VET"), "{line}: {said}");
    }
}

/// Archives on this machine are read once. Later changes to their files do not matter.
#[test]
fn archives_are_read_once() {
    let scene = scene();
    let archive = |name: &str| format!("../cargo-home/registry/cache/index/{name}-1.0.0.crate");
    for name in ["evil", "top"] {
        project(&scene).write(&archive(name), scene.world.archive(name, "1.0.0"));
    }
    check(&scene, "vet --locked", 0, &[]);
    for name in ["evil", "top"] {
        project(&scene).write(&archive(name), "no archive");
    }
    check(&scene, "vet --locked --strict", 0, &[]);
}

#[test]
fn edited_sources_differ_from_what_is_remembered() {
    for (path, text) in [
        ("vendor/top/src/lib.rs", "pub fn added() {}"),
        ("vendor/top/build.rs", "fn main() {}"),
        ("vendor/top/.gitignore", "y"),
    ] {
        let scene = scene();
        check(&scene, "vet --locked", 0, &DOWNLOADS);
        project(&scene).write(path, text);
        let said = check(&scene, "vet --locked", 255, &[]);
        assert!(
            said.contains("error[VET0318]") && said.contains(path.trim_start_matches("vendor/top/")),
            "{path}: {said}"
        );
        without_archives(&scene);
        let said = check(&scene, "vet --locked", 255, &[]);
        let message = "the vendored `top 1.0.0` differs from the archive";
        assert!(said.contains("error[VET0318]") && said.contains(message), "{path}: {said}");
    }
    // The manifest may be one that cargo rewrote. Only the archive can tell, so it is downloaded.
    let scene = scene();
    check(&scene, "vet --locked", 0, &DOWNLOADS);
    project(&scene).write("vendor/top/Cargo.toml", TOP.replace("[dependencies]\nevil = \"1\"\n", ""));
    without_archives(&scene);
    let said = check(&scene, "vet --locked", 255, &DOWNLOADS[1..]);
    assert!(said.contains("error[VET0318]"), "{said}");
}

/// Without the network, vendored sources stay unverified. A registry that does not answer is not
/// asked again for a while.
#[test]
fn archives_that_are_out_of_reach() {
    let scene = scene();
    check(&scene, "vet --locked", 0, &DOWNLOADS);
    without_archives(&scene);
    std::fs::remove_file(scene.fixture.cache().join("outlines")).unwrap();
    let said = check(&scene, "vet --locked --frozen", 255, &[]);
    assert!(said.contains("[VET0319]"), "{said}");
    for package in ["evil 1.0.0", "top 1.0.0"] {
        scene.world.disturb_download(package, &[Fault::Missing]);
    }
    let said = check(&scene, "vet --locked", 255, &DOWNLOADS);
    assert!(said.contains("[VET0319]"), "{said}");
    let said = check(&scene, "vet --locked", 255, &[]);
    assert!(said.contains("[VET0319]"), "{said}");
}
