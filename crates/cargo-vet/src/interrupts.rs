//! What Ctrl-C does.
//!
//! It ends the process, by the signal as the shell expects, until something makes more of it: a question that hides the
//! cursor, or a program that runs in front of us.

use std::sync::atomic::{AtomicBool, Ordering};

use dialoguer::console::Term;

/// Whether a program runs in front of us.
static IN_THE_BACKGROUND: AtomicBool = AtomicBool::new(false);

/// What shells say of a process that ended by an interrupt.
const INTERRUPTED: i32 = 130;

/// Lets Ctrl-C give the cursor back that a question hides.
pub(crate) fn restore_cursor() {
    // If there is a handler already, it is this one.
    let _ = ctrlc::set_handler(|| {
        if !IN_THE_BACKGROUND.load(Ordering::Relaxed) {
            let _ = Term::stderr().show_cursor();
            std::process::exit(INTERRUPTED);
        }
    });
}

/// Runs a program that has the terminal for itself: Ctrl-C is meant for it, and we wait for its end.
pub(crate) fn left_to_program<T>(run: impl FnOnce() -> T) -> T {
    restore_cursor();
    IN_THE_BACKGROUND.store(true, Ordering::Relaxed);
    let result = run();
    IN_THE_BACKGROUND.store(false, Ordering::Relaxed);
    result
}
