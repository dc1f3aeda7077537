//! `aggregate`: merges the audits of several projects.

use std::path::{Path, PathBuf};

use clap::Args;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT, Writes};
use super::network::{client, credentials};
use crate::args::UsageError;
use crate::exit_status::ExitStatus;
use crate::options::Options;
use crate::printer::Printer;

/// Merge the audits of several projects into one file
///
/// Prints an audits.toml that other projects can import. Entries that only their own project can
/// use are left out.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet aggregate sources.list --output-file audits.toml")]
pub(crate) struct AggregateCommand {
    /// File with one URL of an audits.toml per line
    ///
    /// Lines that start with `#` are comments.
    #[arg(value_name = "SOURCES")]
    sources: PathBuf,
}

impl Command for AggregateCommand {
    const FACTS: Facts = Facts {
        name: "aggregate",
        group: Group::Maintain,
        is_common: false,
        reads: Reads::Nothing,
        writes: Writes::Nothing,
        network: NetworkUse::RefusesFrozen("has to fetch what it merges"),
        dry_run: DryRun::NEEDLESS,
        strict: false,
        formats: TEXT,
    };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(move |options, printer| run(options, &self.sources, printer)))
    }
}

fn run(options: &Options, sources: &Path, printer: &Printer) -> Outcome {
    let shown = sources.display().to_string();
    let merged = printer.take(vet_ops::share::aggregate::aggregate(
        sources,
        &shown,
        &client(options, printer)?,
        credentials(options),
        &options.overrides.levels,
        printer,
    ))?;
    printer.answer(merged);
    Ok(ExitStatus::Success)
}
