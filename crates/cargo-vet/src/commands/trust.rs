//! `trust`: relying on what a publisher releases.

use super::Outcome;
use super::unavailable::needs_network;
use crate::args::{Trust, TrustSubject};
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(_settings: &Settings, trust: Trust, _printer: &Printer) -> Outcome {
    let what = match trust.subject {
        TrustSubject::Package { package, .. } => format!("ask crates.io who publishes {package}"),
        TrustSubject::All { publisher, .. } => format!("ask crates.io what {publisher} publishes"),
    };
    Err(needs_network("trust", &what).into())
}
