//! `suggest`: shows what to audit next.

use vet_report::check;

use super::Outcome;
use super::check::{form, offers};
use super::context::context;
use super::network::online;
use crate::ExitStatus;
use crate::args::OutputFormat;
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(settings: &Settings, printer: &Printer) -> Outcome {
    let context = context(settings)?;
    let checked =
        online(settings, |network| vet_ops::suggest::suggest(&context, network, offers(settings), printer))?;
    printer.answer(match printer.format() {
        OutputFormat::Human => check::suggested(&checked, form(printer)),
        OutputFormat::Json => check::json(&checked),
    });
    Ok(ExitStatus::Success)
}
