//! `suggest`: shows what to audit next.

use clap::Args;
use vet_report::check;

use super::check::{form, offers};
use super::command::{
    Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT_AND_JSON, Writes,
};
use super::context::context;
use super::network::online;
use crate::args::{OutputFormat, UsageError};
use crate::exit_status::ExitStatus;
use crate::options::Options;
use crate::printer::Printer;

/// Suggest what to audit next
///
/// Treats all exemptions as if they were removed, except those with `suggest = false`, and lists
/// the audits that would replace them.
#[derive(Args, Debug)]
pub(crate) struct SuggestCommand {}

impl Command for SuggestCommand {
    const FACTS: Facts = Facts {
        name: "suggest",
        group: Group::Check,
        is_common: true,
        reads: Reads::Graph,
        writes: Writes::Nothing,
        network: NetworkUse::UnlessFrozen,
        dry_run: DryRun::NEEDLESS,
        strict: false,
        formats: TEXT_AND_JSON,
    };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(run))
    }
}

fn run(options: &Options, printer: &Printer) -> Outcome {
    let context = context(options, printer)?;
    let checked = online(options, printer, |network| {
        printer.take(vet_ops::audit::suggest::suggest(&context, network, offers(options), printer))
    })?;
    printer.answer(match printer.format() {
        OutputFormat::Human => check::suggested(&checked, form(printer)),
        OutputFormat::Json => check::json(&checked),
    });
    Ok(ExitStatus::Success)
}
