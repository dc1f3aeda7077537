//! `settings`: shows the effective settings and their origins.

use clap::Args;
use vet_report::settings::{human, json};

use super::command::{
    Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT_AND_JSON, Writes,
};
use super::context::context;
use crate::args::{OutputFormat, UsageError};
use crate::exit_status::ExitStatus;
use crate::options::Options;
use crate::printer::Printer;

/// Show the settings in force
///
/// Shows every setting of `vet.toml` with its value and its origin: the default, a line of the
/// file, or the command line.
#[derive(Args, Debug)]
pub(crate) struct SettingsCommand {}

impl Command for SettingsCommand {
    const FACTS: Facts = Facts {
        name: "settings",
        group: Group::Check,
        is_common: false,
        reads: Reads::Graph,
        writes: Writes::Nothing,
        network: NetworkUse::Nothing,
        dry_run: DryRun::NEEDLESS,
        strict: false,
        formats: TEXT_AND_JSON,
    };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(run))
    }
}

fn run(options: &Options, printer: &Printer) -> Outcome {
    let in_force =
        printer.take(vet_ops::check::settings::settings_in_force(&context(options, printer)?, printer))?;
    printer.answer(match printer.format() {
        OutputFormat::Human => human(&in_force),
        OutputFormat::Json => json(&in_force),
    });
    Ok(ExitStatus::Success)
}
