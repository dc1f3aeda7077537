//! The exit statuses of the tool.

use std::process::ExitCode;

/// How the process ends.
///
/// Besides these, an interrupt (Ctrl-C) ends the process by the signal, as shells expect. The store
/// is then either unchanged or completely changed. Status 101 means a bug in the tool.
///
/// If the reader of the pipe closes it early, the rest of the answer is dropped and the status is
/// unaffected. So `cargo vet | head` under `pipefail` still tells whether the check passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExitStatus {
    /// 0: the command succeeded; a check passed.
    Success,
    /// 255: a check failed, or the command failed. Nothing was changed.
    Failure,
    /// 2: the command line is invalid or names no command. Nothing was done.
    Usage,
    /// The status of the shell that `inspect` opened.
    OfShell(u8),
}

impl ExitStatus {
    /// The exit code of the process.
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
