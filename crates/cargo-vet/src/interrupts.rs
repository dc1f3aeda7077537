//! Handles Ctrl-C.
//!
//! By default, Ctrl-C ends the process by the signal, as shells expect. Two things change this: a
//! question that hides the cursor, and a program that runs in the foreground. Ctrl-C means what it
//! meant when it was pressed, even if the process notices it only later.

#[cfg(unix)]
use unix as platform;
#[cfg(windows)]
use windows as platform;

/// The status that shells report for a process that an interrupt ended.
const INTERRUPTED: i32 = 130;

/// Asks a question that hides the cursor. Ctrl-C shows the cursor and ends the process.
pub(crate) fn restoring_cursor<T>(ask: impl FnOnce() -> T) -> T {
    platform::restoring_cursor(ask)
}

/// Runs a program that uses the terminal. Ctrl-C is meant for that program, and this process waits
/// for its end.
pub(crate) fn left_to_program<T>(run: impl FnOnce() -> T) -> T {
    platform::left_to_program(run)
}

/// Shows the cursor and ends the process.
pub(crate) fn end() -> ! {
    let _ = dialoguer::console::Term::stderr().show_cursor();
    std::process::exit(INTERRUPTED)
}

#[cfg(unix)]
mod unix {
    use std::io::Read as _;
    use std::os::unix::net::UnixStream;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, LazyLock};

    use signal_hook::consts::SIGINT;
    use signal_hook::{flag, low_level};

    /// Whether a signal ends the process. The handler reads this when the signal arrives.
    static ENDS_PROCESS: LazyLock<Arc<AtomicBool>> = LazyLock::new(|| {
        let ends = Arc::new(AtomicBool::new(true));
        // If this fails, a signal always ends the process.
        let _ = flag::register_conditional_default(SIGINT, Arc::clone(&ends));
        ends
    });

    pub(super) fn left_to_program<T>(run: impl FnOnce() -> T) -> T {
        ENDS_PROCESS.store(false, Ordering::SeqCst);
        let result = run();
        ENDS_PROCESS.store(true, Ordering::SeqCst);
        result
    }

    pub(super) fn restoring_cursor<T>(ask: impl FnOnce() -> T) -> T {
        let Ok((mut signals, handler)) = UnixStream::pair() else { return ask() };
        let Ok(registered) = low_level::pipe::register(SIGINT, handler) else { return ask() };
        std::thread::spawn(move || {
            // Without a signal, the stream ends together with the question.
            if let Ok(1..) = signals.read(&mut [0]) {
                super::end();
            }
        });
        let answer = left_to_program(ask);
        low_level::unregister(registered);
        answer
    }
}

#[cfg(windows)]
mod windows {
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Whether another program runs in the foreground.
    static IN_THE_BACKGROUND: AtomicBool = AtomicBool::new(false);

    fn handle() {
        // An existing handler is this one.
        let _ = ctrlc::set_handler(|| {
            if !IN_THE_BACKGROUND.load(Ordering::Relaxed) {
                super::end();
            }
        });
    }

    pub(super) fn left_to_program<T>(run: impl FnOnce() -> T) -> T {
        handle();
        IN_THE_BACKGROUND.store(true, Ordering::Relaxed);
        let result = run();
        IN_THE_BACKGROUND.store(false, Ordering::Relaxed);
        result
    }

    pub(super) fn restoring_cursor<T>(ask: impl FnOnce() -> T) -> T {
        handle();
        ask()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use signal_hook::consts::SIGINT;
    use signal_hook::low_level::raise;

    use super::*;

    /// However late the process runs again, the signal was meant for the program.
    #[test]
    fn interrupts_during_a_program_are_not_for_this_process() {
        for _ in 0..100 {
            left_to_program(|| raise(SIGINT)).unwrap();
        }
    }
}
