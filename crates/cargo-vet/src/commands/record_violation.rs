//! `record-violation`: recording that versions of a package do not meet criteria.

use super::Outcome;
use super::unavailable::unfinished;
use crate::printer::Printer;
use crate::request::{RecordViolation, Settings};

pub(crate) fn run(_settings: &Settings, _violation: RecordViolation, _printer: &Printer) -> Outcome {
    Err(unfinished("record-violation"))
}
