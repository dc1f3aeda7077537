//! A simulated user at a terminal.

use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::process::{Child, Command};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command as AtTerminal, Pty, open};
use signal_hook::consts::SIGINT;
use signal_hook::flag;

/// A test that waits in vain ends after this time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command that runs at a terminal.
pub(crate) struct Terminal {
    child: Child,
    keyboard: Pty,
    /// The output, in chunks; ends when no process can write to the terminal any more.
    output: Receiver<Vec<u8>>,
    /// The output so far.
    screen: Vec<u8>,
    /// How much of it was already waited for.
    seen: usize,
}

impl Terminal {
    /// Starts a command whose stdin, stdout and stderr are a terminal of 40 lines and 110 columns.
    /// There are no colours, unless the command sets `NO_COLOR` differently.
    pub(crate) fn run(command: &Command) -> Self {
        Self::start(command, |at_terminal| at_terminal)
    }

    /// Like [`run`](Self::run), but some of the three streams can be something else.
    pub(crate) fn start(command: &Command, streams: impl FnOnce(AtTerminal) -> AtTerminal) -> Self {
        let mut at_terminal = AtTerminal::new(command.get_program()).args(command.get_args());
        if let Some(folder) = command.get_current_dir() {
            at_terminal = at_terminal.current_dir(folder);
        }
        at_terminal = at_terminal.env("NO_COLOR", "1");
        for (name, value) in command.get_envs() {
            at_terminal = match value {
                Some(value) => at_terminal.env(name, value),
                None if name == "NO_COLOR" => at_terminal,
                None => at_terminal.env_remove(name),
            };
        }
        if !command.get_envs().any(|(name, value)| name == "TERM" && value.is_some()) {
            at_terminal = at_terminal.env("TERM", "xterm");
        }
        heed_interrupts();
        let (keyboard, terminal) = open().unwrap();
        keyboard.resize(Size::new(40, 110)).unwrap();
        let child = streams(at_terminal).spawn(terminal).unwrap();
        let mut display = std::fs::File::from(keyboard.as_fd().try_clone_to_owned().unwrap());
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Linux reports the end as an error.
            while let Ok(length @ 1..) = display.read(&mut bytes) {
                if sender.send(bytes[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Terminal { child, keyboard, output, screen: Vec::new(), seen: 0 }
    }

    /// Waits for a text after what was already waited for, and returns the output from there to its
    /// end.
    ///
    /// # Panics
    ///
    /// The text does not appear.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let start = Instant::now();
        loop {
            let new = &self.screen[self.seen..];
            let found = new.windows(text.len()).position(|window| window == text.as_bytes());
            if let Some(position) = found {
                let shown = clean(&new[..position + text.len()]);
                self.seen += position + text.len();
                return shown;
            }
            let rest = PATIENCE.saturating_sub(start.elapsed());
            match self.output.recv_timeout(rest) {
                Ok(bytes) => self.screen.extend(bytes),
                Err(_) => panic!("`{text}` is not shown; this is: {:?}", clean(&self.screen)),
            }
        }
    }

    /// Presses keys: `\r` is Enter, `\u{3}` Ctrl-C, `\u{4}` Ctrl-D and `\u{1b}` Escape.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the end, and returns the status and the complete output.
    ///
    /// # Panics
    ///
    /// The command does not end.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let start = Instant::now();
        loop {
            let rest = PATIENCE.saturating_sub(start.elapsed());
            match self.output.recv_timeout(rest) {
                Ok(bytes) => self.screen.extend(bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    self.child.kill().unwrap();
                    panic!("there is no end; this is shown: {:?}", clean(&self.screen));
                }
            }
        }
        (self.child.wait().unwrap().code(), clean(&self.screen))
    }
}

/// Makes Ctrl-C end the programs that tests start, even if it is ignored here, as in a background
/// job of a script: a program inherits that a signal is ignored, but not that it is handled.
pub(crate) fn heed_interrupts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let ends = Arc::new(AtomicBool::new(true));
        flag::register_conditional_default(SIGINT, ends).unwrap();
    });
}

/// Removes the carriage return that the terminal adds to each line.
fn clean(screen: &[u8]) -> String {
    String::from_utf8_lossy(screen).replace("\r\n", "\n")
}

#[test]
fn a_terminal_shows_what_is_typed_and_answered() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "printf 'name? '; read name; test -t 1 && echo \"hello $name\"; stty size; exit 7"]);
    let mut terminal = Terminal::run(&shell);
    terminal.wait_for("name? ");
    terminal.press("Ann\r");
    assert_eq!(terminal.wait_for("hello Ann"), "Ann\nhello Ann");
    assert_eq!(terminal.end(), (Some(7), "name? Ann\nhello Ann\n40 110\n".to_owned()));

    let mut shell = Command::new("sh");
    shell.args(["-c", "trap 'echo stopped; exit 3' INT; echo ready; read line"]);
    let mut terminal = Terminal::run(&shell);
    terminal.wait_for("ready");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), (Some(3), "ready\n^Cstopped\n".to_owned()));
}
