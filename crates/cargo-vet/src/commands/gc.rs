//! `gc`: deleting old files from the cache.

use vet_store::{Code, Diagnostic};

use super::Outcome;
use crate::args::Gc;
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(settings: &Settings, _gc: Gc, _printer: &Printer) -> Outcome {
    let message =
        format!("there is nothing to delete in `{}`: no package is kept there", settings.cache_dir.display());
    let note = format!(
        "cargo-vet {} cannot use the network yet, so it downloads nothing",
        env!("CARGO_PKG_VERSION")
    );
    Err(Diagnostic::error(Code::NeedsNetwork, message).note(note).into())
}
