//! Plans one crate. Audits are measured only if they could be among the cheapest.
//!
//! The exact size of an audit is known only after two source trees are compared line by line. A
//! lower bound is cheap: it only needs to know which files are equal. So a plan is made with the
//! lower bounds, the audits that it chooses are measured, and this is repeated until it chooses
//! measured audits only. No other plan can be cheaper then.
//!
//! The versions that an audit may start from do not depend on which sources are on this machine.
//! First the nearest versions are considered. If much is left to read, farther versions follow, as
//! long as they lead to better plans.

use std::collections::{BTreeMap, BTreeSet};

use vet_diagnostics::Diagnostic;
use vet_resolver::{Audit, Plan, Shortfall};
use vet_source::Size;
use vet_store::Version;
use vet_store::entries::AuditEntry;

/// Measures the audits of one crate.
pub(super) trait Ruler {
    /// The exact size of an audit.
    fn exactly(&mut self, audit: &Audit) -> Result<Size, Diagnostic>;

    /// A lower bound for the lines of an audit. `None` if its source is unavailable.
    fn at_least(&mut self, audit: &Audit) -> Option<u64>;
}

/// The audits that give a crate what it lacks, and their sizes.
#[derive(Clone, Debug, Default)]
pub(super) struct PlannedCrate {
    pub(super) plan: Plan,
    /// The sizes of the planned audits.
    pub(super) sizes: BTreeMap<Audit, Size>,
    /// Why some audits could not be measured, in order.
    pub(super) unmeasured: BTreeMap<Audit, Diagnostic>,
    /// The versions that lack something and that no audit helps, with the violations that cover
    /// them.
    pub(super) forbidden: BTreeMap<Version, Vec<(Option<String>, AuditEntry)>>,
}

impl PlannedCrate {
    /// Orders plans: fewer versions out of reach are better, and then fewer lines.
    fn rank(&self) -> (usize, u64) {
        (self.plan.out_of_reach.len(), self.lines())
    }

    /// The number of lines to read.
    pub(super) fn lines(&self) -> u64 {
        self.sizes.values().fold(0, |sum, size| sum.saturating_add(size.lines()))
    }
}

/// The maximum number of audits that are considered. Beyond it, only those from and to the nearest
/// versions are.
const MOST_AUDITS: usize = 4_000;

/// An audit of this many lines takes so long to read that archives of other versions are worth
/// fetching.
const WORTH_A_LOOK: u64 = 500;

/// A crate to plan.
pub(super) struct Task {
    pub(super) name: String,
    pub(super) shortfall: Shortfall,
    /// The audits that are considered.
    pub(super) considered: BTreeSet<Audit>,
}

impl Task {
    /// Creates a task with audits from and to the nearest versions.
    pub(super) fn new(name: &str, shortfall: Shortfall) -> Self {
        Self::with(name, shortfall, &BTreeSet::new())
    }

    /// Creates a task with audits from and to additional versions.
    pub(super) fn with(name: &str, shortfall: Shortfall, more: &BTreeSet<Version>) -> Self {
        let nearest = shortfall.nearest();
        let mut among: BTreeSet<Version> = nearest.iter().flat_map(versions).cloned().collect();
        among.extend(more.iter().cloned());
        let considered = match among.len().saturating_mul(among.len()) {
            0..=MOST_AUDITS => shortfall.audits(&among),
            _ => nearest,
        };
        Task { name: name.to_owned(), shortfall, considered }
    }

    /// A task with audits from versions beyond the nearest, for planned audits that take long to
    /// read. `distance` counts from the nearest version, on each side. `None` if there are no more
    /// versions.
    fn beyond(&self, planned: &PlannedCrate, distance: usize) -> Option<Self> {
        let large = planned.sizes.iter().filter(|(_, size)| size.lines() >= WORTH_A_LOOK);
        let neighbours = large.flat_map(|(audit, _)| self.shortfall.neighbours(&audit.to, distance + 1));
        let weighed = self.considered.iter().flat_map(versions).cloned();
        let task = Self::with(&self.name, self.shortfall.clone(), &neighbours.chain(weighed).collect());
        task.considered.iter().any(|audit| !self.considered.contains(audit)).then_some(task)
    }
}

