//! `check`: tells whether all third-party packages are vetted.

use clap::Args;
use vet_ops::search::Offers;
use vet_report::check;
use vet_report::suggest::Form;

use super::command::{
    Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT_AND_JSON, Writes,
};
use super::context::{context, report_aside};
use super::network::online;
use crate::args::{OutputFormat, UsageError};
use crate::exit_status::ExitStatus;
use crate::options::{NetworkAccess, Options};
use crate::printer::Printer;

/// Check that all third-party packages are vetted [default]
///
/// Every package in the dependency graph that comes from crates.io must meet the criteria that its
/// users require, by audits (your own and imported ones), trusted publishers or exemptions. If one
/// does not, the command fails and names what is missing; without --locked it also suggests the
/// audits that need the least reading.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet check                          Check, with imports as of today
  cargo vet check --locked                 Check with locked imports, as in CI
  cargo vet check --output-format json     Answer for programs

Exit status:
  0    everything is vetted
  255  a package is not vetted, or the check failed
  2    invalid command line")]
pub(crate) struct CheckCommand {}

impl Command for CheckCommand {
    const FACTS: Facts = Facts {
        name: "check",
        group: Group::Check,
        is_common: true,
        reads: Reads::Graph,
        writes: Writes::StoreUnlessLocked,
        network: NetworkUse::UnlessLocked,
        dry_run: DryRun::Supported,
        strict: true,
        formats: TEXT_AND_JSON,
    };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(run))
    }
}

/// What to look for besides audits.
pub(super) fn offers(options: &Options) -> Offers {
    Offers { registry: options.registry_suggestions }
}

/// The format of suggestions.
pub(super) fn form(printer: &Printer) -> Form {
    Form { colored: printer.colors_answer(), columns: printer.columns_of_answer() }
}

fn run(options: &Options, printer: &Printer) -> Outcome {
    let context = context(options, printer)?;
    let checked = match options.network {
        NetworkAccess::Open => {
            let online = online(options, printer, |network| {
                printer.take(vet_ops::check::check(&context, network, offers(options), printer))
            })?;
            if !online.changes.is_empty() {
                report_aside(&online.changes, printer);
            }
            online.checked
        }
        NetworkAccess::Locked | NetworkAccess::Frozen => {
            printer.take(vet_ops::check::check_locked(&context, printer))?
        }
    };
    printer.answer(match printer.format() {
        OutputFormat::Human => check::human(&checked, form(printer)),
        OutputFormat::Json => check::json(&checked),
    });
    if options.network != NetworkAccess::Open {
        check::after_locked(&checked).into_iter().for_each(|step| printer.help(step));
    }
    Ok(if checked.outcome.is_success() { ExitStatus::Success } else { ExitStatus::Failure })
}
