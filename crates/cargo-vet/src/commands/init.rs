//! `init`: starting to use cargo vet in a project.

use vet_ops::init::{Unreachable, init};
use vet_report::changes;

use super::Outcome;
use super::place::place;
use crate::ExitStatus;
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(settings: &Settings, printer: &Printer) -> Outcome {
    let outcome = init(&place(settings)?, &Unreachable, printer)?;
    changes::init(&outcome).into_iter().for_each(|line| printer.note(line));
    Ok(ExitStatus::Success)
}
