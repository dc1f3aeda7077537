//! `trust`: by name, by publisher, and for all crates.

use super::scene::Scene;

const RELEASES: &str = "\
alpha 0.9.0 2022-01-10 bob
alpha 1.0.0 2023-05-01 ann
beta 0.9.0 2021-03-04 ann
beta 1.0.0 2023-06-01 ann
gamma 1.0.0 2020-01-01 -
delta 1.0.0 2023-07-01 github:owner/delta
";

pub(super) const EXEMPTED: &str = "\
[[exemptions.alpha]]
version = \"1.0.0\"
criteria = \"safe-to-deploy\"

[[exemptions.beta]]
version = \"1.0.0\"
criteria = \"safe-to-deploy\"

[[exemptions.delta]]
version = \"1.0.0\"
criteria = \"safe-to-deploy\"

[[exemptions.gamma]]
version = \"1.0.0\"
criteria = \"safe-to-deploy\"
";

/// A project with four exempted dependencies.
pub(super) fn exempted() -> Scene {
    let scene = Scene::with(&["alpha 1.0.0", "beta 1.0.0", "delta 1.0.0", "gamma 1.0.0"]);
    scene.world.publish(RELEASES);
    scene.store(EXEMPTED, "", "");
    scene
}

#[test]
fn one_crate() {
    let scene = exempted();
    insta::assert_snapshot!(scene.transcript(&[
        "vet trust beta --criteria safe-to-deploy",
        "vet trust alpha --criteria safe-to-deploy",
        "vet trust alpha ann --criteria safe-to-deploy --start-date 2023-01-01 --end-date 2024-07-01",
        "vet trust delta github:owner/delta --criteria safe-to-deploy",
        "vet --locked",
    ]));
}

/// An existing entry is extended instead of repeated.
#[test]
fn once_more() {
    let scene = exempted();
    insta::assert_snapshot!(scene.transcript(&[
        "vet trust beta --criteria safe-to-deploy --end-date 2024-08-01",
        "vet trust beta --criteria safe-to-deploy",
        "vet trust beta --criteria safe-to-deploy --end-date 2024-08-01",
    ]));
}

/// None of these commands changes anything.
#[test]
fn what_cannot_be_trusted() {
    let scene = exempted();
    let before = scene.bytes();
    let mut transcript = scene.transcript(&[
        "vet trust alpha anne --criteria safe-to-deploy",
        "vet trust gamma --criteria safe-to-deploy",
        "vet trust gamma ann --criteria safe-to-deploy",
        "vet trust unheard-of --criteria safe-to-deploy",
        "vet trust beta",
        "vet trust beta --criteria unheard-of",
        "vet trust beta --criteria safe-to-deploy --end-date 2024-06-01",
        "vet trust beta --criteria safe-to-deploy --start-date 2024-09-01 --end-date 2024-08-01",
        "vet trust beta --criteria safe-to-deploy --locked",
        "vet trust --all carol --criteria safe-to-deploy",
    ]);
    scene.forget().world.close("/api");
    transcript += &scene.transcript(&["vet trust beta --criteria safe-to-deploy"]);
    assert_eq!(scene.bytes(), before);
    insta::assert_snapshot!(transcript);
}

#[test]
fn all_of_a_publisher() {
    let mut transcript = String::new();
    for options in ["", " --allow-multiple-publishers"] {
        transcript += &exempted().transcript(&[
            &format!("vet trust --all ann{options} --criteria safe-to-deploy --notes Known."),
            &format!("vet trust --all ann{options} --criteria safe-to-deploy"),
            &format!("vet trust --all bob{options} --criteria safe-to-deploy"),
        ]);
    }
    transcript += &exempted().transcript(&[
        "vet trust --all ann --criteria safe-to-run --criteria safe-to-deploy",
        "vet trust --all github:owner/delta --criteria safe-to-deploy",
        "vet trust --all ann",
    ]);
    insta::assert_snapshot!(transcript);
}

