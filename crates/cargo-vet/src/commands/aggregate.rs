//! `aggregate`: merging the audits of several projects.

use std::path::Path;

use super::Outcome;
use super::unavailable::needs_network;
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(_settings: &Settings, sources: &Path, _printer: &Printer) -> Outcome {
    Err(needs_network("aggregate", &format!("fetch the files that `{}` lists", sources.display())).into())
}
