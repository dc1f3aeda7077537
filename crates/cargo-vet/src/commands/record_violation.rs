//! `record-violation`: records that versions of a package do not meet criteria.

use vet_ops::add_entry::{self, NewViolation};

use super::Outcome;
use super::context::{context, report};
use crate::ExitStatus;
use crate::printer::Printer;
use crate::request::{RecordViolation, Settings};

/// The public database of vulnerabilities.
const ADVISORIES: &str = "https://github.com/rustsec/advisory-db#reporting-vulnerabilities";

pub(crate) fn run(settings: &Settings, violation: RecordViolation, printer: &Printer) -> Outcome {
    let RecordViolation { package, versions, criteria, who, notes, force } = violation;
    let context = context(settings)?;
    let who = match who.is_empty() {
        true => vec![vet_fetch::git::identity(&context.current_folder)?],
        false => who,
    };
    // Scripts read this line, so it must not change.
    let advice = format!(
        "If you've identified a security vulnerability in {package} please report it at {ADVISORIES}\n"
    );
    let new = NewViolation { package, versions, criteria, who, notes, force };
    report(&add_entry::record_violation(&context, new, printer)?, printer);
    match settings.dry_run {
        // The answer is a patch or JSON.
        true => printer.note(advice.trim_end()),
        false => printer.answer(advice),
    }
    Ok(ExitStatus::Success)
}
