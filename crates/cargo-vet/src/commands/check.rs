//! `check`: are all third-party packages vetted?

use super::Outcome;
use super::unavailable::{needs_network, unfinished};
use crate::printer::Printer;
use crate::request::{Network, Settings};

pub(crate) fn run(settings: &Settings, printer: &Printer) -> Outcome {
    match settings.network {
        Network::Open => {
            let diagnostic = needs_network("check", "fetch the imports");
            Err(diagnostic.help("add --locked, to check with the imports as they were fetched last").into())
        }
        Network::Locked | Network::Frozen => locked(settings, printer),
    }
}

/// Checks with what is at hand.
fn locked(_settings: &Settings, _printer: &Printer) -> Outcome {
    Err(unfinished("check --locked"))
}
