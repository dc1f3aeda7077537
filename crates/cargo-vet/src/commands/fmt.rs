//! `fmt`: rewrites the files of the store in canonical form.

use super::Outcome;
use super::context::{context, report};
use crate::ExitStatus;
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(settings: &Settings, printer: &Printer) -> Outcome {
    report(&vet_ops::fmt::fmt(&context(settings)?, printer)?, printer);
    Ok(ExitStatus::Success)
}
