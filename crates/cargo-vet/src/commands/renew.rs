//! `renew`: extends wildcard audits by a year.

use vet_ops::renew;
use vet_report::renew::human;

use super::Outcome;
use super::context::{context, report_aside};
use super::network::maybe_online;
use crate::ExitStatus;
use crate::args::{Renew, Verbosity};
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(settings: &Settings, which: Renew, printer: &Printer) -> Outcome {
    let (which, of) = match which {
        Renew::Package(package) => {
            let of = format!(" of `{package}`");
            (renew::Renew::Crate(package), of)
        }
        Renew::Expiring { include_inactive } => (renew::Renew::Expiring { include_inactive }, String::new()),
    };
    let context = context(settings)?;
    let outcome = maybe_online(settings, |network| {
        renew::renew(&context, network.map(|network| network.crates_io), &which, printer)
    })?;
    printer.answer(human(&outcome));
    match (outcome.any, &which) {
        (false, renew::Renew::Crate(_)) => {
            printer.log(Verbosity::Warn, format!("there are no wildcard audits{of}"));
        }
        (false, renew::Renew::Expiring { .. }) => printer.log(Verbosity::Info, "no wildcard audit ends soon"),
        (true, _) if outcome.renewed.is_empty() => {
            printer.log(Verbosity::Info, format!("all wildcard audits{of} that are due say `renew = false`"));
        }
        (true, _) => report_aside(&outcome.changes, printer),
    }
    Ok(ExitStatus::Success)
}
