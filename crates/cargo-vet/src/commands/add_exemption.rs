//! `add-exemption`: allows a version without an audit.

use vet_ops::add_entry::{self, NewExemption};

use super::Outcome;
use super::context::{context, report};
use crate::ExitStatus;
use crate::printer::Printer;
use crate::request::{AddExemption, Settings};

pub(crate) fn run(settings: &Settings, exemption: AddExemption, printer: &Printer) -> Outcome {
    let AddExemption { package, version, criteria, notes, suggest, force } = exemption;
    let new = NewExemption { package, version, criteria, notes, suggest, force };
    report(&add_entry::add_exemption(&context(settings)?, new, printer)?, printer);
    Ok(ExitStatus::Success)
}
