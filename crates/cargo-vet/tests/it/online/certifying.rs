//! `certify` without a terminal.

use std::io::Write as _;
use std::process::Stdio;

use super::scene::Scene;
use super::trusting::{self, EXEMPTED};

/// A project with four exempted dependencies, and an auditor that git knows.
pub(super) fn exempted() -> Scene {
    let scene = trusting::exempted();
    introduce_alice(&scene);
    scene
}

/// Configures an auditor for git.
pub(super) fn introduce_alice(scene: &Scene) {
    let identity = "[user]\nname = Alice Auditor\nemail = alice@example.org\n";
    std::fs::write(scene.fixture.canonical().join("gitconfig"), identity).unwrap();
}

#[test]
fn versions_and_changes() {
    let scene = exempted();
    insta::assert_snapshot!(scene.transcript(&[
        "vet certify beta 1.0.0 --criteria safe-to-deploy --accept-all",
        "vet certify gamma 1.0.0 --criteria safe-to-run --criteria safe-to-deploy --who Bob --who Eve --notes Read. --accept-all",
        "vet certify alpha 0.9.0 --criteria safe-to-deploy --accept-all --dry-run",
        "vet certify alpha 0.9.0 --criteria safe-to-deploy --accept-all",
        "vet certify alpha 0.9.0 1.0.0 --criteria safe-to-run --accept-all",
        "vet certify alpha 0.9.0 1.0.0 --yes",
        "vet certify delta 1.0.0 --yes --locked --frozen",
        "vet --locked",
    ]));
}

/// Nothing is recorded twice, and nothing is lost.
#[test]
fn once_more() {
    let scene = exempted();
    insta::assert_snapshot!(scene.transcript(&[
        "vet certify beta 1.0.0 --criteria safe-to-deploy --accept-all --notes One.",
        "vet certify beta 1.0.0 --criteria safe-to-deploy --accept-all",
        "vet certify beta 1.0.0 --criteria safe-to-run --accept-all --notes One.",
        "vet certify beta 1.0.0 --criteria safe-to-deploy --accept-all --notes Two.",
        "vet certify beta 1.0.0 --criteria safe-to-deploy --accept-all --who Bob",
    ]));
}

#[test]
fn releases_of_a_publisher() {
    let scene = exempted();
    insta::assert_snapshot!(scene.transcript(&[
        "vet certify beta --wildcard ann --criteria safe-to-deploy --accept-all",
        "vet certify beta --wildcard ann --criteria safe-to-run --accept-all",
        "vet certify alpha --wildcard ann --yes --start-date 2023-01-01 --end-date 2024-07-01",
        "vet certify delta --wildcard github:owner/delta --criteria safe-to-deploy --accept-all --who Bob",
    ]));
}

