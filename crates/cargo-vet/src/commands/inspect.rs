//! `inspect`: reading the source of a package.

use super::Outcome;
use super::unavailable::needs_network;
use crate::printer::Printer;
use crate::request::{Inspect, Settings};

pub(crate) fn run(_settings: &Settings, inspect: Inspect, _printer: &Printer) -> Outcome {
    let Inspect { package, version, .. } = inspect;
    Err(needs_network("inspect", &format!("fetch {package} {version} and the imports")).into())
}
