//! `check`: are all third-party packages vetted?

use vet_report::check;

use super::Outcome;
use super::place::place;
use super::unavailable::needs_network;
use crate::ExitStatus;
use crate::args::OutputFormat;
use crate::printer::Printer;
use crate::request::{Network, Settings};

pub(crate) fn run(settings: &Settings, printer: &Printer) -> Outcome {
    match settings.network {
        Network::Open => {
            let diagnostic = needs_network("check", "fetch the imports");
            Err(diagnostic.help("add --locked, to check with the imports as they were fetched last").into())
        }
        Network::Locked | Network::Frozen => locked(settings, printer),
    }
}

/// Checks with what is at hand.
fn locked(settings: &Settings, printer: &Printer) -> Outcome {
    let outcome = vet_ops::check::check_locked(&place(settings)?, printer)?;
    printer.answer(match printer.format() {
        OutputFormat::Human => check::human(&outcome),
        OutputFormat::Json => check::json(&outcome),
    });
    Ok(if outcome.is_success() { ExitStatus::Success } else { ExitStatus::Failure })
}
