//! Criteria and what they imply.
//!
//! Two criteria are built in: `safe-to-run`, and `safe-to-deploy`, which implies it. `audits.toml`
//! defines the others, by name. Criteria are shown and written everywhere in the order that they
//! have here.

mod implication;

use std::collections::BTreeMap;

use fixedbitset::FixedBitSet;

use crate::entries::CriteriaEntry;
use implication::{closures, cycles};
pub(crate) use implication::{components, on_cycles};

/// The names of the built-in criteria, in order.
pub const BUILT_IN: [&str; 2] = ["safe-to-run", "safe-to-deploy"];

/// The limit on custom criteria. Criteria beyond it have no meaning. The original allows 62 beside
/// the built-in ones. Each criterion has a set of all criteria that it implies, so memory grows
/// with the square of their number.
pub const MOST_CRITERIA: usize = 4000;

/// All criteria of a project, with the closure of each under implication.
#[derive(Clone, Debug)]
pub struct Criteria {
    names: Vec<String>,
    by_name: BTreeMap<String, usize>,
    closures: Vec<CriteriaSet>,
    /// The same as `closures`, each set without the criterion itself.
    implied: Vec<CriteriaSet>,
}

/// A set of criteria, by index into [`Criteria`].
///
/// A set made from names is closed under implication. A set collected index by index may not be.
#[derive(Clone, Debug, Default)]
pub struct CriteriaSet(FixedBitSet);

/// A problem in a table of criteria.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CriteriaProblem {
    /// A custom criterion has the name of a built-in one.
    Shadows(String),
    /// A criterion implies one that does not exist.
    UnknownImplied {
        /// The criterion.
        name: String,
        /// Its position in the list `implies`.
        position: usize,
        /// The name that does not exist.
        implied: String,
    },
    /// A criterion implies itself, through the named criteria.
    Cycle(Vec<String>),
    /// The table has more than [`MOST_CRITERIA`] criteria. Names the first one above the limit.
    TooMany(String),
}

impl Criteria {
    /// The index of `safe-to-run`.
    pub const SAFE_TO_RUN: usize = 0;
    /// The index of `safe-to-deploy`.
    pub const SAFE_TO_DEPLOY: usize = 1;

    /// Creates the built-in criteria without any others.
    pub fn built_in() -> Self {
        Self::new(&BTreeMap::new()).0
    }

    /// Creates the built-in criteria and those of a table. Also returns every problem of the table.
    ///
    /// The result leaves out what is wrong: definitions that shadow built-in criteria, and unknown
    /// implied names. The members of a cycle imply each other. Of criteria beyond [`MOST_CRITERIA`]
    /// only the names are known; they imply nothing, not even themselves.
    pub fn new(table: &BTreeMap<String, CriteriaEntry>) -> (Self, Vec<CriteriaProblem>) {
        let mut problems = Vec::new();
        let mut names: Vec<String> = BUILT_IN.iter().map(|&name| name.to_owned()).collect();
        for name in table.keys() {
            if BUILT_IN.contains(&name.as_str()) {
                problems.push(CriteriaProblem::Shadows(name.clone()));
            } else {
                names.push(name.clone());
            }
        }
        let by_name: BTreeMap<String, usize> =
            names.iter().enumerate().map(|(index, name)| (name.clone(), index)).collect();

        let most = MOST_CRITERIA + BUILT_IN.len();
        problems.extend(names.get(most).map(|name| CriteriaProblem::TooMany(name.clone())));
        let mut implied: Vec<Vec<usize>> = vec![Vec::new(), vec![Self::SAFE_TO_RUN]];
        for name in names.iter().take(most).skip(BUILT_IN.len()) {
            let mut targets = Vec::new();
            let mut known = CriteriaSet::new();
            let list = table.get(name).map_or(&[][..], |entry| &entry.implies);
            for (position, target) in list.iter().enumerate() {
                match by_name.get(target) {
                    Some(&index) if index >= most || known.contains(index) => {}
                    Some(&index) => {
                        known.insert(index);
                        targets.push(index);
                    }
                    None => problems.push(CriteriaProblem::UnknownImplied {
                        name: name.clone(),
                        position,
                        implied: target.clone(),
                    }),
                }
            }
            implied.push(targets);
        }

        let components = components(&implied);
        let closures = closures(&implied, &components);
        problems.extend(cycles(&names, &implied, &components));
        let without = |(index, closure): (usize, &CriteriaSet)| closure.without(index);
        let implied = closures.iter().enumerate().map(without).collect();
        (Criteria { names, by_name, closures, implied }, problems)
    }

