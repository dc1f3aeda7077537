//! What `inspect` and `diff` have in common: an introduction, and pages of the web.

use vet_ops::questions::Prompter as _;
use vet_ops::reading::{Mode, Reading, Wish};
use vet_report::reading::introduction;

use crate::programs::browser;

use super::Outcome;
use crate::ExitStatus;
use crate::printer::Printer;
use crate::prompter::Terminal;

/// What to do when everything is read.
const AFTERWARDS: &str = "record what you found with `cargo vet certify`";

/// Whether somebody sits there who reads what is answered, and can be asked.
pub(super) fn is_attended(printer: &Printer) -> bool {
    printer.answers_terminal() && Terminal.is_there()
}

/// Where somebody wants to read, if they say a mode or do not.
pub(super) fn wish(mode: Option<Mode>) -> Wish {
    mode.map_or(Wish::AsLast, Wish::Mode)
}

/// Says what is about to be read.
pub(super) fn introduce(reading: &Reading, printer: &Printer) {
    printer.aside(&introduction(reading, printer.colors_notes()));
}

/// Says how it goes on.
pub(super) fn advise(printer: &Printer) {
    printer.note(AFTERWARDS);
}

/// Answers with the address of a page, and opens it for somebody who agrees.
pub(super) fn open_page(url: &str, reading: &Reading, printer: &Printer) -> Outcome {
    reading.remember();
    printer.answer(format!("{url}\n"));
    if is_attended(printer) {
        Terminal.press_enter("to open this page, or read on this machine with `--mode local`")?;
        browser::open_page(url)?;
    }
    Ok(ExitStatus::Success)
}
