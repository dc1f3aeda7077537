//! Small inputs from bug reports, about this tool or the original.

use super::scene::Scene;
use crate::project::Fixture;

fn exempted(name: &str, version: &str) -> String {
    format!("[[exemptions.{name}]]\nversion = \"{version}\"\ncriteria = \"safe-to-deploy\"\n\n")
}

fn audit(name: &str, what: &str) -> String {
    format!("[[audits.{name}]]\nwho = \"Eve\"\ncriteria = \"safe-to-deploy\"\n{what}\n\n")
}

const PEER: &str = "[imports.peer]\nurl = \"http://[WORLD]/peer\"\n\n";

/// A criterion that the peer does not define is reported, with the entries that use it and the
/// entry of the map.
#[test]
fn a_criterion_that_a_peer_does_not_define() {
    let scene = Scene::with(&["itoa 1.0.9", "log 0.4.1"]);
    let several =
        "[[audits.itoa]]\nwho = \"Eve\"\ncriteria = [\"ub-risk-1\", \"safe-to-run\"]\nversion = \"1.0.9\"\n";
    let alone = "\n[[audits.log]]\nwho = \"Eve\"\ncriteria = \"ub-risk-1\"\nversion = \"0.4.1\"\n";
    scene.world.serve("/peer", format!("{several}{alone}"));
    let map = "[imports.peer.criteria-map]\nub-risk-1 = \"ub-risk-1\"\n\n";
    let config = format!("{PEER}{map}{}{}", exempted("itoa", "1.0.9"), exempted("log", "0.4.1"));
    let own = "[criteria.ub-risk-1]\ndescription = \"No unsafe code.\"\n";
    scene.store(&config, own, "");
    let mut transcript = scene.transcript(&["vet"]);
    // If it is defined, it counts, and there is no warning.
    let defined = "[criteria.ub-risk-1]\ndescription = \"No unsafe code.\"\n\n";
    scene.world.serve("/peer", format!("{defined}{several}{alone}"));
    transcript += &scene.transcript(&["vet"]);
    insta::assert_snapshot!(transcript);
}

