//! Handles Ctrl-C.
//!
//! By default, Ctrl-C ends the process by the signal, as shells expect. Two things change this: a
//! question that hides the cursor, and a program that runs in the foreground.

use std::sync::atomic::{AtomicBool, Ordering};

use dialoguer::console::Term;

/// Whether another program runs in the foreground.
static IN_THE_BACKGROUND: AtomicBool = AtomicBool::new(false);

/// The status that shells report for a process that an interrupt ended.
const INTERRUPTED: i32 = 130;

/// Makes Ctrl-C show the cursor again if a question has hidden it.
pub(crate) fn restore_cursor() {
    // An existing handler is this one.
    let _ = ctrlc::set_handler(|| {
        if !IN_THE_BACKGROUND.load(Ordering::Relaxed) {
            let _ = Term::stderr().show_cursor();
            std::process::exit(INTERRUPTED);
        }
    });
}

/// Runs a program that uses the terminal. Ctrl-C is meant for that program, and this process waits
/// for its end.
pub(crate) fn left_to_program<T>(run: impl FnOnce() -> T) -> T {
    restore_cursor();
    IN_THE_BACKGROUND.store(true, Ordering::Relaxed);
    let result = run();
    IN_THE_BACKGROUND.store(false, Ordering::Relaxed);
    result
}