/// Plans crates, in the order of the tasks. If much is left to read, audits from farther versions
/// are considered too: one more on each side per round, as long as the plan improves.
pub(super) fn look_beyond(
    tasks: Vec<Task>,
    plan: &mut dyn FnMut(&[Task]) -> Vec<PlannedCrate>,
) -> Vec<PlannedCrate> {
    let mut planned = plan(&tasks);
    let mut open: Vec<(usize, Task)> = tasks.into_iter().enumerate().collect();
    for distance in 1.. {
        let further = open.iter().filter_map(|(place, task)| {
            let task = task.beyond(planned.get(*place)?, distance)?;
            Some((*place, task))
        });
        let (places, tasks): (Vec<usize>, Vec<Task>) = further.unzip();
        if tasks.is_empty() {
            break;
        }
        let plans = plan(&tasks);
        open.clear();
        for ((place, task), new) in places.into_iter().zip(tasks).zip(plans) {
            if let Some(old) = planned.get_mut(place).filter(|old| new.rank() < old.rank()) {
                *old = new;
                open.push((place, task));
            }
        }
    }
    planned
}

/// The versions that an audit compares.
pub(super) fn versions(audit: &Audit) -> impl Iterator<Item = &Version> {
    audit.from.iter().chain([&audit.to])
}

