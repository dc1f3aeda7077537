//! `certify`: recording an audit.

use super::Outcome;
use super::unavailable::needs_network;
use crate::args::{Certify, Subject};
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(_settings: &Settings, certify: Certify, _printer: &Printer) -> Outcome {
    let what = match certify.subject {
        Subject::Wildcard { package, publisher, .. } => {
            format!("ask crates.io what {publisher} published of {package}")
        }
        _ => "fetch the imports, to see which exemptions the audit replaces".to_owned(),
    };
    let diagnostic = needs_network("certify", &what);
    Err(diagnostic.help("write the entry into audits.toml by hand, and run `cargo vet fmt`").into())
}
