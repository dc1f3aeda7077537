//! Criteria that the user names on the command line.

use vet_store::diagnostic::{Code, Diagnostic};
use vet_store::validate::criteria_help;
use vet_store::{Criteria, wording};

/// Whether all of them exist.
///
/// # Errors
///
/// One finding for each that does not.
pub(crate) fn check(names: &[String], criteria: &Criteria) -> Result<(), Vec<Diagnostic>> {
    let unknown: Vec<Diagnostic> =
        names.iter().filter(|name| !criteria.contains(name)).map(|name| unknown(name, criteria)).collect();
    if unknown.is_empty() { Ok(()) } else { Err(unknown) }
}

/// A criterion that does not exist, and the one that was most likely meant.
pub(crate) fn unknown(name: &str, criteria: &Criteria) -> Diagnostic {
    let message = format!("there is no criterion `{}`", wording::shown(name));
    Diagnostic::error(Code::UnknownCriterionArgument, message).help(criteria_help(name, criteria))
}
