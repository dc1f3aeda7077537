//! Which dependencies are asked for, as cargo finds it where it writes `Cargo.lock`: for all targets at once, and with one
//! set of features for each package.

use std::collections::{HashMap, HashSet};

use super::{Candidate, Rules, Unknown};
use crate::manifest::DependencyKind;

/// What is asked for.
pub(super) struct Found {
    /// For each candidate, whether anything asks for it.
    reached: Vec<bool>,
    /// For each candidate, which of its dependencies are asked for.
    active: Vec<Vec<bool>>,
    /// Whether what is locked for unknown packages counts.
    pub(super) unknown: Unknown,
}

impl Found {
    pub(super) fn is_reached(&self, index: usize) -> bool {
        self.reached.get(index).copied().unwrap_or(false)
    }

    pub(super) fn is_active(&self, index: usize, dependency: usize) -> bool {
        self.active.get(index).and_then(|active| active.get(dependency)).copied().unwrap_or(false)
    }
}

/// Finds what the selected members ask for.
pub(super) fn find(candidates: &[Candidate<'_>], rules: &Rules, unknown: Unknown) -> Found {
    let states = candidates.iter().map(State::new).collect();
    let mut search = Search { candidates, rules, unknown, states, tasks: Vec::new() };
    for (index, candidate) in candidates.iter().enumerate().filter(|(_, one)| rules.selects(one)) {
        search.tasks.push(Task::Reach(index));
        let named = rules.features.get(candidate.name).map(Vec::as_slice).or(candidate.requested);
        match named {
            Some(named) => {
                let values = named.iter().map(|value| Task::TurnOn(index, Value::parse(value)));
                search.tasks.extend(values);
            }
            None => search.tasks.push(Task::AllFeatures(index)),
        }
    }
    search.run();
    Found {
        reached: search.states.iter().map(|state| state.is_reached).collect(),
        active: search.states.into_iter().map(|state| state.active).collect(),
        unknown,
    }
}

/// What a feature turns on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value<'a> {
    /// Another feature of the same package.
    Feature(&'a str),
    /// `dep:key`: an optional dependency.
    Dependency(&'a str),
    /// `key/feature` or `key?/feature`: a feature of a dependency.
    OfDependency { key: &'a str, feature: &'a str, is_weak: bool },
}

impl<'a> Value<'a> {
    fn parse(text: &'a str) -> Self {
        if let Some((key, feature)) = text.split_once('/') {
            let is_weak = key.ends_with('?');
            return Value::OfDependency { key: key.strip_suffix('?').unwrap_or(key), feature, is_weak };
        }
        text.strip_prefix("dep:").map_or(Value::Feature(text), Value::Dependency)
    }
}

/// What is known of a candidate so far.
struct State<'a> {
    is_reached: bool,
    /// For each of its dependencies, whether it is asked for.
    active: Vec<bool>,
    /// The features that are on.
    features: HashSet<&'a str>,
    /// What features of its dependencies are asked for, by key.
    of_dependencies: HashMap<&'a str, Vec<&'a str>>,
    /// The optional dependencies that are features of their own: no feature names them as `dep:key`.
    implicit: HashSet<&'a str>,
}

impl<'a> State<'a> {
    fn new(candidate: &Candidate<'a>) -> Self {
        let optional = candidate.dependencies.iter().filter(|dependency| dependency.terms.optional);
        let mut implicit: HashSet<&str> = optional.map(|dependency| dependency.terms.key.as_str()).collect();
        if !implicit.is_empty() {
            for value in candidate.features.into_iter().flat_map(|features| features.values().flatten()) {
                if let Value::Dependency(key) = Value::parse(value) {
                    implicit.remove(key);
                }
            }
        }
        State {
            is_reached: false,
            active: vec![false; candidate.dependencies.len()],
            features: HashSet::new(),
            of_dependencies: HashMap::new(),
            implicit,
        }
    }
}

/// Something that is still to be done. Tasks wait in a list, because the depth of a graph is the user's.
enum Task<'a> {
    /// A candidate is asked for.
    Reach(usize),
    /// So are all its features.
    AllFeatures(usize),
    /// So is all that it could depend on, because nobody knows what is asked for.
    Everything(usize),
    /// So is something that a feature would turn on.
    TurnOn(usize, Value<'a>),
    /// One of its dependencies is asked for.
    Activate(usize, usize),
}

struct Search<'a, 'c> {
    candidates: &'c [Candidate<'a>],
    rules: &'c Rules,
    unknown: Unknown,
    states: Vec<State<'a>>,
    tasks: Vec<Task<'a>>,
}

