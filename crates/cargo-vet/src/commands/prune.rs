//! `prune`: removing what nothing relies on.

use super::Outcome;
use super::network::maybe_online;
use super::place::{place, report};
use crate::ExitStatus;
use crate::printer::Printer;
use crate::request::{Prune, Settings};

pub(crate) fn run(settings: &Settings, prune: Prune, printer: &Printer) -> Outcome {
    let Prune { imports, exemptions, audits, unbuilt } = prune;
    let what = vet_ops::prune::Prune { imports, exemptions, audits, unbuilt };
    let place = place(settings)?;
    let changes = maybe_online(settings, |network| vet_ops::prune::prune(&place, network, what, printer))?;
    report(&changes, printer);
    Ok(ExitStatus::Success)
}
