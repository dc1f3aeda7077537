//! `prune`: removing what the check does not need.

use super::Outcome;
use super::unavailable::needs_network;
use crate::printer::Printer;
use crate::request::{Prune, Settings};

pub(crate) fn run(_settings: &Settings, _prune: Prune, _printer: &Printer) -> Outcome {
    let diagnostic = needs_network("prune", "fetch the imports, to see which exemptions they replace");
    Err(diagnostic
        .help("`cargo vet regenerate exemptions --locked` removes exemptions that are not needed")
        .into())
}
