//! `init`: starting to use cargo vet in a project.

use super::Outcome;
use super::unavailable::unfinished;
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(_settings: &Settings, _printer: &Printer) -> Outcome {
    Err(unfinished("init"))
}
