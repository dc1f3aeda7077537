//! A project in a small world.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use similar::TextDiff;
use vet_testing::{CRATES_IO, World};

use crate::project::Fixture;
use crate::run::{Run, run};

/// The time that commands use as the current time.
const NOW: &str = "2024-06-01T12:00:00Z";

/// A project, a machine with its own cache, and all servers.
pub(crate) struct Scene {
    pub(crate) fixture: Fixture,
    pub(crate) world: World,
    /// The current time of commands.
    pub(crate) now: String,
    /// How often failed requests are retried. Zero, so that tests do not wait.
    pub(crate) retries: u32,
    variables: Vec<(&'static str, String)>,
}

impl Scene {
    /// A project of one package with the given dependencies, such as `alpha 1.0.0`. Only their
    /// names are known, and nothing is published.
    pub(crate) fn with(dependencies: &[&str]) -> Self {
        let scene = Self::of(Fixture::new());
        let names: Vec<&str> =
            dependencies.iter().map(|package| package.split(' ').next().unwrap()).collect();
        let requirements: String = dependencies
            .iter()
            .map(|package| {
                let (name, version) = package.split_once(' ').unwrap();
                format!("{name} = \"{version}\"\n")
            })
            .collect();
        let project = &scene.fixture.project;
        project.package(".", "app", &format!("[dependencies]\n{requirements}"));
        let mut lock = format!("app 0.0.7 -> {}\n", names.join(", "));
        for package in dependencies {
            project.vendor(package, "", "src/lib.rs");
            writeln!(lock, "+{package}").unwrap();
        }
        project.lock(&lock);
        scene
    }

    /// Uses an existing project.
    pub(crate) fn of(mut fixture: Fixture) -> Self {
        let world = World::new();
        fixture.index = format!("sparse+{}", world.url("/index/"));
        fixture.project.write(".cargo/config.toml", "");
        fixture.write_of_user("cargo-home/config.toml", &world.configuration());
        Scene { fixture, world, now: NOW.to_owned(), retries: 0, variables: Vec::new() }
    }

    /// The world answers for every server that is not on this machine, including crates.io.
    pub(crate) fn behind_proxy(mut self) -> Self {
        self.fixture.index = CRATES_IO.to_owned();
        self.fixture.write_of_user("cargo-home/config.toml", "");
        self.fixture.write_of_user("authority.pem", &self.world.pem());
        self.variables =
            vec![("HTTPS_PROXY", self.world.proxy()), ("CARGO_HTTP_CAINFO", "../authority.pem".to_owned())];
        self
    }

    /// Sets an environment variable for commands.
    pub(crate) fn with_variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// Writes the store in canonical form.
    pub(crate) fn store(&self, config: &str, audits: &str, imports: &str) -> &Self {
        let text = |text: &str| text.replace("[WORLD]", &self.world.host());
        let has_audits = audits.is_empty() || audits.contains("[audits");
        let audits = if has_audits { audits.to_owned() } else { format!("{audits}\n[audits]\n") };
        self.fixture.project.store(&text(config), &text(&audits), &text(imports));
        let formatted = self.run("vet fmt");
        assert_eq!(formatted.status, Some(0), "{}", formatted.stderr);
        self
    }

    /// Removes everything that earlier runs have cached.
    pub(crate) fn forget(&self) -> &Self {
        let _ = fs::remove_dir_all(self.fixture.canonical().join("cache"));
        self
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let line = line.replace("[WORLD]", &self.world.host());
        let mut command = self.fixture.command(".", &line);
        command.args(["--current-time", &self.now]).env("CARGO_NET_RETRY", self.retries.to_string());
        let word = line.split(' ').nth(1).unwrap_or("check");
        let may_suggest = ["check", "suggest", "next"].contains(&word) || word.starts_with('-');
        if may_suggest && !self.variables.iter().any(|(name, _)| *name == "HTTPS_PROXY") {
            // The audit registry is not on this machine.
            command.arg("--no-registry-suggestions");
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(&self, line: &str) -> Run {
        let Run { status, stdout, stderr } = self.fixture.redacted(run(&mut self.command(line)));
        let clean = |text: String| without_times(&text.replace(&self.world.host(), "[WORLD]"));
        Run { status, stdout: clean(stdout), stderr: clean(stderr) }
    }

    /// The output and exit statuses of command lines, their changes to the store, and their
    /// requests.
    pub(crate) fn transcript(&self, lines: &[&str]) -> String {
        lines.iter().map(|line| self.step(line)).collect()
    }

    fn step(&self, line: &str) -> String {
        self.world.asked();
        let before = self.fixture.store();
        let mut transcript = self.run(line).transcript(line);
        for path in self.world.asked() {
            writeln!(transcript, "? {path}").unwrap();
        }
        for ((file, before), (_, after)) in before.iter().zip(self.fixture.store()) {
            let diff = TextDiff::from_lines(before.as_str(), &after);
            let changes = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
            for change in changes {
                write!(transcript, "{file}{} {change}", change.tag()).unwrap();
            }
        }
        transcript.replace(&self.world.host(), "[WORLD]").trim_end().to_owned() + "\n\n"
    }

    /// The bytes of the store.
    pub(crate) fn bytes(&self) -> Vec<(&'static str, String)> {
        self.fixture.store()
    }
}

/// Removes the times of downloads, which differ in each run.
pub(super) fn without_times(text: &str) -> String {
    const BEFORE: &str = "last fetched on this machine on ";
    let line = |line: &str| match line.split_once(BEFORE) {
        Some((start, _)) => format!("{start}{BEFORE}[TIME]\n"),
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}
