//! `init`: creates the store of a project.

use vet_ops::init::init;
use vet_report::changes;

use super::Outcome;
use super::context::{context, preview};
use super::network::online;
use crate::ExitStatus;
use crate::printer::Printer;
use crate::request::{Network, Settings};

pub(crate) fn run(settings: &Settings, printer: &Printer) -> Outcome {
    let context = context(settings)?;
    let outcome = match settings.network {
        Network::Frozen => init(&context, None, printer)?,
        // There are no imports yet, so there is nothing to lock.
        Network::Open | Network::Locked => {
            online(settings, |network| init(&context, Some(network.crates_io), printer))?
        }
    };
    changes::init(&outcome).into_iter().for_each(|line| printer.note(line));
    preview(&outcome.changes, printer);
    Ok(ExitStatus::Success)
}
