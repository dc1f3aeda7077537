//! `init`: creates the store of a project.

use clap::Args;
use vet_ops::maintain::init::init;
use vet_report::changes;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT, Writes};
use super::context::{context, preview};
use super::network::online;
use crate::args::UsageError;
use crate::exit_status::ExitStatus;
use crate::options::{NetworkAccess, Options};
use crate::printer::Printer;

/// Start using cargo vet in a project
///
/// Creates the store, with an exemption for each third-party package in use, so that the check
/// passes from the first day.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet init                           Create the folder `supply-chain`
  cargo vet init --store-path audits       Create the store elsewhere")]
pub(crate) struct InitCommand {}

impl Command for InitCommand {
    const FACTS: Facts = Facts {
        name: "init",
        group: Group::Check,
        is_common: true,
        reads: Reads::Graph,
        writes: Writes::Store,
        network: NetworkUse::UnlessFrozen,
        dry_run: DryRun::Supported,
        strict: false,
        formats: TEXT,
    };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(run))
    }
}

fn run(options: &Options, printer: &Printer) -> Outcome {
    let context = context(options, printer)?;
    let outcome = match options.network {
        NetworkAccess::Frozen => printer.take(init(&context, None, printer))?,
        // There are no imports yet, so there is nothing to lock.
        NetworkAccess::Open | NetworkAccess::Locked => {
            online(options, printer, |network| printer.take(init(&context, Some(network), printer)))?
        }
    };
    changes::init(&outcome).into_iter().for_each(|line| printer.note(line));
    changes::after_init(&outcome).into_iter().for_each(|step| printer.help(step));
    preview(&outcome.changes, printer);
    Ok(ExitStatus::Success)
}
