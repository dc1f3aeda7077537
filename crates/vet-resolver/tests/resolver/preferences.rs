//! Which of several chains the search takes.

use crate::explanations::explained;
use crate::lines;

/// Returns the chain for `demo 10.0.0` and safe-to-deploy.
#[track_caller]
fn check(store: &str, expected: &str) {
    assert_eq!(explained(store, "10", "D"), lines(expected), "with\n{store}");
}

#[test]
fn among_audits_the_way_over_lower_versions_is_taken() {
    check("audit demo 10: D\naudit demo 9: D\naudit demo 9 -> 10: D", "full 10");
    check(
        "audit demo 1: D\naudit demo 8: D\naudit demo 1 -> 10: D\naudit demo 8 -> 10: D",
        "full 1\n1 -> 10",
    );
    check(
        "audit demo 2: D
         audit demo 2 -> 3: D
         audit demo 3 -> 10: D
         audit demo 4: D
         audit demo 4 -> 10: D",
        "full 2\n2 -> 3\n3 -> 10",
    );
    // A chain can also pass through versions above the wanted one.
    check(
        "audit demo 12: D\naudit demo 12 -> 10: D\naudit demo 11: D\naudit demo 11 -> 10: D",
        "full 11\n11 -> 10",
    );
    // Fewer steps count only if the version before the last step is the same.
    check("audit demo 2: D\naudit demo 2 -> 3: D\naudit demo 3: D\naudit demo 3 -> 10: D", "full 3\n3 -> 10");
}

#[test]
fn private_audits_are_better_than_exemptions_and_worse_than_any_clean_chain() {
    check(
        "private demo 10: D
         exemption demo 10: D
         audit demo 2: D
         audit demo 2 -> 5: D
         audit demo 5 -> 10: D",
        "full 2\n2 -> 5\n5 -> 10",
    );
    check("private demo 10: D\nexemption demo 10: D", "full 10");
    check(
        "private demo 10: D\npeer: audit demo 2: D\npeer: audit demo 2 -> 10: D",
        "peer: full 2\npeer: 2 -> 10",
    );
}

#[test]
fn exemptions_of_lower_versions_are_preferred() {
    check("exemption demo 10: D\nexemption demo 2: D\naudit demo 2 -> 10: D", "exemption 2\n2 -> 10");
    // The step after the exemption counts, not the number of steps after it.
    check(
        "exemption demo 4: D
         exemption demo 3: D
         audit demo 4 -> 10: D
         audit demo 3 -> 8: D
         audit demo 8 -> 10: D",
        "exemption 3\n3 -> 8\n8 -> 10",
    );
    check("exemption demo 10: D\nexemption demo 12: D\naudit demo 12 -> 10: D", "exemption 10");
    // No chain for the wanted criterion leads to version 1, so the delta from there does not help.
    check("exemption demo 10: D\naudit demo 1: R\naudit demo 1 -> 10: D", "exemption 10");
}

