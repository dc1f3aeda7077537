//! Which imports, records, unpublished entries and own audits an update keeps.

use vet_resolver::{Goal, Resolver, UpdateMode, update};
use vet_store::Store;
use vet_testing::listed;

use crate::{case, lines};

/// Removes nothing and prefers new imports, as when certifying. This is not one of the named modes.
const REPLACE_ONLY: UpdateMode =
    UpdateMode { goal: Goal::Replace, prune_exemptions: false, prune_audits: false, prune_imports: false };

/// Returns a store after an update.
pub(crate) fn updated(graph: &str, store: &str, mode: impl Fn(&str) -> UpdateMode) -> Store {
    let (graph, loaded) = case(graph, store);
    let resolver = Resolver::new(&graph, &loaded.store, &loaded.criteria);
    update(&resolver, mode).applied_to(&loaded.store)
}

#[track_caller]
fn check(mode: UpdateMode, store: &str, expected: &str) {
    let found = listed(&updated("*app -> demo 3", store, |_| mode));
    assert_eq!(found, lines(expected), "with\n{store}");
}

#[test]
fn a_check_adds_what_it_relies_on_and_nothing_else() {
    let check = |store, expected| check(UpdateMode::CHECK, store, expected);
    check(
        "+ peer: audit demo 1: D
         + peer: audit demo 1 -> 3: D
         + peer: audit demo 2: D
         + peer: audit other 1: D
         + b: audit demo 3: R",
        "b: nothing
         peer: audit demo 1: D
         peer: audit demo 1 -> 3: D",
    );
    // Stored entries stay if nothing new is needed.
    check(
        "audit demo 3: D
         peer: audit demo 1: D
         peer: audit other 1: D
         peer: wildcard demo by 7 in 1..31: D
         release demo 9 by 7 on 5
         alias demo 8 as 9
         + peer: audit demo 3: D",
        "audit demo 3: D
         peer: audit demo 1: D
         peer: audit other 1: D
         peer: wildcard demo by 7 in 1..31: D
         release demo 9 by 7 on 5
         alias demo 8 as 9",
    );
}

#[test]
fn a_crate_that_needs_something_new_is_trimmed() {
    let stored = "peer: audit demo 1: D
         peer: wildcard demo by 8 in 1..31: D
         release demo 9 by 8 on 5
         peer: audit other 1: D
         release other 1 by 8 on 5
         alias demo 8 as 9
         private demo 7: D
         exemption demo 6: D";
    let kept_of_others = "private demo 7: D
         peer: audit other 1: D";
    let rest = "exemption demo 6: D";
    // A new audit,
    check(
        UpdateMode::CHECK,
        &format!("{stored}\n+ peer: audit demo 3: D"),
        "private demo 7: D
         peer: audit demo 3: D
         peer: audit other 1: D
         exemption demo 6: D
         release other 1 by 8 on 5
         alias demo 8 as 9",
    );
    // a new wildcard audit and a new release,
    check(
        UpdateMode::CHECK,
        &format!("{stored}\n+ peer: wildcard demo by 7 in 1..31: D\n+ release demo 3 by 7 on 5"),
        "private demo 7: D
         peer: audit other 1: D
         peer: wildcard demo by 7 in 1..31: D
         exemption demo 6: D
         release demo 3 by 7 on 5
         release other 1 by 8 on 5
         alias demo 8 as 9",
    );
    // or a new release alone.
    check(
        UpdateMode::CHECK,
        &format!("{stored}\n+ release demo 3 by 8 on 5"),
        &format!(
            "{kept_of_others}
             peer: wildcard demo by 8 in 1..31: D
             {rest}
             release demo 3 by 8 on 5
             release other 1 by 8 on 5
             alias demo 8 as 9"
        ),
    );
    // A new unpublished entry is no reason.
    check(
        UpdateMode::CHECK,
        "peer: audit demo 1: D\npeer: audit demo 2: D\n+ alias demo 3 as 2\nalias demo 8 as 9",
        "peer: audit demo 1: D\npeer: audit demo 2: D\nalias demo 3 as 2\nalias demo 8 as 9",
    );
    // Neither is a new entry that would help but is not needed.
    check(
        UpdateMode::CHECK,
        "exemption demo 3: D\npeer: audit demo 1: D\n+ peer: audit demo 3: D",
        "peer: audit demo 1: D\nexemption demo 3: D",
    );
}

