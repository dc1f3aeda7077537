//! Which entries of peers and crates.io a check locks, and which it does not.

use std::time::SystemTime;

use super::scene::Scene;

const PEER: &str = "\
[imports.peer]
url = \"http://[WORLD]/peer\"
";

/// A peer with more entries than needed.
const AUDITS: &str = "\
[[audits.alpha]]
who = \"Ann\"
criteria = \"safe-to-deploy\"
version = \"1.0.0\"

[[audits.alpha]]
who = \"Ann\"
criteria = \"safe-to-deploy\"
delta = \"1.0.0 -> 1.1.0\"

[[audits.beta]]
who = \"Ann\"
criteria = \"safe-to-deploy\"
version = \"1.0.0\"

[[audits.elsewhere]]
who = \"Ann\"
criteria = \"safe-to-deploy\"
violation = \"*\"

[[audits.gamma]]
who = \"Ann\"
criteria = \"safe-to-run\"
violation = \"<0.9\"
";

const GAMMA_EXEMPTED: &str = "\n[[exemptions.gamma]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";

fn with_peer() -> Scene {
    let scene = Scene::with(&["alpha 1.0.0", "beta 1.0.0", "gamma 1.0.0"]);
    scene.world.serve("/peer", AUDITS);
    scene.store(&format!("{PEER}{GAMMA_EXEMPTED}"), "", "");
    scene
}

fn times(scene: &Scene) -> Vec<SystemTime> {
    let folder = scene.fixture.project.folder().join("supply-chain");
    let mut times: Vec<_> = folder.read_dir().unwrap().map(|file| file.unwrap().path()).collect();
    times.sort();
    times.iter().map(|path| path.metadata().unwrap().modified().unwrap()).collect()
}

#[test]
fn what_is_needed_and_violations() {
    let scene = with_peer();
    insta::assert_snapshot!(scene.transcript(&["vet", "vet --locked"]));
}

/// The second run asks whether anything changed, and writes nothing.
#[test]
fn a_second_run_changes_nothing() {
    let scene = with_peer();
    assert_eq!(scene.run("vet").status, Some(0));
    let before = (scene.bytes(), times(&scene));
    insta::assert_snapshot!(scene.transcript(&["vet", "vet check --output-format json"]));
    assert_eq!((scene.bytes(), times(&scene)), before);
}

/// Exemptions stay. If more is known, this is only reported.
#[test]
fn exemptions_stay() {
    let scene = with_peer();
    let exempted = "\n[[exemptions.alpha]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";
    scene.store(&format!("{PEER}{exempted}{GAMMA_EXEMPTED}"), "", "");
    insta::assert_snapshot!(scene.transcript(&["vet", "vet prune", "vet"]));
}

/// Criteria that do not suffice, with suggestions: nothing is written.
#[test]
fn what_is_not_enough() {
    let scene = with_peer();
    scene.world.serve("/peer", AUDITS.replace("safe-to-deploy", "safe-to-run"));
    let transcript = scene.transcript(&["vet"]);
    assert!(!transcript.contains("imports.lock+"));
    insta::assert_snapshot!(transcript);
}

/// A violation that makes the check fail is not written to the store, so `--locked` does not know
/// it.
#[test]
fn a_violation_of_what_is_in_use() {
    let scene = with_peer();
    assert_eq!(scene.run("vet").status, Some(0));
    scene.world.serve("/peer", AUDITS.replace("<0.9", "<2").replace("safe-to-run", "safe-to-deploy"));
    insta::assert_snapshot!(scene.transcript(&["vet", "vet --locked", "vet prune", "vet --locked"]));
}

/// An audit that the peer withdraws no longer counts. It is removed from `imports.lock` at the next
/// write.
#[test]
fn an_audit_that_is_taken_back() {
    let scene = with_peer();
    assert_eq!(scene.run("vet").status, Some(0));
    let without_beta = AUDITS.replace("audits.beta", "audits.unused");
    scene.world.serve("/peer", without_beta);
    insta::assert_snapshot!(scene.transcript(&["vet", "vet --locked", "vet regenerate exemptions", "vet"]));
}

/// `who` and `notes` are updated; other entries are added only if needed.
#[test]
fn a_peer_that_writes_more() {
    let scene = with_peer();
    assert_eq!(scene.run("vet").status, Some(0));
    let more = AUDITS.replacen("who = \"Ann\"", "who = [\"Ann\", \"Bob\"]\nnotes = \"Twice.\"", 1);
    scene.world.serve("/peer", more);
    insta::assert_snapshot!(scene.transcript(&["vet", "vet"]));
}

/// When a project uses something new, the check locks what it needs and tidies up the entries of
/// the crate.
#[test]
fn a_crate_that_is_updated() {
    let scene = with_peer();
    assert_eq!(scene.run("vet").status, Some(0));
    let project = &scene.fixture.project;
    project.vendor("alpha 1.1.0", "", "src/lib.rs");
    project.write("Cargo.toml", project.read("Cargo.toml").replace("alpha = \"1.0.0\"", "alpha = \"1.1.0\""));
    project.lock("app 0.0.7 -> alpha, beta, gamma\n+alpha 1.1.0\n+beta 1.0.0\n+gamma 1.0.0");
    insta::assert_snapshot!(scene.transcript(&["vet --locked", "vet", "vet --locked"]));
}