impl<'a, 'c: 'a> Search<'a, 'c> {
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
        let (Some(state), Some(candidate)) = (self.states.get_mut(index), self.candidates.get(index)) else {
            return;
        };
        if std::mem::replace(&mut state.is_reached, true) {
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
        let (Some(state), Some(candidate)) = (self.states.get(index), self.candidates.get(index)) else {
            return;
        };
        let declared =
            candidate.features.into_iter().flat_map(|features| features.keys().map(String::as_str));
        let all = declared.chain(state.implicit.iter().copied());
        self.tasks.extend(all.map(|feature| Task::TurnOn(index, Value::Feature(feature))));
    }

    fn everything(&mut self, index: usize) {
        self.all_features(index);
        let dependencies = self.candidates.get(index).map_or(0, |candidate| candidate.dependencies.len());
        self.tasks.extend((0..dependencies).map(|dependency| Task::Activate(index, dependency)));
    }

    fn turn_on(&mut self, index: usize, value: Value<'a>) {
        let (Some(state), Some(candidate)) = (self.states.get_mut(index), self.candidates.get(index)) else {
            return;
        };
        match value {
            Value::Feature(feature) => {
                let declared = candidate.features.and_then(|features| features.get(feature));
                let is_implicit = declared.is_none() && state.implicit.contains(feature);
                // Most features turn nothing on, and are not declared any more.
                if (declared.is_none() && !is_implicit) || !state.features.insert(feature) {
                    return;
                }
                let values = declared.into_iter().flatten();
                self.tasks.extend(values.map(|value| Task::TurnOn(index, Value::parse(value))));
                if is_implicit {
                    self.activate_key(index, feature);
                }
            }
            Value::Dependency(key) => self.activate_key(index, key),
            Value::OfDependency { key, feature, is_weak } => {
                let asked_for = state.of_dependencies.entry(key).or_default();
                if asked_for.contains(&feature) {
                    return;
                }
                asked_for.push(feature);
                let is_optional =
                    candidate.dependencies.iter().any(|one| one.terms.key == key && one.terms.optional);
                if is_optional && !is_weak {
                    self.tasks.push(Task::TurnOn(index, Value::Feature(key)));
                }
                // A weak one too: where cargo writes the lock file, it makes no difference.
                self.activate_key(index, key);
                for dependency in candidate.dependencies.iter().filter(|one| one.terms.key == key) {
                    let wanted = dependency.packages.iter();
                    self.tasks.extend(wanted.map(|&package| Task::TurnOn(package, Value::Feature(feature))));
                }
            }
        }
    }

    fn activate_key(&mut self, index: usize, key: &str) {
        let Some(candidate) = self.candidates.get(index) else { return };
        let named = candidate.dependencies.iter().enumerate().filter(|(_, one)| one.terms.key == key);
        self.tasks.extend(named.map(|(dependency, _)| Task::Activate(index, dependency)));
    }

    fn activate(&mut self, index: usize, number: usize) {
        let (Some(state), Some(candidate)) = (self.states.get_mut(index), self.candidates.get(index)) else {
            return;
        };
        let (Some(is_active), Some(dependency)) =
            (state.active.get_mut(number), candidate.dependencies.get(number))
        else {
            return;
        };
        let counts = dependency.kind != DependencyKind::Development
            || (self.rules.selects(candidate) && !self.rules.exclude_dev);
        if !counts || std::mem::replace(is_active, true) {
            return;
        }
        let terms = dependency.terms;
        let asked_for = state.of_dependencies.get(terms.key.as_str()).into_iter().flatten().copied();
        let features: Vec<&'a str> = terms
            .features
            .iter()
            .map(String::as_str)
            .chain(terms.default_features.then_some("default"))
            .chain(asked_for)
            .collect();
        for &package in &dependency.packages {
            self.tasks.push(Task::Reach(package));
            let wanted = features.iter().map(|feature| Task::TurnOn(package, Value::Feature(feature)));
            self.tasks.extend(wanted);
        }
    }
}