/// From best to worst. Each is taken if none of the better ones exists.
#[test]
fn levels() {
    let ladder = [
        ("audit demo 10: D", "full 10"),
        ("private demo 10: D", "full 10"),
        ("exemption demo 10: D", "exemption 10"),
        ("alias demo 10 as 12\naudit demo 12: D", "full 12\nalias 10 as 12"),
        ("wildcard demo by 7 in 1..31: D\n+ release demo 10 by 7 on 5", "+ wildcard 10 by 7"),
        ("trusted demo by 8 in 1..31: D\n+ release demo 10 by 8 on 5", "+ trusted 10 by 8"),
        ("+ alias demo 10 as 13\naudit demo 13: D", "full 13\n+ alias 10 as 13"),
    ];
    for best in 0..ladder.len() {
        // The best comes last, so that its position does not decide.
        let store: Vec<&str> = ladder.iter().skip(best).map(|(text, _)| *text).rev().collect();
        let (_, expected) = ladder.get(best).unwrap();
        check(&store.join("\n"), expected);
    }
    // All of these are new claims and equally good.
    let trusted = "trusted demo by 8 in 1..31: D\n+ release demo 10 by 8 on 5";
    check(&format!("{trusted}\n+ peer: audit demo 10: D"), "+ peer: full 10");
    check(&format!("{trusted}\n+ peer: wildcard demo by 8 in 1..31: D"), "+ peer: wildcard 10 by 8");
    // A known claim about a new release is better.
    check(
        "+ peer: audit demo 10: D\npeer: wildcard demo by 8 in 1..31: D\n+ release demo 10 by 8 on 5",
        "+ peer: wildcard 10 by 8",
    );
    // A new claim about a known release is a new claim.
    check(
        "+ peer: wildcard demo by 8 in 1..31: D\nrelease demo 10 by 8 on 5\nexemption demo 10: D",
        "exemption 10",
    );
    // Stored statements cost nothing, whatever their source.
    for stored in [
        "peer: audit demo 10: D",
        "peer: wildcard demo by 8 in 1..31: D\nrelease demo 10 by 8 on 5",
        "trusted demo by 8 in 1..31: D\nrelease demo 10 by 8 on 5",
        "wildcard demo by 8 in 1..31: D\nrelease demo 10 by 8 on 5",
    ] {
        let chain = explained(&format!("{stored}\nprivate demo 10: D\nexemption demo 10: D"), "10", "D");
        assert!(!chain.contains("exemption") && chain != "full 10\n", "{stored}: {chain}");
    }
}

/// A chain is as good as its worst step.
#[test]
fn the_worst_step_counts() {
    check(
        "+ peer: audit demo 1: D
         audit demo 1 -> 10: D
         exemption demo 9: D
         audit demo 9 -> 10: D",
        "exemption 9\n9 -> 10",
    );
    check(
        "private demo 1: D\nprivate demo 1 -> 2: D\nprivate demo 2 -> 10: D\nexemption demo 10: D",
        "full 1\n1 -> 2\n2 -> 10",
    );
}

/// Fewer steps count only if two chains of the same level reach the same version.
#[test]
fn of_equally_good_chains_over_the_same_version_the_shorter_is_taken() {
    check(
        "audit demo 5: D
         audit demo 7 -> 10: D
         + peer: audit demo 5 -> 7: D
         + peer: audit demo 5 -> 10: D",
        "full 5\n+ peer: 5 -> 10",
    );
}

#[test]
fn ties_are_broken_by_kind_and_position() {
    let by = |who: &str| {
        format!("[[audits.demo]]\nversion = \"10.0.0\"\ncriteria = \"safe-to-deploy\"\nwho = \"{who}\"\n")
    };
    let audits = format!("{}{}[audits]\n", by("first"), by("second"));
    let loaded = vet_testing::store("cargo-vet.version = \"0.10\"", &audits, "");
    assert_eq!(crate::explanations::explained_in(&loaded, "10", "D"), "full 10 (first)\n");

    // This project's audits, those of peers by name, wildcard audits, trusted entries.
    let wildcard = "wildcard demo by 7 in 1..31: D\nb: wildcard demo by 7 in 1..31: D";
    let trusted = "trusted demo by 7 in 1..31: D\nrelease demo 10 by 7 on 5";
    check(
        &format!("{trusted}\n{wildcard}\nb: audit demo 10: D\na: audit demo 10: D\naudit demo 10: D"),
        "full 10",
    );
    check(&format!("{trusted}\n{wildcard}\nb: audit demo 10: D\na: audit demo 10: D"), "a: full 10");
    check(&format!("{trusted}\n{wildcard}\nb: audit demo 10: D"), "b: full 10");
    check(&format!("{trusted}\n{wildcard}"), "wildcard 10 by 7");
    check(&format!("{trusted}\nb: wildcard demo by 7 in 1..31: D"), "b: wildcard 10 by 7");
    check(trusted, "trusted 10 by 7");
}

#[test]
fn each_criterion_has_its_own_chain() {
    let store = "audit demo 10: R\naudit demo 2: D\naudit demo 2 -> 10: D";
    assert_eq!(explained(store, "10", "D"), "full 2\n2 -> 10\n");
    assert_eq!(explained(store, "10", "R"), "full 10\n");
}
