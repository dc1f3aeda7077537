//! What an earlier run on a hostile checkout may have left in cargo's home. If cargo has to be
//! asked, it reads there what packages need and are.

use std::fs;
use std::path::{Path, PathBuf};

use super::from_elsewhere::commit;
use super::scene::Scene;
use crate::project::Fixture;

const TOP: &str =
    "[package]\nname = \"top\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[dependencies]\nmiddle = \"1\"\n";
const MIDDLE: &str =
    "[package]\nname = \"middle\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[dependencies]\nevil = \"1\"\n";

/// A manifest without a library, so that cargo leaves out edges to the package and what only it
/// needs.
const NO_LIBRARY: &str = "[package]\nname = \"middle\"\nversion = \"1.0.0\"\nedition = \"2021\"\nautolib = false\n\
                          [[bin]]\nname = \"middle\"\npath = \"src/lib.rs\"\n[dependencies]\nevil = \"1\"\n";

/// `app` needs `top`, `top` needs `middle`, and `middle` needs `evil`, which has no entries in the
/// store.
fn scene() -> Scene {
    let scene = Scene::of(Fixture::new()).with_variable("CARGO_NET_OFFLINE", "false");
    scene.world.publish("top 1.0.0 2023-05-01 ann\nmiddle 1.0.0 2023-05-01 ann\nevil 1.0.0 2023-05-01 eve");
    scene.world.pack("top", "1.0.0", &[("Cargo.toml", TOP), ("src/lib.rs", "")]);
    scene.world.pack("middle", "1.0.0", &[("Cargo.toml", MIDDLE), ("src/lib.rs", "")]);
    let project = &scene.fixture.project;
    project.package(".", "app", "[dependencies]\ntop = \"1\"\n");
    project
        .lock_with("app 0.0.7 -> top\n+evil 1.0.0\n+middle 1.0.0 -> evil\n+top 1.0.0 -> middle", |package| {
            scene.world.checksum(package)
        });
    let exempted =
        |name: &str| format!("[[exemptions.{name}]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n\n");
    scene.store(&(exempted("middle") + &exempted("top")), "", "");
    scene
}

/// All files and folders with this name below a folder.
fn find(folder: &Path, name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name() == *name {
            found.push(path.clone());
        }
        if path.is_dir() {
            found.extend(find(&path, name));
        }
    }
    found
}

#[test]
fn is_held_against_what_was_published() {
    let scene = scene();
    // Only cargo understands this option.
    let line = "vet --locked --no-default-features --verbose info";
    let honest = scene.run(line);
    assert!(honest.stderr.contains("asking cargo"), "{}", honest.stderr);
    assert!(honest.status == Some(255) && honest.stdout.contains("evil:1.0.0"), "{}", honest.stderr);

    let registry = scene.fixture.canonical().join("cargo-home").join("registry");
    let changed = |path: &Path, change: &dyn Fn(&str) -> String| {
        let before = fs::read(path).unwrap();
        let after = change(&String::from_utf8(before.clone()).unwrap());
        assert_ne!(after.as_bytes(), before, "{}", path.display());
        fs::write(path, after).unwrap();
        let run = scene.run(line);
        fs::write(path, before).unwrap();
        run
    };
    let [unpacked] = &find(&registry.join("src"), "middle-1.0.0")[..] else { panic!("not unpacked once") };
    let [copy] = &find(&registry.join("index"), "middle")[..] else { panic!("no single copy of the entry") };
    let lock_file = scene.fixture.project.read("Cargo.lock");
    let without_evil = |entry: &str| {
        let (before, rest) = entry.split_once("\"deps\":[").unwrap();
        let (_, after) = rest.split_once("}]").unwrap();
        scene.fixture.project.lock_with("app 0.0.7 -> top\n+middle 1.0.0\n+top 1.0.0 -> middle", |package| {
            scene.world.checksum(package)
        });
        format!("{before}\"deps\":[]{after}")
    };
    for run in [
        changed(&unpacked.join("Cargo.toml"), &|_| NO_LIBRARY.to_owned()),
        // Cargo accepts a lock file that matches this, but the index does not.
        changed(copy, &without_evil),
    ] {
        assert_eq!(run.status, Some(255), "{}", run.stdout);
        assert!(run.stderr.contains("error[VET0726]"), "{}{}", run.stdout, run.stderr);
    }
    scene.fixture.project.write("Cargo.lock", lock_file);

    // A copy of another index with a different package of the same name and version does not
    // matter.
    let other = registry.join("index/other/.cache/mi/dd/middle");
    fs::create_dir_all(other.parent().unwrap()).unwrap();
    let entry = String::from_utf8(fs::read(copy).unwrap()).unwrap();
    let checksum = scene.world.checksum("middle 1.0.0");
    let entry = entry.replace("\"^1\"", "\"^2\"").replace(&checksum, &"0".repeat(64));
    fs::write(other, entry).unwrap();
    let run = scene.run(line);
    assert!(run.stdout.contains("evil:1.0.0"), "{}", run.stderr);
}

/// Cargo reads the dependencies of a package from git in its checkout of the commit.
#[test]
fn is_held_against_the_locked_commit() {
    let scene = scene();
    let project = &scene.fixture.project;
    let remote = scene.fixture.canonical().join("remote");
    project.write("../remote/Cargo.toml", TOP).write("../remote/src/lib.rs", "");
    let revision = commit(&remote);
    let url = format!("file://{}", remote.display());
    project.package(".", "app", &format!("[dependencies]\ntop = {{ git = \"{url}\" }}\n"));
    let lock_file = scene.fixture.project.read("Cargo.lock");
    let (published, _) = lock_file.split_once("[[package]]\nname = \"top\"").unwrap();
    let locked = format!(
        "{published}[[package]]\nname = \"top\"\nversion = \"1.0.0\"\nsource = \"git+{url}#{revision}\"\ndependencies = [\n \
         \"middle\",\n]\n"
    );
    project.write("Cargo.lock", &locked);
    scene.store("[[exemptions.middle]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n", "", "");
    let line = "vet --locked --no-default-features";
    let honest = scene.run(line);
    assert!(honest.status == Some(255) && honest.stdout.contains("evil:1.0.0"), "{}", honest.stderr);

    let checkouts = scene.fixture.canonical().join("cargo-home/git/checkouts");
    let [manifest] = &find(&checkouts, "Cargo.toml")[..] else { panic!("not checked out once") };
    fs::write(manifest, TOP.replace("middle = \"1\"", "")).unwrap();
    let (_, after_middle) = locked.split_once("[[package]]\nname = \"top\"").unwrap();
    let without = format!(
        "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.0.7\"\ndependencies = [\n \"top\",\n]\n\n\
         [[package]]\nname = \"top\"{}\n",
        after_middle.split("\ndependencies").next().unwrap()
    );
    let header = lock_file.split("version = ").next().unwrap();
    project.write("Cargo.lock", format!("{header}{without}"));
    let run = scene.run(line);
    assert_eq!(run.status, Some(255), "{}", run.stdout);
    assert!(run.stderr.contains("error[VET0726]"), "{}{}", run.stdout, run.stderr);
}
