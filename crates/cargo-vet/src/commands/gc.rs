//! `gc`: removes old files from the cache.

use vet_ops::gc::{Sweep, gc};
use vet_report::gc::{human, json, summary};

use super::Outcome;
use crate::ExitStatus;
use crate::args::{Gc, OutputFormat};
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(settings: &Settings, what: Gc, printer: &Printer) -> Outcome {
    let what = match what {
        Gc::All => Sweep::All,
        Gc::UnusedFor(age) => Sweep::Unused { age, now: settings.now.into() },
    };
    let outcome = gc(&settings.cache_dir, what, settings.dry_run, printer)?;
    printer.answer(match (outcome.dry_run, printer.format()) {
        (true, OutputFormat::Json) => json(&outcome),
        _ => human(&outcome),
    });
    printer.note(summary(&outcome));
    Ok(ExitStatus::Success)
}
