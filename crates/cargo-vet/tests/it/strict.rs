//! What makes a check with `--locked` uncertain: a warning, and with `--strict` an error.

use crate::project::Fixture;

const EXEMPTIONS: &str = "[[exemptions.alpha]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-deploy\"\n\n\
    [[exemptions.beta]]\nversion = \"1.2.0\"\ncriteria = \"safe-to-deploy\"\n\n\
    [[exemptions.gamma]]\nversion = \"1.0.0\"\ncriteria = \"safe-to-run\"";

#[test]
fn an_import_that_was_changed_since_it_was_locked() {
    let fixture = Fixture::small();
    let import = "[imports.acme]\nurl = \"https://acme.example/audits.toml\"\n\n[imports.acme.criteria-map]\n\
        safe-to-deploy = \"safe-to-run\"";
    let locked = "[[audits.acme.audits.alpha]]\ncriteria = \"safe-to-deploy\"\nversion = \"0.9.0\"";
    fixture.project.store(&format!("{import}\n\n{EXEMPTIONS}"), "", locked);
    insta::assert_snapshot!(fixture.transcript(&["vet --locked", "vet --locked --strict"]));
}

#[test]
fn a_package_that_may_be_a_published_one() {
    let fixture = Fixture::small();
    let audit = "[[audits.app]]\nwho = \"Ann\"\ncriteria = \"safe-to-run\"\nversion = \"0.0.6\"";
    fixture.project.store(EXEMPTIONS, audit, "");
    insta::assert_snapshot!(fixture.transcript(&["vet --locked", "vet --locked --strict"]));
    for value in ["true", "false"] {
        let policy = format!("[policy.app]\naudit-as-crates-io = {value}\n\n");
        fixture.project.store(&format!("{policy}{EXEMPTIONS}"), audit, "");
        let run = fixture.run("vet --locked --strict");
        assert!(!run.stderr.contains("VET0404"), "{value}: {}", run.stderr);
    }
}

#[test]
fn other_commands_refuse_the_option() {
    let fixture = Fixture::exempted();
    let run = fixture.run("vet prune --locked --strict");
    assert_eq!(run.status, Some(2), "{}", run.stderr);
}
