//! `status`: shows what was read, and what is next.

use clap::Args;
use vet_report::status::{human, json};

use super::command::{
    Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT_AND_JSON, Writes,
};
use super::context::context;
use crate::args::{OutputFormat, UsageError};
use crate::exit_status::ExitStatus;
use crate::options::Options;
use crate::printer::Printer;

/// Show what was read, and what is next
///
/// Shows what was read in this project with `inspect` and `diff` on this machine, and whether it is
/// certified. Also shows what the locked store does not vet, and which of it was not read yet.
#[derive(Args, Debug)]
pub(crate) struct StatusCommand {}

impl Command for StatusCommand {
    const FACTS: Facts = Facts {
        name: "status",
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
    let status = printer.take(vet_ops::audit::status::status(&context(options, printer)?, printer))?;
    printer.answer(match printer.format() {
        OutputFormat::Human => human(&status),
        OutputFormat::Json => json(&status),
    });
    Ok(ExitStatus::Success)
}