    /// Returns the number of criteria.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Always returns `false`: two criteria are built in.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Iterates over the names, in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Returns the name of a criterion, or an empty text if the index is not one of these criteria.
    pub fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    /// Returns the index of a criterion.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// Whether a criterion of this name exists.
    pub fn contains(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Returns the criterion and all criteria that it implies.
    pub fn closure(&self, index: usize) -> CriteriaSet {
        self.closures.get(index).cloned().unwrap_or_default()
    }

    /// Returns the union of the closures of all named criteria. Unknown names contribute nothing.
    pub fn set<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> CriteriaSet {
        let mut set = CriteriaSet::default();
        for name in names {
            if let Some(closure) = self.index(name).and_then(|index| self.closures.get(index)) {
                set.union_with(closure);
            }
        }
        set
    }

    /// Returns the set of all criteria.
    pub fn all(&self) -> CriteriaSet {
        (0..self.len()).collect()
    }

    /// Returns the members of a set that no other member implies, in order.
    pub fn minimal(&self, set: &CriteriaSet) -> Vec<usize> {
        let mut implied = CriteriaSet::new();
        set.iter().filter_map(|member| self.implied.get(member)).for_each(|other| implied.union_with(other));
        set.iter().filter(|&member| !implied.contains(member)).collect()
    }

    /// Returns the names of the members of a set that no other member implies, in order. Store
    /// files contain lists in this form.
    pub fn minimal_names(&self, set: &CriteriaSet) -> Vec<String> {
        self.minimal(set).into_iter().map(|index| self.name(index).to_owned()).collect()
    }

    /// Iterates over the other criteria that imply `index`, in order.
    pub fn implied_by(&self, index: usize) -> impl Iterator<Item = usize> {
        let implies = move |&other: &usize| {
            other != index && self.closures.get(other).is_some_and(|closure| closure.contains(index))
        };
        (0..self.len()).filter(implies)
    }
}

impl CriteriaSet {
    /// The empty set.
    pub const EMPTY: CriteriaSet = CriteriaSet(FixedBitSet::new());

    /// Creates an empty set.
    pub fn new() -> Self {
        Self::EMPTY
    }

    /// Adds a criterion.
    pub fn insert(&mut self, index: usize) {
        self.0.grow(index + 1);
        self.0.insert(index);
    }

    /// Whether the criterion is a member.
    pub fn contains(&self, index: usize) -> bool {
        self.0.contains(index)
    }

    /// Whether every member of `other` is a member of this set.
    pub fn contains_all(&self, other: &CriteriaSet) -> bool {
        other.0.is_subset(&self.0)
    }

    /// Returns the set without one member.
    fn without(&self, index: usize) -> CriteriaSet {
        let mut set = self.clone();
        if set.contains(index) {
            set.0.remove(index);
        }
        set
    }

    /// Adds all members of another set.
    pub fn union_with(&mut self, other: &CriteriaSet) {
        self.0.union_with(&other.0);
    }

    /// Iterates over the members, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.ones()
    }

    /// Whether the set has no members.
    pub fn is_empty(&self) -> bool {
        self.0.is_clear()
    }

    /// Returns the members of this set that are not in `other`.
    #[must_use]
    pub fn difference(&self, other: &CriteriaSet) -> CriteriaSet {
        self.iter().filter(|&index| !other.contains(index)).collect()
    }
}

// Compares the members: the underlying bit set also compares its capacity.
impl PartialEq for CriteriaSet {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for CriteriaSet {}

impl std::hash::Hash for CriteriaSet {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.iter().for_each(|index| index.hash(state));
    }
}

