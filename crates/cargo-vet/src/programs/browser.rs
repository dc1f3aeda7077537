//! Opens pages in the browser.

use vet_diagnostics::{Code, Diagnostic};

/// Opens a page in the system's browser.
///
/// # Errors
///
/// There is no browser, or the program that starts it failed.
pub(crate) fn open_page(url: &str) -> Result<(), Diagnostic> {
    open::that(url).map_err(|error| {
        Diagnostic::error(Code::NoBrowser, "no browser can be opened")
            .note(error.to_string())
            .note(format!("the page is {url}"))
            .help("open the page yourself, or read on this machine: `--mode local`")
    })
}