/// Audits of others count if they continue from the new one.
#[test]
fn with_the_audits_of_others() {
    let scene = exempted();
    scene.world.serve(
        "/audits.toml",
        "[[audits.alpha]]\nwho = \"Peer\"\ncriteria = \"safe-to-deploy\"\ndelta = \"0.9.0 -> 1.0.0\"\n\n[audits]\n",
    );
    let imports = format!("[imports.peer]\nurl = \"http://[WORLD]/audits.toml\"\n\n{EXEMPTED}");
    scene.store(&imports, "", "");
    let mut transcript =
        scene.transcript(&["vet certify alpha 0.9.0 --criteria safe-to-deploy --accept-all", "vet --locked"]);
    let policy = "\n[policy.app]\ncriteria = [\"safe-to-deploy\", \"crypto\"]\n";
    let both = "criteria = [\"safe-to-deploy\", \"crypto\"]\n";
    let gamma = format!("\n[[exemptions.gamma]]\nversion = \"1.0.0\"\n{both}");
    let imports = imports.split("\n[[exemptions.gamma]]").next().unwrap().to_owned() + &gamma;
    scene.store(&(imports + policy), "[criteria.crypto]\ndescription = \"No crypto.\"\n", "");
    transcript += &scene.transcript(&[
        "vet certify alpha 0.9.0 --criteria safe-to-deploy,crypto --accept-all",
        "vet certify beta 1.0.0 --yes",
        "vet certify gamma 1.0.0 --criteria crypto --accept-all",
    ]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn what_was_looked_at() {
    let scene = exempted();
    let looked = |line: &str| assert_eq!(scene.run(line).status, Some(0), "{line}");
    looked("vet inspect beta 1.0.0 --locked");
    looked("vet diff alpha 0.9.0 1.0.0 --locked");
    insta::assert_snapshot!(scene.transcript(&[
        "vet certify --criteria safe-to-run --accept-all",
        "vet certify beta --criteria safe-to-deploy --accept-all",
        "vet certify gamma --criteria safe-to-deploy --accept-all",
    ]));
}

/// None of these commands changes anything.
#[test]
fn what_cannot_be_certified() {
    let scene = exempted();
    let before = scene.bytes();
    let revision = "00112233445566778899aabbccddeeff00112233";
    let git = format!("vet certify alpha 1.0.0@git:{revision} --criteria safe-to-run --accept-all");
    let mut transcript = scene.transcript(&[
        "vet certify",
        "vet certify --yes",
        "vet certify beta 1.0.0",
        "vet certify beta 1.0.0 --accept-all",
        "vet certify beta 1.0.0 --criteria safe-to-deploy",
        "vet certify beto 1.0.0 --yes",
        "vet certify app 0.0.7 --yes",
        "vet certify nowhere 1.0.0 --yes",
        "vet certify beta 1.0.7 --criteria safe-to-deploy --accept-all",
        "vet certify beta 0.9.0 0.9.0 --criteria safe-to-deploy --accept-all",
        "vet certify beta 0.2.0 1.0.0 --criteria safe-to-deploy --accept-all",
        &git,
        "vet certify beta 0.9.0 --yes",
        "vet certify beta 1.0.0 --criteria safe-to-deplo --accept-all",
        "vet certify beta 1.0.0 --criteria safe-to-run,crypto --accept-all",
        "vet certify beta 1.0.0 --criteria , --accept-all",
        "vet certify beta --wildcard anne --yes",
        "vet certify gamma --wildcard ann --yes",
        "vet certify beta --wildcard ann --yes --locked",
        "vet certify beta --wildcard ann --yes --end-date 2025-06-02",
        "vet certify beta --wildcard ann --yes --end-date 2021-03-04",
        "vet certify beta --wildcard ann --yes --start-date 2025-06-01",
        "vet certify beta --all-from list",
        "vet certify --all-from list --yes",
    ]);
    std::fs::remove_file(scene.fixture.canonical().join("gitconfig")).unwrap();
    transcript += &scene.transcript(&["vet certify beta 1.0.0 --yes"]);
    assert_eq!(scene.bytes(), before);
    insta::assert_snapshot!(transcript);
}

/// If crates.io cannot tell whether a version exists, this is reported. The audit is recorded
/// anyway.
#[test]
fn out_of_reach() {
    let scene = exempted();
    scene.world.close("/index");
    insta::assert_snapshot!(scene.transcript(&[
        "vet certify beta 0.9.0 --criteria safe-to-deploy --accept-all",
        "vet certify beta 0.8.0 --criteria safe-to-deploy --accept-all --force",
        "vet certify beta --wildcard ann --yes",
    ]));
}

#[test]
fn lists() {
    let scene = exempted();
    let plan = |items: &str| format!("{{\"suggest\": {{\"suggestions\": [{items}]}}}}");
    scene.fixture.project.write(
        "plan.json",
        plan(
            r#"{"name": "gamma", "suggested_criteria": ["safe-to-deploy"], "suggested_diff": {"from": null, "to": "1.0.0"}},
               {"name": "alpha", "suggested_criteria": ["safe-to-run"], "suggested_diff": {"from": "0.9.0", "to": "1.0.0"}}"#,
        ),
    );
    scene
        .fixture
        .project
        .write("list", "# Read last week.\ninspect gamma 1.0.0\n\ncargo vet diff alpha 0.9.0 1.0.0\n");
    scene
        .fixture
        .project
        .write("table", "recommended audits for safe-to-run:\n    cargo vet inspect gamma 1.0.0   ann\n");
    scene.fixture.project.write("wrong", "inspect gamma 1.0.0\ninspect beta 1.0.7\ninspect beto 1.0.0\n");
    scene.fixture.project.write("unreadable", "inspect gamma 1.0.0\ninspct beta 1.0.0\n");
    scene.fixture.project.write("unlikely", "inspect gamma 1.0.0\ninspect beta 0.9.0\n");
    let before = scene.bytes();
    let mut transcript = scene.transcript(&[
        "vet certify --all-from list",
        "vet certify --all-from list --accept-all",
        "vet certify --all-from plan.json",
        "vet certify --all-from table --yes",
        "vet certify --all-from wrong --yes",
        "vet certify --all-from unreadable --yes",
        "vet certify --all-from unlikely --yes",
    ]);
    assert_eq!(scene.bytes(), before);
    // What was printed for a program was shown to no person.
    assert_eq!(scene.run("vet inspect gamma 1.0.0 --locked").status, Some(0));
    transcript += &scene.transcript(&[
        "vet certify --all-from list --yes --dry-run",
        "vet certify --all-from plan.json --yes",
        "vet certify --all-from plan.json --yes --unread --dry-run --output-format json",
        "vet certify --all-from plan.json --accept-all --unread",
        "vet certify --all-from plan.json --criteria safe-to-deploy --accept-all --unread",
    ]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn a_list_from_stdin() {
    let scene = exempted();
    let mut command = scene.command("vet certify --all-from - --yes --unread --quiet");
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"inspect gamma 1.0.0\ninspect beta 1.0.0\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
    let audits = scene.fixture.project.read("supply-chain/audits.toml");
    assert_eq!(audits.matches("version = \"1.0.0\"").count(), 2, "{audits}");
}

/// An audit of a git revision that nothing needs is removed at once, and this is reported.
#[test]
fn audits_that_nothing_needs() {
    let scene = exempted();
    let revision = "00112233445566778899aabbccddeeff00112233";
    insta::assert_snapshot!(scene.transcript(&[&format!(
        "vet certify alpha 1.0.0@git:{revision} --criteria safe-to-run --accept-all --force"
    )]));
}
