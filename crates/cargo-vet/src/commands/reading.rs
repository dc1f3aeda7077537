//! The common part of `inspect` and `diff`: the introduction, and web pages.

use vet_ops::audit::reading::{Mode, Reading, Wish};
use vet_report::reading::introduction;

use crate::programs::browser;

use super::command::Outcome;
use crate::exit_status::ExitStatus;
use crate::printer::Printer;
use crate::prompter::{Explained, press_enter, user_is_there};

/// What to do after reading.
const AFTERWARDS: &str = "record what you found with `cargo vet certify`";

/// Whether a user reads the answer and can be asked.
pub(super) fn is_attended(printer: &Printer) -> bool {
    printer.answers_terminal() && user_is_there()
}

/// Where to read: in the given mode, or where the user last read.
pub(super) fn wish(mode: Option<Mode>) -> Wish {
    mode.map_or(Wish::AsLast, Wish::Mode)
}

/// Says what the user is about to read, and explains criteria that the user has not read about yet.
pub(super) fn introduce(reading: &Reading, explained: &Explained, printer: &Printer) {
    let is_known = explained.knows(&reading.likely);
    printer.aside(&introduction(reading, is_known, printer.colors_notes()));
}

/// Says what to do afterwards.
pub(super) fn advise(printer: &Printer) {
    printer.note(AFTERWARDS);
}

/// Prints the URL of a page, and opens it if the user agrees.
pub(super) fn open_page(url: &str, reading: &Reading, printer: &Printer) -> Outcome {
    reading.remember(false);
    printer.answer(format!("{url}\n"));
    if is_attended(printer) {
        press_enter("to open this page, or read on this machine with `--mode local`")?;
        browser::open_page(url)?;
        reading.remember(true);
    }
    Ok(ExitStatus::Success)
}
