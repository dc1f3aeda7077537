//! `dump-graph`: the dependency graph.

use super::Outcome;
use super::unavailable::unfinished;
use crate::args::Depth;
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(_settings: &Settings, _depth: Depth, _printer: &Printer) -> Outcome {
    Err(unfinished("dump-graph"))
}
