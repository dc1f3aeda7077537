//! A conversation with a program, line by line, with a time limit.

use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// The maximum number of bytes that are read of a program's output.
const LARGEST: u64 = 1 << 20;

/// How long to wait for a program's stderr after it has ended.
const AFTER_THE_END: Duration = Duration::from_millis(200);

/// A running program. It is ended when this value is dropped.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<io::Result<String>>,
    complaints: Receiver<String>,
    deadline: Instant,
}

/// Why a program did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Silence {
    #[error("cannot be run: {0}")]
    CannotRun(String),
    #[error("did not answer and was stopped")]
    TooSlow,
    #[error("ended without an answer")]
    NoAnswer,
    #[error("sent an answer that is not text")]
    NotText,
    #[error("failed: {0}")]
    Failed(String),
}

impl Program {
    /// Starts a program.
    pub(super) fn start(mut command: Command, patience: Duration) -> Result<Self, Silence> {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| Silence::CannotRun(error.to_string()))?;
        let stdin = child.stdin.take();
        // The threads are not joined, because child processes of the program may keep the pipes
        // open.
        let (sender, lines) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || {
                let lines = BufReader::new(stdout.take(LARGEST)).lines();
                let _ = lines.take_while(|line| sender.send(clone(line)).is_ok() && line.is_ok()).count();
            });
        }
        let (sender, complaints) = mpsc::channel();
        if let Some(stderr) = child.stderr.take() {
            thread::spawn(move || {
                let mut bytes = Vec::new();
                let _ = stderr.take(LARGEST).read_to_end(&mut bytes);
                sender.send(String::from_utf8_lossy(&bytes).into_owned())
            });
        }
        Ok(Program { child, stdin, lines, complaints, deadline: Instant::now() + patience })
    }

    /// Sends a line. A program that does not read it will not answer either.
    pub(super) fn tell(&mut self, line: &str) {
        if let Some(stdin) = self.stdin.as_mut() {
            let _ = stdin.write_all(format!("{line}\n").as_bytes()).and_then(|()| stdin.flush());
        }
    }

    /// Closes the program's stdin.
    pub(super) fn end_of_questions(&mut self) {
        self.stdin = None;
    }

    /// The next line, without its line ending; `None` after the last one.
    pub(super) fn line(&self) -> Result<Option<String>, Silence> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        match self.lines.recv_timeout(left) {
            Ok(Ok(line)) => Ok(Some(line)),
            Ok(Err(_)) => Err(Silence::NotText),
            Err(mpsc::RecvTimeoutError::Disconnected) => Ok(None),
            Err(mpsc::RecvTimeoutError::Timeout) => Err(Silence::TooSlow),
        }
    }

    /// Waits for the program to end.
    pub(super) fn wait(&mut self) -> Result<(), Silence> {
        const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
        self.end_of_questions();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(Silence::Failed(status.to_string())),
                Ok(None) if Instant::now() < self.deadline => thread::sleep(BETWEEN_LOOKS),
                Ok(None) => return Err(Silence::TooSlow),
                Err(error) => return Err(Silence::Failed(error.to_string())),
            }
        }
    }

    /// Gives the program time to end by itself. Its answer does not depend on this.
    pub(super) fn let_end(&mut self) {
        const GRACE: Duration = Duration::from_secs(2);
        self.deadline = self.deadline.min(Instant::now() + GRACE);
        let _ = self.wait();
    }

    /// Ends the program, and returns its stderr.
    pub(super) fn end(mut self) -> String {
        self.kill();
        self.complaints.recv_timeout(AFTER_THE_END).unwrap_or_default()
    }

    fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

fn clone(line: &io::Result<String>) -> io::Result<String> {
    line.as_ref().cloned().map_err(|error| error.kind().into())
}
