//! `man`: prints a manual page, in roff.

use vet_diagnostics::{Code, Diagnostic};

use super::Outcome;
use crate::ExitStatus;
use crate::args::GLOBAL_OPTIONS;
use crate::printer::Printer;

/// The page of a command below `vet` omits the global options, which are on the page of `vet`.
pub(crate) fn run(mut about: clap::Command, printer: &Printer) -> Outcome {
    let usage = about.render_usage().to_string();
    about = about.override_usage(usage.trim_start_matches("Usage:").trim_start().to_owned());
    if about.get_name() != "vet" {
        about = about.mut_args(|arg| {
            let is_global = arg.get_help_heading() == Some(GLOBAL_OPTIONS);
            arg.hide(is_global)
        });
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(about)
        .source(concat!("cargo-vet ", env!("CARGO_PKG_VERSION")))
        .manual("cargo vet manual")
        .render(&mut page)
        .map_err(|error| {
            Diagnostic::error(Code::Io, format!("the manual page cannot be written: {error}"))
        })?;
    printer.answer(page);
    Ok(ExitStatus::Success)
}
