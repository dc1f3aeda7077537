//! `man`: a manual page, in roff.

use vet_store::{Code, Diagnostic};

use super::Outcome;
use crate::ExitStatus;
use crate::printer::Printer;

pub(crate) fn run(about: clap::Command, printer: &Printer) -> Outcome {
    let mut page = Vec::new();
    clap_mangen::Man::new(about).render(&mut page).map_err(|error| {
        Diagnostic::error(Code::Io, format!("the manual page cannot be written: {error}"))
    })?;
    printer.answer(page);
    Ok(ExitStatus::Success)
}
