//! `import`: uses the audits of another project.

use vet_diagnostics::{Code, Diagnostic};
use vet_ops::import::import;
use vet_report::changes;

use super::Outcome;
use super::context::{context, report};
use super::network::online;
use crate::ExitStatus;
use crate::printer::Printer;
use crate::request::{Import, Network, Settings};

pub(crate) fn run(settings: &Settings, request: Import, printer: &Printer) -> Outcome {
    if settings.network != Network::Open {
        // The original writes config.toml anyway, and leaves a store that fails every check with
        // `--locked`.
        let message = "`cargo vet import` has to fetch what it imports";
        return Err(Diagnostic::error(Code::NeedsNetwork, message).help("leave out `--locked`").into());
    }
    let Import { name, urls } = request;
    let context = context(settings)?;
    let outcome = online(settings, |network| import(&context, network, &name, urls, printer))?;
    printer.note(changes::import(&name, &outcome));
    report(&outcome.changes, printer);
    Ok(ExitStatus::Success)
}
