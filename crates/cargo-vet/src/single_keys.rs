//! A terminal mode in which each key is available as soon as it is pressed, while a question is
//! open.
//!
//! Code that reads single keys sets the mode for each key. A key that is pressed between two reads,
//! or before the first, would be handled as usual: it would be shown, and Ctrl-C would end the
//! process.

#[cfg(unix)]
pub(crate) use unix::SingleKeys;
#[cfg(not(unix))]
pub(crate) use windows::SingleKeys;

#[cfg(unix)]
mod unix {
    use std::io::stdin;

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// While it exists, keys on stdin are neither shown nor interpreted.
    pub(crate) struct SingleKeys {
        before: Option<Termios>,
    }

    impl SingleKeys {
        /// Sets the mode, and drops keys that were pressed before the question.
        pub(crate) fn start() -> Self {
            let before = tcgetattr(stdin()).ok();
            if let Some(mut modes) = before.clone() {
                modes.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG);
                // If this fails, keys still arrive.
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
    /// On this platform, keys always arrive one by one.
    pub(crate) struct SingleKeys;

    impl SingleKeys {
        pub(crate) fn start() -> Self {
            SingleKeys
        }
    }
}