/// Names that make a line look like another one, in the store, on a terminal, and in JSON.
#[test]
fn names_that_steer_a_terminal() {
    let scene = Scene::with(&["alpha 1.0.0", "beta 1.0.0"]);
    let login = "eve\u{202e}\u{9b}";
    scene.world.account(login, 7, Some("\u{2067}Ann\u{1b}[2J\u{200f}"));
    scene.world.publish(&format!("alpha 1.0.0 2023-05-01 {login}\nbeta 1.0.0 2023-06-01 {login}\n"));
    scene.world.publish("alpha 0.9.0 2022-05-01 ann\n");
    let exempted: Vec<&str> = EXEMPTED.split("\n\n").take(2).collect();
    scene.store(&exempted.join("\n\n"), "", "");
    for line in [
        "vet trust alpha --criteria safe-to-deploy",
        "vet trust beta --criteria safe-to-deploy --dry-run",
        "vet trust beta --criteria safe-to-deploy",
        "vet",
        "vet suggest",
        "vet suggest --output-format json",
        "vet explain-audit alpha",
        "vet explain-audit alpha --output-format json",
        "vet --locked --output-format json",
    ] {
        let run = scene.run(line);
        let said = format!("{}{}", run.stdout, run.stderr);
        let unfit = |character: char| vet_diagnostics::wording::is_steering(character);
        assert!(!said.contains(unfit), "{line}: {said:?}");
    }
    let files: String = scene.bytes().into_iter().map(|(_, text)| text).collect();
    assert!(
        files.contains("user-id = 7 # \u{fffd}Ann\u{fffd}[2J\u{fffd} (eve\u{fffd}\u{fffd})\n"),
        "{files}"
    );
    assert!(!files.contains(vet_diagnostics::wording::is_steering), "{files:?}");
}

/// Another account can take a login that was given up. The login is refused wherever it is
/// ambiguous.
#[test]
fn accounts_with_the_same_login() {
    let scene = || {
        let scene = Scene::with(&["alpha 1.0.0", "beta 1.0.0"]);
        scene.world.publish(
            "alpha 0.9.0 2022-01-10 ann#777001\nalpha 1.0.0 2023-05-01 ann\n\
             beta 0.9.0 2022-01-10 bob\nbeta 1.0.0 2023-05-01 ann#777001\n",
        );
        let exempted = EXEMPTED.split("[[exemptions.delta]]").next().unwrap();
        scene.store(exempted, "", "");
        scene
    };
    let all = scene();
    let before = all.bytes();
    let mut transcript = all.transcript(&[
        "vet trust alpha --criteria safe-to-deploy",
        "vet trust alpha ann --criteria safe-to-deploy",
        "vet trust alpha 5 --criteria safe-to-deploy",
        "vet trust --all ann --criteria safe-to-deploy",
        "vet trust --all ann --criteria safe-to-deploy --allow-multiple-publishers",
        "vet certify alpha --wildcard ann --criteria safe-to-deploy --accept-all --who Ann",
    ]);
    assert_eq!(all.bytes(), before);
    transcript += &all.transcript(&[
        "vet trust alpha 1 --criteria safe-to-deploy",
        // Only one account with this login has published this crate.
        "vet trust beta ann --criteria safe-to-deploy",
        "vet certify alpha --wildcard 777001 --criteria safe-to-deploy --accept-all --who Ann",
    ]);
    transcript += &scene()
        .transcript(&["vet trust --all 777001 --criteria safe-to-deploy --allow-multiple-publishers"]);
    insta::assert_snapshot!(transcript);
}

/// Suggested commands work: they use the account number if the login is ambiguous.
#[test]
fn suggestions_name_the_account() {
    let scene = super::suggesting::scene("alpha 1.0.0 7\nbeta 1.0.0 3", "");
    scene.world.publish("alpha 0.9.0 2022-01-10 ann#777001");
    let trusted = "[[trusted.gamma]]\ncriteria = \"safe-to-deploy\"\nuser-id = 1\nstart = \"2020-01-01\"\nend = \"2025-01-01\"\n";
    scene.store("", &format!("[audits]\n\n{trusted}"), "");
    insta::assert_snapshot!(scene.run("vet suggest").stdout);
}
