//! Periods in which releases of a publisher are covered.

use vet_diagnostics::{Code, Diagnostic};
use vet_store::Date;

/// The finding for a period that covers no day.
pub(crate) fn backwards(start: Date, end: Date) -> Diagnostic {
    Diagnostic::error(
        Code::BadPeriod,
        format!("the period starts on {start} and ends on {end}, so it covers nothing"),
    )
    .help("`--end-date` is the first day that is no longer covered")
}
