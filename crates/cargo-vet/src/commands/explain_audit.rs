//! `explain-audit`: why does a package meet a criterion?

use vet_ops::explain_audit::explain_audit;
use vet_report::explain_audit::human;

use super::Outcome;
use super::place::place;
use super::unavailable::needs_network;
use crate::ExitStatus;
use crate::printer::Printer;
use crate::request::{ExplainAudit, Network, Settings};

pub(crate) fn run(settings: &Settings, question: ExplainAudit, printer: &Printer) -> Outcome {
    if settings.network == Network::Open {
        let diagnostic = needs_network("explain-audit", "fetch the imports");
        return Err(diagnostic.help("add --locked, to go by the imports as they were fetched last").into());
    }
    let ExplainAudit { package, version, criterion } = question;
    let outcome = explain_audit(&place(settings)?, package, version, criterion, printer)?;
    printer.answer(human(&outcome)?);
    Ok(ExitStatus::Success)
}
