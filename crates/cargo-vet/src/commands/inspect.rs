//! `inspect`: reading the source of a package.

use vet_ops::reading::{At, Mode, Subject, prepare};

use super::Outcome;
use super::network::online;
use super::place::place;
use super::reading::{introduce, open_page};
use super::unavailable::needs_network;
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(settings: &Settings, subject: Subject, mode: Option<Mode>, printer: &Printer) -> Outcome {
    let place = place(settings)?;
    let reading = online(settings, |network| prepare(&place, network, subject, mode, printer))?;
    introduce(&reading, printer);
    match &reading.at {
        At::Page(url) => open_page(url, printer),
        At::Local => Err(needs_network("inspect", "fetch").into()),
    }
}
