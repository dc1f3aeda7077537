//! The exit statuses of the tool, for scripts.

use std::process::ExitCode;

/// How the process ends.
///
/// Besides these, a process that is interrupted (Ctrl-C) ends by the signal, as the shell expects; the store is then
/// either as it was or completely changed. 101 means that the tool itself is broken.
///
/// A reader that closes the pipe early changes nothing: the rest of the answer is dropped, and the status is that of the
/// work done. So `cargo vet | head` under `pipefail` still tells whether the check passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExitStatus {
    /// 0: the command did what it was asked to; a check passed.
    Success,
    /// 255: a check did not pass, or the command could not be carried out. Nothing was changed.
    Failure,
    /// 2: the command line makes no sense, or names no command. Nothing was done.
    Usage,
    /// The status of the shell that `inspect` opened.
    OfShell(u8),
}

impl ExitStatus {
    /// The number that the process returns.
    pub const fn code(self) -> u8 {
        match self {
            ExitStatus::Success => 0,
            ExitStatus::Failure => 255,
            ExitStatus::Usage => 2,
            ExitStatus::OfShell(status) => status,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        ExitCode::from(status.code())
    }
}
