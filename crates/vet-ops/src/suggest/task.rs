//! Planning one crate: audits are measured only if they could be among the cheapest.
//!
//! A size is not known before two source trees are compared line by line. But what it is at least, is: it takes a look at
//! which files are the same. So a plan is made with what each audit costs at least; what it chooses is measured; and that
//! is repeated until it chooses nothing that is not. Nothing that is left can be cheaper.

use std::collections::{BTreeMap, BTreeSet};

use vet_diff::Size;
use vet_resolver::{Audit, Plan, Shortfall};
use vet_store::{Diagnostic, Version};

/// What measures the audits of one crate.
pub(super) trait Ruler {
    /// How large an audit is.
    fn exactly(&mut self, audit: &Audit) -> Result<Size, Diagnostic>;

    /// How many lines an audit has at least. Nothing if its source cannot be had.
    fn at_least(&mut self, audit: &Audit) -> Option<u64>;
}

/// Audits that give a crate what it lacks, and how large they are.
#[derive(Clone, Debug, Default)]
pub(super) struct PlannedCrate {
    pub(super) plan: Plan,
    /// The sizes of the planned audits.
    pub(super) sizes: BTreeMap<Audit, Size>,
    /// Why some audits could not be measured, in order.
    pub(super) unmeasured: BTreeMap<Audit, Diagnostic>,
}

impl PlannedCrate {
    /// How many lines have to be read.
    pub(super) fn lines(&self) -> u64 {
        self.sizes.values().fold(0, |sum, size| sum.saturating_add(size.lines()))
    }
}

/// More audits than these are not weighed against each other, only those from and to the nearest versions.
const MOST_AUDITS: usize = 4_000;

/// The audits that are weighed for a crate.
pub(super) fn considered(shortfall: &Shortfall) -> BTreeSet<Audit> {
    let nearest = shortfall.nearest();
    let among: BTreeSet<Version> =
        nearest.iter().flat_map(|audit| audit.from.iter().chain([&audit.to])).cloned().collect();
    match among.len().saturating_mul(among.len()) {
        0..=MOST_AUDITS => shortfall.audits(&among),
        _ => nearest,
    }
}

/// Finds the cheapest of some audits that give a crate what it lacks.
pub(super) fn plan(
    shortfall: &Shortfall,
    considered: &BTreeSet<Audit>,
    ruler: &mut dyn Ruler,
) -> PlannedCrate {
    let mut unmeasured = BTreeMap::new();
    let mut offered: BTreeMap<&Audit, u64> = BTreeMap::new();
    for audit in considered {
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
        let plan = shortfall.plan(&offers);
        let open = plan.audits.iter().map(|planned| &planned.audit);
        let open: Vec<&Audit> = open.filter(|audit| !sizes.contains_key(audit)).collect();
        if open.is_empty() {
            sizes.retain(|audit, _| plan.audits.iter().any(|planned| planned.audit == *audit));
            return PlannedCrate { plan, sizes, unmeasured };
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
    use vet_resolver::Shortfall;
    use vet_store::Code;
    use vet_testing::{statements, version};

    use super::*;

    /// Sizes and bounds from a table. What is not in it, or without a size, cannot be measured.
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

    /// Plans `demo 4` and `demo 7` with a table of `audit: bound, size`; tells the plan, what was measured, and what
    /// could not be.
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
        let planned = plan(&shortfall, &considered(&shortfall), &mut table);
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
        // What looked cheap is not.
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
        // Without `4`, the step from there is of no use.
        check(
            "",
            &[("4", 0, None), ("4 -> 7", 0, Some(1)), ("7", 50, Some(50))],
            ["7 = 50", "7 -> 4, 4, 4 -> 7, 7", "4, 7 -> 4"],
        );
    }
}
