//! `prune`: removes what nothing relies on.

use super::Outcome;
use super::context::{context, report};
use super::network::maybe_online;
use crate::ExitStatus;
use crate::printer::Printer;
use crate::request::{Prune, Settings};

pub(crate) fn run(settings: &Settings, prune: Prune, printer: &Printer) -> Outcome {
    let Prune { imports, exemptions, audits, unbuilt } = prune;
    let what = vet_ops::prune::Prune { imports, exemptions, audits, unbuilt };
    let context = context(settings)?;
    let changes = maybe_online(settings, |network| vet_ops::prune::prune(&context, network, what, printer))?;
    report(&changes, printer);
    Ok(ExitStatus::Success)
}
