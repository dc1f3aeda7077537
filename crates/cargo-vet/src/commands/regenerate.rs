//! `regenerate`: computes parts of the store again.

use clap::Args;
use vet_ops::maintain::regenerate;
use vet_report::changes;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT, Writes};
use super::context::{context, report};
use super::network::{maybe_online, online};
use crate::args::UsageError;
use crate::exit_status::ExitStatus;
use crate::options::{NetworkAccess, Options};
use crate::printer::Printer;

/// Compute parts of the store again
#[derive(Args, Debug)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct RegenerateCommand {}

/// Make the check pass with as few exemptions as possible
///
/// Keeps exemptions that are needed, narrows those that cover too much, removes the others and adds
/// missing ones.
#[derive(Args, Debug)]
pub(crate) struct ExemptionsCommand {}

/// Fetch imported audits again, accepting new criteria texts
///
/// If a peer changed the description of a criterion, read the new one first: accepting it means
/// that it still matches the criterion that it is mapped to.
#[derive(Args, Debug)]
pub(crate) struct ImportsCommand {}

/// Say which packages to audit as packages from crates.io
///
/// Sets `audit-as-crates-io` in the policy of packages that do not come from crates.io, but share
/// name and description or repository with one that does. Removes the key where it does not apply.
#[derive(Args, Debug)]
pub(crate) struct AuditAsCratesIoCommand {}

/// Check again which versions are not published yet
#[derive(Args, Debug)]
pub(crate) struct UnpublishedCommand {}

/// The parts differ in their names and their use of the network.
const PART: Facts = Facts {
    name: "regenerate",
    group: Group::Maintain,
    is_common: false,
    reads: Reads::Graph,
    writes: Writes::Store,
    network: NetworkUse::UnlessLocked,
    dry_run: DryRun::Supported,
    strict: false,
    formats: TEXT,
};

impl Command for RegenerateCommand {
    const FACTS: Facts = PART;

    // Clap demands a part.
    fn action(self) -> Result<Action, UsageError> {
        Err(UsageError::missing("<COMMAND>"))
    }
}

impl Command for ExemptionsCommand {
    const FACTS: Facts = Facts { name: "exemptions", ..PART };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(exemptions))
    }
}

impl Command for ImportsCommand {
    const FACTS: Facts = Facts { name: "imports", ..PART };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(imports))
    }
}

impl Command for AuditAsCratesIoCommand {
    const FACTS: Facts = Facts { name: "audit-as-crates-io", network: NetworkUse::UnlessFrozen, ..PART };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(audit_as_crates_io))
    }
}

impl Command for UnpublishedCommand {
    const FACTS: Facts = Facts { name: "unpublished", ..PART };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(unpublished))
    }
}

fn exemptions(options: &Options, printer: &Printer) -> Outcome {
    let context = context(options, printer)?;
    let changes = maybe_online(options, printer, |network| {
        printer.take(regenerate::exemptions(&context, network, printer))
    })?;
    report(&changes, printer);
    Ok(ExitStatus::Success)
}

fn imports(options: &Options, printer: &Printer) -> Outcome {
    if nothing_to_do("imports", options, printer) {
        return Ok(ExitStatus::Success);
    }
    let context = context(options, printer)?;
    report(
        &online(options, printer, |network| printer.take(regenerate::imports(&context, network, printer)))?,
        printer,
    );
    Ok(ExitStatus::Success)
}

fn audit_as_crates_io(options: &Options, printer: &Printer) -> Outcome {
    let context = context(options, printer)?;
    let (fixed, changes) = online(options, printer, |network| {
        printer.take(regenerate::audit_as_crates_io(&context, network, printer))
    })?;
    changes::fixed(&fixed, &changes).into_iter().for_each(|line| printer.note(line));
    report(&changes, printer);
    Ok(ExitStatus::Success)
}

fn unpublished(options: &Options, printer: &Printer) -> Outcome {
    if nothing_to_do("unpublished", options, printer) {
        return Ok(ExitStatus::Success);
    }
    let context = context(options, printer)?;
    report(
        &online(options, printer, |network| {
            printer.take(regenerate::unpublished(&context, network, printer))
        })?,
        printer,
    );
    Ok(ExitStatus::Success)
}

/// With `--locked`, some commands have nothing to do. Scripts expect this exact text on stdout,
/// with status 0.
fn nothing_to_do(what: &str, options: &Options, printer: &Printer) -> bool {
    let nothing = options.network != NetworkAccess::Open;
    if nothing {
        printer.answer(format!("warning: ran `regenerate {what}` with --locked, this won't do anything!\n"));
    }
    nothing
}
