//! How an update changes exemptions: it narrows, widens, removes and invents them.

use vet_resolver::{Conclusion, UpdateMode, resolve};
use vet_testing::{graph_under, listed, statements};

use crate::lines;
use crate::updates::updated;

/// Returns the exemptions after an update.
fn exemptions(graph: &str, store: &str, mode: UpdateMode) -> String {
    let listed = listed(&updated(graph, store, |_| mode));
    let is_exemption = |line: &&str| line.starts_with("exemption ") || line.starts_with("unsuggested ");
    listed.lines().filter(is_exemption).map(|line| format!("{line}\n")).collect()
}

#[track_caller]
fn check(mode: UpdateMode, store: &str, expected: &str) {
    let store = format!("criterion crypto: D\ncriterion fz\n{store}");
    assert_eq!(exemptions("*app -> demo 10", &store, mode), lines(expected), "with\n{store}");
}

#[test]
fn lists_of_criteria_are_brought_into_their_minimal_form() {
    let check = |store, expected| check(UpdateMode::CHECK, store, expected);
    check("exemption demo 10: fz, D, R", "exemption demo 10: D, fz");
    check(
        "exemption demo 10: D\nexemption demo 9: D, crypto",
        "exemption demo 9: crypto\nexemption demo 10: D",
    );
    // Exemptions without criteria are removed, whether the crate is in use or not, and whether it
    // passes or not.
    check("exemption demo 10: D\nexemption demo 10:\nexemption other 1:", "exemption demo 10: D");
    check("exemption demo 9:\nexemption demo 8: R, D", "exemption demo 8: D");
    // Everything else stays unchanged.
    check(
        "unsuggested demo 10: D # why\nexemption other 1: R # not yet",
        "unsuggested demo 10: D # why\nexemption other 1: R # not yet",
    );
}

#[test]
fn pruning_narrows() {
    let check = |store, expected| check(UpdateMode::PRUNE, store, expected);
    check("exemption demo 10: crypto, fz # why", "exemption demo 10: D # why");
    check("unsuggested demo 10: crypto", "unsuggested demo 10: D");
    check("policy app criteria: R\nexemption demo 10: crypto", "exemption demo 10: R");
    check("policy app criteria: R, fz\nexemption demo 10: crypto, fz", "exemption demo 10: R, fz");
    check("exemption demo 10: D\nexemption demo 9: D\naudit demo 9 -> 10: D", "exemption demo 9: D");
    check("exemption demo 10: D\nexemption demo 10: D, fz", "exemption demo 10: D");
    check("audit demo 10: D\nexemption demo 10: D", "");
    check("exemption other 1: D\nexemption demo 10: D", "exemption demo 10: D");
    check("policy app criteria:\nexemption demo 10: D", "");
    // Two criteria need exemptions of two versions.
    check(
        "policy app criteria: D, fz
         exemption demo 1: D, fz
         exemption demo 2: fz, D
         audit demo 1 -> 10: D
         audit demo 2 -> 10: fz",
        "exemption demo 1: D\nexemption demo 2: fz",
    );
}

#[test]
fn a_crate_that_fails_keeps_its_exemptions() {
    check(
        UpdateMode::PRUNE,
        "exemption demo 9: D, R\nexemption demo 10: R",
        "exemption demo 9: D\nexemption demo 10: R",
    );
}

#[test]
fn exemptions_are_invented_where_there_is_no_chain() {
    let check = |store, expected| check(UpdateMode::REGENERATE_EXEMPTIONS, store, expected);
    check("", "exemption demo 10: D");
    check("policy app criteria: fz, R", "exemption demo 10: R, fz");
    check("policy app criteria: crypto, R, D", "exemption demo 10: crypto");
    check("policy app criteria:", "");
    check("audit demo 10: D", "");
    check("+ peer: audit demo 10: D", "");
    check("audit demo 10: D\npolicy app criteria: D, fz", "exemption demo 10: fz");
    // The lowest version from which a chain leads to the version in use.
    check("audit demo 5 -> 10: D", "exemption demo 5: D");
    check("audit demo 5 -> 10: D\naudit demo 3 -> 5: D\naudit demo 1 -> 5: R", "exemption demo 3: D");
    check("audit demo 12 -> 10: D", "exemption demo 10: D");
    check("policy app criteria: D, fz\naudit demo 5 -> 10: D", "exemption demo 5: D\nexemption demo 10: fz");
    check("alias demo 10 as 9", "exemption demo 9: D");
    check("+ alias demo 10 as 9", "exemption demo 9: D");
}

