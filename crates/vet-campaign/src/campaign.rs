//! The campaign: honest projects, what an attacker makes of them, and what is wrong with the answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use crate::graph::Graph;
use crate::machine::{Machine, Outcome, Programs};
use crate::mutations::{Mutation, Subject, catalog};
use crate::oracle::{Judgement, graph, judge};
use crate::project::Project;
use crate::random::Random;
use crate::store::write_store;
use crate::tree::{Tree, write_tree};
use crate::universe::Universe;

/// How a campaign runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What everything follows from.
    pub seed: u64,
    /// How many checkouts are made of each project.
    pub checkouts: u64,
    /// How many projects share a universe.
    pub projects: u64,
    /// How many of a hundred answers are compared with those of the original.
    pub compared: usize,
    /// The classes of mutations that take part; all if empty.
    pub classes: Vec<String>,
    /// Where checkouts are kept that show something wrong.
    pub keep: Option<PathBuf>,
    /// The programs.
    pub programs: Programs,
}

/// An honest project with lock file and store.
#[derive(Clone, Debug)]
pub struct Base {
    /// The project.
    pub project: Project,
    /// The files.
    pub tree: Tree,
    /// Cargo's graph.
    pub graph: Graph,
    /// The published packages that the store does not vet.
    pub unvetted: BTreeSet<(String, String)>,
    /// Whether what is compiled is vetted.
    pub judgement: Judgement,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// The check passes, and cargo refuses the checkout because of its lock file or its sources.
    PassesWhatCargoRefuses,
    /// The check passes, and what cargo compiles is not vetted.
    PassesUnvetted,
    /// The check passes on an honest checkout after a run on a hostile one.
    PassesAfterHostileRun,
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
    /// Mutated checkouts.
    pub checkouts: u64,
    /// Those that pass.
    pub passes: u64,
    /// Those that do not pass although nothing is wrong with them.
    pub stricter: u64,
    /// Answers that were compared with the original's.
    pub compared: u64,
    /// Passes of what cargo refuses for another reason.
    pub refused_otherwise: u64,
    /// How often each class was applied.
    pub applied: BTreeMap<String, u64>,
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
        self.compared += other.compared;
        self.refused_otherwise += other.refused_otherwise;
        for (class, count) in other.applied {
            *self.applied.entry(class).or_default() += count;
        }
        for (reason, count) in other.unusable {
            *self.unusable.entry(reason).or_default() += count;
        }
        self.findings.extend(other.findings);
    }
}

/// One job of a campaign, with a universe and a machine.
#[derive(Debug)]
pub struct Job<'a> {
    settings: &'a Settings,
    universe: Universe,
    machine: Machine,
    catalog: Vec<(&'static str, Mutation)>,
    /// What was found so far.
    pub report: Report,
    // Removed last.
    _folder: tempfile::TempDir,
}

/// What a checkout takes: the mutations that apply, and what is wrong with the answer.
type Attempt = (Vec<String>, Option<(Wrong, String)>);

/// A mutation of a checkout, with the random numbers that it uses.
#[derive(Clone, Debug)]
struct Step {
    class: &'static str,
    mutation: Mutation,
    random: Random,
}

const CHECK: &[&str] =
    &["check", "--locked", "--no-registry-suggestions", "--current-time", "2024-06-01T12:00:00Z"];
const CHECK_OF_ORIGINAL: &[&str] =
    &["check", "--locked", "--no-registry-suggestions", "--current-time", "2024-06-01 12:00:00Z"];

