//! `regenerate`: computes parts of the store again.

use vet_ops::regenerate;
use vet_report::changes;

use super::Outcome;
use super::context::{context, report};
use super::network::{maybe_online, online};
use crate::ExitStatus;
use crate::printer::Printer;
use crate::request::{Network, Settings};

pub(crate) fn exemptions(settings: &Settings, printer: &Printer) -> Outcome {
    let context = context(settings)?;
    let changes = maybe_online(settings, |network| regenerate::exemptions(&context, network, printer))?;
    report(&changes, printer);
    Ok(ExitStatus::Success)
}

pub(crate) fn imports(settings: &Settings, printer: &Printer) -> Outcome {
    if nothing_to_do("imports", settings, printer) {
        return Ok(ExitStatus::Success);
    }
    let context = context(settings)?;
    report(&online(settings, |network| regenerate::imports(&context, network, printer))?, printer);
    Ok(ExitStatus::Success)
}

pub(crate) fn audit_as_crates_io(settings: &Settings, printer: &Printer) -> Outcome {
    let context = context(settings)?;
    let (fixed, changes) =
        online(settings, |network| regenerate::audit_as_crates_io(&context, network, printer))?;
    changes::fixed(&fixed, &changes).into_iter().for_each(|line| printer.note(line));
    report(&changes, printer);
    Ok(ExitStatus::Success)
}

pub(crate) fn unpublished(settings: &Settings, printer: &Printer) -> Outcome {
    if nothing_to_do("unpublished", settings, printer) {
        return Ok(ExitStatus::Success);
    }
    let context = context(settings)?;
    report(&online(settings, |network| regenerate::unpublished(&context, network, printer))?, printer);
    Ok(ExitStatus::Success)
}

/// With `--locked`, some commands have nothing to do. Scripts expect this exact text on stdout,
/// with status 0.
fn nothing_to_do(what: &str, settings: &Settings, printer: &Printer) -> bool {
    let nothing = settings.network != Network::Open;
    if nothing {
        printer.answer(format!("warning: ran `regenerate {what}` with --locked, this won't do anything!\n"));
    }
    nothing
}
