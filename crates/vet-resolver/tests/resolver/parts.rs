//! The entries that an update keeps for the packages of a larger graph.

use vet_resolver::{Goal, Resolver, UpdateMode, update_part};
use vet_testing::listed;

use crate::{case, lines};

/// The whole graph. The part has `app`, `tool`, `demo 3` and `both 3`, and requires less of
/// `both 3`.
const WHOLE: &str = "*app -> demo 3, demo 2, away 1\n*app ~> both 3, *tool\ntool -> both 3";
const PART: &str = "*app -> demo 3\n*app ~> both 3";

#[track_caller]
fn check(mode: UpdateMode, store: &str, expected: &str) {
    let ((part, loaded), (whole, _)) = (case(PART, store), case(WHOLE, store));
    let resolver = Resolver::new(&part, &loaded.store, &loaded.criteria);
    let whole = Resolver::new(&whole, &loaded.store, &loaded.criteria);
    let update = update_part(&resolver, Some(&whole), |_| mode);
    assert_eq!(listed(&update.applied_to(&loaded.store)), lines(expected), "with\n{store}");
}

#[test]
fn what_a_package_relies_on_that_is_only_in_the_larger_graph_stays() {
    // For crates in both graphs and in one, needed entries stay and others are removed.
    check(
        UpdateMode::PRUNE,
        "audit demo 3: D
         private demo 2: D
         private demo 1: D
         exemption demo 1: D
         exemption away 1: D
         exemption away 0.9.0: D
         exemption gone 1: D",
        "private demo 2: D
         audit demo 3: D
         exemption away 1: D",
    );
    check(
        UpdateMode::PRUNE,
        "audit demo 3: D
         peer: audit demo 1: D
         peer: audit demo 1 -> 2: D
         peer: audit demo 9: D
         peer: wildcard away by 7 in 1..31: D
         peer: wildcard away by 8 in 1..31: D
         release away 1 by 7 on 5
         release away 2 by 7 on 6",
        "audit demo 3: D
         peer: audit demo 1: D
         peer: audit demo 1 -> 2: D
         peer: wildcard away by 7 in 1..31: D
         release away 1 by 7 on 5",
    );
}

#[test]
fn what_only_the_larger_graph_requires_of_a_package_stays() {
    let store = "peer: audit both 3: R\nexemption both 3: D";
    check(
        UpdateMode { goal: Goal::Replace, ..UpdateMode::PRUNE },
        store,
        "peer: audit both 3: R\nexemption both 3: D",
    );
    // Exemptions are narrowed to what both graphs need.
    check(
        UpdateMode::PRUNE,
        "criterion crypto: D\nexemption both 3: crypto\nexemption away 1: crypto",
        "exemption away 1: D\nexemption both 3: D",
    );
}

#[test]
fn where_the_larger_graph_is_not_satisfied_everything_stays() {
    // `demo 2` lacks something, but `away` does not.
    let store = "audit demo 3: D
         private demo 1: D
         peer: audit demo 1: D
         release demo 9 by 7 on 5
         exemption demo 1: D
         exemption away 1: D
         peer: audit away 9: D";
    let expected = "private demo 1: D
         audit demo 3: D
         peer: audit demo 1: D
         exemption away 1: D
         exemption demo 1: D
         release demo 9 by 7 on 5";
    check(UpdateMode::PRUNE, store, expected);
    // An exemption is still invented for what the part requires, and for nothing else.
    check(
        UpdateMode::REGENERATE_EXEMPTIONS,
        "exemption demo 1: D\npeer: audit demo 1: D",
        "peer: audit demo 1: D
         exemption both 3: R
         exemption demo 1: D
         exemption demo 3: D",
    );
}

#[test]
fn nothing_is_added_for_the_larger_graph() {
    // The fetched entries would satisfy it.
    let fetched = "audit demo 3: D
         exemption demo 2: D
         + peer: audit demo 2: D
         + peer: audit away 1: D
         + peer: violation away 2: D
         + peer: violation both 1: D";
    let expected = "audit demo 3: D
         peer: violation both ^1: D
         exemption demo 2: D";
    for mode in [UpdateMode::CHECK, UpdateMode::PRUNE] {
        check(mode, fetched, expected);
    }
    // A crate that changes anyway is cleaned up, except for what the larger graph needs.
    check(
        UpdateMode::CHECK,
        "peer: audit demo 1: D
         peer: audit demo 2: D
         peer: violation away 2: D
         + peer: audit demo 3: D",
        "peer: violation away ^2: D
         peer: audit demo 2: D
         peer: audit demo 3: D",
    );
}

#[test]
fn what_is_stored_of_violations_stays_for_crates_of_the_larger_graph() {
    check(
        UpdateMode::PRUNE,
        "peer: violation away 2: D\npeer: violation gone 2: D",
        "peer: violation away ^2: D",
    );
}

/// The packages in both graphs can still do without exemptions.
#[test]
fn exemptions_of_the_part_are_replaced() {
    check(
        UpdateMode::PRUNE,
        "exemption demo 3: D\n+ peer: audit demo 3: D\nexemption demo 2: D",
        "peer: audit demo 3: D\nexemption demo 2: D",
    );
}
