//! `renew`: letting wildcard audits run for another year.

use vet_ops::renew;
use vet_report::renew::human;

use super::Outcome;
use super::place::{place, report};
use super::unavailable::needs_network;
use crate::ExitStatus;
use crate::args::{Renew, Verbosity};
use crate::printer::Printer;
use crate::request::{Network, Settings};

pub(crate) fn run(settings: &Settings, which: Renew, printer: &Printer) -> Outcome {
    if settings.network == Network::Open {
        let what = match which {
            Renew::Package(package) => format!("ask crates.io who publishes {package}"),
            Renew::Expiring { .. } => "ask crates.io which packages are still published".to_owned(),
        };
        let diagnostic = needs_network("renew", &what);
        return Err(diagnostic.help("add --locked, to renew without asking").into());
    }
    let (which, of) = match which {
        Renew::Package(package) => {
            let of = format!(" of `{package}`");
            (renew::Renew::Crate(package), of)
        }
        // Which packages are inactive is not known without the network, so all are included.
        Renew::Expiring { .. } => (renew::Renew::Expiring, String::new()),
    };
    let outcome = renew::renew(&place(settings)?, &which, printer)?;
    printer.answer(human(&outcome));
    match (outcome.any, &which) {
        (false, renew::Renew::Crate(_)) => {
            printer.log(Verbosity::Warn, format!("there are no wildcard audits{of}"));
        }
        (false, renew::Renew::Expiring) => printer.log(Verbosity::Info, "no wildcard audit ends soon"),
        (true, _) if outcome.renewed.is_empty() => {
            printer.log(Verbosity::Info, format!("all wildcard audits{of} that are due say `renew = false`"));
        }
        (true, _) => report(&outcome.changes, printer),
    }
    Ok(ExitStatus::Success)
}
