//! Asks cargo for the dependency graph.
//!
//! Cargo runs [outside](crate::outside) of the checkout, because in the checkout it would obey the
//! checkout's configuration.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use vet_diagnostics::{Code, Diagnostic};
use vet_graph::Rules;
use vet_graph::from_metadata::{CargoGraph, graph_from_metadata};

use crate::outside::Outside;
use crate::program::{self, LIMITS_OF_CARGO, Limits, NoAnswer};

/// A call of `cargo metadata`.
#[derive(Clone, Debug)]
pub struct CargoMetadata {
    /// The program, as the user names it.
    pub cargo: OsString,
    /// Where the program runs, so that the checkout does not decide what runs.
    pub outside: Outside,
    /// The path of the manifest.
    pub manifest_path: PathBuf,
    /// The settings of the checkout's configuration that count, as `KEY=VALUE`.
    pub configuration: Vec<String>,
    /// The folder for cargo's downloads, if it differs from cargo's default.
    pub cargo_home: Option<PathBuf>,
    /// Features to turn on.
    pub features: Vec<String>,
    /// Whether all features are on.
    pub all_features: bool,
    /// Whether default features are on.
    pub default_features: bool,
    /// Whether cargo must not use the network.
    pub frozen: bool,
    /// Further arguments, unchanged.
    pub arguments: Vec<String>,
}

impl CargoMetadata {
    /// The command line for messages. It names the folder to run it in, if that matters.
    pub fn shown(&self) -> String {
        let words = self.arguments();
        let cargo = self.outside.program(&self.cargo, CARGO);
        let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        format!("{} {}", Path::new(&cargo).display(), words.join(" "))
    }

    fn arguments(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["metadata".into(), "--format-version".into(), "1".into()];
        if !self.features.is_empty() {
            arguments.extend(["--features".into(), self.features.join(",").into()]);
        }
        if self.all_features {
            arguments.push("--all-features".into());
        }
        if !self.default_features {
            arguments.push("--no-default-features".into());
        }
        let manifest = self.outside.absolute(&self.manifest_path);
        arguments.extend(["--manifest-path".into(), manifest.into()]);
        arguments.push(if self.frozen { "--frozen" } else { "--locked" }.into());
        for setting in &self.configuration {
            arguments.extend(["--config".into(), setting.into()]);
        }
        arguments.extend(self.of_user());
        arguments
    }

    /// The arguments that the user adds. Paths in them start at the user's current folder.
    fn of_user(&self) -> impl Iterator<Item = OsString> {
        let mut is_file = false;
        self.arguments.iter().map(move |argument| {
            let (option, value) = match argument.split_once('=') {
                Some((option, value)) if option.starts_with("--") => (Some(option), value),
                _ => (None, argument.as_str()),
            };
            let names_file = is_file || option.is_some_and(|option| FILES.contains(&option));
            is_file = FILES.contains(&argument.as_str());
            let path = self.outside.absolute(Path::new(value));
            match (names_file && path.is_file(), option) {
                (false, _) => argument.into(),
                (true, None) => path.into_os_string(),
                (true, Some(option)) => {
                    let mut word = OsString::from(format!("{option}="));
                    word.push(path);
                    word
                }
            }
        })
    }

    /// Runs cargo and parses its output. Leaves out the packages that `rules` leave out.
    ///
    /// # Errors
    ///
    /// Cargo cannot be run, fails, prints something else, or does not end. The finding contains
    /// cargo's own message.
    pub fn run(&self, rules: &Rules) -> Result<CargoGraph, Diagnostic> {
        self.run_within(rules, LIMITS_OF_CARGO)
    }

    fn run_within(&self, rules: &Rules, limits: Limits) -> Result<CargoGraph, Diagnostic> {
        let failed = |message: &str| {
            Diagnostic::error(Code::CargoFailed, message).note(format!("the command was `{}`", self.shown()))
        };
        let mut command = self.outside.command(&self.cargo, CARGO);
        command.args(self.arguments());
        if let Some(home) = &self.cargo_home {
            command.env("CARGO_HOME", self.outside.absolute(home));
        }
        let printed = program::run(&mut command, limits).map_err(|error| match error {
            NoAnswer::CannotRun(_) => failed("could not run cargo")
                .note(error.to_string())
                .help("the variable CARGO names the cargo to run"),
            _ => failed("cargo ran too long or printed too much").note(error.to_string()),
        })?;
        if !printed.status.success() {
            let words = printed.stderr.trim().to_owned();
            let problem = failed("`cargo metadata` failed").note(words.clone());
            return Err(match words.contains("--locked") && words.contains("lock file") {
                true => problem.help("run `cargo check`, and commit the new Cargo.lock"),
                false => problem,
            });
        }
        let json = String::from_utf8(printed.stdout)
            .map_err(|error| failed("the output of `cargo metadata` is not UTF-8").note(error.to_string()))?;
        graph_from_metadata(&json, rules)
            .map_err(|error| failed("the output of `cargo metadata` is invalid").note(error.to_string()))
    }
}

/// The program that is looked up if the user names no cargo.
const CARGO: &str = "cargo";

/// Options of cargo whose value may be a file.
const FILES: &[&str] = &["--config", "--filter-platform"];
