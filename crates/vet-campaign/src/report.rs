//! The results of a campaign.

use std::collections::BTreeMap;

/// The ways in which an answer can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// The check passes, but cargo refuses the checkout because of its lock file or its sources.
    PassesWhatCargoRefuses,
    /// The check passes, but cargo compiles unvetted code.
    PassesUnvetted,
    /// The check passes on an honest checkout after a run on a hostile one.
    PassesAfterHostileRun,
    /// The check without `--locked` passes, but cargo compiles code that is not vetted, even with
    /// everything that peers and crates.io say.
    PassesOnline,
    /// The check passes, but the original fails.
    PassesWhatTheOriginalRefuses,
    /// The check passes although compiled sources differ from the published ones, and the tool does
    /// not report it or `--strict` passes too.
    PassesTampered,
    /// The check passes although code that is compiled because of the checkout's configuration is
    /// not vetted, and the tool does not report it or `--strict` passes too.
    PassesByConfiguration,
    /// Code of the checkout ran.
    RanCode,
    /// The tool crashed.
    Crashed,
    /// The tool did not end.
    Hung,
    /// The check fails for an honest checkout that is vetted.
    FailsHonest,
    /// Code from another source is not reported.
    Unreported,
    /// Cargo was started for an honest checkout for which the earlier version did not need it.
    StartedCargo,
}

impl Wrong {
    /// Whether a check passed that should have failed.
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

/// A wrong answer.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The kind of error.
    pub wrong: Wrong,
    /// The number of the checkout, or of the first checkout of an honest project.
    pub number: u64,
    /// The mutations that are needed to reproduce it.
    pub classes: Vec<String>,
    /// The statements of cargo and of the verdict.
    pub details: String,
}

/// The results of a campaign.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Projects that cargo accepts.
    pub projects: u64,
    /// The numbers of projects that cargo does not accept and that were not used, by cargo's
    /// reason.
    pub unusable: BTreeMap<String, u64>,
    /// Honest projects that pass.
    pub passing: u64,
    /// Honest projects that have rules.
    pub with_rules: u64,
    /// Honest projects for which cargo was started.
    pub with_cargo: u64,
    /// Honest projects for which the earlier version started cargo.
    pub with_cargo_before: u64,
    /// Why cargo was started for honest projects for which the earlier version did not start it.
    pub reasons_for_cargo: BTreeMap<String, u64>,
    /// Mutated checkouts.
    pub checkouts: u64,
    /// Mutated checkouts that pass.
    pub passes: u64,
    /// Mutated checkouts that fail although nothing is wrong with them.
    pub stricter: u64,
    /// The number of checkouts that were also checked without `--locked`, and of those that passed
    /// then.
    pub online: (u64, u64),
    /// Answers that were compared with those of the original.
    pub compared: u64,
    /// Passes that were not fully judged, by reason: cargo refuses the checkout for another reason
    /// than its lock file or sources, or cannot build it under the rules.
    pub not_judged: BTreeMap<String, u64>,
    /// For each class of mutations, how often it was applied, and how often the checkout passed.
    pub applied: BTreeMap<String, (u64, u64)>,
    /// The wrong answers.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Adds the results of another job.
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
