//! Finds the requested dependencies like cargo when it writes `Cargo.lock`: for all members, kinds
//! and targets at once, with one set of features per package.

use super::{Candidate, CandidateDependency, Rules, Unknown};
use crate::declared::{Words, cut, is_word_of};
use crate::manifest::DependencyKind;

/// The requested dependencies.
pub(crate) struct Requested<'a> {
    /// For each candidate, whether it is requested.
    reached: Vec<bool>,
    /// For each dependency of each candidate, whether it is requested.
    active: Flags,
    /// What counts for packages with unknown declarations.
    pub(super) unknown: Unknown,
    /// The requested features that a candidate does not have.
    pub(crate) missing: Vec<(usize, &'a str)>,
}

impl Requested<'_> {
    pub(crate) fn is_reached(&self, index: usize) -> bool {
        self.reached.get(index).copied().unwrap_or(false)
    }

    pub(crate) fn is_active(&self, index: usize, dependency: usize) -> bool {
        self.active.get(index, dependency)
    }
}

/// Flags for parts of candidates, in one list.
struct Flags {
    /// The index of the first flag of each candidate.
    first: Vec<usize>,
    flags: Vec<bool>,
}

impl Flags {
    /// Creates the given number of flags for each candidate, all unset.
    fn new(numbers: impl Iterator<Item = usize>) -> Self {
        let mut end = 0;
        let first = numbers.map(|number| {
            end += number;
            end - number
        });
        let first = first.collect();
        Flags { first, flags: vec![false; end] }
    }

    fn place(&self, index: usize, part: usize) -> Option<usize> {
        self.first.get(index)?.checked_add(part)
    }

    fn get(&self, index: usize, part: usize) -> bool {
        self.place(index, part).and_then(|place| self.flags.get(place)).copied().unwrap_or(false)
    }

    /// Sets a flag. Returns whether it was set before.
    fn set(&mut self, index: usize, part: usize) -> bool {
        let flag = self.place(index, part).and_then(|place| self.flags.get_mut(place));
        flag.is_none_or(|flag| std::mem::replace(flag, true))
    }
}

/// Finds everything that the members request.
pub(super) fn find<'a>(candidates: &'a [Candidate<'a>], rules: &'a Rules, unknown: Unknown) -> Requested<'a> {
    let dependencies = || Flags::new(candidates.iter().map(|candidate| candidate.dependencies.len()));
    let features = candidates.iter().map(|candidate| candidate.features.as_ref().map_or(0, Vec::len));
    let mut search = Search {
        candidates,
        unknown,
        reached: vec![false; candidates.len()],
        active: dependencies(),
        named: dependencies(),
        has_implicit: vec![false; candidates.len()],
        features: Flags::new(features),
        of_dependencies: candidates.iter().map(|_| Vec::new()).collect(),
        missing: Vec::new(),
        tasks: Vec::new(),
    };
    search.find_named();
    for (index, candidate) in candidates.iter().enumerate().filter(|(_, one)| one.is_member) {
        search.tasks.push(Task::Reach(index));
        let of_rules = rules.features.get(candidate.name);
        match of_rules.map(|on| on.names.as_slice()).or(candidate.requested) {
            Some(named) => {
                let values = named.iter().map(|value| Task::TurnOn(index, Value::parse(value)));
                search.tasks.extend(values);
            }
            None => search.tasks.push(Task::AllFeatures(index)),
        }
        if of_rules.is_some_and(|on| on.default) {
            search.tasks.push(Task::TurnOn(index, Value::Feature("default")));
        }
    }
    search.run();
    Requested { reached: search.reached, active: search.active, unknown, missing: search.missing }
}

