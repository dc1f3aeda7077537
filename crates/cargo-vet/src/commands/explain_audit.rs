//! `explain-audit`: says why a package meets a criterion.

use vet_ops::explain_audit::explain_audit;
use vet_report::explain_audit::human;

use super::Outcome;
use super::context::context;
use super::network::maybe_online;
use crate::ExitStatus;
use crate::printer::Printer;
use crate::request::{ExplainAudit, Settings};

pub(crate) fn run(settings: &Settings, question: ExplainAudit, printer: &Printer) -> Outcome {
    let ExplainAudit { package, version, criterion } = question;
    let context = context(settings)?;
    let outcome = maybe_online(settings, |network| {
        explain_audit(&context, network, package, version, criterion, printer)
    })?;
    printer.answer(human(&outcome)?);
    Ok(ExitStatus::Success)
}