#[test]
fn releases_behind_wildcard_audits_and_trusted_entries_are_kept_with_them() {
    let releases = "+ release demo 3 by 7 on 5\n+ release demo 2 by 7 on 5";
    check(
        UpdateMode::CHECK,
        &format!("wildcard demo by 7 in 1..31: D\n{releases}"),
        "wildcard demo by 7 in 1..31: D\nrelease demo 3 by 7 on 5",
    );
    check(
        UpdateMode::PRUNE,
        &format!("trusted demo by 7 in 1..31: D\n{releases}"),
        "trusted demo by 7 in 1..31: D\nrelease demo 3 by 7 on 5",
    );
    // Trusted entries of peers are never kept, and entries of this project are never removed.
    check(
        UpdateMode::PRUNE,
        "trusted demo by 7 in 1..31: D\nwildcard demo by 8 in 1..31: D\npeer: trusted demo by 7 in 1..31: D
         audit demo 3: D\nrelease demo 3 by 7 on 5",
        "audit demo 3: D\nwildcard demo by 8 in 1..31: D\ntrusted demo by 7 in 1..31: D\npeer: nothing",
    );
}

#[test]
fn pruning_removes_what_nothing_relies_on() {
    let store = "audit demo 3: R
         private demo 4: D
         private demo 2: D
         private-violation demo 9: D
         violation demo 8: D
         private other 1: D
         private app 1: D
         peer: audit demo 2 -> 3: D
         peer: audit demo 1: R
         peer: audit other 1: D
         peer: wildcard demo by 7 in 1..31: D
         release demo 9 by 7 on 5
         alias demo 8 as 9
         exemption demo 1: D
         exemption other 1: D";
    // Private audits are removed, including violations. Audits that peers can import stay. Crates
    // outside the graph keep private audits, but neither imports nor exemptions.
    check(
        UpdateMode::PRUNE,
        store,
        "private demo 2: D
         audit demo 3: R
         violation demo ^8: D
         private other 1: D
         peer: audit demo 2 -> 3: D",
    );
    let keep = |mode: UpdateMode| listed(&updated("*app -> demo 3", store, |_| mode));
    let (all, none) = (UpdateMode::PRUNE, UpdateMode::CHECK);
    let lines = |mode: UpdateMode| keep(mode).lines().count();
    assert_eq!(lines(none), 15);
    assert_eq!(lines(UpdateMode { prune_exemptions: true, ..none }), 12);
    assert_eq!(lines(UpdateMode { prune_audits: true, ..none }), 12);
    assert_eq!(lines(UpdateMode { prune_imports: true, ..none }), 11);
    assert_eq!(lines(all), 5);
}

#[test]
fn violations_are_kept_for_crates_in_the_graph() {
    let store = "audit demo 3: D
         peer: violation demo 1: D
         + peer: violation demo 2: D
         peer: violation app 1: D
         + peer: violation app 2: D
         peer: violation other 1: D
         + peer: violation other 2: D";
    check(
        UpdateMode::CHECK,
        store,
        "audit demo 3: D
         peer: violation app ^1: D
         peer: violation app ^2: D
         peer: violation demo ^1: D
         peer: violation demo ^2: D
         peer: violation other ^1: D",
    );
    check(
        UpdateMode::PRUNE,
        store,
        "audit demo 3: D
         peer: violation app ^1: D
         peer: violation app ^2: D
         peer: violation demo ^1: D
         peer: violation demo ^2: D",
    );
}

#[test]
fn a_crate_that_fails_keeps_what_it_has_and_gets_nothing_new() {
    let stored = "private demo 9: D
         peer: audit demo 1: D
         peer: wildcard demo by 7 in 1..31: D
         exemption demo 6: D
         release demo 9 by 7 on 5
         alias demo 8 as 9";
    let new = "+ peer: audit demo 2: D
         + peer: wildcard demo by 7 in 2..31: D
         + release demo 5 by 7 on 5
         + alias demo 5 as 4";
    for mode in [UpdateMode::CHECK, UpdateMode::PRUNE, REPLACE_ONLY] {
        check(mode, &format!("{stored}\n{new}"), stored);
        // Fresh violations are an exception, as is everything stored about a conflict.
        check(
            mode,
            &format!("audit demo 3: D\n{stored}\n{new}\n+ peer: violation demo 3: D"),
            &format!(
                "audit demo 3: D
                 private demo 9: D
                 peer: audit demo 1: D
                 peer: violation demo ^3: D
                 {}",
                stored.lines().skip(2).collect::<Vec<_>>().join("\n")
            ),
        );
    }
    // One failing version is enough, and so is a conflict, whatever is invented.
    let two =
        |mode| listed(&updated("*app -> demo 3, demo 4", &format!("audit demo 3: D\n{stored}"), |_| mode));
    assert!(two(UpdateMode::PRUNE).contains("exemption demo 6: D"));
    check(
        UpdateMode::REGENERATE_EXEMPTIONS,
        "audit demo 1: D\nviolation demo 1: D\nexemption demo 6: D\nprivate demo 7: D",
        "audit demo 1: D\nprivate demo 7: D\nviolation demo ^1: D\nexemption demo 6: D",
    );
}

