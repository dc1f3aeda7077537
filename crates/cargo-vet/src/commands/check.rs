//! `check`: are all third-party packages vetted?

use vet_report::check;

use super::Outcome;
use super::network::online;
use super::place::{place, report_aside};
use crate::ExitStatus;
use crate::args::OutputFormat;
use crate::printer::Printer;
use crate::request::{Network, Settings};

pub(crate) fn run(settings: &Settings, printer: &Printer) -> Outcome {
    let place = place(settings)?;
    let outcome = match settings.network {
        Network::Open => {
            let checked = online(settings, |network| vet_ops::check::check(&place, network, printer))?;
            if !checked.changes.is_empty() {
                report_aside(&checked.changes, printer);
            }
            checked.outcome
        }
        Network::Locked | Network::Frozen => vet_ops::check::check_locked(&place, printer)?,
    };
    printer.answer(match printer.format() {
        OutputFormat::Human => check::human(&outcome),
        OutputFormat::Json => check::json(&outcome),
    });
    Ok(if outcome.is_success() { ExitStatus::Success } else { ExitStatus::Failure })
}
