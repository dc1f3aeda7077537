//! A literal implementation of the rules, without regard for cost, to compare the resolver with.
//!
//! Everything is looked up again each time, paths are copied, and queues are searched for their
//! smallest element.

pub(crate) mod requirements;
pub(crate) mod search;
pub(crate) mod update;

use std::collections::BTreeSet;

/// The criteria in the stores of these tests, in order.
pub(crate) const CRITERIA: &str = "criterion crypto: D\ncriterion fz\n";

/// A set of criteria, by name.
pub(crate) type Set = BTreeSet<String>;

/// Returns the set of a list of names.
pub(crate) fn closure(names: &[String]) -> Set {
    let implied = names.iter().flat_map(|name| match name.as_str() {
        "safe-to-deploy" => vec!["safe-to-run", "safe-to-deploy"],
        "crypto" => vec!["safe-to-run", "safe-to-deploy", "crypto"],
        name => vec![name],
    });
    implied.map(str::to_owned).collect()
}

/// Returns the members that no other member implies, in the order of the criteria.
pub(crate) fn minimal(set: &Set) -> Vec<String> {
    let implied = |name: &str| {
        set.iter().any(|other| other != name && closure(std::slice::from_ref(other)).contains(name))
    };
    let in_order = ["safe-to-run", "safe-to-deploy", "crypto", "fz"];
    let kept = in_order.into_iter().filter(|name| set.contains(*name) && !implied(name));
    kept.map(str::to_owned).collect()
}
