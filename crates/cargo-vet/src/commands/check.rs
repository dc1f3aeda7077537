//! `check`: are all third-party packages vetted?

use vet_ops::suggest::Offers;
use vet_report::check;
use vet_report::suggest::Form;

use super::Outcome;
use super::network::online;
use super::place::{place, report_aside};
use crate::ExitStatus;
use crate::args::OutputFormat;
use crate::printer::Printer;
use crate::request::{Network, Settings};

/// What is looked for besides the audits to do.
pub(super) fn offers(settings: &Settings) -> Offers {
    Offers { registry: settings.registry_suggestions }
}

/// How suggestions look.
pub(super) fn form(printer: &Printer) -> Form {
    Form { colored: printer.colors_answer(), for_a_person: printer.answers_terminal() }
}

pub(crate) fn run(settings: &Settings, printer: &Printer) -> Outcome {
    let place = place(settings)?;
    let outcome = match settings.network {
        Network::Open => {
            let checked = online(settings, |network| {
                vet_ops::check::check(&place, network, offers(settings), printer)
            })?;
            if !checked.changes.is_empty() {
                report_aside(&checked.changes, printer);
            }
            checked.outcome
        }
        Network::Locked | Network::Frozen => vet_ops::check::check_locked(&place, printer)?,
    };
    printer.answer(match printer.format() {
        OutputFormat::Human => check::human(&outcome, form(printer)),
        OutputFormat::Json => check::json(&outcome),
    });
    Ok(if outcome.is_success() { ExitStatus::Success } else { ExitStatus::Failure })
}
