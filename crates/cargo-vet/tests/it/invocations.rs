//! Command lines: spellings, positions of options, and errors.

use crate::run::transcript;

#[test]
fn without_a_command() {
    let transcript = transcript(&[
        "",
        "foo",
        "check",
        "--version",
        "-V",
        "vet --version",
        "vet -V",
        "vet check -V",
        "vet check --version",
        "vet regenerate",
        "vet regenerate --locked",
        "help",
    ]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn mistakes() {
    let transcript = transcript(&[
        "vet chek",
        "vet fetch-imports",
        "vet check --loc",
        "vet check extra",
        "vet check --locked --locked",
        "vet check --locked=true",
        "vet check --frozen",
        "vet --frozen check",
        "vet --store-path a check --store-path b",
        "vet --store-path a --store-path b",
        "vet check --store-path",
        "vet check --cargo-arg -Zfoo",
        "vet check --verbose",
        "vet check --verbose WARN",
        "vet check --output-format xml",
        "vet check --color red",
        "vet check --current-time 2026-11-23",
        "vet check --current-time 2026-11-23T12:00:00",
        "vet check --filter-graph exclude(eq(name(serde)))",
        "vet check --filter-graph include(any(name(a),name(b)) --output-format json",
        "vet check --filter-graph include(version(1.0)) --verbose off",
        "vet inspect",
        "vet inspect a 1.0",
        "vet inspect a v1.2.3",
        "vet inspect a 1.0.0@git:abc",
        "vet inspect a 1.0.0@rev:abc",
        "vet inspect a 1.0.0 --mode github",
        "vet diff a 1.0.0 1.0.1 --mode crates.io",
        "vet diff a 1.0.0 1.0.1 --mode custom_url=file:///bin/sh",
        "vet diff a 1.0.0 1.0.1 --tool meld --mode local",
        "vet certify a 1.0.0 --start-date 2026-01-01",
        "vet certify a 1.0.0 --wildcard b",
        "vet certify --wildcard b",
        "vet certify a 1.0.0 --no-collapse",
        "vet next --mode crates.io",
        "vet next --mode custom_url=https://x.example/{package}",
        "vet renew",
        "vet renew a --include-inactive",
        "vet renew a --expiring",
        "vet trust",
        "vet trust a --all b",
        "vet import",
        "vet add-exemption a",
        "vet add-exemption foo 1.0",
        "vet certify a 1.0.0 1.1",
        "vet explain-audit a safe-to-run",
        "vet --strict import mozilla",
        "vet explain-audit a --strict",
        "vet explain --target a",
        "vet record-violation a foo",
        "vet dump-graph --depth deep",
        "vet gc --max-package-age-days abc",
        "vet gc --max-package-age-days=-1",
        "vet gc --max-package-age-days=nan",
        "vet help nosuch",
        "vet man nosuch",
        "vet completions tcsh",
    ]);
    insta::assert_snapshot!(transcript);
}

/// All of them get as far as looking for the project, which does not exist.
#[test]
fn options_are_accepted_before_and_after_the_command() {
    let lines = [
        "vet suggest --locked",
        "vet --locked suggest",
        "vet --locked suggest --frozen",
        "vet --manifest-path X suggest --store-path Y",
        "vet --locked suggest --frozen --verbose warn",
        "vet suggest --cargo-arg=-Zfoo --features a --features=b,c",
        "vet suggest --no-minimize-exemptions --no-registry-suggestions --use-git-credentials",
        "vet suggest --current-time 2026-11-23T12:00:00Z",
    ];
    for line in lines {
        let run = crate::run::run_line(line);
        assert_eq!(run.status, Some(255), "{line}");
        assert!(run.stderr.starts_with("error[VET03"), "{line}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{line}");
    }
}

#[test]
fn commands_that_need_the_network() {
    let transcript = transcript(&[
        "vet certify a 1.0.0",
        "vet certify a --wildcard b",
        "vet regenerate imports --locked",
        "vet regenerate unpublished --locked",
        "vet import acme --locked",
        "vet trust a --locked",
        "vet trust a --locked --output-format json",
    ]);
    insta::assert_snapshot!(transcript);
}

/// An incomplete version is compared with the one that the project uses.
#[test]
fn the_version_in_use_is_named() {
    let fixture = crate::project::Fixture::exempted();
    let before = fixture.store();
    let run = fixture.run("vet add-exemption beta 1.0");
    assert_eq!((run.status, fixture.store()), (Some(2), before));
    assert!(run.stderr.contains("\n  tip: `beta 1.2.0` is in use\n"), "{}", run.stderr);
}
