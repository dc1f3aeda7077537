//! Opens pages in the browser.

use vet_diagnostics::{Code, Diagnostic};

/// Opens a page in the system's browser.
///
/// # Errors
///
/// There is no browser, or the program that starts it failed.
pub(crate) fn open_page(url: &str) -> Result<(), Diagnostic> {
    // The launcher's error lists the programs that it tried, which does not help.
    open::that(url).map_err(|_| {
        Diagnostic::error(Code::NoBrowser, "could not open a browser")
            .help(format!("open {url} yourself, or read on this machine: `--mode local`"))
    })
}