/// Finds the cheapest of the considered audits that give a crate what it lacks.
pub(super) fn plan(task: &Task, ruler: &mut dyn Ruler) -> PlannedCrate {
    let mut unmeasured = BTreeMap::new();
    let mut offered: BTreeMap<&Audit, u64> = BTreeMap::new();
    for audit in &task.considered {
        match ruler.at_least(audit) {
            Some(lines) => drop(offered.insert(audit, lines)),
            None => {
                if let Err(problem) = ruler.exactly(audit) {
                    unmeasured.insert(audit.clone(), problem);
                }
            }
        }
    }
    let mut sizes: BTreeMap<Audit, Size> = BTreeMap::new();
    loop {
        let offers: Vec<(Audit, u64)> =
            offered.iter().map(|(audit, lines)| ((*audit).clone(), *lines)).collect();
        let plan = task.shortfall.plan(&offers);
        let open = plan.audits.iter().map(|planned| &planned.audit);
        let open: Vec<&Audit> = open.filter(|audit| !sizes.contains_key(audit)).collect();
        if open.is_empty() {
            sizes.retain(|audit, _| plan.audits.iter().any(|planned| planned.audit == *audit));
            let forbidden = task.shortfall.forbidden.clone();
            return PlannedCrate { plan, sizes, unmeasured, forbidden };
        }
        for audit in open {
            match ruler.exactly(audit) {
                Ok(size) => {
                    if let Some(lines) = offered.get_mut(audit) {
                        *lines = size.lines();
                    }
                    sizes.insert(audit.clone(), size);
                }
                Err(problem) => {
                    offered.remove(audit);
                    unmeasured.insert(audit.clone(), problem);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vet_diagnostics::Code;
    use vet_resolver::Shortfall;
    use vet_testing::{statements, version};

    use super::*;

    /// Sizes and bounds from a table. An audit that is not in it, or that has no size, cannot be
    /// measured.
    struct Table {
        /// `from -> to` or `to`, the bound, and the size.
        rows: Vec<(Audit, u64, Option<u64>)>,
        measured: Vec<String>,
    }

    impl Table {
        fn row(&self, audit: &Audit) -> Option<&(Audit, u64, Option<u64>)> {
            self.rows.iter().find(|(row, ..)| row == audit)
        }
    }

    impl Ruler for Table {
        fn exactly(&mut self, audit: &Audit) -> Result<Size, Diagnostic> {
            self.measured.push(text(audit));
            let lines = self.row(audit).and_then(|(.., lines)| *lines);
            let lines = lines.ok_or_else(|| Diagnostic::error(Code::Io, format!("no {}", text(audit))))?;
            Ok(Size { insertions: lines, ..Size::default() })
        }

        fn at_least(&mut self, audit: &Audit) -> Option<u64> {
            self.row(audit).map(|(_, bound, _)| *bound)
        }
    }

    fn text(audit: &Audit) -> String {
        let short = |version: &Version| version.to_string().replace(".0.0", "");
        match &audit.from {
            None => short(&audit.to),
            Some(from) => format!("{} -> {}", short(from), short(&audit.to)),
        }
    }

    /// Plans `demo 4` and `demo 7` with a table of `audit: bound, size`. Checks the plan, what was
    /// measured, and what could not be.
    fn check(store: &str, table: &[(&str, u64, Option<u64>)], expected: [&str; 3]) {
        let loaded = statements(store);
        let missing = loaded.criteria.closure(vet_store::Criteria::SAFE_TO_DEPLOY);
        let lacking = [(version("4"), missing.clone()), (version("7"), missing)];
        let shortfall = Shortfall::find(&loaded.store, &loaded.criteria, "demo", &lacking, None).unwrap();
        let rows = table.iter().map(|(audit, bound, lines)| {
            let (from, to) = match audit.split_once(" -> ") {
                Some((from, to)) => (Some(version(from)), to),
                None => (None, *audit),
            };
            (Audit { from, to: version(to) }, *bound, *lines)
        });
        let mut table = Table { rows: rows.collect(), measured: Vec::new() };
        let planned = plan(&Task::new("demo", shortfall), &mut table);
        let audits = planned.plan.audits.iter();
        let audits = audits.map(|it| format!("{} = {}", text(&it.audit), planned.sizes[&it.audit].lines()));
        let found = [
            audits.collect::<Vec<_>>().join(", "),
            table.measured.join(", "),
            planned.unmeasured.keys().map(text).collect::<Vec<_>>().join(", "),
        ];
        assert_eq!(found, expected, "{store}");
    }

    #[test]
    fn only_what_could_be_cheapest_is_measured() {
        check(
            "audit demo 3: D",
            &[
                ("3 -> 4", 10, Some(12)),
                ("3 -> 7", 90, Some(95)),
                ("4 -> 7", 20, Some(25)),
                ("7 -> 4", 25, Some(25)),
                ("4", 500, Some(500)),
                ("7", 550, Some(550)),
            ],
            ["3 -> 4 = 12, 4 -> 7 = 25", "3 -> 4, 4 -> 7", ""],
        );
        // An audit with a low bound is larger than expected.
        check(
            "audit demo 3: D",
            &[
                ("3 -> 4", 0, Some(100)),
                ("4 -> 7", 0, Some(100)),
                ("3 -> 7", 30, Some(40)),
                ("7 -> 4", 50, Some(50)),
            ],
            ["7 -> 4 = 50, 3 -> 7 = 40", "4, 7, 3 -> 4, 4 -> 7, 7 -> 4, 3 -> 7", "4, 7"],
        );
    }

    #[test]
    fn what_cannot_be_measured_is_told_and_left_out() {
        // Without `4`, the step from there is useless.
        check(
            "",
            &[("4", 0, None), ("4 -> 7", 0, Some(1)), ("7", 50, Some(50))],
            ["7 = 50", "7 -> 4, 4, 4 -> 7, 7", "4, 7 -> 4"],
        );
    }

    /// Lines from a rule, and bounds that are half of them.
    struct Rule<'a>(&'a dyn Fn(&Audit) -> u64);

    impl Ruler for Rule<'_> {
        fn exactly(&mut self, audit: &Audit) -> Result<Size, Diagnostic> {
            Ok(Size { insertions: (self.0)(audit), ..Size::default() })
        }

        fn at_least(&mut self, audit: &Audit) -> Option<u64> {
            Some((self.0)(audit) / 2)
        }
    }

    /// What `demo 5` and `demo 9` lack if some versions are audited.
    fn shortfall(audited: &[u64]) -> Option<Shortfall> {
        let store: Vec<String> = audited.iter().map(|number| format!("audit demo {number}: D")).collect();
        let loaded = statements(&store.join("\n"));
        let missing = loaded.criteria.closure(vet_store::Criteria::SAFE_TO_DEPLOY);
        let lacking = [(version("5"), missing.clone()), (version("9"), missing)];
        Shortfall::find(&loaded.store, &loaded.criteria, "demo", &lacking, None)
    }

    #[test]
    fn what_is_beyond_is_looked_at_where_there_is_much_to_read_and_it_helps() {
        // The lines to 9 from each version, the plan, and the versions from which audits to 9 are
        // considered in each round.
        let check = |lines: &[(u64, u64)], expected: &str, rounds: &[&str]| {
            let audited: Vec<u64> = lines.iter().map(|(from, _)| *from).chain([5]).collect();
            let rule = |audit: &Audit| {
                let from = audit.from.as_ref().map(|from| from.semver.major);
                lines.iter().find(|(version, _)| Some(*version) == from).map_or(9_000, |(_, lines)| *lines)
            };
            let mut weighed = Vec::new();
            let task = Task::new("demo", shortfall(&audited).unwrap());
            let planned = look_beyond(vec![task], &mut |tasks| {
                let from = tasks[0].considered.iter().filter_map(|audit| audit.from.as_ref());
                let from: Vec<String> = from.map(|from| from.semver.major.to_string()).collect();
                weighed.push(from.join(" "));
                tasks.iter().map(|task| plan(task, &mut Rule(&rule))).collect()
            });
            let audits: Vec<String> = planned[0].plan.audits.iter().map(|it| text(&it.audit)).collect();
            assert_eq!(
                (audits.join(", ").as_str(), weighed),
                (expected, rounds.iter().map(|it| (*it).to_owned()).collect())
            );
        };
        check(&[(6, 10), (7, 20), (8, 499)], "8 -> 9", &["8"]);
        check(&[(6, 10), (7, 600), (8, 500)], "8 -> 9", &["8", "7 8"]);
        check(&[(6, 700), (7, 500), (8, 600)], "7 -> 9", &["8", "7 8", "6 7 8"]);
        check(&[(6, 700), (7, 499), (8, 600)], "7 -> 9", &["8", "7 8"]);
        check(&[(6, 500), (7, 550), (8, 600)], "6 -> 9", &["8", "7 8", "6 7 8", "5 6 7 8"]);
        // On both sides.
        check(&[(7, 800), (8, 600), (10, 700), (11, 90), (12, 1)], "11 -> 9", &["8 10", "7 8 10 11"]);
        // There are no other versions.
        check(&[(8, 600)], "8 -> 9", &["8", "5 8"]);
        check(&[], "9", &["5"]);
    }

    proptest! {
        /// Considering farther versions is never worse than not doing so, and never better than
        /// considering everything.
        #[test]
        fn more_is_never_worse(
            audited in prop::collection::btree_set(1..12_u64, 0..8),
            lines in prop::collection::vec(0..2_000_u64, 13 * 13),
        ) {
            let audited: Vec<u64> = audited.into_iter().collect();
            let rule = |audit: &Audit| {
                let from = audit.from.as_ref().map_or(0, |from| from.semver.major);
                lines[(from * 13 + audit.to.semver.major) as usize]
            };
            if let Some(shortfall) = shortfall(&audited) {
                let plan = |task: &Task| plan(task, &mut Rule(&rule));
                let all = (1..13).map(|number| version(&number.to_string())).collect();
                let nearest = plan(&Task::new("demo", shortfall.clone()));
                let everything = plan(&Task::with("demo", shortfall.clone(), &all));
                let beyond = look_beyond(vec![Task::new("demo", shortfall)], &mut |tasks| tasks.iter().map(plan).collect());
                let ranks = [everything.rank(), beyond[0].rank(), nearest.rank()];
                prop_assert!(ranks.is_sorted(), "{:?}", ranks);
                prop_assert_eq!(ranks[0].0, 0);
            }
        }
    }
}
