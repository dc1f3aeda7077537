//! `settings`: shows the effective settings and their origins.

use vet_report::settings::{human, json};

use super::Outcome;
use super::context::context;
use crate::ExitStatus;
use crate::args::OutputFormat;
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(settings: &Settings, printer: &Printer) -> Outcome {
    let in_force = vet_ops::settings::settings_in_force(&context(settings)?, printer)?;
    printer.answer(match printer.format() {
        OutputFormat::Human => human(&in_force),
        OutputFormat::Json => json(&in_force),
    });
    Ok(ExitStatus::Success)
}
