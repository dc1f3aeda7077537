//! Shell commands, as git's configuration contains them for programs that git starts.

use std::process::{Command, ExitStatus};

/// The statuses of shells for a program that does not exist or is not executable.
const NOT_A_PROGRAM: [i32; 2] = [126, 127];

/// A command that runs a line in the shell that git uses.
pub(crate) fn shell_line(line: &str) -> Command {
    let mut command = platform::shell();
    command.arg("-c").arg(line);
    command
}

/// Whether the shell could not start the program of a line.
pub(crate) fn is_missing(status: ExitStatus) -> bool {
    status.code().is_some_and(|code| NOT_A_PROGRAM.contains(&code))
}

#[cfg(not(windows))]
mod platform {
    use std::process::Command;

    pub(super) fn shell() -> Command {
        Command::new("/bin/sh")
    }
}

#[cfg(windows)]
mod platform {
    use std::path::PathBuf;
    use std::process::Command;

    /// Git for Windows includes a shell that is not in the path.
    pub(super) fn shell() -> Command {
        Command::new(shell_of_git().unwrap_or_else(|| "sh.exe".into()))
    }

    fn shell_of_git() -> Option<PathBuf> {
        let said = Command::new("git").arg("--exec-path").output().ok()?;
        let programs = PathBuf::from(String::from_utf8(said.stdout).ok()?.trim());
        let shells = programs.ancestors().map(|folder| folder.join("bin").join("sh.exe"));
        shells.into_iter().find(|shell| shell.is_file())
    }
}
