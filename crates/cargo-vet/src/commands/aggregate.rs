//! `aggregate`: merges the audits of several projects.

use std::path::Path;

use vet_diagnostics::{Code, Diagnostic};

use super::Outcome;
use super::network::{client, credentials};
use crate::ExitStatus;
use crate::printer::Printer;
use crate::request::{Network, Settings};

pub(crate) fn run(settings: &Settings, sources: &Path, printer: &Printer) -> Outcome {
    if settings.network == Network::Frozen {
        let message = "`cargo vet aggregate` has nothing to go by without the network";
        return Err(Diagnostic::error(Code::Offline, message).help("leave out `--frozen`").into());
    }
    let shown = sources.display().to_string();
    let merged =
        vet_ops::aggregate::aggregate(sources, &shown, &client(settings)?, credentials(settings), printer)?;
    printer.answer(merged);
    Ok(ExitStatus::Success)
}
