//! The shell that `inspect` opens within the user's shell.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::NamedTempFile;
use vet_diagnostics::{Code, Diagnostic};

use super::shell_line::cause;

/// The variable that marks such a shell for programs and users. Its value is the inspected subject.
pub(crate) const VARIABLE: &str = "CARGO_VET_INSPECT";

/// The mark before the prompt, for shells that expand variables in the prompt.
const MARK: &str = "(vet $CARGO_VET_INSPECT) ";

/// The file that bash reads instead of its own, which this file reads in turn.
const RC_FILE: &str = "\
if [ -f ~/.bashrc ]; then . ~/.bashrc; fi
PS1=\"(vet \\$CARGO_VET_INSPECT) $PS1\"
";

/// The user's shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NestedShell {
    program: OsString,
    kind: Kind,
}

/// How to mark the prompt of a shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It reads a startup file of this tool.
    Bash,
    /// It takes the prompt from a variable, and expands variables in it.
    Posix,
    /// It takes the prompt from a variable.
    Cmd,
    /// The prompt cannot be marked without overriding the user's configuration.
    Other,
}

impl NestedShell {
    /// Creates the shell with this name or path.
    pub(crate) fn new(program: OsString) -> Self {
        let name = Path::new(&program).file_stem().and_then(OsStr::to_str).unwrap_or_default();
        let kind = match name.to_ascii_lowercase().as_str() {
            "bash" => Kind::Bash,
            "sh" | "dash" | "ash" => Kind::Posix,
            "cmd" => Kind::Cmd,
            _ => Kind::Other,
        };
        NestedShell { program, kind }
    }

    /// Whether its prompt shows that it is nested.
    pub(crate) fn marks_prompt(&self) -> bool {
        self.kind != Kind::Other
    }

    /// Starts the shell in a folder, and waits for its end. Returns its status, or `None` if a
    /// signal ended it.
    ///
    /// # Errors
    ///
    /// The shell cannot be started.
    pub(crate) fn run(&self, folder: &Path, subject: &str) -> Result<Option<i32>, Diagnostic> {
        self.start(folder, subject).map_err(|error| {
            let program = Path::new(&self.program).display();
            let message = format!("could not start the shell `{program}`: {}", cause(&error));
            Diagnostic::error(Code::NoShell, message).help(format!(
                "set the variable `SHELL` to an installed shell, or read the source in `{}`",
                folder.display()
            ))
        })
    }

    fn start(&self, folder: &Path, subject: &str) -> io::Result<Option<i32>> {
        let mut command = Command::new(&self.program);
        command.current_dir(folder).env("PWD", folder).env(VARIABLE, subject);
        let mut rc_file: Option<NamedTempFile> = None;
        match self.kind {
            Kind::Bash => {
                let mut file = tempfile::Builder::new().prefix("cargo-vet-").tempfile()?;
                file.write_all(RC_FILE.as_bytes())?;
                command.arg("--rcfile").arg(file.path());
                rc_file = Some(file);
            }
            Kind::Posix => drop(command.env("PS1", format!("{MARK}$ "))),
            // cmd expands `$` sequences in the prompt.
            Kind::Cmd => drop(command.env("PROMPT", format!("(vet {}) $P$G", subject.replace('$', "$$")))),
            Kind::Other => {}
        }
        let status = command.status()?;
        // Dropped only now, because the shell may read the file at any time.
        drop(rc_file);
        Ok(status.code())
    }
}

/// The user's shell, from the system's environment variable for it.
pub(crate) fn shell_of_user(variable: Option<OsString>) -> Option<NestedShell> {
    let program =
        variable.filter(|program| !program.is_empty() && PathBuf::from(program).file_stem().is_some());
    program.map(NestedShell::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_marked_where_that_is_safe() {
        for (program, expected) in [
            ("/bin/bash", Some(true)),
            ("/usr/local/bin/dash", Some(true)),
            ("sh", Some(true)),
            ("cmd.exe", Some(true)),
            ("/usr/bin/zsh", Some(false)),
            ("/usr/bin/fish", Some(false)),
            ("", None),
            ("/", None),
        ] {
            let shell = shell_of_user(Some(program.into()));
            assert_eq!(shell.map(|shell| shell.marks_prompt()), expected, "{program}");
        }
        assert_eq!(shell_of_user(None), None);
    }

    #[test]
    fn a_shell_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let problem = NestedShell::new("/no/such/zsh".into()).run(folder.path(), "a 1.0.0").unwrap_err();
        assert_eq!(problem.code, Code::NoShell);
        assert_eq!(problem.message, "could not start the shell `/no/such/zsh`: there is no such program");
        assert!(problem.help.iter().any(|help| help.contains(&folder.path().display().to_string())));
    }
}
