//! Violations of versions in use: every command for which they make a difference reports them, with
//! possible solutions.

use super::scene::Scene;

fn violation(name: &str, range: &str) -> String {
    format!(
        "[[audits.{name}]]\nwho = \"Eve\"\ncriteria = \"safe-to-run\"\nviolation = \"{range}\"\nnotes = \"It mines.\"\n"
    )
}

fn audit(name: &str, version: &str) -> String {
    format!("[[audits.{name}]]\nwho = \"Eve\"\ncriteria = \"safe-to-deploy\"\nversion = \"{version}\"\n\n")
}

fn exempted(name: &str, version: &str) -> String {
    format!("[[exemptions.{name}]]\nversion = \"{version}\"\ncriteria = \"safe-to-deploy\"\n\n")
}

const PEER: &str = "[imports.peer]\nurl = \"http://[WORLD]/peer\"\n\n";

/// The output of commands, without requests and changes. It does not matter here whether packages
/// are libraries.
fn said(scene: &Scene, lines: &[&str]) -> String {
    let said = |line: &&str| scene.run(&format!("{line} --allow VET0309")).transcript(line) + "\n";
    lines.iter().map(said).collect()
}

/// A range without a pre-release matches no pre-release, even if the version lies within the range.
/// The verdict stays, and a warning is shown.
#[test]
fn a_prerelease_that_is_missed() {
    let mut transcript = String::new();
    for range in ["*", "<1.0"] {
        let scene = Scene::with(&["rand_core 0.10.0-rc-3"]);
        scene.world.serve("/peer", violation("rand_core", range));
        scene.store(&(PEER.to_owned() + &exempted("rand_core", "0.10.0-rc-3")), "", "");
        // First with the peer's current entries, then with the locked ones.
        transcript += &said(&scene, &["vet --strict", "vet", "vet --locked", "vet --locked --strict"]);
    }
    let own = Scene::with(&["rand_core 0.10.0-rc-3"]);
    own.store(&exempted("rand_core", "0.10.0-rc-3"), &violation("rand_core", "*"), "");
    transcript += &said(&own, &["vet --locked", "vet --locked --strict", "vet --locked --deny VET0409"]);
    insta::assert_snapshot!(transcript);
}

/// A denied finding prevents the write, even after the project was read.
#[test]
fn what_is_denied_is_not_written() {
    for line in [
        "vet trust itoa ann --criteria safe-to-deploy --deny VET0806",
        "vet certify itoa 1.0.9 --criteria safe-to-deploy --accept-all --who Ann --deny VET0806",
    ] {
        let scene = super::suggesting::scene("itoa 1.0.9 7\nlog 1.0.0 3", "itoa 1.0.10 9");
        scene.world.serve("/peer", violation("itoa", "*"));
        scene.store(&(PEER.to_owned() + &exempted("itoa", "1.0.9")), "", "");
        let before = scene.bytes();
        let run = scene.run(line);
        assert_eq!(run.status, Some(255), "{line}: {}", run.stderr);
        assert!(run.stderr.contains("error[VET0806]"), "{line}: {}", run.stderr);
        assert_eq!(scene.bytes(), before, "{line}: {}", run.stderr);
    }
}

/// A version that a peer forbids: no command suggests reading it, and every command names the
/// possible solutions.
#[test]
fn a_version_that_a_peer_forbids() {
    let scene = || {
        let scene = super::suggesting::scene("itoa 1.0.9 7\nlog 1.0.0 3", "itoa 1.0.10 9");
        scene.world.serve("/peer", violation("itoa", "*"));
        scene.store(&(PEER.to_owned() + &exempted("itoa", "1.0.9")), "", "");
        scene
    };
    let first = scene();
    let mut transcript = said(&first, &["vet", "vet suggest", "vet inspect itoa 1.0.9 --mode local"]);
    let suggested: serde_json::Value =
        serde_json::from_str(&first.run("vet suggest --output-format json").stdout).unwrap();
    transcript += &format!("{:#}\n\n", suggested["suggest"]["forbidden"]);
    transcript += &said(
        &first,
        &[
            "vet certify itoa 1.0.9 --criteria safe-to-deploy --accept-all --who Ann --deny VET0628",
            "vet certify itoa 1.0.9 --criteria safe-to-deploy --accept-all --who Ann",
            "vet suggest",
        ],
    );
    // The solutions work.
    let excluded = scene();
    let config = PEER.to_owned() + &exempted("itoa", "1.0.9") + &exempted("log", "1.0.0");
    excluded.store(&config.replace("\n\n[[", "\nexclude = [\"itoa\"]\n\n[["), "", "");
    transcript += &said(&excluded, &["vet"]);
    insta::assert_snapshot!(transcript);
}

/// The project's own entries can be removed.
#[test]
fn entries_of_ones_own() {
    let old = Scene::with(&["itoa 1.0.9"]);
    old.store(&(exempted("itoa", "1.0.8") + &exempted("itoa", "1.0.9")), &violation("itoa", "<1.0.9"), "");
    let mut transcript = said(&old, &["vet --locked"]);
    let own = Scene::with(&["itoa 1.0.9"]);
    own.store(&exempted("itoa", "1.0.9"), &violation("itoa", "<=1.0.9"), "");
    transcript += &said(&own, &["vet --locked", "vet regenerate exemptions --locked"]);
    // A violation does not affect a trusted publisher.
    let trusted = Scene::with(&["itoa 1.0.9"]);
    let entry = "[[trusted.itoa]]\ncriteria = \"safe-to-deploy\"\nuser-id = 1\nstart = \"2023-01-01\"\nend = \"2024-12-31\"\n";
    let release =
        "[[publisher.itoa]]\nversion = \"1.0.9\"\nwhen = \"2023-05-01\"\nuser-id = 1\nuser-login = \"ann\"\n";
    trusted.store("", &(violation("itoa", "*") + "\n" + entry), release);
    transcript += &said(&trusted, &["vet --locked", "vet --locked --strict"]);
    insta::assert_snapshot!(transcript);
}

/// Imports that would help with one crate and forbid another one that is in use.
#[test]
fn imports_that_forbid_what_is_in_use() {
    let scene = super::suggesting::scene("itoa 1.0.9 7\nlog 1.0.0 3", "").behind_proxy();
    let text = audit("log", "1.0.0") + &violation("itoa", "<1.0.10");
    scene.world.serve("/helpful", text);
    let list = "[registry.helpful]\nurl = [\"https://audits.example/helpful\"]\n";
    scene.world.serve("/mozilla/cargo-vet/main/registry.toml", list);
    let store = exempted("itoa", "1.0.9") + &exempted("log", "1.0.0");
    scene.store(&store, "", "");
    let mut transcript = said(&scene, &["vet suggest"]);
    scene.store(&exempted("itoa", "1.0.9"), "", "");
    transcript += &said(&scene, &["vet"]);
    scene.store(&store, "", "");
    transcript += &said(&scene, &["vet import helpful", "vet --locked"]);
    insta::assert_snapshot!(transcript);
}
