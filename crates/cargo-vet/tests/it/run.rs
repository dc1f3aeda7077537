//! Runs the binary.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// The result of a run.
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The binary, ready to run in a folder, in an environment without variables about colours, widths
/// and folders.
pub(crate) fn binary(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-vet"));
    command.args(line.split_whitespace()).current_dir(folder).stdin(Stdio::null());
    for variable in ["CARGO", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "NO_COLOR", "TERM", "RUST_BACKTRACE"] {
        command.env_remove(variable);
    }
    for variable in ["COLOR", "QUIET", "VERBOSE", "PROGRESS_WHEN", "PROGRESS_WIDTH"] {
        command.env_remove(format!("CARGO_TERM_{variable}"));
    }
    command.env_remove("CI").env_remove("TF_BUILD");
    for variable in
        ["HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "CARGO_HTTP_CAINFO", "CARGO_HTTP_PROXY"]
    {
        command.env_remove(variable).env_remove(variable.to_lowercase());
    }
    command.env_remove("XDG_STATE_HOME").env_remove("CARGO_VET_STATE_DIR");
    command.env("XDG_CACHE_HOME", "/cache").env("HOME", "/home/alice").env("USERPROFILE", "/home/alice");
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    Run {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs a command line in an empty folder.
pub(crate) fn run_line(line: &str) -> Run {
    let folder = tempfile::tempdir().unwrap();
    run(&mut binary(folder.path(), line))
}

impl Run {
    /// The output of the command line, stream by stream, and its exit status.
    pub(crate) fn transcript(&self, line: &str) -> String {
        let mut transcript = format!("$ cargo-vet {line}\n");
        for (stream, text) in [("O", &self.stdout), ("E", &self.stderr)] {
            for line in text.replace(env!("CARGO_PKG_VERSION"), "[VERSION]").lines() {
                writeln!(transcript, "{}", format!("{stream}| {line}").trim_end()).unwrap();
            }
        }
        let status = self.status.map_or("signal".to_owned(), |status| status.to_string());
        writeln!(transcript, "[{status}]\n").unwrap();
        transcript
    }
}

/// The output and exit statuses of command lines in an empty folder.
pub(crate) fn transcript(lines: &[&str]) -> String {
    lines.iter().map(|line| run_line(line).transcript(line)).collect()
}
