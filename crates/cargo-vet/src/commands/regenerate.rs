//! `regenerate`: computing parts of the store anew.

use super::Outcome;
use super::place::{place, report};
use super::unavailable::needs_network;
use crate::printer::Printer;
use crate::request::{Network, Settings};

pub(crate) fn exemptions(settings: &Settings, printer: &Printer) -> Outcome {
    match settings.network {
        Network::Open => {
            let diagnostic =
                needs_network("regenerate exemptions", "fetch the imports, to see what they cover");
            Err(diagnostic.help("add --locked, to go by the imports as they were fetched last").into())
        }
        Network::Locked | Network::Frozen => {
            report(&vet_ops::regenerate::exemptions(&place(settings)?, printer)?, printer);
            Ok(crate::ExitStatus::Success)
        }
    }
}

pub(crate) fn imports(settings: &Settings, printer: &Printer) -> Outcome {
    if nothing_to_do("imports", settings, printer) {
        return Ok(crate::ExitStatus::Success);
    }
    Err(needs_network("regenerate imports", "fetch the imports").into())
}

pub(crate) fn audit_as_crates_io(_settings: &Settings, _printer: &Printer) -> Outcome {
    Err(needs_network("regenerate audit-as-crates-io", "ask crates.io which packages it knows").into())
}

pub(crate) fn unpublished(settings: &Settings, printer: &Printer) -> Outcome {
    if nothing_to_do("unpublished", settings, printer) {
        return Ok(crate::ExitStatus::Success);
    }
    Err(needs_network("regenerate unpublished", "ask crates.io which versions are published").into())
}

/// With `--locked` some commands have nothing to go by. Scripts read that on stdout, to the letter, with status 0.
fn nothing_to_do(what: &str, settings: &Settings, printer: &Printer) -> bool {
    let nothing = settings.network != Network::Open;
    if nothing {
        printer.answer(format!("warning: ran `regenerate {what}` with --locked, this won't do anything!\n"));
    }
    nothing
}
