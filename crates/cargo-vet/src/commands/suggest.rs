//! `suggest`: what to audit next.

use super::Outcome;
use super::unavailable::needs_network;
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(_settings: &Settings, _printer: &Printer) -> Outcome {
    Err(needs_network("suggest", "download packages and measure them").into())
}
