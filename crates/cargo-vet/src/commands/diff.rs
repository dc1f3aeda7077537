//! `diff`: reading the changes between two versions of a package.

use vet_ops::reading::{At, prepare};

use super::Outcome;
use super::network::online;
use super::place::place;
use super::reading::{introduce, open_page};
use super::unavailable::needs_network;
use crate::printer::Printer;
use crate::request::{Diff, Settings};

pub(crate) fn run(settings: &Settings, diff: Diff, printer: &Printer) -> Outcome {
    let Diff { subject, mode, .. } = diff;
    let place = place(settings)?;
    let reading = online(settings, |network| prepare(&place, network, subject, mode, printer))?;
    introduce(&reading, printer);
    match &reading.at {
        At::Page(url) => open_page(url, printer),
        At::Local => Err(needs_network("diff", "fetch").into()),
    }
}
