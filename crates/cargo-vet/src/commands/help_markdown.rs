//! `help-markdown`: prints the help of all commands as one page of Markdown.

use super::Outcome;
use crate::ExitStatus;
use crate::manual;
use crate::printer::Printer;

pub(crate) fn run(printer: &Printer) -> Outcome {
    printer.answer(manual::markdown());
    Ok(ExitStatus::Success)
}
