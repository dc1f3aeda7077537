//! `vet.toml`, and settings on the command line that override it.

use crate::project::{EXEMPTIONS, Fixture};

const FILE: &str = "supply-chain/vet.toml";

/// A filter that leaves nothing to check, which causes a warning.
const LINE_WITH_WARNING: &str = "vet --locked --filter-graph include(name(app))";

fn with(settings: &str) -> Fixture {
    let fixture = Fixture::exempted();
    fixture.project.write(FILE, settings);
    fixture
}

#[test]
fn what_is_in_force() {
    let none = Fixture::exempted();
    let some = with(
        "version = 1\n\n[graph]\n# The servers.\ntargets = [\n    \"x86_64-unknown-linux-gnu\",\n    \
         { triple = \"aarch64-apple-darwin\", features = [\"crt-static\"] },\n]\nexclude-dev = true\n\
         exclude-members = [\"fuzz\"]\n\n[graph.features]\napp = [\"default\", \"tls\"]\nlib = []\n\n\
         [diagnostics]\nVET0803 = \"allow\"\nVET0804 = \"deny\"\n",
    );
    insta::assert_snapshot!(none.transcript(&["vet settings", "vet settings --output-format json"]));
    insta::assert_snapshot!(some.transcript(&[
        "vet settings",
        "vet settings --target all --deny VET0803 --allow VET0310",
        "vet settings --target thumbv7em-none-eabihf --target wasm32-unknown-unknown",
        "vet settings --output-format json --deny VET0803 --target wasm32-unknown-unknown",
        "vet settings --store-path elsewhere",
    ]));
}

#[test]
fn settings_are_shown_before_there_is_a_store() {
    let fixture = Fixture::small();
    fixture.project.write(FILE, "graph.exclude-dev = true\n");
    let run = fixture.run("vet settings");
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("supply-chain/vet.toml:1"), "{}", run.stdout);
}

#[test]
fn what_is_wrong_is_said_by_every_command() {
    let later = with("version = 2\n[new]\n");
    insta::assert_snapshot!(later.transcript(&["vet --locked", "vet settings", "vet fmt"]));

    let misspelt = with("[graph]\nexlude-dev = true\ntargets = []\n\n[diagnostics]\nVET0102 = \"allow\"\n");
    let config = misspelt.project.read("supply-chain/config.toml");
    misspelt.project.write("supply-chain/config.toml", config.replace("version = \"1.2.0\"", "version = 1"));
    insta::assert_snapshot!(misspelt.transcript(&[
        "vet --locked",
        "vet dump-graph",
        "vet --locked --output-format json"
    ]));
    for line in ["vet fmt", "vet prune --locked", "vet regenerate exemptions --locked"] {
        let before = misspelt.store();
        assert_eq!(misspelt.run(line).status, Some(255), "{line}");
        assert_eq!(misspelt.store(), before, "{line}");
    }
}

#[test]
fn a_file_that_cannot_be_read() {
    let fixture = Fixture::exempted();
    fixture.project.write("supply-chain/vet.toml/file", "");
    insta::assert_snapshot!(fixture.transcript(&["vet --locked", "vet settings"]));
}

#[test]
fn the_settings_of_another_store_count_with_it() {
    let fixture = with("[diagnostics]\nVET0310 = \"deny\"\n");
    assert_eq!(fixture.run("vet init --store-path elsewhere --locked --frozen").status, Some(0));
    let elsewhere = format!("{LINE_WITH_WARNING} --store-path elsewhere");
    assert_eq!(fixture.run(LINE_WITH_WARNING).status, Some(255));
    assert_eq!(fixture.run(&elsewhere).status, Some(0));
}

#[test]
fn levels_of_a_check() {
    let denied = with("[diagnostics]\nVET0310 = \"deny\"\n");
    insta::assert_snapshot!(denied.transcript(&[
        LINE_WITH_WARNING,
        &format!("{LINE_WITH_WARNING} --output-format json"),
        &format!("{LINE_WITH_WARNING} --warn VET0310"),
        &format!("{LINE_WITH_WARNING} --allow VET0310"),
        "vet --locked",
    ]));
    let allowed = with("[diagnostics]\nVET0310 = \"allow\"\n");
    insta::assert_snapshot!(
        allowed.transcript(&[LINE_WITH_WARNING, &format!("{LINE_WITH_WARNING} --deny VET0310")])
    );
}