/// The arguments without `--locked`.
fn unlocked(arguments: &[&'static str]) -> Vec<&'static str> {
    arguments.iter().copied().filter(|argument| *argument != "--locked").collect()
}

impl<'a> Job<'a> {
    /// Makes the universe of that number.
    pub fn new(settings: &'a Settings, universe: u64) -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let path = folder.path().canonicalize().unwrap();
        let mut made = Universe::random(settings.seed, universe, &path.join("repositories"));
        let job = path.join("job");
        let mut machine = Machine::new(&job, settings.programs.clone(), &made);
        made.warm(&mut machine);
        machine.keep();
        let mut catalog = catalog();
        catalog.retain(|(class, _)| {
            settings.classes.is_empty() || settings.classes.iter().any(|one| one == class)
        });
        Job { settings, universe: made, machine, catalog, report: Report::default(), _folder: folder }
    }

    /// Checks a project and the checkouts that are made of it; with `only`, just that one.
    pub fn project(&mut self, project: u64, only: Option<u64>) {
        let first = project * self.settings.checkouts;
        let base = match self.base(project) {
            Ok(base) => base,
            Err(reason) => {
                let error = reason.lines().find(|line| line.starts_with("error"));
                let reason = error.unwrap_or(&reason).trim().to_owned();
                *self.report.unusable.entry(reason).or_default() += 1;
                return;
            }
        };
        self.report.projects += 1;
        self.honest(&base, first);
        for number in first..first + self.settings.checkouts {
            if only.is_none_or(|only| only == number) {
                self.checkout(&base, number);
            }
        }
        self.machine.restore();
    }

    fn base(&mut self, number: u64) -> Result<Base, String> {
        let mut random = Random::new(self.settings.seed, "project", number);
        let Universe { crates_io, alternative, repositories, .. } = &self.universe;
        let project = Project::random(&mut random, crates_io, alternative, repositories);
        let mut tree = project.tree.clone();
        self.machine.restore();
        self.machine.put(&tree);
        let _ = fs::remove_file(self.machine.checkout().join("Cargo.lock"));
        let locked = self.machine.oracle(&["generate-lockfile"]);
        if !locked.passed() {
            return Err(locked.stderr);
        }
        let lock = String::from_utf8(self.machine.take("Cargo.lock").unwrap_or_default()).unwrap_or_default();
        let lock = lock.replacen("\nversion = 4\n", &format!("\nversion = {}\n", project.lock_version), 1);
        tree.insert("Cargo.lock".to_owned(), lock.into_bytes());
        self.machine.put(&tree);
        let mut of_project = graph(&self.machine)?;
        if project.is_vendored {
            Project::vendor(&mut tree, crates_io);
            self.machine.put(&tree);
            of_project = graph(&self.machine)?;
        }
        let mut unvetted = BTreeSet::new();
        let third_party: Vec<_> = of_project.nodes.iter().filter(|node| node.is_published()).collect();
        if random.chance(50)
            && let Some(node) = random.maybe(&third_party)
        {
            unvetted.insert((node.name.clone(), node.version.clone()));
        }
        write_store(&mut random, &of_project, crates_io, &unvetted, &mut tree);
        self.machine.put(&tree);
        let formatted = self.machine.tool(&["fmt"]);
        assert!(formatted.passed(), "project {number}: {}", formatted.stderr);
        for file in ["audits.toml", "config.toml", "imports.lock", "vet.toml"] {
            let path = format!("supply-chain/{file}");
            if tree.contains_key(&path) {
                tree.insert(path.clone(), self.machine.take(&path).unwrap_or_default());
            }
        }
        let judgement = judge(&self.machine, &self.universe, &project.rules, &tree);
        Ok(Base { project, tree, graph: of_project, unvetted, judgement })
    }

    /// Checks the project as it is.
    fn honest(&mut self, base: &Base, number: u64) {
        self.machine.put(&base.tree);
        if let Some(before) = self.machine.baseline(CHECK) {
            self.report.with_cargo_before += u64::from(before.cargo_calls > 0);
            let outcome = self.machine.tool(CHECK);
            let is_odd = base.graph.nodes.iter().any(|node| {
                self.universe.crates_io.find(&node.name, &node.version).is_some_and(|release| release.is_odd)
            });
            if outcome.cargo_calls > 0 && before.cargo_calls == 0 && !is_odd {
                self.machine.restore();
                let why: Vec<&str> = CHECK.iter().copied().chain(["--verbose", "info"]).collect();
                let why = self.machine.tool(&why).stderr;
                self.found(Wrong::StartedCargo, base, &base.tree, number, &[], &why);
            }
        }
        self.machine.restore();
        let outcome = self.machine.tool(CHECK);
        self.report.with_cargo += u64::from(outcome.cargo_calls > 0);
        self.report.passing += u64::from(outcome.passed());
        self.report.with_rules += u64::from(!base.project.rules.is_empty());
        let missing = base.judgement.missing.join("\n");
        if outcome.crashed() {
            let wrong = if outcome.hung { Wrong::Hung } else { Wrong::Crashed };
            self.found(wrong, base, &base.tree, number, &[], &outcome.stderr);
        } else if outcome.passed() && !missing.is_empty() {
            self.found(Wrong::PassesUnvetted, base, &base.tree, number, &[], &missing);
        } else if !outcome.passed() && missing.is_empty() && base.project.rules.is_empty() {
            self.found(Wrong::FailsHonest, base, &base.tree, number, &[], &outcome.stderr);
        }
        if outcome.passed() && !base.judgement.remote.is_empty() && !self.is_reported(&outcome) {
            self.found(Wrong::Unreported, base, &base.tree, number, &[], &base.judgement.remote.join("\n"));
        }
        if outcome.passed() && base.project.rules.is_empty() {
            self.compare_with_original(base, &base.tree, number, &[]);
        }
        // What the honest run has learned is there when the hostile ones start.
        self.machine.keep();
    }

    fn compare_with_original(
        &mut self,
        base: &Base,
        tree: &Tree,
        number: u64,
        classes: &[String],
    ) -> Option<(Wrong, String)> {
        // The original writes the store.
        let mut answer = self.machine.original(CHECK_OF_ORIGINAL)?;
        self.put_anew(tree);
        self.report.compared += 1;
        // The original knows no proxies but those of the environment.
        if answer.passed() && !self.universe.by_configuration {
            let ours = self.machine.tool(&unlocked(CHECK));
            self.put_anew(tree);
            if ours.passed() {
                answer = self.machine.original(&unlocked(CHECK_OF_ORIGINAL))?;
                self.put_anew(tree);
            }
        }
        // Without the network, cargo may not tell the original what it told the oracle.
        let refuses = answer.status == Some(255) && !answer.stderr.contains("`cargo metadata` exited");
        if refuses && classes.is_empty() {
            self.found(Wrong::PassesWhatTheOriginalRefuses, base, tree, number, classes, &answer.stderr);
        }
        refuses.then_some((Wrong::PassesWhatTheOriginalRefuses, answer.stderr))
    }

    /// Puts files into the checkout that a program may have changed.
    fn put_anew(&mut self, tree: &Tree) {
        self.machine.put(&Tree::new());
        self.machine.put(tree);
    }

    fn steps(&self, number: u64) -> (Vec<Step>, Random) {
        let mut random = Random::new(self.settings.seed, "checkout", number);
        let count = match random.below(10) {
            0..6 => 1,
            6..9 => 2,
            _ => 3,
        };
        let steps = (0..count)
            .map(|_| {
                let (class, mutation) = *random.pick(&self.catalog);
                Step { class, mutation, random: random.fork() }
            })
            .collect();
        (steps, random)
    }

    fn checkout(&mut self, base: &Base, number: u64) {
        let (mut steps, random) = self.steps(number);
        let Some((classes, found)) = self.attempt(base, number, &steps, &random, true) else { return };
        for class in &classes {
            *self.report.applied.entry(class.clone()).or_default() += 1;
        }
        let Some((wrong, details)) = found else { return };
        let mut smallest = (classes, details);
        // Drop what it does not take.
        for place in (0..steps.len()).rev() {
            if steps.len() == 1 {
                break;
            }
            let mut fewer = steps.clone();
            fewer.remove(place);
            if let Some((classes, Some((same, details)))) = self.attempt(base, number, &fewer, &random, false)
                && same == wrong
            {
                steps = fewer;
                smallest = (classes, details);
            }
        }
        let (classes, details) = smallest;
        if let Some(subject) = self.subject(base, &steps).map(|(subject, _)| subject.tree) {
            self.found(wrong, base, &subject, number, &classes, &details);
        }
    }

    /// Applies mutations. Returns the checkout and the variants, or `None` if nothing changes.
    fn subject<'b>(&'b self, base: &'b Base, steps: &[Step]) -> Option<(Subject<'b>, Vec<String>)> {
        let mut subject = Subject {
            tree: base.tree.clone(),
            home: Tree::new(),
            relock: false,
            is_cold: false,
            // Cargo also reads what lies between the workspace and the root of the repository.
            config: match steps.first().is_some_and(|step| step.random.clone().chance(12)) {
                true => "../.cargo/config.toml",
                false => ".cargo/config.toml",
            },
            base,
            universe: &self.universe,
        };
        let mut classes = Vec::new();
        for step in steps {
            let before = subject.clone();
            match (step.mutation)(&mut subject, &mut step.random.clone()) {
                Some(variant) => classes.push(format!("{}: {variant}", step.class)),
                None => subject = before,
            }
        }
        (!classes.is_empty()).then_some((subject, classes))
    }

    /// Makes a checkout and looks what the tool says of it.
    fn attempt(
        &mut self,
        base: &Base,
        number: u64,
        steps: &[Step],
        random: &Random,
        is_first: bool,
    ) -> Option<Attempt> {
        let mut random = random.clone();
        let (subject, classes) = self.subject(base, steps)?;
        let Subject { mut tree, home, relock, is_cold, .. } = subject;
        if tree == base.tree && home.is_empty() {
            return None;
        }
        self.machine.restore();
        self.machine.put(&tree);
        if relock {
            self.machine.oracle(&["metadata", "--format-version", "1"]);
            if let Some(lock) = self.machine.take("Cargo.lock") {
                tree.insert("Cargo.lock".to_owned(), lock);
            }
        }
        let (no_cache, no_home) = (random.chance(15), random.chance(50));
        if no_cache || is_cold {
            self.machine.empty_cache();
        }
        if no_cache && no_home || is_cold {
            self.machine.empty_home();
        }
        write_tree(&self.machine.cargo_home(), &home);
        let _ = fs::remove_file(self.machine.marker());
        let outcome = self.machine.tool(CHECK);
        if is_first {
            self.report.checkouts += 1;
            self.report.passes += u64::from(outcome.passed());
        }
        let poisons = random.chance(25);
        let with_cargo = random.chance(50);
        let is_compared = random.chance(self.settings.compared);
        let found = self.look(base, &tree, number, &classes, &outcome, is_compared, is_first);
        if found.is_some() || !poisons {
            return Some((classes, found));
        }
        if with_cargo {
            self.machine.cargo(&["metadata", "--format-version", "1"]);
        }
        // The honest checkout, with what the hostile one has left, or another one that takes no configuration.
        let mut second = random.fork();
        let (class, mutation) = *second.pick(&self.catalog);
        let step = Step { class, mutation, random: second.fork() };
        if let Some((subject, more)) = self.subject(base, &[step]).filter(|_| second.chance(50)) {
            let tree = subject.tree;
            self.machine.put(&tree);
            let outcome = self.machine.tool(CHECK);
            let later: Vec<String> =
                classes.iter().cloned().chain(more.iter().map(|one| format!("then {one}"))).collect();
            let found = self.look(base, &tree, number, &later, &outcome, false, false);
            return Some((later, found));
        }
        self.machine.put(&base.tree);
        let outcome = self.machine.tool(CHECK);
        let must_fail = !base.judgement.missing.is_empty();
        let found = (outcome.passed() && must_fail)
            .then(|| (Wrong::PassesAfterHostileRun, base.judgement.missing.join("\n")));
        Some((classes, found))
    }

    #[expect(clippy::too_many_arguments, reason = "everything about one run")]
    fn look(
        &mut self,
        base: &Base,
        tree: &Tree,
        number: u64,
        classes: &[String],
        outcome: &Outcome,
        is_compared: bool,
        is_first: bool,
    ) -> Option<(Wrong, String)> {
        if outcome.hung {
            return Some((Wrong::Hung, outcome.stderr.clone()));
        }
        if outcome.crashed() {
            return Some((Wrong::Crashed, outcome.stderr.clone()));
        }
        if self.machine.marker().exists() {
            return Some((Wrong::RanCode, outcome.stderr.clone()));
        }
        if !outcome.passed() {
            return None;
        }
        let judgement = judge(&self.machine, &self.universe, &base.project.rules, &base.tree);
        if judgement.refused_for_lock_or_sources() {
            return Some((Wrong::PassesWhatCargoRefuses, judgement.refused.unwrap_or_default()));
        }
        if judgement.refused.is_some() {
            self.report.refused_otherwise += u64::from(is_first);
            return None;
        }
        let moves_store = classes
            .iter()
            .any(|class| class.starts_with("other store") || class.starts_with("other workspace"));
        let is_reported = moves_store && self.is_reported(outcome);
        if !judgement.missing.is_empty() && !is_reported {
            return Some((Wrong::PassesUnvetted, judgement.missing.join("\n")));
        }
        let mut remote = judgement.remote;
        remote.retain(|one| !base.judgement.remote.contains(one));
        for (wrong, list) in [
            (Wrong::PassesTampered, &judgement.tampered),
            (Wrong::PassesByConfiguration, &judgement.missing_by_configuration),
            (Wrong::Unreported, &remote),
        ] {
            if !list.is_empty() && !self.is_reported(outcome) {
                return Some((wrong, list.join("\n")));
            }
        }
        if is_compared && base.project.rules.is_empty() {
            return self.compare_with_original(base, tree, number, classes);
        }
        None
    }

    /// Whether what is odd is reported with a code, and `--strict` fails because of it.
    fn is_reported(&self, outcome: &Outcome) -> bool {
        let strict: Vec<&str> = CHECK.iter().copied().chain(["--strict"]).collect();
        outcome.reported() && !self.machine.tool(&strict).passed()
    }

    fn found(
        &mut self,
        wrong: Wrong,
        base: &Base,
        tree: &Tree,
        number: u64,
        classes: &[String],
        details: &str,
    ) {
        if let Some(keep) = &self.settings.keep {
            let folder = keep.join(format!("{wrong:?}-{number}"));
            let _ = fs::remove_dir_all(&folder);
            write_tree(&folder.join("checkout"), tree);
            let unvetted: Vec<String> =
                base.unvetted.iter().map(|(name, version)| format!("{name} {version}")).collect();
            let text = format!(
                "{wrong:?}\nseed {}, checkout {number}\nmutations: {classes:#?}\nunvetted: {unvetted:?}\n\n{details}\n",
                self.settings.seed
            );
            let mut about = Tree::new();
            about.insert("about.txt".to_owned(), text.into_bytes());
            for path in ["Cargo.toml", "Cargo.lock", ".cargo/config.toml"] {
                if let Some(bytes) = base.tree.get(path).filter(|bytes| tree.get(path) != Some(*bytes)) {
                    about.insert(format!("honest/{path}"), bytes.clone());
                }
            }
            write_tree(&folder, &about);
        }
        let finding = Finding { wrong, number, classes: classes.to_vec(), details: details.to_owned() };
        self.report.findings.push(finding);
    }
}
