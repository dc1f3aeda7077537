//! `prune`: removing what nothing relies on.

use super::Outcome;
use super::place::{place, report};
use super::unavailable::needs_network;
use crate::ExitStatus;
use crate::printer::Printer;
use crate::request::{Network, Prune, Settings};

pub(crate) fn run(settings: &Settings, prune: Prune, printer: &Printer) -> Outcome {
    if settings.network == Network::Open {
        let diagnostic = needs_network("prune", "fetch the imports, to see what they cover");
        return Err(diagnostic.help("add --locked, to go by the imports as they were fetched last").into());
    }
    let Prune { imports, exemptions, audits } = prune;
    let what = vet_ops::prune::Prune { imports, exemptions, audits };
    report(&vet_ops::prune::prune(&place(settings)?, what, printer)?, printer);
    Ok(ExitStatus::Success)
}
