//! Honest projects: how they are generated, and wrong answers of the tool about them.

use std::collections::BTreeSet;
use std::fs;

use super::{CHECK, Job};
use crate::base::Base;
use crate::lock::{Lock, Locked};
use crate::oracle::{graph, judge};
use crate::project::Project;
use crate::random::Random;
use crate::registry::Release;
use crate::report::Wrong;
use crate::repositories::Commit;
use crate::store::write_store;
use crate::universe::Universe;

impl Job<'_> {
    pub(super) fn base(&mut self, number: u64) -> Result<Base, String> {
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
        write_store(&mut random, &of_project, &self.universe, &unvetted, &mut tree);
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

    /// Checks the unchanged project.
    pub(super) fn honest(&mut self, base: &Base, number: u64) {
        self.machine.put(&base.tree);
        let before = self.machine.baseline(CHECK).map_or(0, |before| before.cargo_calls);
        self.machine.restore();
        let outcome = self.machine.tool(CHECK);
        self.report.with_cargo_before += u64::from(before > 0);
        self.report.with_cargo += u64::from(outcome.cargo_calls > 0);
        if outcome.cargo_calls > 0 && before == 0 {
            self.with_cargo(base, number);
        }
        self.report.passing += u64::from(outcome.passed());
        self.report.with_rules += u64::from(!base.project.rules.is_empty());
        let missing = base.judgement.missing.join("\n");
        if outcome.crashed() {
            let wrong = if outcome.hung { Wrong::Hung } else { Wrong::Crashed };
            self.found(wrong, base, &base.tree, number, &[], &outcome.stderr);
        } else if outcome.passed() && !missing.is_empty() {
            self.found(Wrong::PassesUnvetted, base, &base.tree, number, &[], &missing);
        } else if !outcome.passed()
            && missing.is_empty()
            && base.project.rules.is_empty()
            && self.tricks(base).is_empty()
        {
            self.found(Wrong::FailsHonest, base, &base.tree, number, &[], &outcome.stderr);
        }
        let unreported = self.unreported(&outcome, &base.judgement);
        if outcome.passed() && !unreported.is_empty() {
            self.found(Wrong::Unreported, base, &base.tree, number, &[], &unreported);
        }
        // The hostile runs start with what the honest run has stored.
        self.machine.keep();
        let judgement = Some(base.judgement.clone());
        if let Some((wrong, details)) = self.online(base, &base.tree, judgement, false) {
            self.found(wrong, base, &base.tree, number, &[], &details);
        }
        if outcome.passed() && base.project.rules.is_empty() {
            self.compare_with_original(base, &base.tree, number, &[]);
        }
    }

    /// The deceptive releases that an honest project has locked. Cargo's graph lacks packages
    /// without library.
    fn tricks(&self, base: &Base) -> Vec<&'static str> {
        let Universe { crates_io, repositories, .. } = &self.universe;
        let text = base.tree.get("Cargo.lock").and_then(|bytes| std::str::from_utf8(bytes).ok());
        let packages = text.and_then(Lock::parse).map(|lock| lock.packages).unwrap_or_default();
        let is_published = |package: &&Locked| package.source.as_deref() == Some(*vet_testing::CRATES_IO);
        let releases: Vec<&Release> = packages
            .iter()
            .filter(is_published)
            .filter_map(|package| crates_io.find(&package.name, &package.version))
            .collect();
        let revisions: Vec<&str> = packages
            .iter()
            .filter_map(|package| Some(package.source.as_deref()?.split_once('#')?.1))
            .collect();
        let commits: Vec<&Commit> = repositories
            .iter()
            .flat_map(|repository| &repository.commits)
            .filter(|commit| revisions.contains(&commit.revision.as_str()))
            .collect();
        [
            (releases.iter().any(|release| release.is_odd), "an archive with two manifests"),
            (releases.iter().any(|release| release.is_misdescribed), "an API that is wrong"),
            (commits.iter().any(|commit| commit.is_odd), "a repository with a decoy"),
            (commits.iter().any(|commit| commit.has_submodule), "a repository with a submodule"),
        ]
        .into_iter()
        .filter_map(|(is_there, trick)| is_there.then_some(trick))
        .collect()
    }

    /// Finds out why the tool starts cargo for an honest project.
    fn with_cargo(&mut self, base: &Base, number: u64) {
        let tricks = self.tricks(base);
        self.machine.restore();
        let why: Vec<&str> = CHECK.iter().copied().chain(["--verbose", "info"]).collect();
        let why = self.machine.tool(&why).stderr;
        let reason = why.lines().find_map(|line| {
            let start = line.find("because ").filter(|_| line.contains("asking cargo"))?;
            let reason = &line[start..line.find(": `").filter(|end| *end > start).unwrap_or(line.len())];
            // Remove the names of packages.
            let words = reason.split('`').enumerate();
            let words =
                words.map(|(place, word)| if place % 2 == 0 || word.starts_with('[') { word } else { "…" });
            Some(words.collect::<String>())
        });
        let mut reason = reason.unwrap_or_else(|| "it does not say why".to_owned());
        for trick in &tricks {
            reason += &format!(" ({trick})");
        }
        *self.report.reasons_for_cargo.entry(reason).or_default() += 1;
        if tricks.is_empty() {
            self.found(Wrong::StartedCargo, base, &base.tree, number, &[], &why);
        }
    }
}
