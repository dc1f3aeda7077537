//! What is left out of a graph, by which rule, and how that is computed.
//!
//! A lock file contains everything that any member needs on any target with all features. [`Rules`]
//! say how much less a project builds. They are applied in two steps, like in cargo. `features`
//! finds what members request with the features that count, on any target. `platforms` walks the
//! result from the members that count, along the dependencies that count for the targets.
//!
//! The first step includes all members and their development dependencies, even those that are left
//! out. Packages that are built together share one set of features per package, so a package that
//! is left out can turn on a feature of a package that is not. Whether it does depends on the
//! resolver that the manifest names and on the members that a command builds. The owners of the
//! store control neither.
//!
//! If the declarations of a package are unknown, everything that is locked for it counts, with all
//! features: code is never left out on a guess.

mod features;
mod platforms;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::features::Requested;
use crate::declared::{TermsView, Words};
use crate::manifest::DependencyKind;
use crate::platform::Platform;

/// Why a package is not in the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Only members that do not count need it.
    Members,
    /// Only the development of members needs it.
    Development,
    /// Only disabled features need it.
    Features,
    /// It is built for none of the targets.
    Targets,
}

/// Which parts of its lock file a project builds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The names of the members that count; `None` for all. Other members count if one of these
    /// needs them.
    pub members: Option<BTreeSet<String>>,
    /// Whether development dependencies are left out.
    pub exclude_dev: bool,
    /// The features that are on, by member. All features of the other members are on.
    pub features: BTreeMap<String, FeaturesOn>,
    /// The targets; `None` for every target.
    pub platforms: Option<Platforms>,
}

/// The features of a member that are on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeaturesOn {
    /// Their names.
    pub names: Vec<String>,
    /// Whether `default` is on even if it is not among `names`. That is cargo's default.
    pub default: bool,
}

/// The targets of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Platforms {
    /// The targets that the project is built for.
    pub targets: Vec<Platform>,
    /// The platforms that build scripts and procedural macros are built for. If empty, all
    /// conditions hold there.
    pub hosts: Vec<Platform>,
}

impl Rule {
    /// All rules, in the order in which they are applied. A package counts as left out by the first
    /// rule that removes it.
    pub const ALL: [Rule; 4] = [Rule::Members, Rule::Development, Rule::Features, Rule::Targets];
}

impl Rules {
    /// Whether the rules leave nothing out.
    pub fn is_empty(&self) -> bool {
        *self == Rules::default()
    }

    /// The rules up to and including `last`, in the order of [`Rule::ALL`]; `None` if `last` leaves
    /// nothing out.
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

    /// Whether a member counts.
    pub(crate) fn counts(&self, member: &str) -> bool {
        self.members.as_ref().is_none_or(|members| members.contains(member))
    }

    fn selects(&self, candidate: &Candidate<'_>) -> bool {
        candidate.is_member && self.counts(candidate.name)
    }
}

/// The edges of one package, by kind.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Edges {
    pub(crate) normal: Vec<usize>,
    pub(crate) build: Vec<usize>,
    pub(crate) dev: Vec<usize>,
}

impl Edges {
    pub(crate) fn of(&mut self, kind: DependencyKind) -> &mut Vec<usize> {
        match kind {
            DependencyKind::Normal => &mut self.normal,
            DependencyKind::Build => &mut self.build,
            DependencyKind::Development => &mut self.dev,
        }
    }

    /// Sorts the lists and removes duplicates.
    pub(crate) fn sort(&mut self) {
        for list in [&mut self.normal, &mut self.build, &mut self.dev] {
            list.sort_unstable();
            list.dedup();
        }
    }
}

/// A package of the whole graph, in the form that rules use. Dependencies are numbers of
/// candidates.
pub(crate) struct Candidate<'a> {
    /// The name.
    pub name: &'a str,
    /// Whether it is a member of the workspace.
    pub is_member: bool,
    /// Whether other packages can depend on it. Unknown counts as a library.
    pub is_library: bool,
    /// Whether its library is a procedural macro, if that is known.
    pub is_proc_macro: Option<bool>,
    /// What its features turn on, sorted by name; `None` if its declarations are unknown.
    pub features: Option<Vec<(&'a str, Words<'a>)>>,
    /// The names of its other features, which turn on nothing that counts; sorted and separated by
    /// spaces.
    pub other_features: &'a str,
    /// The features of a member that are on unless a rule says otherwise; `None` for all.
    pub requested: Option<&'a [String]>,
    /// Its declared dependencies.
    pub dependencies: Vec<CandidateDependency<'a>>,
    /// The packages that are locked for it on unknown terms.
    pub undeclared: Vec<usize>,
}

/// A declared dependency and the locked packages that it means.
pub(crate) struct CandidateDependency<'a> {
    pub kind: DependencyKind,
    pub terms: TermsView<'a>,
    pub packages: Vec<usize>,
}

/// The result of applying rules.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Remains {
    /// Whether each candidate remains.
    pub is_in_graph: Vec<bool>,
    /// What each candidate depends on.
    pub edges: Vec<Edges>,
}

/// New numbers for the kept elements of a list, in the same order.
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

    /// The new number of an element, if it is kept.
    pub(crate) fn get(&self, index: usize) -> Option<usize> {
        self.0.get(index).copied().flatten()
    }

    /// The new numbers of the elements of a list that are kept.
    pub(crate) fn of(&self, list: impl IntoIterator<Item = usize>) -> Vec<usize> {
        list.into_iter().filter_map(|index| self.get(index)).collect()
    }
}

/// What counts for a package whose declarations are unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unknown {
    /// All that is locked for it, with all features.
    Everything,
    /// Nothing.
    Nothing,
}

/// The effect of rules on a graph.
#[derive(Debug)]
pub(crate) struct Applied {
    /// What remains.
    pub remains: Remains,
    /// For each candidate the rule that leaves it out, if any.
    pub left_out: Vec<Option<Rule>>,
    /// The candidates whose declarations would be needed but are unknown.
    pub unknown: Vec<usize>,
}

/// Applies rules to a graph. `is_in_whole` says for each candidate whether it is in the graph
/// without rules.
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

/// The packages whose declarations are needed, because fewer packages might remain.
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

/// Everything that cargo requests when it writes the lock file: all declarations of members, with
/// all their features. For packages with unknown declarations, nothing that is locked for them
/// counts.
pub(crate) fn asked_for<'a>(candidates: &'a [Candidate<'a>], no_rules: &'a Rules) -> Requested<'a> {
    features::find(candidates, no_rules, Unknown::Nothing)
}

fn remaining(candidates: &[Candidate<'_>], rules: &Rules, unknown: Unknown) -> Remains {
    let found = features::find(candidates, rules, unknown);
    platforms::walk(candidates, rules, &found)
}
