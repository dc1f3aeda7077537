//! Sources that a checkout, or an earlier run on one, may have written: they never make a check
//! pass.
//!
//! `app` needs `top`, `top` needs `evil`, and the store has no entry about `evil`.

use vet_testing::{archive, sha256};

use crate::project::Fixture;

const EXEMPTED: &str = "[[exemptions.top]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";

/// A manifest of `top` without a library, so that cargo leaves out its dependencies.
const NO_LIBRARY: &str = "[package]\nname = \"top\"\nversion = \"1.0.0\"\nedition = \"2021\"\nautolib = false\n\
                          [dependencies]\nevil = \"1\"\n";

/// The project, with archives that have the locked checksums. Their content is not known yet.
fn fixture() -> Fixture {
    let mut fixture = Fixture::new();
    fixture.remembers = false;
    let project = &fixture.project;
    project.package(".", "app", "[dependencies]\ntop = \"1\"\n");
    project.vendor("top 1.0.0", "[dependencies]\nevil = \"1\"\n", "src/lib.rs");
    project.vendor("evil 1.0.0", "", "src/lib.rs");
    for name in ["top", "evil"] {
        let noted = format!("{{\"files\":{{}},\"package\":\"{}\"}}", sha256(&packed(&fixture, name)));
        project.write(&format!("vendor/{name}-1.0.0/.cargo-checksum.json"), noted);
    }
    project.lock_with("app 0.0.7 -> top\n+evil 1.0.0\n+top 1.0.0 -> evil", |package| {
        let (name, _) = package.split_once(' ').unwrap();
        sha256(&packed(&fixture, name))
    });
    project.store(EXEMPTED, "", "");
    project.remember(&fixture.cache(), &fixture.index, false);
    std::fs::rename(project.folder().join("vendor"), project.folder().join("honest")).unwrap();
    fixture
}

fn packed(fixture: &Fixture, name: &str) -> Vec<u8> {
    let folder = ["vendor", "honest"].map(|folder| format!("{folder}/{name}-1.0.0/Cargo.toml"));
    let manifest = folder.map(|path| fixture.project.read(&path)).concat();
    archive(&format!("{name}-1.0.0"), &[("Cargo.toml", &manifest), ("src/lib.rs", "")])
}

/// Puts the archives into cargo's folder for downloads.
fn download(fixture: &Fixture) {
    for name in ["top", "evil"] {
        let path = format!("../cargo-home/registry/cache/index/{name}-1.0.0.crate");
        fixture.project.write(&path, packed(fixture, name));
    }
}

/// The check fails because of `evil`, or because too little is known. It never passes.
fn check_fails(fixture: &Fixture, what: &str) {
    let run = fixture.run("vet --locked --frozen");
    assert_eq!(run.status, Some(255), "{what}: {}{}", run.stdout, run.stderr);
    let is_about_it = run.stdout.contains("evil:1.0.0") || run.stderr.contains("error[");
    assert!(is_about_it, "{what}: {}{}", run.stdout, run.stderr);
}

/// A folder with the attacker's `top`, and a file with the right checksum.
fn fake(fixture: &Fixture, folder: &str) {
    let noted = format!("{{\"files\":{{}},\"package\":\"{}\"}}", sha256(&packed(fixture, "top")));
    fixture.project.write(&format!("{folder}/Cargo.toml"), NO_LIBRARY);
    fixture.project.write(&format!("{folder}/src/main.rs"), "fn main() {}");
    fixture.project.write(&format!("{folder}/.cargo-checksum.json"), noted);
}

#[test]
fn a_folder_that_cargo_does_not_use() {
    let fixture = fixture();
    fake(&fixture, "fake/top");
    fixture.project.write(".cargo/config.toml", "[source.zzz]\ndirectory = \"fake\"\n");
    check_fails(&fixture, "an unused source");
}

#[test]
fn unpacked_sources() {
    let fixture = fixture();
    download(&fixture);
    fake(&fixture, "../cargo-home/registry/src/index/top-1.0.0");
    fixture.project.write("../cargo-home/registry/src/index/top-1.0.0/.cargo-ok", "{\"v\":1}");
    check_fails(&fixture, "edited unpacked sources");
}

/// Vendored sources that differ from the archive are detected, whatever checksums are stored with
/// them.
#[test]
fn vendored_sources() {
    let fixture = fixture();
    fake(&fixture, "vendor/top");
    fixture.project.write(".cargo/config.toml", "").use_vendored();
    download(&fixture);
    let run = fixture.run("vet --locked --frozen");
    assert_eq!(run.status, Some(255), "{}", run.stdout);
    assert!(run.stderr.contains("error[VET0318]"), "{}", run.stderr);

    // The content of the archives is remembered.
    std::fs::remove_dir_all(fixture.canonical().join("cargo-home")).unwrap();
    let run = fixture.run("vet --locked --frozen");
    assert!(run.stderr.contains("error[VET0318]"), "{}", run.stderr);

    // Without it, there is a warning, which `--strict` turns into an error.
    std::fs::remove_file(fixture.cache().join("outlines")).unwrap();
    let run = fixture.run("vet --locked --frozen");
    assert!(run.stderr.contains("[VET0319]"), "{}", run.stderr);
    let run = fixture.run("vet --locked --frozen --strict");
    assert_eq!(run.status, Some(255), "{}", run.stdout);
    assert!(run.stderr.contains("error[VET0319]"), "{}", run.stderr);
}

/// Cargo's answer for a hostile checkout is not remembered for an honest one.
#[test]
fn what_cargo_said() {
    let fixture = fixture();
    fake(&fixture, "vendor/top");
    for file in ["Cargo.toml", ".cargo-checksum.json", "src/lib.rs"] {
        let text = fixture.project.read(&format!("honest/evil-1.0.0/{file}"));
        fixture.project.write(&format!("vendor/evil/{file}"), text);
    }
    fixture.project.use_vendored();
    let hostile = fixture.run("vet --locked --frozen --verbose info");
    assert!(hostile.stderr.contains("asking cargo"), "{}", hostile.stderr);
    fixture.project.write(".cargo/config.toml", "");
    std::fs::remove_dir_all(fixture.project.folder().join("vendor")).unwrap();
    check_fails(&fixture, "after a hostile run");
}

/// An entry in cargo's copy of an index which says that only Windows needs `evil`.
#[test]
fn indexes_of_cargo() {
    let fixture = fixture();
    let checksum = sha256(&packed(&fixture, "top"));
    let line = format!(
        "{{\"name\":\"top\",\"vers\":\"1.0.0\",\"cksum\":\"{checksum}\",\"features\":{{}},\"deps\":[{{\"name\":\"evil\",\
         \"req\":\"^1\",\"features\":[],\"optional\":false,\"default_features\":true,\"target\":\"cfg(windows)\",\
         \"kind\":\"normal\"}}]}}"
    );
    let mut entry = vec![3, 2, 0, 0, 0];
    entry.extend(format!("etag: \"x\"\0{}\0{line}\0", "1.0.0").as_bytes());
    fixture.project.write("../cargo-home/registry/index/any/.cache/3/t/top", entry);
    fixture.project.write("supply-chain/vet.toml", "[graph]\ntargets = [\"x86_64-unknown-linux-gnu\"]\n");
    check_fails(&fixture, "with what the index says");
    std::fs::remove_dir_all(fixture.cache()).unwrap();
    check_fails(&fixture, "without what the index says");
}