/// What a feature turns on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value<'a> {
    /// Another feature of the same package.
    Feature(&'a str),
    /// A feature of the same package, if the package has it.
    FeatureIfThere(&'a str),
    /// `dep:key`: an optional dependency.
    Dependency(&'a str),
    /// `key/feature` or `key?/feature`: a feature of a dependency.
    OfDependency { key: &'a str, feature: &'a str, is_weak: bool },
}

impl<'a> Value<'a> {
    fn parse(text: &'a str) -> Self {
        if let Some((key, feature)) = cut(text, b'/') {
            let is_weak = key.ends_with('?');
            return Value::OfDependency { key: key.strip_suffix('?').unwrap_or(key), feature, is_weak };
        }
        text.strip_prefix("dep:").map_or(Value::Feature(text), Value::Dependency)
    }
}

/// Work that is still to be done. Tasks are kept in a list instead of recursing, because the user
/// decides how deep a graph is.
enum Task<'a> {
    /// Marks a candidate as requested.
    Reach(usize),
    /// Turns on all its features.
    AllFeatures(usize),
    /// Requests all its possible dependencies, because it is unknown which ones are requested.
    Everything(usize),
    /// Turns on what a feature turns on.
    TurnOn(usize, Value<'a>),
    /// Requests one of its dependencies.
    Activate(usize, usize),
}

struct Search<'a, 'c> {
    candidates: &'c [Candidate<'a>],
    unknown: Unknown,
    /// For each candidate, whether it is requested.
    reached: Vec<bool>,
    /// For each dependency, whether it is requested.
    active: Flags,
    /// For each dependency, whether a feature names it as `dep:key`. Other optional dependencies
    /// are implicit features.
    named: Flags,
    /// For each candidate, whether it has implicit features.
    has_implicit: Vec<bool>,
    /// For each declared feature, whether it is on.
    features: Flags,
    /// For each candidate, the requested features of its dependencies, by key.
    of_dependencies: Vec<Vec<(&'a str, &'a str)>>,
    missing: Vec<(usize, &'a str)>,
    tasks: Vec<Task<'a>>,
}

/// The dependencies of a candidate that have a key, with their numbers.
fn with_key<'c>(
    candidate: &'c Candidate<'_>,
    key: &'c str,
) -> impl Iterator<Item = (usize, &'c CandidateDependency<'c>)> {
    candidate.dependencies.iter().enumerate().filter(move |(_, one)| one.terms.key == key)
}

impl<'a, 'c: 'a> Search<'a, 'c> {
    fn find_named(&mut self) {
        for (index, candidate) in self.candidates.iter().enumerate() {
            if !candidate.dependencies.iter().any(|dependency| dependency.terms.optional) {
                continue;
            }
            for value in candidate.features.iter().flatten().flat_map(|(_, on)| on.iter()) {
                if let Value::Dependency(key) = Value::parse(value) {
                    for (number, _) in with_key(candidate, key) {
                        self.named.set(index, number);
                    }
                }
            }
            let is_there = self.implicit(index).next().is_some();
            if let Some(has_implicit) = self.has_implicit.get_mut(index) {
                *has_implicit = is_there;
            }
        }
    }

    /// The optional dependencies of a candidate that are implicit features.
    fn implicit(&self, index: usize) -> impl Iterator<Item = (usize, &'a str)> {
        let dependencies = self.candidates.get(index).map_or(&[][..], |candidate| &candidate.dependencies);
        let optional = dependencies.iter().enumerate().filter(|(_, one)| one.terms.optional);
        optional
            .filter(move |(number, _)| !self.named.get(index, *number))
            .map(|(number, one)| (number, one.terms.key))
    }

    fn run(&mut self) {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Reach(index) => self.reach(index),
                Task::AllFeatures(index) => self.all_features(index),
                Task::Everything(index) => self.everything(index),
                Task::TurnOn(index, value) => self.turn_on(index, value),
                Task::Activate(index, dependency) => self.activate(index, dependency),
            }
        }
    }

    fn reach(&mut self, index: usize) {
        let (Some(is_reached), Some(candidate)) = (self.reached.get_mut(index), self.candidates.get(index))
        else {
            return;
        };
        if std::mem::replace(is_reached, true) {
            return;
        }
        let mandatory = candidate.dependencies.iter().enumerate().filter(|(_, one)| !one.terms.optional);
        self.tasks.extend(mandatory.map(|(dependency, _)| Task::Activate(index, dependency)));
        if self.unknown == Unknown::Everything {
            for &package in &candidate.undeclared {
                self.tasks.extend([Task::Reach(package), Task::Everything(package)]);
            }
        }
    }

    fn all_features(&mut self, index: usize) {
        let Some(candidate) = self.candidates.get(index) else { return };
        let declared = candidate.features.iter().flatten().map(|(name, _)| *name);
        let implicit: Vec<&str> = self.implicit(index).map(|(_, key)| key).collect();
        let all = declared.chain(implicit);
        self.tasks.extend(all.map(|feature| Task::TurnOn(index, Value::Feature(feature))));
    }

    fn everything(&mut self, index: usize) {
        self.all_features(index);
        let dependencies = self.candidates.get(index).map_or(0, |candidate| candidate.dependencies.len());
        self.tasks.extend((0..dependencies).map(|dependency| Task::Activate(index, dependency)));
    }

    fn turn_on(&mut self, index: usize, value: Value<'a>) {
        match value {
            Value::Feature(feature) => {
                if !self.turn_on_feature(index, feature) {
                    self.missing.push((index, feature));
                }
            }
            Value::FeatureIfThere(feature) => {
                self.turn_on_feature(index, feature);
            }
            Value::Dependency(key) => self.activate_key(index, key),
            Value::OfDependency { key, feature, is_weak } => {
                let (Some(asked_for), Some(candidate)) =
                    (self.of_dependencies.get_mut(index), self.candidates.get(index))
                else {
                    return;
                };
                if asked_for.contains(&(key, feature)) {
                    return;
                }
                asked_for.push((key, feature));
                if !is_weak && with_key(candidate, key).any(|(_, one)| one.terms.optional) {
                    self.tasks.push(Task::TurnOn(index, Value::FeatureIfThere(key)));
                }
                // This includes weak features: when cargo writes the lock file, it does not
                // distinguish them.
                self.activate_key(index, key);
                for (_, dependency) in with_key(candidate, key) {
                    let wanted = dependency.packages.iter();
                    self.tasks.extend(wanted.map(|&package| Task::TurnOn(package, Value::Feature(feature))));
                }
            }
        }
    }

    /// Turns on a feature. Returns whether the package has it.
    fn turn_on_feature(&mut self, index: usize, feature: &str) -> bool {
        let Some(candidate) = self.candidates.get(index) else { return false };
        let Some(declared) = candidate.features.as_deref() else { return true };
        match declared.binary_search_by(|(name, _)| (*name).cmp(feature)) {
            Ok(number) => {
                if !self.features.set(index, number) {
                    let on: Option<&(&str, Words<'a>)> = declared.get(number);
                    let values = on.into_iter().flat_map(|(_, on)| on.iter());
                    self.tasks.extend(values.map(|value| Task::TurnOn(index, Value::parse(value))));
                }
                true
            }
            // Most features turn on nothing, and only their names are known.
            Err(_) if self.has_implicit.get(index) != Some(&true) => {
                is_word_of(candidate.other_features, feature)
            }
            Err(_) => {
                let meant = self.implicit(index).filter(|(_, key)| *key == feature);
                let meant: Vec<usize> = meant.map(|(number, _)| number).collect();
                let is_there = !meant.is_empty() || is_word_of(candidate.other_features, feature);
                self.tasks.extend(meant.into_iter().map(|number| Task::Activate(index, number)));
                is_there
            }
        }
    }

    fn activate_key(&mut self, index: usize, key: &str) {
        let Some(candidate) = self.candidates.get(index) else { return };
        self.tasks.extend(with_key(candidate, key).map(|(number, _)| Task::Activate(index, number)));
    }

    fn activate(&mut self, index: usize, number: usize) {
        let Some(candidate) = self.candidates.get(index) else { return };
        let Some(dependency) = candidate.dependencies.get(number) else { return };
        let counts = dependency.kind != DependencyKind::Development || candidate.is_member;
        if !counts || self.active.set(index, number) {
            return;
        }
        let terms = &dependency.terms;
        let asked_for = self.of_dependencies.get(index).into_iter().flatten();
        let asked_for = asked_for.filter(|(key, _)| *key == terms.key).map(|(_, feature)| *feature);
        for &package in &dependency.packages {
            self.tasks.push(Task::Reach(package));
            let wanted = terms.features.iter().chain(asked_for.clone()).map(Value::Feature);
            let default = terms.default_features.then_some(Value::FeatureIfThere("default"));
            self.tasks.extend(wanted.chain(default).map(|feature| Task::TurnOn(package, feature)));
        }
    }
}
