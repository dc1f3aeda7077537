//! Settings on the command line that override `vet.toml`.

use vet_diagnostics::{Code, Diagnostic, Level, Levels, Located, not_a_warning};
use vet_ops::context::{SettingOverrides, TargetOverride};

use super::{Command, Network, Refusal};
use crate::args::{GlobalArgs, UsageError};

/// The value of `--target` that means all targets.
const ALL: &str = "all";

/// Reads `--target`, `--allow`, `--warn` and `--deny`.
///
/// # Errors
///
/// A value is invalid, values contradict each other, or the command does not accept targets.
pub(super) fn read(
    args: &GlobalArgs,
    command: &Command,
    network: Network,
    refuse: impl Fn(UsageError) -> Refusal,
) -> Result<SettingOverrides, Refusal> {
    if !args.target.is_empty() {
        check_command(command, network).map_err(&refuse)?;
    }
    let targets = targets(&args.target).map_err(&refuse)?;
    let mut levels = Levels::default();
    for (level, texts) in [(Level::Allow, &args.allow), (Level::Warn, &args.warn), (Level::Deny, &args.deny)]
    {
        for text in texts {
            let code = code(text, level).map_err(Refusal::Value)?;
            let others = levels.get(code).map(|other| other.value).filter(|other| *other != level);
            if let Some(other) = others {
                return Err(refuse(UsageError::contradiction(other.name(), level.name(), &code.to_string())));
            }
            levels.set(code, Located::on_command_line(level));
        }
    }
    Ok(SettingOverrides { targets, levels })
}

/// Refuses targets for commands that write: all users who write the store must use the same
/// targets, so these come from the file.
fn check_command(command: &Command, network: Network) -> Result<(), UsageError> {
    match command {
        Command::Check if network == Network::Open => Err(UsageError::target_with_writing_check()),
        Command::Check
        | Command::Suggest
        | Command::ExplainAudit(_)
        | Command::DumpGraph { .. }
        | Command::Status
        | Command::Settings => Ok(()),
        Command::Gc(_) => Err(UsageError::target_without_graph()),
        command if command.changes_something() => Err(UsageError::target_with_writer()),
        _ => Err(UsageError::target_without_graph()),
    }
}

fn targets(texts: &[String]) -> Result<Option<TargetOverride>, UsageError> {
    match texts {
        [] => Ok(None),
        [only] if only == ALL => Ok(Some(TargetOverride::All)),
        several if several.iter().any(|text| text == ALL) => Err(UsageError::all_targets_and_more()),
        several => {
            let mut triples: Vec<String> = Vec::new();
            for text in several {
                if !triples.contains(text) {
                    triples.push(text.clone());
                }
            }
            Ok(Some(TargetOverride::Only(triples)))
        }
    }
}

fn code(text: &str, level: Level) -> Result<Code, Diagnostic> {
    let option = format!("`--{}`", level.name());
    match text.parse::<Code>() {
        Err(unknown) => Err(Diagnostic::error(Code::UnknownCode, format!("{option}: {unknown}"))
            .help("`cargo vet explain` lists all codes")),
        Ok(code) => match not_a_warning(code) {
            Some(problem) => Err(problem),
            None => Ok(code),
        },
    }
}
