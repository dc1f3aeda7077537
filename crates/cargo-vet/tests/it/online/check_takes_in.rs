//! What a check takes in of what peers and crates.io say, and what it leaves.

use std::time::SystemTime;

use super::scene::Scene;

const PEER: &str = "\
[imports.peer]
url = \"http://[WORLD]/peer\"
";

/// A peer with more than is needed.
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

/// What is exempted stays so, and that more is known than that is only said.
#[test]
fn exemptions_stay() {
    let scene = with_peer();
    let exempted = "\n[[exemptions.alpha]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";
    scene.store(&format!("{PEER}{exempted}{GAMMA_EXEMPTED}"), "", "");
    insta::assert_snapshot!(scene.transcript(&["vet", "vet prune", "vet"]));
}

/// Criteria that do not suffice, and suggestions that are not made yet: nothing is written.
#[test]
fn what_is_not_enough() {
    let scene = with_peer();
    scene.world.serve("/peer", AUDITS.replace("safe-to-deploy", "safe-to-run"));
    let transcript = scene.transcript(&["vet"]);
    assert!(!transcript.contains("imports.lock+"));
    insta::assert_snapshot!(transcript);
}

/// A violation that makes the check fail does not reach the store, so that `--locked` does not know of it.
#[test]
fn a_violation_of_what_is_in_use() {
    let scene = with_peer();
    assert_eq!(scene.run("vet").status, Some(0));
    scene.world.serve("/peer", AUDITS.replace("<0.9", "<2").replace("safe-to-run", "safe-to-deploy"));
    insta::assert_snapshot!(scene.transcript(&["vet", "vet --locked", "vet prune", "vet --locked"]));
}

/// What the peer takes back is gone, from the lock too once something is written.
#[test]
fn an_audit_that_is_taken_back() {
    let scene = with_peer();
    assert_eq!(scene.run("vet").status, Some(0));
    let without_beta = AUDITS.replace("audits.beta", "audits.unused");
    scene.world.serve("/peer", without_beta);
    insta::assert_snapshot!(scene.transcript(&["vet", "vet --locked", "vet regenerate exemptions", "vet"]));
}

/// Who and notes are taken over as they are now; without need nothing else is.
#[test]
fn a_peer_that_writes_more() {
    let scene = with_peer();
    assert_eq!(scene.run("vet").status, Some(0));
    let more = AUDITS.replacen("who = \"Ann\"", "who = [\"Ann\", \"Bob\"]\nnotes = \"Twice.\"", 1);
    scene.world.serve("/peer", more);
    insta::assert_snapshot!(scene.transcript(&["vet", "vet"]));
}

/// A project in which something is new takes in what that needs, and tidies up what there is of the crate.
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
