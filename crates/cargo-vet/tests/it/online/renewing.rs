//! `renew`, and the warnings of a check about ending wildcard audits.

use super::scene::Scene;

fn wildcard(name: &str, user: u64, end: &str, more: &str) -> String {
    format!(
        "[[wildcard-audits.{name}]]\nwho = \"Carol\"\ncriteria = \"safe-to-deploy\"\nuser-id = {user}\n\
         start = \"2020-01-01\"\nend = \"{end}\"\n{more}\n"
    )
}

/// A project whose wildcard audit of `alpha` ends on a given day, with releases on given days.
fn scene(end: &str, released: &[&str]) -> Scene {
    let scene = Scene::with(&["alpha 1.0.0"]);
    for (minor, day) in released.iter().enumerate() {
        scene.world.publish(&format!("alpha 1.{minor}.0 {day} ann"));
    }
    let exempted =
        "[[exemptions.alpha]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\nsuggest = false\n";
    scene.store(exempted, wildcard("alpha", 1, end, "").trim_end(), "");
    scene
}

/// Today is 2024-06-01.
#[test]
fn windows() {
    let warns = |end: &str, released: &[&str], codes: &[&str]| {
        let scene = scene(end, released);
        let run = scene.run("vet");
        assert_eq!(run.status, Some(0), "{end} {released:?}: {}", run.stderr);
        let found: Vec<&str> =
            ["VET0803", "VET0804"].into_iter().filter(|code| run.stderr.contains(code)).collect();
        assert_eq!(found, codes, "{end} {released:?}: {}", run.stderr);
    };
    let recent = &["2024-05-01"][..];
    for (end, codes) in [
        ("2024-07-14", &[][..]),
        ("2024-07-13", &[]),
        ("2024-07-12", &["VET0804"]),
        ("2024-06-01", &["VET0804"]),
        ("2024-05-31", &["VET0803"]),
        ("2023-01-01", &["VET0803"]),
    ] {
        warns(end, recent, codes);
    }
    // The latest release is 112 days old, or one day older.
    warns("2024-06-20", &["2023-01-01", "2024-02-10"], &["VET0804"]);
    warns("2024-06-20", &["2023-01-01", "2024-02-09"], &[]);
    warns("2024-05-20", &["2024-02-09"], &[]);
    // The latest release is no longer covered, however old it is.
    warns("2023-01-01", &["2022-01-01", "2023-01-01"], &["VET0803"]);
    warns("2023-01-02", &["2022-01-01", "2023-01-01"], &[]);
}

#[test]
fn one_crate_or_all_that_end() {
    let scene = scene("2024-06-20", &["2024-05-01"]);
    scene.world.publish("beta 1.0.0 2021-01-01 bob");
    let more = [
        wildcard("alpha", 2, "2024-06-10", "renew = false\n"),
        wildcard("beta", 2, "2024-06-10", ""),
        wildcard("gamma", 2, "2025-01-10", ""),
    ];
    let audits = scene.fixture.project.read("supply-chain/audits.toml");
    scene.fixture.project.write("supply-chain/audits.toml", format!("{audits}\n{}", more.concat()));
    assert_eq!(scene.run("vet fmt").status, Some(0));
    insta::assert_snapshot!(scene.transcript(&[
        "vet",
        "vet renew --expiring",
        "vet renew --expiring",
        "vet renew gamma",
        "vet renew unheard-of",
        "vet renew --expiring alpha",
    ]));
}

#[test]
fn crates_that_rest() {
    let scene = scene("2024-06-20", &["2021-01-01"]);
    let mut transcript = scene.transcript(&["vet", "vet renew --expiring"]);
    scene.world.close("/index").close("/api");
    scene.forget();
    // It is unknown that the crate is inactive.
    transcript += &scene.transcript(&["vet renew --expiring"]);
    scene.world.open();
    let resting = self::scene("2024-06-20", &["2021-01-01"]);
    transcript +=
        &resting.transcript(&["vet renew --expiring --include-inactive", "vet renew alpha --locked"]);
    insta::assert_snapshot!(transcript);
}
