//! Settings on the command line that override `vet.toml`.

use vet_diagnostics::{Code, Diagnostic, Level, Levels, Located, not_a_warning};
use vet_ops::operation::context::{SettingOverrides, TargetOverride};

use super::{Refusal, commands_that};
use crate::args::{GlobalArgs, UsageError};
use crate::commands::command::{Facts, Targets};
use crate::options::NetworkAccess;

/// The value of `--target` that means all targets.
const ALL: &str = "all";

/// Reads `--target`, `--allow`, `--warn` and `--deny`.
///
/// # Errors
///
/// A value is invalid, values contradict each other, or the command does not accept targets.
pub(super) fn read(
    args: &GlobalArgs,
    facts: &Facts,
    name: &str,
    network: NetworkAccess,
    refuse: impl Fn(UsageError) -> Refusal,
) -> Result<SettingOverrides, Refusal> {
    if !args.target.is_empty() {
        check_targets(facts, name, network).map_err(&refuse)?;
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

/// Refuses targets for commands that do not take them.
fn check_targets(facts: &Facts, name: &str, network: NetworkAccess) -> Result<(), UsageError> {
    match (facts.targets(), network) {
        (Targets::Any, _) | (Targets::IfLocked, NetworkAccess::Locked | NetworkAccess::Frozen) => Ok(()),
        (Targets::IfLocked, NetworkAccess::Open) => Err(UsageError::target_with_writing_check()),
        (Targets::OfSettings, _) => Err(UsageError::target_with_writer(name)),
        (Targets::Irrelevant, _) => {
            let others = commands_that(|facts| matches!(facts.targets(), Targets::Any | Targets::IfLocked));
            Err(UsageError::only_for("--target <TRIPLE>", name, &others))
        }
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
