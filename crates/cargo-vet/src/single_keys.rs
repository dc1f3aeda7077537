//! A terminal that hands over each key as it is pressed, for as long as a question lasts.
//!
//! Whoever reads keys one by one sets the terminal up for each. What is pressed between two of them, or before the first,
//! would be treated as usual: it would be shown, and Ctrl-C would end the process.

#[cfg(unix)]
pub(crate) use unix::SingleKeys;
#[cfg(not(unix))]
pub(crate) use windows::SingleKeys;

#[cfg(unix)]
mod unix {
    use std::io::stdin;

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// From when it is made until it is dropped, keys on stdin are neither shown nor treated in any way.
    pub(crate) struct SingleKeys {
        before: Option<Termios>,
    }

    impl SingleKeys {
        /// Forgets what was pressed before anything was asked.
        pub(crate) fn start() -> Self {
            let before = tcgetattr(stdin()).ok();
            if let Some(mut modes) = before.clone() {
                modes.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG);
                // If that cannot be, keys still arrive.
                let _ = tcsetattr(stdin(), OptionalActions::Flush, &modes);
            }
            SingleKeys { before }
        }
    }

    impl Drop for SingleKeys {
        fn drop(&mut self) {
            if let Some(before) = &self.before {
                let _ = tcsetattr(stdin(), OptionalActions::Drain, before);
            }
        }
    }
}

#[cfg(not(unix))]
mod windows {
    /// There, keys arrive one by one in any case.
    pub(crate) struct SingleKeys;

    impl SingleKeys {
        pub(crate) fn start() -> Self {
            SingleKeys
        }
    }
}
