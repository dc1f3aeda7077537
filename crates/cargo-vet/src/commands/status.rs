//! `status`: shows what was read, and what is next.

use vet_report::status::{human, json};

use super::Outcome;
use super::context::context;
use crate::ExitStatus;
use crate::args::OutputFormat;
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(settings: &Settings, printer: &Printer) -> Outcome {
    let status = vet_ops::status::status(&context(settings)?, printer)?;
    printer.answer(match printer.format() {
        OutputFormat::Human => human(&status),
        OutputFormat::Json => json(&status),
    });
    Ok(ExitStatus::Success)
}
