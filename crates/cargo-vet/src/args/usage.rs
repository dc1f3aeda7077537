//! Errors on the command line that concern several arguments.

use clap::error::ErrorKind;
use vet_diagnostics::wording;

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

    /// A command cannot show what it would change, for this reason: the command …
    pub(crate) fn no_dry_run(command: &str, reason: &str) -> Self {
        let message = format!("the argument '--dry-run' cannot be used with '{command}', which {reason}");
        UsageError { kind: ErrorKind::ArgumentConflict, message }
    }

    /// An option is for other commands.
    pub(crate) fn only_for(option: &str, command: &str, others: &str) -> Self {
        let message = format!("the argument '{option}' cannot be used with '{command}': it is for {others}");
        UsageError { kind: ErrorKind::ArgumentConflict, message }
    }

    /// A finding was given two levels.
    pub(crate) fn contradiction(one: &str, other: &str, code: &str) -> Self {
        let message = format!("the arguments '--{one} {code}' and '--{other} {code}' contradict each other");
        UsageError { kind: ErrorKind::ArgumentConflict, message }
    }

    /// A command that writes uses the targets of the project.
    pub(crate) fn target_with_writer(command: &str) -> Self {
        let message = format!(
            "the argument '--target <TRIPLE>' cannot be used with '{command}': commands that write use the \
             targets in `vet.toml`, so that all users write the same store"
        );
        UsageError { kind: ErrorKind::ArgumentConflict, message }
    }

    /// Without `--locked`, a check may write.
    pub(crate) fn target_with_writing_check() -> Self {
        let message = "the argument '--target <TRIPLE>' cannot be used with a check that may write; add '--locked', or name \
                       the targets in `vet.toml`, which commands that write use";
        UsageError { kind: ErrorKind::ArgumentConflict, message: message.to_owned() }
    }

    /// `all` was given together with other targets.
    pub(crate) fn all_targets_and_more() -> Self {
        let message = "the argument '--target all' cannot be used with other targets";
        UsageError { kind: ErrorKind::ArgumentConflict, message: message.to_owned() }
    }

    /// Cargo refuses this, too.
    pub(crate) fn quiet_and_verbose() -> Self {
        let message = "the variables CARGO_TERM_QUIET and CARGO_TERM_VERBOSE contradict each other";
        UsageError { kind: ErrorKind::ArgumentConflict, message: message.to_owned() }
    }

    /// The value of `CARGO_TERM_COLOR` is invalid. Cargo refuses it, too.
    pub(crate) fn bad_color(text: &str) -> Self {
        let message = format!(
            "invalid value '{}' for the variable CARGO_TERM_COLOR: it is auto, always or never",
            wording::shown(text)
        );
        UsageError { kind: ErrorKind::InvalidValue, message }
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

    /// The error in clap's format, with the usage of a command.
    pub(crate) fn into_clap(self, command: &mut clap::Command) -> clap::Error {
        command.error(self.kind, self.message)
    }
}
