//! A machine that never built a project with a package from another registry. Only the archive
//! tells whether it is a library.
//!
//! `app` needs `tool` from the other registry, and `tool` needs `gamma` from crates.io, which is
//! not vetted. If `tool` has no library, cargo leaves out both. No cargo is available.

use vet_testing::index_line;

use super::scene::Scene;
use crate::project::Fixture;

const MANIFEST: &str = "[package]\nname = \"tool\"\nversion = \"1.0.0\"\n[dependencies]\n\
                        gamma = { version = \"1\", registry-index = \"https://github.com/rust-lang/crates.io-index\" }\n";

const ARCHIVE: &str = "/dl/tool/1.0.0/download";

/// Whether the user's configuration names the other registry, or only the checkout's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NamedBy {
    User,
    Checkout,
}

fn scene(source: &str, named_by: NamedBy, settings: &str) -> Scene {
    let mut scene = Scene::of(Fixture::new()).with_variable("CARGO", "no-cargo");
    scene.fixture.remembers = false;
    for name in ["gamma", "tool"] {
        scene.world.publish(&format!("{name} 1.0.0 2023-05-01 ann"));
    }
    scene.world.pack("tool", "1.0.0", &[("Cargo.toml", MANIFEST), (source, "fn main() {}")]);
    let index = scene.world.url("/other/");
    scene.world.serve("/other/config.json", format!("{{\"dl\":\"{}\"}}", scene.world.url("/dl")));
    scene
        .world
        .serve("/other/to/ol/tool", index_line(MANIFEST, &scene.world.checksum("tool 1.0.0"), "1.0.0"));
    let registry = format!("[registries.other]\nindex = \"sparse+{index}\"\n");
    let project = &scene.fixture.project;
    match named_by {
        NamedBy::User => {
            let configuration = scene.world.configuration();
            scene.fixture.write_of_user("cargo-home/config.toml", &format!("{configuration}{registry}"));
        }
        NamedBy::Checkout => {
            project.write(".cargo/config.toml", registry);
        }
    }
    project.package(".", "app", "[dependencies]\ntool = { version = \"1\", registry = \"other\" }\n");
    project.lock_with("app 0.0.7 -> tool\n+gamma 1.0.0\n+tool 1.0.0 -> gamma", |package| {
        scene.world.checksum(package)
    });
    let lock = project.read("Cargo.lock");
    let (before, tool) = lock.split_at(lock.rfind("name = \"tool\"").unwrap());
    project.write(
        "Cargo.lock",
        format!("{before}{}", tool.replace(*vet_testing::CRATES_IO, &format!("sparse+{index}"))),
    );
    scene.store("", "", "");
    project.write("supply-chain/vet.toml", settings);
    scene.world.asked();
    scene
}

/// The end of a check, and its requests other than those to indexes.
#[track_caller]
fn check(scene: &Scene, line: &str, passes: bool, expected: &[&str]) -> String {
    let run = scene.run(line);
    assert_eq!(run.status == Some(0), passes, "{line}: {}{}", run.stdout, run.stderr);
    let asked: Vec<String> = scene
        .world
        .asked()
        .into_iter()
        .filter(|path| !path.starts_with("/index/") && !path.starts_with("/other/"))
        .collect();
    assert_eq!(asked, expected, "{line}: {}", run.stderr);
    run.stderr
}

#[test]
fn an_archive_says_whether_it_is_a_library() {
    // If a project is built for some targets, it matters for every package whether it is a
    // procedural macro.
    let targets = "[graph]\ntargets = [\"x86_64-unknown-linux-gnu\"]\n";
    for (settings, expected) in [("", &[ARCHIVE][..]), (targets, &["/dl/gamma/1.0.0/download", ARCHIVE])] {
        let scene = scene("src/main.rs", NamedBy::User, settings);
        let said = check(&scene, "vet --locked --verbose info", true, expected);
        assert!(!said.contains("asking cargo") && !said.contains("VET0309"), "{said}");
        check(&scene, "vet --locked", true, &[]);
        let of_others = scene.fixture.cache().join("registries/tool-1.0.0.crate");
        assert!(of_others.exists(), "archives of crates.io have another folder");
    }
    let scene = scene("src/lib.rs", NamedBy::User, "");
    let said = check(&scene, "vet --locked --verbose info", false, &["/api/v1/crates/gamma/1.0.0", ARCHIVE]);
    assert!(!said.contains("asking cargo") && !said.contains("VET0309"), "{said}");
}

/// A file whose checksum differs from the index is not the package's archive and proves nothing.
#[test]
fn another_archive_says_nothing() {
    let scene = scene("src/lib.rs", NamedBy::User, "");
    scene.world.pack("tool", "1.0.0", &[("Cargo.toml", MANIFEST), ("src/main.rs", "fn main() {}")]);
    let said = check(&scene, "vet --locked --verbose info", false, &[ARCHIVE]);
    assert!(said.contains("asking cargo") && said.contains("VET0309"), "{said}");
}

#[test]
fn without_the_network_nothing_is_downloaded() {
    let scene = scene("src/main.rs", NamedBy::User, "");
    check(&scene, "vet --locked --frozen", false, &[]);
}

#[test]
fn a_registry_that_only_the_checkout_names_is_asked_nothing() {
    let scene = scene("src/main.rs", NamedBy::Checkout, "");
    scene.run("vet --locked");
    let asked = scene.world.asked();
    let of_other = asked.iter().filter(|path| path.starts_with("/other/") || path.starts_with("/dl/"));
    assert_eq!(of_other.count(), 0, "{asked:?}");
}
