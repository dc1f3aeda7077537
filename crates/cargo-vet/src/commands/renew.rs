//! `renew`: letting wildcard audits run for another year.

use super::Outcome;
use super::unavailable::needs_network;
use crate::args::Renew;
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(_settings: &Settings, renew: Renew, _printer: &Printer) -> Outcome {
    let what = match renew {
        Renew::Package(package) => format!("ask crates.io who publishes {package}"),
        Renew::Expiring { .. } => "ask crates.io which packages are still published".to_owned(),
    };
    let diagnostic = needs_network("renew", &what);
    Err(diagnostic.help("move the `end` dates in audits.toml by hand, to at most a year from now").into())
}
