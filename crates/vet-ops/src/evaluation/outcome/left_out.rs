//! What settings leave out of the graph.

use std::collections::BTreeMap;

use vet_graph::{Graph, Package, Rule};

use super::PackageId;

/// The third-party packages that settings leave out, in the order of the graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// The packages, each with the first rule that leaves it out.
    pub packages: Vec<(PackageId, Rule)>,
}

impl LeftOut {
    /// Collects the packages that are left out of a graph.
    pub(crate) fn of(whole: &Graph) -> Self {
        let third_party = whole.packages().filter(Package::is_third_party);
        let packages = third_party.filter_map(|package| {
            let (name, version) = (package.name().to_owned(), package.version().clone());
            Some((PackageId { name, version }, package.left_out()?))
        });
        LeftOut { packages: packages.collect() }
    }

    /// How many packages each rule leaves out, in the order of the rules. Rules that leave nothing
    /// out are omitted.
    pub fn counts(&self) -> BTreeMap<Rule, usize> {
        let mut counts = BTreeMap::new();
        for (_, rule) in &self.packages {
            *counts.entry(*rule).or_default() += 1;
        }
        counts
    }
}

/// Why a package is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyLeftOut {
    /// The rule.
    pub rule: Rule,
    /// The key of the rule in the settings, such as `exclude-members`.
    pub setting: &'static str,
    /// Where it is set: the file and the line, starting at 1. `None` for the command line.
    pub place: Option<(String, usize)>,
}

/// The name of a rule: its key in `[graph]` of `vet.toml`, and its value in JSON.
pub fn rule_name(rule: Rule) -> &'static str {
    match rule {
        Rule::Members => "members",
        Rule::Development => "exclude-dev",
        Rule::Features => "features",
        Rule::Targets => "targets",
    }
}

/// The text for the packages that a rule leaves out.
pub fn words(rule: Rule) -> &'static str {
    match rule {
        Rule::Members => "only members that are left out need it",
        Rule::Development => "only development needs it",
        Rule::Features => "only features that are off need it",
        Rule::Targets => "none of the targets builds it",
    }
}
