//! What is left out of a graph, by whose rule, and how that is found.
//!
//! A lock file has everything that any member needs on any target, with all features. [`Rules`] say how much less a
//! project builds. They are applied in two steps, as cargo applies them: `features` finds what members ask for with the
//! features that count, on whatever target; `platforms` walks what was found along the dependencies that count for the
//! targets, from the members that count.
//!
//! All members and their development take part in the first step, even those that are left out. A package has one set of
//! features for everything that is built together, so what is left out can turn on a feature of a package that is not. Whether
//! it does depends on the resolver that the manifest names, and on the members that a command builds, and neither is up to the
//! owners of the store.
//!
//! Where it is not known what a package declares, all that is locked for it counts, with all features: code is never left
//! out on a guess.

mod features;
mod platforms;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub(crate) use self::features::Found;
use crate::declared::{TermsView, Words};
use crate::from_lock::Edges;
use crate::manifest::DependencyKind;
use crate::platform::Platform;

/// Why a package is not in the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Only members that do not count need it.
    Members,
    /// Only the development of members needs it.
    Development,
    /// Only features that are off need it.
    Features,
    /// None of the targets builds it.
    Targets,
}

/// What a project builds of what its lock file has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The members that count, by name; `None` is all. The others count where one of these needs them.
    pub members: Option<BTreeSet<String>>,
    /// Whether development dependencies do not count.
    pub exclude_dev: bool,
    /// The features that are on, by member, in place of all.
    pub features: BTreeMap<String, FeaturesOn>,
    /// What it is built for; `None` is every target.
    pub platforms: Option<Platforms>,
}

/// The features of a member that are on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeaturesOn {
    /// Their names.
    pub names: Vec<String>,
    /// Whether `default` is on even if it is not among them, as it is where cargo is not told otherwise.
    pub default: bool,
}

/// The targets of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Platforms {
    /// What is built is built for these.
    pub targets: Vec<Platform>,
    /// Build scripts and macros are built for these. If there are none, all conditions hold where they are built.
    pub hosts: Vec<Platform>,
}

impl Rule {
    /// All of them, in the order in which they are applied. A package counts as left out by the first one without which it
    /// would be there.
    pub const ALL: [Rule; 4] = [Rule::Members, Rule::Development, Rule::Features, Rule::Targets];

    /// The setting that makes the rule.
    pub fn setting(self) -> &'static str {
        match self {
            Rule::Members => "members",
            Rule::Development => "exclude-dev",
            Rule::Features => "features",
            Rule::Targets => "targets",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.setting())
    }
}

impl Rules {
    /// Whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        *self == Rules::default()
    }

    /// The rules up to one, in the order of [`Rule::ALL`]; `None` if that one leaves nothing out.
    fn up_to(&self, last: Rule) -> Option<Rules> {
        let is_set = match last {
            Rule::Members => self.members.is_some(),
            Rule::Development => self.exclude_dev,
            Rule::Features => !self.features.is_empty(),
            Rule::Targets => self.platforms.is_some(),
        };
        is_set.then(|| Rules {
            members: self.members.clone(),
            exclude_dev: last >= Rule::Development && self.exclude_dev,
            features: if last >= Rule::Features { self.features.clone() } else { BTreeMap::new() },
            platforms: if last >= Rule::Targets { self.platforms.clone() } else { None },
        })
    }

    /// Whether the member of a name counts.
    pub(crate) fn counts(&self, member: &str) -> bool {
        self.members.as_ref().is_none_or(|members| members.contains(member))
    }

    fn selects(&self, candidate: &Candidate<'_>) -> bool {
        candidate.is_member && self.counts(candidate.name)
    }
}

/// A package of the whole graph, as the rules see it. Dependencies are numbers of candidates.
pub(crate) struct Candidate<'a> {
    /// The name.
    pub name: &'a str,
    /// Whether it is a member of the workspace.
    pub is_member: bool,
    /// Whether others can depend on it; what is not known counts as such.
    pub is_library: bool,
    /// Whether its library is a macro, if that is known.
    pub is_proc_macro: Option<bool>,
    /// What its features turn on, in order of their names; `None` if it is not known what it declares.
    pub features: Option<Vec<(&'a str, Words<'a>)>>,
    /// The names of features that are not among these, because they turn on nothing that counts; in order, with spaces
    /// between them.
    pub other_features: &'a str,
    /// The features of a member that are on where no rule says otherwise; `None` is all.
    pub requested: Option<&'a [String]>,
    /// What it declares to depend on.
    pub dependencies: Vec<CandidateDependency<'a>>,
    /// What is locked for it though it is not known on which terms.
    pub undeclared: Vec<usize>,
}

