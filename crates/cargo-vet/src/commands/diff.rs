//! `diff`: reading the changes between two versions of a package.

use super::Outcome;
use super::unavailable::needs_network;
use crate::printer::Printer;
use crate::request::{Diff, Settings};

pub(crate) fn run(_settings: &Settings, diff: Diff, _printer: &Printer) -> Outcome {
    let Diff { package, from, to, .. } = diff;
    Err(needs_network("diff", &format!("fetch {package} {from} and {to}")).into())
}
