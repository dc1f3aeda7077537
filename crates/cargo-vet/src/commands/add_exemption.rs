//! `add-exemption`: using a version without an audit.

use super::Outcome;
use super::unavailable::unfinished;
use crate::printer::Printer;
use crate::request::{AddExemption, Settings};

pub(crate) fn run(_settings: &Settings, _exemption: AddExemption, _printer: &Printer) -> Outcome {
    Err(unfinished("add-exemption"))
}
