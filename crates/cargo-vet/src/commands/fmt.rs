//! `fmt`: rewrites the files of the store in canonical form.

use clap::Args;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT, Writes};
use super::context::{context, report};
use crate::args::UsageError;
use crate::exit_status::ExitStatus;
use crate::options::Options;
use crate::printer::Printer;

/// Rewrite the files of the store in canonical form
///
/// Rewrites `vet.toml`, too, and keeps its comments.
///
/// With --locked, nothing is written: the command fails if a file is not in canonical form.
#[derive(Args, Debug)]
pub(crate) struct FmtCommand {}

impl Command for FmtCommand {
    const FACTS: Facts = Facts {
        name: "fmt",
        group: Group::Maintain,
        is_common: false,
        reads: Reads::Project,
        writes: Writes::StoreUnlessLocked,
        network: NetworkUse::Nothing,
        dry_run: DryRun::Supported,
        strict: false,
        formats: TEXT,
    };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(run))
    }
}

fn run(options: &Options, printer: &Printer) -> Outcome {
    report(&printer.take(vet_ops::maintain::fmt::fmt(&context(options, printer)?, printer))?, printer);
    Ok(ExitStatus::Success)
}
