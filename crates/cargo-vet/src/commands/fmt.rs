//! `fmt`: bringing the files of the store into canonical form.

use super::Outcome;
use super::place::{place, report};
use crate::ExitStatus;
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(settings: &Settings, printer: &Printer) -> Outcome {
    report(&vet_ops::fmt::fmt(&place(settings)?, printer)?, printer);
    Ok(ExitStatus::Success)
}
