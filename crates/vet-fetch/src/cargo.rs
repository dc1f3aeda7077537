//! Asking cargo for the dependency graph.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use vet_graph::Rules;
use vet_graph::from_metadata::{CargoGraph, graph_from_metadata};
use vet_store::diagnostic::{Code, Diagnostic};

use crate::program::{self, PATIENCE_WITH_CARGO};

/// How cargo is asked.
#[derive(Clone, Debug)]
pub struct CargoMetadata {
    /// The program.
    pub cargo: OsString,
    /// Where to run it.
    pub current_folder: PathBuf,
    /// The manifest, if the user named one.
    pub manifest_path: Option<PathBuf>,
    /// Features to turn on.
    pub features: Vec<String>,
    /// All features are on.
    pub all_features: bool,
    /// Default features are on.
    pub default_features: bool,
    /// The network must not be used.
    pub frozen: bool,
    /// Further arguments, as they are.
    pub arguments: Vec<String>,
}

impl CargoMetadata {
    /// The command line, for people.
    pub fn shown(&self) -> String {
        let words = self.arguments();
        let cargo = Path::new(&self.cargo).display();
        format!("{cargo} {}", words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" "))
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
        if let Some(path) = &self.manifest_path {
            arguments.extend(["--manifest-path".into(), path.into()]);
        }
        arguments.push(if self.frozen { "--frozen" } else { "--locked" }.into());
        arguments.extend(self.arguments.iter().map(OsString::from));
        arguments
    }

    /// Runs cargo and reads what it says, without what rules leave out.
    ///
    /// # Errors
    ///
    /// Cargo cannot be run, fails, or says something else. The finding holds its own words.
    pub fn run(&self, rules: &Rules) -> Result<CargoGraph, Diagnostic> {
        let failed = |message: &str| {
            Diagnostic::error(Code::CargoFailed, message).note(format!("the command was `{}`", self.shown()))
        };
        let mut command = Command::new(&self.cargo);
        command.args(self.arguments()).current_dir(&self.current_folder);
        let output =
            program::output(&mut command, PATIENCE_WITH_CARGO).map_err(|error| match error.kind() {
                io::ErrorKind::TimedOut => failed("cargo takes too long").note(error.to_string()),
                _ => failed("cargo cannot be run")
                    .note(error.to_string())
                    .help("the variable CARGO names the cargo to run"),
            })?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            let problem = failed("`cargo metadata` failed").note(words.clone());
            return Err(match words.contains("--locked") && words.contains("lock file") {
                true => problem.help("run `cargo check`, and commit the new Cargo.lock"),
                false => problem,
            });
        }
        let json = String::from_utf8(output.stdout)
            .map_err(|error| failed("what `cargo metadata` says is not UTF-8").note(error.to_string()))?;
        graph_from_metadata(&json, rules).map_err(|error| {
            failed("what `cargo metadata` says cannot be understood").note(error.to_string())
        })
    }
}
