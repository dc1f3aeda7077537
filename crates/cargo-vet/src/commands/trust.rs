//! `trust`: relies on the releases of a publisher.

use vet_diagnostics::{Code, Diagnostic};
use vet_ops::trust::{self, Subject, trust};
use vet_report::changes;

use super::Outcome;
use super::context::{context, report};
use super::network::online;
use crate::ExitStatus;
use crate::args::{Trust, TrustSubject};
use crate::printer::Printer;
use crate::prompter::Terminal;
use crate::request::{Network, Settings};

pub(crate) fn run(settings: &Settings, request: Trust, printer: &Printer) -> Outcome {
    if settings.network != Network::Open {
        let message = "`cargo vet trust` has to ask crates.io who publishes what";
        return Err(Diagnostic::error(Code::NeedsNetwork, message).help("leave out `--locked`").into());
    }
    let Trust { subject, criteria, start, end, notes } = request;
    let subject = match subject {
        TrustSubject::Package { package, publisher } => Subject::Crate { name: package, publisher },
        TrustSubject::All { publisher, allow_multiple_publishers } => {
            Subject::All { publisher, allow_multiple_publishers }
        }
    };
    let request = trust::Trust { subject, criteria, start, end, notes };
    let context = context(settings)?;
    let outcome = online(settings, |network| trust(&context, network, &request, &Terminal, printer))?;
    changes::trust(&outcome).into_iter().for_each(|line| printer.note(line));
    report(&outcome.changes, printer);
    Ok(ExitStatus::Success)
}