/// A declared dependency, and the locked packages that are meant.
pub(crate) struct CandidateDependency<'a> {
    pub kind: DependencyKind,
    pub terms: TermsView<'a>,
    pub packages: Vec<usize>,
}

/// What remains when rules are applied.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Remains {
    /// Whether each candidate remains.
    pub is_in_graph: Vec<bool>,
    /// What each candidate depends on.
    pub edges: Vec<Edges>,
}

/// Numbers those that are kept, in their order.
pub(crate) struct Numbers(Vec<Option<usize>>);

impl Numbers {
    pub(crate) fn new(is_kept: &[bool]) -> Self {
        let mut number = 0;
        let numbers = is_kept.iter().map(|&is_kept| {
            number += usize::from(is_kept);
            is_kept.then(|| number - 1)
        });
        Numbers(numbers.collect())
    }

    /// The new number of one that is kept.
    pub(crate) fn get(&self, index: usize) -> Option<usize> {
        self.0.get(index).copied().flatten()
    }

    /// The new numbers of those in a list that are kept.
    pub(crate) fn of(&self, list: impl IntoIterator<Item = usize>) -> Vec<usize> {
        list.into_iter().filter_map(|index| self.get(index)).collect()
    }
}

/// What counts where it is not known what a package declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unknown {
    /// All that is locked for it, with all features.
    Everything,
    /// Nothing.
    Nothing,
}

/// What rules make of a graph.
#[derive(Debug)]
pub(crate) struct Applied {
    /// What remains.
    pub remains: Remains,
    /// For each candidate by which rule it is left out, if it is.
    pub left_out: Vec<Option<Rule>>,
    /// The candidates of which it would have to be known what they declare.
    pub unknown: Vec<usize>,
}

/// Applies rules to a graph. `is_in_whole` are the candidates that are in the graph without rules.
pub(crate) fn apply(candidates: &[Candidate<'_>], rules: &Rules, is_in_whole: &[bool]) -> Applied {
    let remains = remaining(candidates, rules, Unknown::Everything);
    let mut left_out = vec![None; candidates.len()];
    for rule in Rule::ALL {
        let Some(up_to) = rules.up_to(rule) else { continue };
        let is_last = up_to == *rules;
        let partial = if is_last { None } else { Some(remaining(candidates, &up_to, Unknown::Everything)) };
        let is_in_graph = &partial.as_ref().unwrap_or(&remains).is_in_graph;
        for ((slot, &before), &after) in left_out.iter_mut().zip(is_in_whole).zip(is_in_graph) {
            if before && !after && slot.is_none() {
                *slot = Some(rule);
            }
        }
    }
    let unknown = needed_facts(candidates, rules, &remains);
    Applied { remains, left_out, unknown }
}

/// The packages of which it would have to be known what they declare, because less might remain.
fn needed_facts(candidates: &[Candidate<'_>], rules: &Rules, remains: &Remains) -> Vec<usize> {
    let is_unknown =
        |candidate: &Candidate<'_>| candidate.features.is_none() && !candidate.undeclared.is_empty();
    if !candidates.iter().any(is_unknown) {
        return Vec::new();
    }
    let reached = features::find(candidates, rules, Unknown::Everything);
    let unknown: Vec<usize> = candidates
        .iter()
        .enumerate()
        .filter(|(index, candidate)| is_unknown(candidate) && reached.is_reached(*index))
        .map(|(index, _)| index)
        .collect();
    if unknown.is_empty() || remaining(candidates, rules, Unknown::Nothing) == *remains {
        return Vec::new();
    }
    unknown
}

/// What cargo asks for where it writes the lock file: everything that members declare, with all their features. Nothing
/// counts of what is locked for packages of which it is not known what they declare.
pub(crate) fn asked_for<'a>(candidates: &'a [Candidate<'a>], no_rules: &'a Rules) -> Found<'a> {
    features::find(candidates, no_rules, Unknown::Nothing)
}

fn remaining(candidates: &[Candidate<'_>], rules: &Rules, unknown: Unknown) -> Remains {
    let found = features::find(candidates, rules, unknown);
    platforms::walk(candidates, rules, &found)
}
