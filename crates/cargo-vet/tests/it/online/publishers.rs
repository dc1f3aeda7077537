//! Crates that are vetted because of their publisher.

use super::scene::Scene;

const RELEASES: &str = "\
alpha 0.9.0 2022-01-10 bob
alpha 1.0.0 2023-05-01 ann
alpha 1.1.0 2024-05-20 ann
beta 1.0.0 2023-06-01 github:owner/beta
gamma 1.0.0 2020-01-01 -
";

const WILDCARD: &str = "\
[[wildcard-audits.alpha]]
who = \"Carol\"
criteria = \"safe-to-deploy\"
user-id = 1
start = \"2023-01-01\"
end = \"2024-12-31\"
";

const TRUSTED: &str = "\
[[trusted.alpha]]
criteria = \"safe-to-deploy\"
user-id = 1
start = \"2023-01-01\"
end = \"2024-12-31\"

[[trusted.beta]]
criteria = \"safe-to-deploy\"
trusted-publisher = \"github:owner/beta\"
start = \"2023-01-01\"
end = \"2024-12-31\"
";

const GAMMA: &str = "[[exemptions.gamma]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";

fn scene() -> Scene {
    let scene = Scene::with(&["alpha 1.0.0", "beta 1.0.0", "gamma 1.0.0"]);
    scene.world.publish(RELEASES);
    scene
}

#[test]
fn trusted_publishers() {
    let scene = scene();
    scene.store(GAMMA, TRUSTED, "");
    insta::assert_snapshot!(scene.transcript(&[
        "vet explain-audit beta",
        "vet",
        "vet explain-audit beta",
        "vet explain-audit alpha 1.1.0",
        "vet explain-audit alpha 0.9.0",
        "vet",
        "vet --locked",
        "vet explain-audit alpha --locked",
    ]));
}

/// A release loses its publisher entry once no entry of its crate names a publisher.
#[test]
fn wildcard_audits() {
    let scene = scene();
    let beta = GAMMA.replace("gamma", "beta");
    scene.store(&format!("{beta}\n{GAMMA}"), WILDCARD, "");
    let mut transcript = scene.transcript(&["vet"]);
    let alpha = GAMMA.replace("gamma", "alpha");
    scene.fixture.project.write("supply-chain/audits.toml", "\n# cargo-vet audits file\n\n[audits]\n");
    let config = scene.fixture.project.read("supply-chain/config.toml");
    scene.fixture.project.write(
        "supply-chain/config.toml",
        config.replace("[[exemptions.beta]]", &format!("{alpha}\n[[exemptions.beta]]")),
    );
    transcript += &scene.transcript(&["vet"]);
    insta::assert_snapshot!(transcript);
}

/// The period of an entry includes its start day and excludes its end day.
#[test]
fn periods() {
    for (start, end, status) in [
        ("2023-05-01", "2023-05-02", 0),
        ("2023-05-02", "2024-05-02", 255),
        ("2022-05-01", "2023-05-01", 255),
    ] {
        let scene = scene();
        let audits = WILDCARD.replace("2023-01-01", start).replace("2024-12-31", end);
        scene.store(&format!("{}\n{GAMMA}", GAMMA.replace("gamma", "beta")), &audits, "");
        let run = scene.run("vet");
        assert_eq!(run.status, Some(status), "{start} {end}: {}", run.stderr);
    }
}

#[test]
fn wildcard_audits_of_peers() {
    let scene = scene();
    scene.world.serve("/peer", format!("{WILDCARD}\n{}", TRUSTED.replace("trusted.alpha", "trusted.gamma")));
    let beta = GAMMA.replace("gamma", "beta");
    scene.store(&format!("[imports.peer]\nurl = \"http://[WORLD]/peer\"\n\n{beta}\n{GAMMA}"), "", "");
    // Trusted entries of a peer do not count in this project.
    insta::assert_snapshot!(scene.transcript(&["vet", "vet explain-audit alpha", "vet explain-audit beta"]));
}

/// Without crates.io, locked publishers still count, and others do not.
#[test]
fn crates_io_is_down() {
    let scene = scene();
    scene.store(GAMMA, TRUSTED, "");
    scene.world.close("/api");
    let mut transcript = scene.transcript(&["vet"]);
    scene.world.open();
    assert_eq!(scene.run("vet").status, Some(0));
    scene.forget().world.close("/api").close("/index");
    transcript +=
        &scene.transcript(&["vet", "vet prune", "vet regenerate exemptions", "vet regenerate unpublished"]);
    scene.world.open();
    insta::assert_snapshot!(transcript);
}

/// Account names with a meaning in a store, a terminal or a log.
#[test]
fn names_that_mean_something() {
    let entry = "\n[[exemptions.injected]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n";
    for name in [
        entry.to_owned(),
        entry.replace('\n', "\r"),
        entry.replace('\n', "\r\n"),
        format!("Ann\"{entry}"),
        format!("Ann\\\"\"\"{entry}"),
        format!("\u{85}{entry}"),
        format!("\u{2028}{}", entry.trim()),
        "\u{1b}[31mred\u{1b}[0m\u{7}\0".to_owned(),
        "\u{202e}nnA".to_owned(),
        "# Ann".to_owned(),
        String::new(),
        "Ann ".repeat(5000),
    ] {
        let scene = scene();
        scene.world.account("ann", 1, Some(&name));
        scene.store(GAMMA, TRUSTED, "");
        for line in ["vet", "vet --locked", "vet fmt", "vet --locked", "vet explain-audit alpha"] {
            let run = scene.run(line);
            assert_eq!(run.status, Some(0), "{name:?}: {line}: {}", run.stderr);
            for text in [&run.stdout, &run.stderr] {
                assert!(text.chars().all(|char| char == '\n' || !char.is_control()), "{name:?}: {text:?}");
            }
        }
        let [(_, config), (_, audits), (_, imports)] = scene.bytes().try_into().unwrap();
        let odd = |char: char| char.is_ascii_control() && char != '\n';
        assert!(
            ![&config, &audits, &imports].iter().any(|text| text.contains(odd)),
            "{audits:?} {imports:?}"
        );
        let loaded = vet_testing::store(&config, &audits, &imports).store;
        assert_eq!(loaded.config.exemptions.keys().collect::<Vec<_>>(), ["gamma"], "{name:?}");
        assert_eq!(loaded.audits.trusted.keys().collect::<Vec<_>>(), ["alpha", "beta"], "{name:?}");
        assert_eq!(loaded.imports.publisher.keys().collect::<Vec<_>>(), ["alpha", "beta"], "{name:?}");
        let trusted = scene.run("vet trust alpha bob --criteria safe-to-run");
        assert_eq!(trusted.status, Some(0), "{}", trusted.stderr);
        assert!(!trusted.stderr.contains('\u{1b}'), "{}", trusted.stderr);
        assert_eq!(scene.run("vet --locked").status, Some(0));
    }
}

/// New names are locked by the machine that learned them, and a machine with old names does not
/// revert them.
#[test]
fn names_that_change() {
    let scene = scene();
    scene.store(GAMMA, TRUSTED, "");
    for machine in ["one", "two"] {
        let cache = scene.fixture.canonical().join(machine);
        scene.fixture.project.remember(&cache, &scene.fixture.index, true);
    }
    assert_eq!(scene.run("vet --cache-dir ../one").status, Some(0));
    scene.world.account("ann", 1, Some("Ann Married"));
    insta::assert_snapshot!(scene.transcript(&[
        "vet --cache-dir ../two",
        "vet --cache-dir ../one",
        "vet --cache-dir ../two"
    ]));
}
