//! The campaign: honest projects, changes by an attacker, and wrong answers of the tool.

mod honest;

use std::fs;
use std::path::PathBuf;

use crate::base::Base;
use crate::graph::Node;
use crate::machine::{Around, Machine, Outcome, Programs, configuration};
use crate::mutations::{Mutation, Reading, Subject, catalog};
use crate::oracle::{Judgement, Remote, judge};
use crate::random::Random;
use crate::report::{Finding, Report, Wrong};
use crate::tree::{Tree, write_tree};
use crate::universe::Universe;

/// The settings of a campaign.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The seed, which determines everything.
    pub seed: u64,
    /// The number of checkouts per project.
    pub checkouts: u64,
    /// The number of projects that share a universe.
    pub projects: u64,
    /// The percentage of answers that are compared with those of the original.
    pub compared: usize,
    /// The classes of mutations to use; empty for all.
    pub classes: Vec<String>,
    /// The folder that keeps checkouts with wrong answers.
    pub keep: Option<PathBuf>,
    /// The programs.
    pub programs: Programs,
}

/// One job of a campaign, with its own universe and machine.
#[derive(Debug)]
pub struct Job<'a> {
    settings: &'a Settings,
    universe: Universe,
    machine: Machine,
    catalog: Vec<(&'static str, Mutation)>,
    /// The results so far.
    pub report: Report,
    // Fields are dropped in order, so the folder is removed last.
    _folder: tempfile::TempDir,
}

/// The result of a checkout: the mutations that apply, and the wrong answer if there is one.
type Attempt = (Vec<String>, Option<(Wrong, String)>);

/// A mutation of a checkout, with its random numbers.
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

/// Codes that say that the store is in another place.
const MOVED: &[&str] = &["VET0509"];
/// Codes that say that sources could not be compared with the published ones.
const NOT_COMPARED: &[&str] = &["VET0317", "VET0319", "VET0320", "VET0321"];
/// Codes that say that the checkout decides what is built.
const CONDITIONS: &[&str] = &["VET0325", "VET0326", "VET0327", "VET0328"];
/// Codes that say that a setting of the checkout is ignored.
const IGNORED: &[&str] = &["VET0734"];
/// Codes about the configuration in the folder of a member.
const OF_MEMBERS: &[&str] = &["VET0329"];
/// Codes that say that a peer or crates.io cannot be reached, so the locked copy is used.
const NOT_REACHED: &[&str] = &["VET0716", "VET0717"];
/// Codes about code that does not come from crates.io.
const ELSEWHERE: &[&str] = &["VET0404", "VET0413", "VET0414", "VET0415", "VET0416", "VET0417"];