#[test]
fn existing_exemptions_are_reused_and_widened() {
    let check = |store, expected| check(UpdateMode::REGENERATE_EXEMPTIONS, store, expected);
    check("exemption demo 9: R # why\naudit demo 9 -> 10: D", "exemption demo 9: D # why");
    check("exemption demo 10: fz", "exemption demo 10: D");
    check("exemption demo 10: fz\npolicy app criteria: D, fz", "exemption demo 10: D, fz");
    // An exemption for another criterion is as good, even if the chain takes a detour.
    check("exemption demo 10: D\nexemption demo 9: R\naudit demo 9 -> 10: D", "exemption demo 9: D");
    // An exemption that is not to be suggested is not widened in place.
    check(
        "unsuggested demo 9: R # why\naudit demo 9 -> 10: D",
        "exemption demo 9: D\nunsuggested demo 9: R # why",
    );
    check(
        "policy app criteria: D, fz\nunsuggested demo 10: D # why",
        "exemption demo 10: fz\nunsuggested demo 10: D # why",
    );
    check("unsuggested demo 10: crypto", "unsuggested demo 10: D");
    check("unsuggested demo 10: fz", "unsuggested demo 10: fz\nexemption demo 10: D");
    // An exemption without criteria is not left behind, either.
    check("exemption demo 10:", "exemption demo 10: D");
}

#[test]
fn versions_are_exempted_one_by_one() {
    let exempted = |graph: &str, store: &str| exemptions(graph, store, UpdateMode::REGENERATE_EXEMPTIONS);
    // Two versions share the exemption that leads to both.
    assert_eq!(exempted("*app -> demo 5, demo 10", "audit demo 5 -> 10: D"), "exemption demo 5: D\n");
    // If the delta goes backwards, each version has its own exemption. Pruning does not change
    // that.
    let graph = "*app -> demo 0.1.10, demo 1";
    let both = "exemption demo 0.1.10: D\nexemption demo 1: D\n";
    let delta = "audit demo 1 -> 0.1.10: D\n";
    assert_eq!(exempted(graph, delta), both);
    assert_eq!(exemptions(graph, &format!("{delta}{both}"), UpdateMode::PRUNE), both);
    // Code from git, and a package that is audited as if it came from crates.io.
    let git = "7".repeat(40);
    let store = format!("policy here audit-as-crates-io\npolicy \"g:1.0.0@git:{git}\" audit-as-crates-io");
    assert_eq!(
        exempted("*app -> ./here, git+g 1@git:7, git+other 1@git:7", &store),
        "exemption g 1@git:7: D\nexemption here 1: D\n"
    );
}

#[test]
fn a_conflict_is_left_alone_and_can_be_brought_about() {
    let store = "violation demo 10: D\nexemption demo 10: D\nexemption demo 9: R";
    check(UpdateMode::REGENERATE_EXEMPTIONS, store, "exemption demo 9: R\nexemption demo 10: D");
    // An invented exemption can contradict a violation. The next check reports it.
    let store = "violation demo 10: D";
    check(UpdateMode::REGENERATE_EXEMPTIONS, store, "exemption demo 10: D");
    let after = updated("*app -> demo 10", store, |_| UpdateMode::REGENERATE_EXEMPTIONS);
    let graph = graph_under(&after, "*app -> demo 10");
    assert_eq!(resolve(&graph, &after, &statements(store).criteria).conclusion, Conclusion::Violation);
}