impl FromIterator<usize> for CriteriaSet {
    fn from_iter<I: IntoIterator<Item = usize>>(indices: I) -> Self {
        let mut set = CriteriaSet::default();
        indices.into_iter().for_each(|index| set.insert(index));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::implication::MOST_CYCLES;
    use super::*;

    /// Creates criteria from lines such as `fast: safe-to-run, tested`.
    fn criteria(lines: &[&str]) -> (Criteria, Vec<CriteriaProblem>) {
        let entry = |line: &&str| {
            let (name, implies) = line.split_once(':').unwrap();
            let implies = implies
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect();
            (name.to_owned(), CriteriaEntry { implies, ..CriteriaEntry::default() })
        };
        Criteria::new(&lines.iter().map(entry).collect())
    }

    fn set(criteria: &Criteria, names: &[&str]) -> CriteriaSet {
        criteria.set(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn built_in_criteria_come_first_and_the_others_by_name() {
        let (criteria, problems) = criteria(&["zz:", "B:", "a:"]);
        assert_eq!(problems, []);
        assert_eq!(criteria.names().collect::<Vec<_>>(), ["safe-to-run", "safe-to-deploy", "B", "a", "zz"]);
        assert_eq!(criteria.index("safe-to-run"), Some(Criteria::SAFE_TO_RUN));
        assert_eq!(criteria.index("safe-to-deploy"), Some(Criteria::SAFE_TO_DEPLOY));
        assert_eq!((criteria.name(2), criteria.name(99), criteria.index("c")), ("B", "", None));
        assert!(!criteria.is_empty() && criteria.contains("zz") && !criteria.contains("z"));
    }

    #[test]
    fn sets_from_names_are_closed_and_their_minimal_form_is_short() {
        let (criteria, _) =
            criteria(&["crypto: safe-to-deploy, reviewed", "reviewed:", "fuzzed: safe-to-run"]);
        for (names, minimal) in [
            (&[][..], &[][..]),
            (&["safe-to-run"], &["safe-to-run"]),
            (&["safe-to-run", "safe-to-deploy"], &["safe-to-deploy"]),
            (&["fuzzed", "safe-to-deploy"], &["safe-to-deploy", "fuzzed"]),
            (&["reviewed", "fuzzed", "crypto"], &["crypto", "fuzzed"]),
            (&["unheard-of", "reviewed"], &["reviewed"]),
        ] {
            assert_eq!(criteria.minimal_names(&set(&criteria, names)), minimal, "{names:?}");
        }
        let crypto = set(&criteria, &["crypto"]);
        assert!(
            crypto.contains(Criteria::SAFE_TO_RUN)
                && crypto.contains_all(&set(&criteria, &["safe-to-deploy"]))
        );
        assert!(!crypto.contains_all(&set(&criteria, &["fuzzed"])));
        assert_eq!(criteria.minimal_names(&criteria.all()), ["crypto", "fuzzed"]);
        let implying: Vec<usize> = criteria.implied_by(Criteria::SAFE_TO_RUN).collect();
        assert_eq!(
            implying.iter().map(|&index| criteria.name(index)).collect::<Vec<_>>(),
            ["safe-to-deploy", "crypto", "fuzzed"]
        );
    }

    #[test]
    fn sets_that_are_not_closed_are_minimised_by_their_members_alone() {
        let (criteria, _) = criteria(&["a: b", "b: c", "c:"]);
        let index = |name| criteria.index(name).unwrap();
        let open: CriteriaSet = [index("a"), index("c")].into_iter().collect();
        assert_eq!(criteria.minimal_names(&open), ["a"]);
        assert_eq!(criteria.minimal_names(&open.difference(&set(&criteria, &["b"]))), ["a"]);
    }

    #[test]
    fn sets_are_equal_by_member() {
        let mut grown = CriteriaSet::new();
        grown.insert(500);
        assert_ne!(grown, CriteriaSet::EMPTY);
        let shrunk = grown.difference(&grown);
        assert_eq!(shrunk, CriteriaSet::EMPTY);
        assert!(shrunk.is_empty() && CriteriaSet::EMPTY.contains_all(&shrunk) && grown.contains_all(&shrunk));
        assert!(!CriteriaSet::EMPTY.contains_all(&grown));
    }

    #[test]
    fn what_makes_no_sense_is_reported_and_left_out() {
        let (criteria, problems) = criteria(&["safe-to-run: a", "a: nothing, safe-to-deploy, no-one"]);
        assert_eq!(
            problems,
            [
                CriteriaProblem::Shadows("safe-to-run".to_owned()),
                CriteriaProblem::UnknownImplied {
                    name: "a".to_owned(),
                    position: 0,
                    implied: "nothing".to_owned()
                },
                CriteriaProblem::UnknownImplied {
                    name: "a".to_owned(),
                    position: 2,
                    implied: "no-one".to_owned()
                },
            ]
        );
        assert_eq!(criteria.len(), 3);
        assert_eq!(criteria.minimal_names(&set(&criteria, &["a"])), ["a"]);
        assert!(set(&criteria, &["a"]).contains(Criteria::SAFE_TO_RUN));
    }

    #[test]
    fn cycles_are_reported_by_the_shortest_way() {
        for (lines, cycles) in [
            (&["a: a"][..], vec!["a a"]),
            (&["a: b", "b: a"], vec!["a b a"]),
            (&["a: b, c", "b: c", "c: a"], vec!["a c a", "b c a b"]),
            (&["a: b, c", "b: a", "c: a"], vec!["a b a", "c a c"]),
            (&["a: b", "b: c", "c: b"], vec!["b c b"]),
            (&["a: b", "b: a", "c: d", "d: c, a"], vec!["a b a", "c d c"]),
            (&["a: b, safe-to-run", "b: safe-to-deploy", "c: a, b"], vec![]),
        ] {
            let (_, problems) = criteria(lines);
            let path = |problem: &CriteriaProblem| match problem {
                CriteriaProblem::Cycle(path) => path.join(" "),
                other => panic!("{other:?}"),
            };
            assert_eq!(problems.iter().map(path).collect::<Vec<_>>(), cycles, "{lines:?}");
        }
    }

    #[test]
    fn members_of_a_cycle_imply_each_other() {
        let (criteria, _) = criteria(&["a: b", "b: c", "c: a"]);
        let index = |name| criteria.index(name).unwrap();
        assert_eq!(criteria.closure(index("a")), criteria.closure(index("c")));
        assert!(criteria.closure(99).is_empty());
    }

    /// Each of these cases took seconds or minutes when the work grew with the number of paths.
    #[test]
    fn there_may_not_be_too_many() {
        let name = |index: usize| format!("c{index:06}");
        let table = |count: usize, implies: &dyn Fn(usize) -> Vec<usize>| {
            let entry = |index| {
                let implies = implies(index).into_iter().map(name).collect();
                (name(index), CriteriaEntry { implies, ..CriteriaEntry::default() })
            };
            Criteria::new(&(0..count).map(entry).collect())
        };
        const MANY: usize = 100_000;
        let too_many = [CriteriaProblem::TooMany(name(MOST_CRITERIA))];
        let chain = |index: usize| if index + 1 < MANY { vec![index + 1] } else { Vec::new() };
        let (criteria, problems) = table(MANY, &chain);
        assert_eq!(problems, too_many);
        assert!(criteria.contains(&name(MANY - 1)) && criteria.closure(MANY).is_empty());
        let (_, problems) = table(MANY, &|index| vec![(index + 1) % MANY]);
        assert_eq!(problems, too_many);

        let (criteria, problems) = table(MOST_CRITERIA, &|index| vec![(index + 1).min(MOST_CRITERIA - 1)]);
        assert_eq!(problems.len(), 1, "the last one implies itself");
        assert_eq!(criteria.closure(criteria.index(&name(0)).unwrap()).iter().count(), MOST_CRITERIA);

        const SOME: usize = 500;
        let (criteria, problems) = table(SOME, &|index| (index + 1..SOME).collect());
        assert_eq!(problems, []);
        let first = criteria.index(&name(0)).unwrap();
        for _ in 0..1_000 {
            assert_eq!(criteria.minimal(&criteria.closure(first)), [first]);
        }
        let (_, problems) = table(SOME, &|_| (0..SOME).collect());
        assert_eq!(problems.len(), MOST_CYCLES);
        let (_, problems) = table(10, &|_| vec![1; 50_000]);
        assert_eq!(problems, [CriteriaProblem::Cycle(vec![name(1), name(1)])]);
    }

    /// The original allows 64 criteria. Nothing wraps around here.
    #[test]
    fn there_may_be_many() {
        let lines: Vec<String> = (0..200).map(|index| format!("c{index}: safe-to-run")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let (criteria, problems) = criteria(&lines);
        assert_eq!((criteria.len(), problems.len()), (202, 0));
        assert_eq!(criteria.all().iter().count(), 202);
    }
}
