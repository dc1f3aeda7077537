//! `prune` and `regenerate`, with current entries of peers.

use super::scene::Scene;

const AUDITS: &str = "\
[[audits.alpha]]
who = \"Ann\"
criteria = \"safe-to-deploy\"
version = \"1.0.0\"
";

/// A store in which everything occurs several times: as an exemption, an own audit and an import.
fn scene() -> Scene {
    let scene = Scene::with(&["alpha 1.0.0", "beta 1.0.0"]);
    scene.world.serve("/peer", AUDITS.to_owned() + &AUDITS.replace("1.0.0", "0.9.0"));
    let config = "[imports.peer]\nurl = \"http://[WORLD]/peer\"\n\n\
                  [[exemptions.alpha]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n\n\
                  [[exemptions.beta]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";
    let own = "[[audits.beta]]\nwho = \"Ann\"\ncriteria = \"safe-to-run\"\nversion = \"0.9.0\"\nimportable = false\n";
    let imports =
        "[[audits.peer.audits.alpha]]\nwho = \"Ann\"\ncriteria = \"safe-to-deploy\"\nversion = \"0.9.0\"\n";
    scene.store(config, own, imports);
    scene
}

#[test]
fn what_prune_leaves() {
    let mut transcript = String::new();
    for options in [
        "",
        " --no-imports",
        " --no-exemptions",
        " --no-audits",
        " --no-imports --no-exemptions",
        " --no-imports --no-exemptions --no-audits",
        " --locked",
    ] {
        transcript += &scene().transcript(&[&format!("vet prune{options}")]);
    }
    insta::assert_snapshot!(transcript);
}

/// Only one kind of unneeded entry is reported at a time.
#[test]
fn what_a_check_advises() {
    let scene = scene();
    insta::assert_snapshot!(scene.transcript(&[
        "vet",
        "vet prune --no-audits --no-imports",
        "vet",
        "vet prune --no-audits",
        "vet",
        "vet prune",
        "vet",
        "vet prune",
    ]));
}

#[test]
fn what_regenerate_makes() {
    let mut transcript = String::new();
    for what in ["exemptions", "exemptions --locked", "imports", "unpublished"] {
        let scene = scene();
        let config = scene.fixture.project.read("supply-chain/config.toml");
        let (without_beta, _) = config.split_once("[[exemptions.beta]]").unwrap();
        scene.fixture.project.write("supply-chain/config.toml", format!("{}\n", without_beta.trim_end()));
        transcript += &scene.transcript(&[&format!("vet regenerate {what}")]);
    }
    insta::assert_snapshot!(transcript);
}