#[test]
fn strict_is_stronger_than_a_level() {
    let fixture = Fixture::small();
    let audit = "[[audits.app]]\nwho = \"Ann\"\ncriteria = \"safe-to-run\"\nversion = \"0.0.6\"";
    fixture.project.store(EXEMPTIONS, audit, "");
    for (line, status, is_said) in [
        ("vet --locked", 0, true),
        ("vet --locked --allow VET0404", 0, false),
        ("vet --locked --deny VET0404", 255, true),
        ("vet --locked --strict --allow VET0404", 255, true),
    ] {
        let run = fixture.run(line);
        assert_eq!(
            (run.status, run.stderr.contains("VET0404")),
            (Some(status), is_said),
            "{line}: {}",
            run.stderr
        );
    }
}

/// A write that drops a comment reports this first.
#[test]
fn what_is_denied_keeps_from_writing() {
    let fixture = Fixture::exempted();
    let config = format!("{}\n# A comment.\n", fixture.project.read("supply-chain/config.toml"));
    fixture.project.write("supply-chain/config.toml", &config);
    let denied = fixture.run("vet fmt --deny VET0113");
    assert_eq!(denied.status, Some(255));
    insta::assert_snapshot!(denied.transcript("vet fmt --deny VET0113"));
    assert_eq!(fixture.store()[0].1, config);
    let allowed = fixture.run("vet fmt --allow VET0113 -q");
    assert_eq!((allowed.status, allowed.stderr.as_str()), (Some(0), ""));
    assert_ne!(fixture.store()[0].1, config);
}

/// Warnings about a store are known when it is opened, before anything else happens.
#[test]
fn what_is_denied_when_a_store_is_opened() {
    let fixture = with("[diagnostics]\nVET0201 = \"deny\"\n");
    let config = fixture.project.read("supply-chain/config.toml");
    fixture.project.write("supply-chain/config.toml", format!("default-criteria = \"nowhere\"\n{config}"));
    let run = fixture.run("vet add-exemption alpha 3.0.0 --criteria safe-to-run");
    insta::assert_snapshot!(run.transcript("vet add-exemption alpha 3.0.0 --criteria safe-to-run"));
    assert!(!fixture.store()[0].1.contains("3.0.0"));
}

#[test]
fn the_form_of_the_file() {
    let odd = "# Why.\ndiagnostics.VET0803 = 'allow' # for now\n[graph]\nmembers=['app']\n";
    let fixture = with(odd);
    // A check does not require it.
    assert_eq!(fixture.run("vet --locked").status, Some(0));
    insta::assert_snapshot!(fixture.transcript(&["vet fmt --locked", "vet fmt --dry-run"]));
    assert_eq!(fixture.project.read(FILE), odd);
    insta::assert_snapshot!(fixture.transcript(&["vet fmt"]) + &fixture.project.read(FILE));
    insta::assert_snapshot!(fixture.transcript(&["vet fmt --locked", "vet fmt"]));
}

#[test]
fn a_store_is_made_beside_settings() {
    let fixture = Fixture::small();
    let settings = "[diagnostics]\nVET0310 = \"allow\"\n";
    fixture.project.write(FILE, settings);
    insta::assert_snapshot!(fixture.transcript(&[
        "vet --locked",
        "vet init --locked --frozen",
        "vet --locked",
        "vet init --locked --frozen",
    ]));
    assert_eq!(fixture.project.read(FILE), settings);

    let wrong = Fixture::small();
    wrong.project.write(FILE, "nonsense = 1\n");
    assert_eq!(wrong.run("vet init --locked --frozen").status, Some(255));
    assert!(!wrong.project.folder().join("supply-chain/config.toml").exists());
}

#[test]
fn other_commands_keep_the_file() {
    let settings = "# Kept as it is.\n[graph]\nexclude-dev=false\n";
    let fixture = with(settings);
    assert_eq!(fixture.run("vet add-exemption alpha 3.0.0").status, Some(0));
    assert_eq!(fixture.run("vet prune --locked").status, Some(0));
    assert_eq!(fixture.project.read(FILE), settings);
}
