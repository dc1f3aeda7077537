//! `certify`: records an audit.

use std::io;
use std::path::Path;
use std::sync::Arc;

use vet_diagnostics::{Diagnostic, Source};
use vet_ops::certify::{self, CertifyOutcome, List, What, prepare, sign};
use vet_ops::context::Context;
use vet_project::text_file::{read_text, read_text_from};
use vet_report::certify::certify as lines;

use super::Outcome;
use super::context::{context, report};
use super::network::maybe_online;
use crate::ExitStatus;
use crate::args::{Certify, Consent, Subject};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::prompter::Terminal;
use crate::request::Settings;

pub(crate) fn run(settings: &Settings, request: Certify, printer: &Printer) -> Outcome {
    let Certify { subject, criteria, who, notes, consent, force, collapse } = request;
    let what = match subject {
        Subject::Remembered { package } => What::LookedAtLast { package },
        Subject::Full { package, version } => What::One(certify::Subject::Full { package, version }),
        Subject::Delta { package, from, to } => What::One(certify::Subject::Delta { package, from, to }),
        Subject::Wildcard { package, publisher, start, end } => {
            What::One(certify::Subject::Wildcard { package, publisher, start, end })
        }
        Subject::Listed { file } => What::All(List::read(&list(&file)?)?),
    };
    let consent = match consent {
        Consent::Ask => certify::Consent::Statement,
        Consent::AcceptText => certify::Consent::Given,
        Consent::AcceptAnything => certify::Consent::GivenWithLikelyCriteria,
    };
    let preselected = Vec::new();
    let request = certify::Request { what, criteria, preselected, who, notes, force, merge: collapse };
    record(settings, &context(settings)?, &request, consent, printer)?;
    Ok(ExitStatus::Success)
}

/// Asks the user about audits, records them, and reports the consequences.
pub(super) fn record(
    settings: &Settings,
    context: &Context,
    request: &certify::Request,
    consent: certify::Consent,
    printer: &Printer,
) -> Result<CertifyOutcome, Failure> {
    if !Terminal.is_there() {
        request.check_without_prompter(consent)?;
    }
    let outcome = maybe_online(settings, |network| {
        let prepared = prepare(context, network, request, printer)?;
        let client = network.map(|network| network.client);
        let signed = sign(prepared, consent, client, &Terminal, printer)?;
        certify::record(signed, network, printer)
    })?;
    lines(&outcome).into_iter().for_each(|line| printer.note(line));
    report(&outcome.changes, printer);
    Ok(outcome)
}

fn list(file: &Path) -> Result<Arc<Source>, Vec<Diagnostic>> {
    if file == Path::new("-") {
        return read_text_from(&mut io::stdin().lock(), "stdin");
    }
    read_text(file, &file.display().to_string())
}
