//! Locked packages that no index verifies, or that an index contradicts, although cargo accepts
//! them.

use crate::project::Fixture;

/// Everything is exempted, and nothing is cached.
fn fixture() -> Fixture {
    let mut fixture = Fixture::exempted();
    fixture.remembers = false;
    fixture
}

/// Cargo is trusted with a warning, because it reads what is in the checkout.
#[test]
fn that_only_cargo_vouches_for() {
    let fixture = fixture();
    fixture.project.use_vendored();
    let allowed = fixture.transcript(&["vet --locked --frozen"]);
    fixture.project.write("supply-chain/vet.toml", "[diagnostics]\nVET0317 = \"deny\"\n");
    let denied = fixture.transcript(&["vet --locked --frozen"]);
    // It does not matter which URL was not reached.
    let is_shown = |line: &&str| !line.contains("cannot fetch");
    let lines: Vec<&str> = allowed.lines().chain(denied.lines()).filter(is_shown).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn that_nothing_vouches_for() {
    let run = fixture().run("vet --locked --frozen");
    assert_eq!(run.status, Some(255), "{}", run.stdout);
    assert!(run.stderr.contains("error[VET0726]"), "{}", run.stderr);
    let message = "cannot tell what `alpha 1.0.0` and 2 other packages declares";
    assert!(run.stderr.contains(message), "{}", run.stderr);
}

/// The checksum of a locked package is that of the vendored one, not that of the index.
#[test]
fn that_the_index_contradicts() {
    let fixture = fixture();
    fixture.project.use_vendored().remember(&fixture.cache(), &fixture.index, false);
    let run = fixture.run("vet --locked --frozen");
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let published = vet_testing::checksum("beta 1.2.0");
    for path in ["Cargo.lock", "vendor/beta-1.2.0/.cargo-checksum.json"] {
        let text = fixture.project.read(path);
        assert!(text.contains(&published), "{path}");
        fixture.project.write(path, text.replace(&published, &"0".repeat(64)));
    }
    insta::assert_snapshot!(fixture.transcript(&["vet --locked --frozen"]));
}