#[test]
fn pruning_prefers_new_imports_to_exemptions() {
    let store = "exemption demo 3: D\n+ peer: audit demo 3: D";
    check(UpdateMode::CHECK, store, "peer: nothing\nexemption demo 3: D");
    check(UpdateMode::PRUNE, store, "peer: audit demo 3: D");
    // Without pruning, an exemption that is not relied on stays.
    check(REPLACE_ONLY, store, "peer: audit demo 3: D\nexemption demo 3: D");
    // The crate has its own mode.
    let of = |name: &str| if name == "demo" { UpdateMode::PRUNE } else { UpdateMode::CHECK };
    let store = "exemption demo 3: D\nexemption other 1: D
         + peer: audit demo 3: D\n+ peer: audit other 1: D";
    let found = listed(&updated("*app -> demo 3, other", store, of));
    assert_eq!(found, "peer: audit demo 3: D\nexemption other 1: D\n");
}

#[test]
fn aliases() {
    // A check keeps the stored base. Everything else moves to the new one.
    let store = "audit demo 1: D\naudit demo 2: D\nalias demo 3 as 1\n+ alias demo 3 as 2";
    check(UpdateMode::CHECK, store, "audit demo 1: D\naudit demo 2: D\nalias demo 3 as 1");
    check(UpdateMode::PRUNE, store, "audit demo 1: D\naudit demo 2: D\nalias demo 3 as 2");
    check(REPLACE_ONLY, store, "audit demo 1: D\naudit demo 2: D\nalias demo 3 as 1\nalias demo 3 as 2");
    // The same entry, stored and computed again, is one entry.
    let store = "audit demo 2: D\nalias demo 3 as 2\n+ alias demo 3 as 2";
    for mode in [UpdateMode::CHECK, UpdateMode::PRUNE, REPLACE_ONLY] {
        check(mode, store, "audit demo 2: D\nalias demo 3 as 2");
    }
}

/// The named criterion counts, not what it implies, and only the strongest required criteria count.
#[test]
fn what_only_implied_criteria_rely_on_is_not_needed() {
    check(
        UpdateMode::PRUNE,
        "peer: audit demo 3: R\npeer: audit demo 1: D\npeer: audit demo 1 -> 3: D",
        "peer: audit demo 1: D\npeer: audit demo 1 -> 3: D",
    );
    check(
        UpdateMode::PRUNE,
        "criterion fz\npolicy app criteria: R, fz\npeer: audit demo 3: R\npeer: audit demo 2: fz
         peer: audit demo 2 -> 3: fz",
        "peer: audit demo 2: fz\npeer: audit demo 3: R\npeer: audit demo 2 -> 3: fz",
    );
}

#[test]
fn lists_are_sorted_and_nothing_is_fresh_afterwards() {
    check(
        UpdateMode::CHECK,
        "violation demo 9: D
         audit demo 1 -> 3: D
         audit demo 2: D
         audit demo 1: R
         audit demo 1: D
         b: violation demo 8: D
         + b: audit demo 3: D
         exemption other 2: D
         exemption other 1: R
         exemption other 1: D
         release other 2 by 7 on 1
         release other 1 by 7 on 5
         alias other 3 as 2
         alias other 3 as 1",
        "audit demo 1: D
         audit demo 1: R
         audit demo 2: D
         audit demo 1 -> 3: D
         violation demo ^9: D
         b: violation demo ^8: D
         exemption other 1: D
         exemption other 1: R
         exemption other 2: D
         release other 1 by 7 on 5
         release other 2 by 7 on 1
         alias other 3 as 1
         alias other 3 as 2",
    );
}

#[test]
fn every_import_has_a_section_with_the_criteria_that_it_maps() {
    let (graph, mut loaded) = case("*app -> demo 3", "a: nothing\n+ b: audit demo 2: D");
    let entry =
        vet_store::entries::CriteriaEntry { description: Some("text".to_owned()), ..Default::default() };
    loaded.store.imports.audits.get_mut("b").unwrap().criteria.insert("theirs".to_owned(), entry);
    let resolver = Resolver::new(&graph, &loaded.store, &loaded.criteria);
    let imports = update(&resolver, |_| UpdateMode::PRUNE).imports;
    assert_eq!(imports.audits.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(imports.audits["b"].criteria, loaded.store.imports.audits["b"].criteria);
    assert!(imports.audits["b"].audits.is_empty());
}

/// A filtered graph is treated as the whole graph: pruning removes what the rest needs.
#[test]
fn a_filtered_graph_is_the_whole_graph() {
    let (graph, loaded) = case("*app -> demo 3, other", "exemption demo 3: D\nexemption other 1: D");
    let graph = graph.filtered(|package| package.name() != "other");
    let resolver = Resolver::new(&graph, &loaded.store, &loaded.criteria);
    let exemptions = update(&resolver, |_| UpdateMode::PRUNE).exemptions;
    assert_eq!(exemptions.keys().collect::<Vec<_>>(), ["demo"]);
}
