//! What a campaign found.

use std::collections::BTreeMap;

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// The check passes, and cargo refuses the checkout because of its lock file or its sources.
    PassesWhatCargoRefuses,
    /// The check passes, and what cargo compiles is not vetted.
    PassesUnvetted,
    /// The check passes on an honest checkout after a run on a hostile one.
    PassesAfterHostileRun,
    /// The check without `--locked` passes, and what cargo compiles is not vetted with what peers and crates.io say.
    PassesOnline,
    /// The check passes, and the original does not.
    PassesWhatTheOriginalRefuses,
    /// The check passes, and sources that are compiled are not the published ones, without a report or with `--strict`.
    PassesTampered,
    /// The check passes, and what is compiled for the configuration of the checkout is not vetted, without a report or with
    /// `--strict`.
    PassesByConfiguration,
    /// Code of the checkout ran.
    RanCode,
    /// The tool crashed.
    Crashed,
    /// The tool did not end.
    Hung,
    /// The check fails on an honest checkout that is vetted.
    FailsHonest,
    /// Code from elsewhere is not reported.
    Unreported,
    /// Cargo was started for an honest checkout where the earlier version needed none.
    StartedCargo,
}

impl Wrong {
    /// Whether a check passed that should not have.
    pub fn is_false_pass(self) -> bool {
        use Wrong::*;
        matches!(
            self,
            PassesWhatCargoRefuses
                | PassesUnvetted
                | PassesAfterHostileRun
                | PassesOnline
                | PassesWhatTheOriginalRefuses
                | PassesTampered
                | PassesByConfiguration
        )
    }
}

/// Something wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What.
    pub wrong: Wrong,
    /// The number of the checkout, or of the first of an honest project.
    pub number: u64,
    /// The mutations that it takes.
    pub classes: Vec<String>,
    /// What cargo and the verdict say.
    pub details: String,
}

/// What a campaign found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Projects that cargo accepts.
    pub projects: u64,
    /// Projects that cargo does not accept, and that were not used, by its reasons.
    pub unusable: BTreeMap<String, u64>,
    /// Projects that pass.
    pub passing: u64,
    /// Honest projects that have rules.
    pub with_rules: u64,
    /// Honest projects for which cargo was started.
    pub with_cargo: u64,
    /// Those for which the earlier version started it.
    pub with_cargo_before: u64,
    /// Why cargo was started for honest projects, where the earlier version did not start it.
    pub reasons_for_cargo: BTreeMap<String, u64>,
    /// Mutated checkouts.
    pub checkouts: u64,
    /// Those that pass.
    pub passes: u64,
    /// Those that do not pass although nothing is wrong with them.
    pub stricter: u64,
    /// Checkouts that were checked without `--locked` as well, and those that pass then.
    pub online: (u64, u64),
    /// Answers that were compared with the original's.
    pub compared: u64,
    /// Passes that were not judged in full, because cargo refuses the checkout for another reason than its lock file and its
    /// sources, or cannot build it within the rules.
    pub not_judged: BTreeMap<String, u64>,
    /// How often each class of mutations was applied, and how often the checkout passed.
    pub applied: BTreeMap<String, (u64, u64)>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Adds what another job found.
    pub fn add(&mut self, other: Report) {
        self.projects += other.projects;
        self.passing += other.passing;
        self.with_rules += other.with_rules;
        self.with_cargo += other.with_cargo;
        self.with_cargo_before += other.with_cargo_before;
        self.checkouts += other.checkouts;
        self.passes += other.passes;
        self.stricter += other.stricter;
        self.online.0 += other.online.0;
        self.online.1 += other.online.1;
        self.compared += other.compared;
        for (class, (applied, passed)) in other.applied {
            let sum = self.applied.entry(class).or_default();
            sum.0 += applied;
            sum.1 += passed;
        }
        for (sum, more) in [
            (&mut self.unusable, other.unusable),
            (&mut self.reasons_for_cargo, other.reasons_for_cargo),
            (&mut self.not_judged, other.not_judged),
        ] {
            for (key, count) in more {
                *sum.entry(key).or_default() += count;
            }
        }
        self.findings.extend(other.findings);
    }
}
