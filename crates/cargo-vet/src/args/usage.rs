//! Errors on the command line that concern several arguments.

use clap::error::ErrorKind;

use super::definition;

/// An error on the command line, found after parsing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UsageError {
    kind: ErrorKind,
    message: String,
}

impl UsageError {
    /// An option with a single value was given both before and after the command's name.
    pub(crate) fn repeated(option: &str) -> Self {
        let message = format!("the argument '{option}' cannot be used multiple times");
        UsageError { kind: ErrorKind::ArgumentConflict, message }
    }

    /// An option needs another one.
    pub(crate) fn needs(option: &str, required: &str) -> Self {
        let message = format!("the argument '{option}' cannot be used without '{required}'");
        UsageError { kind: ErrorKind::MissingRequiredArgument, message }
    }

    /// An option does not apply to a command.
    pub(crate) fn not_for(option: &str, command: &str) -> Self {
        let message =
            format!("the argument '{option}' cannot be used with '{command}', which changes nothing");
        UsageError { kind: ErrorKind::ArgumentConflict, message }
    }

    /// A finding was given two levels.
    pub(crate) fn contradiction(one: &str, other: &str, code: &str) -> Self {
        let message = format!("the arguments '--{one} {code}' and '--{other} {code}' contradict each other");
        UsageError { kind: ErrorKind::ArgumentConflict, message }
    }

    /// A command that writes uses the targets of the project.
    pub(crate) fn target_with_writer() -> Self {
        let message = "the argument '--target <TRIPLE>' cannot be used here: commands that write use the targets in \
                       `vet.toml`, so that everybody writes the same";
        UsageError { kind: ErrorKind::ArgumentConflict, message: message.to_owned() }
    }

    /// Without `--locked`, a check may write.
    pub(crate) fn target_with_writing_check() -> Self {
        let message = "the argument '--target <TRIPLE>' cannot be used with a check that may write; add '--locked', or name \
                       the targets in `vet.toml`, which commands that write use";
        UsageError { kind: ErrorKind::ArgumentConflict, message: message.to_owned() }
    }

    /// A command that does not use the graph does not use targets.
    pub(crate) fn target_without_graph() -> Self {
        let message = "the argument '--target <TRIPLE>' cannot be used here: it is for 'check --locked', 'suggest', \
                       'status', 'explain-audit', 'dump-graph' and 'settings'";
        UsageError { kind: ErrorKind::ArgumentConflict, message: message.to_owned() }
    }

    /// `all` was given together with other targets.
    pub(crate) fn all_targets_and_more() -> Self {
        let message = "the argument '--target all' cannot be used with other targets";
        UsageError { kind: ErrorKind::ArgumentConflict, message: message.to_owned() }
    }

    /// Each recorded audit decides what comes next, so there is no dry run.
    pub(crate) fn dry_run_of_next() -> Self {
        let message =
            "the argument '--dry-run' cannot be used with 'next', which goes on from what it records";
        UsageError { kind: ErrorKind::ArgumentConflict, message: message.to_owned() }
    }

    /// An argument is missing.
    pub(crate) fn missing(argument: &str) -> Self {
        let message = format!("the argument '{argument}' was not provided");
        UsageError { kind: ErrorKind::MissingRequiredArgument, message }
    }

    /// There is no such command.
    pub(crate) fn unknown_command(name: &str) -> Self {
        UsageError {
            kind: ErrorKind::InvalidSubcommand,
            message: format!("unrecognized subcommand '{name}'"),
        }
    }

    /// The error in clap's format, with the usage of the command at `path` (such as `["renew"]`).
    pub(crate) fn into_clap(self, path: &[&str]) -> clap::Error {
        let mut command = definition();
        command.build();
        for name in ["vet"].iter().chain(path) {
            // The names come from the definitions. If one were unknown, the usage of the parent
            // would be shown.
            let Some(found) = command.find_subcommand(name) else { break };
            command = found.clone();
        }
        command.error(self.kind, self.message)
    }
}
