//! `explain-audit`: why does a package meet a criterion?

use super::Outcome;
use super::unavailable::unfinished;
use crate::printer::Printer;
use crate::request::{ExplainAudit, Settings};

pub(crate) fn run(_settings: &Settings, _question: ExplainAudit, _printer: &Printer) -> Outcome {
    Err(unfinished("explain-audit"))
}
