//! Asking cargo, and telling that it is waited for.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use vet_graph::Rules;
use vet_graph::from_metadata::CargoGraph;
use vet_store::Diagnostic;

use crate::events::{Event, Observer, Stage};
use crate::place::Place;

/// How often the observer is told that cargo is still waited for.
const TICK: Duration = Duration::from_millis(400);

/// Runs `cargo metadata`. `why` completes "asking cargo …" for people who want to know.
///
/// # Errors
///
/// Cargo fails, or says something that cannot be understood.
pub(crate) fn ask_cargo(
    place: &Place,
    rules: &Rules,
    why: &str,
    observer: &dyn Observer,
) -> Result<CargoGraph, Diagnostic> {
    let command = place.cargo_metadata();
    observer.notice(Event::Info(format!("asking cargo {why}: `{}`", command.shown())));
    // Cargo tells nothing before it ends.
    let (ended, end) = mpsc::channel::<()>();
    let graph = std::thread::scope(|scope| {
        scope.spawn(move || {
            while end.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                observer.notice(Event::Progress { stage: Stage::Cargo, done: 0, total: 1 });
            }
        });
        let graph = command.run(rules);
        drop(ended);
        graph
    });
    observer.notice(Event::Progress { stage: Stage::Cargo, done: 1, total: 1 });
    graph
}
