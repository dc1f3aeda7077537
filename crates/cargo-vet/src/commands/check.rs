//! `check`: tells whether all third-party packages are vetted.

use vet_ops::suggest::Offers;
use vet_report::check;
use vet_report::suggest::Form;

use super::Outcome;
use super::context::{context, report_aside};
use super::network::online;
use crate::ExitStatus;
use crate::args::OutputFormat;
use crate::printer::Printer;
use crate::request::{Network, Settings};

/// What to look for besides audits.
pub(super) fn offers(settings: &Settings) -> Offers {
    Offers { registry: settings.registry_suggestions }
}

/// The format of suggestions.
pub(super) fn form(printer: &Printer) -> Form {
    Form { colored: printer.colors_answer(), for_a_person: printer.answers_terminal() }
}

pub(crate) fn run(settings: &Settings, printer: &Printer) -> Outcome {
    let context = context(settings)?;
    let checked = match settings.network {
        Network::Open => {
            let online = online(settings, |network| {
                vet_ops::check::check(&context, network, offers(settings), printer)
            })?;
            if !online.changes.is_empty() {
                report_aside(&online.changes, printer);
            }
            online.checked
        }
        Network::Locked | Network::Frozen => vet_ops::check::check_locked(&context, printer)?,
    };
    printer.answer(match printer.format() {
        OutputFormat::Human => check::human(&checked, form(printer)),
        OutputFormat::Json => check::json(&checked),
    });
    Ok(if checked.outcome.is_success() { ExitStatus::Success } else { ExitStatus::Failure })
}