/// An entry for a version that is not in use has no effect, although it looks like the version in
/// use.
#[test]
fn a_version_without_its_build_metadata() {
    let scene = Scene::with(&["wasi 0.11.0+wasi-snapshot-preview1"]);
    scene.store("", "", "");
    let before = scene.bytes();
    let mut transcript = scene.transcript(&[
        "vet add-exemption wasi 0.11.0",
        "vet certify wasi 0.11.0 --criteria safe-to-deploy --accept-all --who Ann",
        "vet certify wasi 0.10.0 0.11.0 --criteria safe-to-deploy --accept-all --who Ann --locked",
    ]);
    assert_eq!(scene.bytes(), before);
    transcript += &scene.transcript(&[
        "vet add-exemption wasi 0.11.0 --force",
        "vet add-exemption wasi 0.11.0+wasi-snapshot-preview1",
        // Ranges ignore build metadata.
        "vet record-violation wasi =0.11.0 --who Ann",
        "vet --locked",
    ]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn one_member_at_a_time_is_imported() {
    let scene = Scene::with(&["alpha 1.0.0"]);
    scene.world.serve("/peer", audit("alpha", "version = \"1.0.0\""));
    scene.store(&exempted("alpha", "1.0.0"), "", "");
    let before = scene.bytes();
    let transcript = scene.transcript(&[
        "vet import google mozilla",
        "vet import google mozilla bytecode-alliance",
        "vet import google http://[WORLD]/peer mozilla",
    ]);
    assert_eq!(scene.bytes(), before);
    // A word may be the name of a file.
    scene.fixture.project.write("supply-chain/mozilla", audit("alpha", "version = \"1.0.0\""));
    let run = scene.run("vet import google mozilla");
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    insta::assert_snapshot!(transcript);
}

/// Audits of peers are locked only when a check needs them, so a plan from locked entries asks for
/// more.
#[test]
fn a_plan_by_the_lock_alone() {
    let scene = super::suggesting::scene("alpha 1.0.0 7\nbeta 1.0.0 3", "");
    scene.world.serve("/peer", audit("alpha", "version = \"1.0.0\""));
    scene.store(&format!("{PEER}{}{}", exempted("alpha", "1.0.0"), exempted("beta", "1.0.0")), "", "");
    assert_eq!(scene.run("vet").status, Some(0));
    let said = |line: &str| scene.run(line).transcript(line) + "\n";
    let transcript = said("vet suggest --locked") + &said("vet suggest");
    insta::assert_snapshot!(transcript);
    // Without imports, there is no peer to ask.
    scene.store(&exempted("alpha", "1.0.0"), "", "");
    assert!(!scene.run("vet suggest --locked").stderr.contains("VET0632"));
}

/// An exemption of an old version, with delta audits of a peer from there; then the peer makes a
/// full audit of the version in use.
#[test]
fn a_pinned_exemption_below_changes_of_a_peer() {
    let scene = Scene::with(&["alpha 1.2.0"]);
    let changes =
        audit("alpha", "delta = \"1.0.0 -> 1.1.0\"") + &audit("alpha", "delta = \"1.1.0 -> 1.2.0\"");
    scene.store(
        &format!("{PEER}{}suggest = false\n", exempted("alpha", "1.0.0").trim_end().to_owned() + "\n"),
        "",
        "",
    );
    let passes = |state: &str, stdout: &str| {
        for line in ["vet", "vet --locked"] {
            let run = scene.run(line);
            assert_eq!(
                (run.status, run.stdout.as_str()),
                (Some(0), stdout),
                "{state}, {line}: {}",
                run.stderr
            );
        }
    };
    scene.world.serve("/peer", &changes);
    passes("changes", "Vetting Succeeded (1 partially audited)\n");
    scene.world.serve("/peer", changes.clone() + &audit("alpha", "version = \"1.2.0\""));
    passes("changes and a full audit", "Vetting Succeeded (1 partially audited)\n");
    scene.world.serve("/peer", audit("alpha", "version = \"1.2.0\""));
    passes("a full audit", "Vetting Succeeded (1 fully audited)\n");
}

/// A member that another member starts to depend on is no longer a root, and inherits the
/// requirements of that member.
#[test]
fn a_member_that_is_no_root_any_more() {
    let scene = Scene::of(Fixture::new());
    let project = &scene.fixture.project;
    project
        .write("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"2\"\n")
        .package("a", "a", "[dependencies]\nitoa = \"1\"\n")
        .package("b", "b", "")
        .vendor("itoa 1.0.9", "", "src/lib.rs")
        .lock("a 0.0.7 -> itoa\nb 0.0.7\n+itoa 1.0.9");
    let policy = "[policy.b]\ncriteria = \"safe-to-run\"\n\n";
    scene.store(&(policy.to_owned() + &exempted("itoa", "1.0.9")), "", "");
    let mut transcript = scene.transcript(&["vet", "vet --locked"]);
    project
        .package("b", "b", "[dependencies]\na = { path = \"../a\" }\n")
        .lock("a 0.0.7 -> itoa\nb 0.0.7 -> a\n+itoa 1.0.9");
    transcript += &scene.transcript(&["vet --locked", "vet"]);
    insta::assert_snapshot!(transcript);
    // Explicit criteria in the policy are intentional.
    for criteria in ["safe-to-run", "safe-to-deploy"] {
        let policy = format!("[policy.a]\ncriteria = \"{criteria}\"\n\n{policy}");
        scene.store(&(policy + &exempted("itoa", "1.0.9")), "", "");
        let run = scene.run("vet --locked");
        assert!(!run.stderr.contains("VET0411"), "{criteria}: {}", run.stderr);
    }
}

/// Before a write removes withdrawn entries from `imports.lock`, the tool warns that checks will
/// fail.
#[test]
fn an_audit_that_a_peer_withdraws() {
    let scene = || {
        let scene = Scene::with(&["log 0.4.1"]);
        scene.world.serve("/peer", audit("log", "version = \"0.4.1\""));
        scene.store(PEER, "", "");
        assert_eq!(scene.run("vet").status, Some(0));
        scene.world.serve("/peer", audit("other", "version = \"0.4.1\""));
        scene
    };
    let first = scene();
    let said = |scene: &Scene, line: &str| scene.run(line).transcript(line) + "\n";
    let mut transcript = said(&first, "vet");
    transcript += &first.transcript(&["vet --locked", "vet prune --dry-run", "vet prune", "vet --locked"]);
    transcript += &scene().transcript(&["vet regenerate imports"]);
    // With an exemption there is no problem.
    transcript += &scene().transcript(&["vet regenerate exemptions"]);
    insta::assert_snapshot!(transcript);
}

/// The new exemption is the same as the original's.
#[test]
fn an_exemption_that_moves_to_a_new_version() {
    let scene = Scene::with(&["itoa 1.0.10"]);
    let exemption = exempted("itoa", "1.0.9").trim_end().to_owned();
    scene.store(&format!("{exemption}\nsuggest = false\nnotes = \"Only in tests.\"\n"), "", "");
    insta::assert_snapshot!(
        scene.transcript(&["vet regenerate exemptions --dry-run", "vet regenerate exemptions"])
    );
}

/// Two lock files below one store: one project may need what the other does not.
#[test]
fn another_project_with_the_same_store() {
    let scene = Scene::with(&["itoa 1.0.10"]);
    let lock = "version = 4\n\n[[package]]\nname = \"fuzz\"\nversion = \"0.0.0\"\n\n[[package]]\nname = \"itoa\"\nversion = \"1.0.9\"\n";
    scene.fixture.project.write("fuzz/Cargo.lock", lock);
    let store = exempted("itoa", "1.0.10") + &exempted("itoa", "1.0.9") + &exempted("log", "0.4.1");
    scene.store(&store, "", "");
    let mut transcript = scene.transcript(&["vet prune --dry-run", "vet prune"]);
    // A project with its own store does not need it.
    scene.store(&store, "", "");
    scene.fixture.project.write("fuzz/supply-chain/config.toml", "");
    transcript += &scene.transcript(&["vet prune"]);
    insta::assert_snapshot!(transcript);
}
