//! The rules read to the letter, without a thought for cost, to hold the resolver against.
//!
//! Everything is looked up again where it is needed, paths are copied, queues are searched for their smallest element.

pub(crate) mod requirements;
pub(crate) mod search;
pub(crate) mod update;

use std::collections::BTreeSet;

/// The criteria that the stores of these tests know, in order.
pub(crate) const CRITERIA: &str = "criterion crypto: D\ncriterion fz\n";

/// A set of criteria, by name.
pub(crate) type Set = BTreeSet<String>;

/// What a list of names stands for.
pub(crate) fn closure(names: &[String]) -> Set {
    let implied = names.iter().flat_map(|name| match name.as_str() {
        "safe-to-deploy" => vec!["safe-to-run", "safe-to-deploy"],
        "crypto" => vec!["safe-to-run", "safe-to-deploy", "crypto"],
        name => vec![name],
    });
    implied.map(str::to_owned).collect()
}

/// The members that no other member implies, in the order of the criteria.
pub(crate) fn minimal(set: &Set) -> Vec<String> {
    let implied = |name: &str| {
        set.iter().any(|other| other != name && closure(std::slice::from_ref(other)).contains(name))
    };
    let in_order = ["safe-to-run", "safe-to-deploy", "crypto", "fz"];
    let kept = in_order.into_iter().filter(|name| set.contains(*name) && !implied(name));
    kept.map(str::to_owned).collect()
}