/// The arguments without `--locked`.
fn unlocked(arguments: &[&'static str]) -> Vec<&'static str> {
    arguments.iter().copied().filter(|argument| *argument != "--locked").collect()
}

impl<'a> Job<'a> {
    /// Creates the universe with this number.
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

    /// Checks a project and its mutated checkouts; with `only`, only the checkout with that number.
    pub fn project(&mut self, project: u64, only: Option<u64>) {
        let first = project * self.settings.checkouts;
        let base = match self.base(project) {
            Ok(base) => base,
            Err(reason) => {
                *self.report.unusable.entry(self.first_error(&reason)).or_default() += 1;
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
        // The original only supports proxies from the environment.
        if answer.passed() && !self.universe.by_configuration {
            let ours = self.machine.tool(&unlocked(CHECK));
            self.put_anew(tree);
            if ours.passed() {
                answer = self.machine.original(&unlocked(CHECK_OF_ORIGINAL))?;
                self.put_anew(tree);
            }
        }
        // Without the network, cargo may fail for the original where it succeeded for the oracle.
        let refuses = answer.status == Some(255) && !answer.stderr.contains("`cargo metadata` exited");
        if refuses && classes.is_empty() {
            self.found(Wrong::PassesWhatTheOriginalRefuses, base, tree, number, classes, &answer.stderr);
        }
        refuses.then_some((Wrong::PassesWhatTheOriginalRefuses, answer.stderr))
    }

    /// Restores the files of the checkout, which a program may have changed.
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
        let Some((wrong, details)) = found else { return };
        let mut smallest = (classes, details);
        // Remove the steps that are not needed.
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

    /// Applies mutations. Returns the checkout and the variants of the mutations, or `None` if none
    /// applies.
    fn subject<'b>(&'b self, base: &'b Base, steps: &[Step]) -> Option<(Subject<'b>, Vec<String>)> {
        let mut subject = Subject {
            tree: base.tree.clone(),
            home: Tree::new(),
            relock: false,
            is_cold: false,
            is_endless: false,
            readings: Vec::new(),
            cargo_home: self.machine.cargo_home(),
            around: Around::default(),
            // Cargo also reads the configuration between the workspace and the root of the
            // repository.
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

    /// Creates a checkout and examines the tool's answer.
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
        let Subject { mut tree, home, relock, is_cold, is_endless, readings, around, .. } = subject;
        if tree == base.tree && home.is_empty() && around == Around::default() {
            return None;
        }
        self.machine.restore();
        self.machine.put(&tree);
        write_tree(&self.machine.cargo_home(), &home);
        if relock && !is_endless {
            self.machine.lock();
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
        self.machine.set_around(around);
        let outcome = self.machine.tool(CHECK);
        if is_first {
            self.report.checkouts += 1;
            self.report.passes += u64::from(outcome.passed());
            for class in &classes {
                let class = class.split(": ").next().unwrap_or_default().to_owned();
                let counts = self.report.applied.entry(class).or_default();
                counts.0 += 1;
                counts.1 += u64::from(outcome.passed());
            }
        }
        let poisons = random.chance(25);
        let with_cargo = random.chance(50);
        let is_compared = random.chance(self.settings.compared);
        let (judgement, mut found) =
            self.look(base, &tree, number, &classes, &outcome, is_compared, is_first);
        let is_network = classes.iter().any(|class| class.contains("proxy") || class.contains("network"));
        if found.is_none()
            && judgement.is_some()
            && let Some(other) = Reading::apply(&readings, &tree)
        {
            found = self.other_reading(base, (&tree, &outcome), &other);
        }
        if found.is_none() && random.chance(if is_network { 40 } else { 15 }) {
            found = self.online(base, &tree, judgement, is_first);
        }
        self.machine.set_around(Around::default());
        if found.is_some() || !poisons {
            return Some((classes, found));
        }
        if with_cargo && !is_endless {
            self.machine.cargo(&["metadata", "--format-version", "1"]);
        }
        // Either the honest checkout with the leftovers of the hostile run, or a checkout without
        // configuration.
        let mut second = random.fork();
        let (class, mutation) = *second.pick(&self.catalog);
        let step = Step { class, mutation, random: second.fork() };
        if let Some((subject, more)) = self.subject(base, &[step]).filter(|_| second.chance(50)) {
            let tree = subject.tree;
            self.machine.put(&tree);
            let outcome = self.machine.tool(CHECK);
            let later: Vec<String> =
                classes.iter().cloned().chain(more.iter().map(|one| format!("then {one}"))).collect();
            let (_, found) = self.look(base, &tree, number, &later, &outcome, false, false);
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
    ) -> (Option<Judgement>, Option<(Wrong, String)>) {
        if let Some(wrong) = outcome.misbehaviour() {
            return (None, Some((wrong, outcome.stderr.clone())));
        }
        if !outcome.passed() {
            return (None, None);
        }
        let judgement = judge(&self.machine, &self.universe, &base.project.rules, &base.tree);
        let mut found = self.false_pass(outcome, &judgement, is_first);
        if found.is_none() && is_compared && judgement.refused.is_none() && base.project.rules.is_empty() {
            found = self.compare_with_original(base, tree, number, classes);
        }
        (Some(judgement), found)
    }

    /// What another version of cargo compiles of a checkout that passes, and the store does not
    /// vet.
    fn other_reading(
        &mut self,
        base: &Base,
        (tree, outcome): (&Tree, &Outcome),
        other: &Tree,
    ) -> Option<(Wrong, String)> {
        self.machine.put(other);
        let judgement = judge(&self.machine, &self.universe, &base.project.rules, &base.tree);
        self.machine.put(tree);
        let missing = judgement.missing.join("\n");
        let is_wrong = !missing.is_empty() && !self.is_about_another_store(outcome);
        is_wrong.then(|| (Wrong::PassesUnvetted, format!("for another version: {missing}")))
    }

    /// Whether the tool passes only because the checkout moves the store, and reports that.
    fn is_about_another_store(&self, outcome: &Outcome) -> bool {
        let trusted: Vec<&str> = CHECK.iter().copied().chain(["--store-path", "supply-chain"]).collect();
        self.is_reported(outcome, MOVED) && !self.machine.tool(&trusted).passed()
    }

    /// The error in a passing check, if there is one.
    fn false_pass(
        &mut self,
        outcome: &Outcome,
        judgement: &Judgement,
        is_first: bool,
    ) -> Option<(Wrong, String)> {
        if judgement.refused_for_lock_or_sources() {
            return Some((Wrong::PassesWhatCargoRefuses, judgement.refused.clone().unwrap_or_default()));
        }
        if is_first {
            let refused = judgement.refused.iter().map(|error| ("refused", error));
            for (what, error) in refused.chain(judgement.not_built.iter().map(|error| ("not built", error))) {
                let reason = format!("{what}: {}", self.first_error(error));
                *self.report.not_judged.entry(reason).or_default() += 1;
            }
        }
        if judgement.refused.is_some() {
            return None;
        }
        if !judgement.missing.is_empty() {
            // The place of the store excuses nothing else.
            if !self.is_about_another_store(outcome) {
                return Some((Wrong::PassesUnvetted, judgement.missing.join("\n")));
            }
        }
        for (wrong, list, codes) in [
            (Wrong::PassesTampered, &judgement.tampered, NOT_COMPARED),
            (Wrong::PassesByConfiguration, &judgement.missing_by_configuration, CONDITIONS),
        ] {
            if !list.is_empty() && !self.is_reported(outcome, codes) {
                return Some((wrong, list.join("\n")));
            }
        }
        let mut unreported = self.unreported(outcome, judgement);
        unreported += &self.configured_members(outcome, judgement);
        (!unreported.is_empty()).then_some((Wrong::Unreported, unreported))
    }

    /// Checks without `--locked`, and examines what the tool fetches. `judgement` is what is known
    /// about the checkout so far.
    fn online(
        &mut self,
        base: &Base,
        tree: &Tree,
        judgement: Option<Judgement>,
        is_first: bool,
    ) -> Option<(Wrong, String)> {
        let outcome = self.machine.tool(&unlocked(CHECK));
        self.put_anew(tree);
        if is_first {
            self.report.online.0 += 1;
            self.report.online.1 += u64::from(outcome.passed());
        }
        if let Some(wrong) = outcome.misbehaviour() {
            return Some((wrong, outcome.stderr));
        }
        if !outcome.passed() || outcome.reports(MOVED, "") {
            return None;
        }
        if self.machine.around().is_cut_off && outcome.reports(NOT_REACHED, "") {
            return None;
        }
        let configuration = configuration(tree);
        // If a folder has both files, cargo reads the one with the old name.
        let is_read =
            |path: &str| path.strip_suffix(".toml").is_none_or(|old| !configuration.contains_key(old));
        let names_proxy = |text: &[u8]| text.windows(8).any(|part| part == b"proxy = ");
        let has_proxy = configuration.iter().any(|(path, text)| is_read(path) && names_proxy(text));
        if has_proxy && !outcome.reports(IGNORED, "http.proxy") {
            return Some((Wrong::Unreported, "the proxy of the checkout does not count".to_owned()));
        }
        let rules = &base.project.rules;
        let judgement = judgement.unwrap_or_else(|| judge(&self.machine, &self.universe, rules, &base.tree));
        let missing = judgement.missing_online(&base.tree, &self.universe, rules);
        (!missing.is_empty()).then(|| (Wrong::PassesOnline, missing.join("\n")))
    }

    /// Whether the tool reports one of these codes, and `--strict` fails.
    fn is_reported(&self, outcome: &Outcome, codes: &[&str]) -> bool {
        let strict: Vec<&str> = CHECK.iter().copied().chain(["--strict"]).collect();
        outcome.reports(codes, "") && !self.machine.tool(&strict).passed()
    }

    /// Packages from other sources that the tool does not report.
    fn unreported(&self, outcome: &Outcome, judgement: &Judgement) -> String {
        let mut lines = String::new();
        for Remote { name, version, source } in &judgement.remote {
            if !outcome.reports(ELSEWHERE, name) {
                lines += &format!("{name} {version} from {source}\n");
            }
        }
        for name in &judgement.outside {
            if !outcome.reports(ELSEWHERE, name) {
                lines += &format!("{name} from a folder outside of the checkout\n");
            }
        }
        let is_anything = !judgement.remote.is_empty() || !judgement.outside.is_empty();
        if lines.is_empty() && is_anything && !self.is_reported(outcome, ELSEWHERE) {
            lines += "not with --strict";
        }
        lines
    }

    /// Members with a configuration that decides where packages come from, which the tool does not
    /// report.
    fn configured_members(&self, outcome: &Outcome, judgement: &Judgement) -> String {
        let root = self.machine.checkout();
        let members = judgement.graph.nodes.iter().filter(|node| node.is_member && node.folder != root);
        let decides = |text: &str| text.contains("[source.crates-io]") || text.contains("[patch.crates-io]");
        let is_configured = |node: &&Node| {
            // If a folder has both files, cargo reads the one with the old name.
            let files = ["config", "config.toml"].map(|name| node.folder.join(".cargo").join(name));
            files.iter().find_map(|file| fs::read_to_string(file).ok()).is_some_and(|text| decides(&text))
        };
        match members.filter(is_configured).count() {
            count if count > 0 && !self.is_reported(outcome, OF_MEMBERS) => {
                format!("the configuration of {count} members\n")
            }
            _ => String::new(),
        }
    }

    /// The first error of a program, without parts that differ between machines.
    fn first_error(&self, text: &str) -> String {
        let text = text.replace(&self.machine.checkout().display().to_string(), "");
        let line = text.lines().find(|line| line.starts_with("error"));
        line.or_else(|| text.lines().next()).unwrap_or_default().trim().to_owned()
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
                "{wrong:?}\nseed {}, checkout {number}\nmutations: {classes:#?}\nunvetted: {unvetted:?}\n\n{details}\n\nthe tool says:\n{}",
                self.settings.seed,
                self.machine.tool(CHECK).stderr,
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
