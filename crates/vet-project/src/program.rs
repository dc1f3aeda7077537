//! Runs a program to its end, with limits on its time and its output.
//!
//! The program stays in the process group of this process, so that Ctrl-C at a terminal ends both.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// The limits of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time from start to end.
    pub time: Duration,
    /// The number of bytes on stdout.
    pub output: u64,
}

/// The limits of cargo. It may have to download hundreds of packages over a slow connection. The
/// graphs of the largest projects have about ten million bytes.
pub const LIMITS_OF_CARGO: Limits = Limits { time: Duration::from_secs(60 * 60), output: 512 * 1024 * 1024 };

/// The output of a program that ended by itself.
#[derive(Clone, Debug)]
pub struct Printed {
    /// The exit status.
    pub status: ExitStatus,
    /// All of stdout.
    pub stdout: Vec<u8>,
    /// The beginning of stderr.
    pub stderr: String,
}

/// Why a program gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The program could not be started, or waiting for it failed.
    #[error("{0}")]
    CannotRun(io::Error),
    /// The program did not end in time.
    #[error("it did not end within {} seconds and was stopped", .0.as_secs())]
    TooSlow(Duration),
    /// The program printed more bytes than allowed.
    #[error("it printed more than {0} bytes and was stopped")]
    TooMuch(u64),
    /// The output could not be read.
    #[error("could not read its output: {0}")]
    Unreadable(io::Error),
}

/// The number of bytes of stderr that are kept.
const COMPLAINTS: u64 = 256 * 1024;

/// Runs a program without input.
pub fn run(command: &mut Command, limits: Limits) -> Result<Printed, NoAnswer> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut running = Running(child.map_err(NoAnswer::CannotRun)?);
    let deadline = Instant::now() + limits.time;
    // The threads are not joined: child processes of the program may keep its output open for any
    // time.
    let stdout = running.0.stdout.take().map(|stdout| read(stdout, limits.output.saturating_add(1), false));
    let stderr = running.0.stderr.take().map(|stderr| read(stderr, COMPLAINTS, true));
    let received = |stream: Option<mpsc::Receiver<io::Result<Vec<u8>>>>| {
        let left = deadline.saturating_duration_since(Instant::now());
        match stream.map(|stream| stream.recv_timeout(left)) {
            Some(Ok(bytes)) => bytes.map_err(NoAnswer::Unreadable),
            Some(Err(RecvTimeoutError::Timeout)) => Err(NoAnswer::TooSlow(limits.time)),
            Some(Err(RecvTimeoutError::Disconnected)) | None => Ok(Vec::new()),
        }
    };
    let stdout = received(stdout)?;
    if u64::try_from(stdout.len()).is_ok_and(|length| length > limits.output) {
        return Err(NoAnswer::TooMuch(limits.output));
    }
    let status = running.wait(deadline).ok_or(NoAnswer::TooSlow(limits.time))?;
    let stderr = received(stderr)?;
    Ok(Printed { status, stdout, stderr: String::from_utf8_lossy(&stderr).into_owned() })
}

/// Reads up to a number of bytes from a stream. With `drain`, the rest is read and discarded, so
/// that the program can continue to write.
fn read(
    mut stream: impl Read + Send + 'static,
    most: u64,
    drain: bool,
) -> mpsc::Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stream.by_ref().take(most).read_to_end(&mut bytes);
        let drained = if drain { io::copy(&mut stream, &mut io::sink()) } else { Ok(0) };
        sender.send(read.and(drained).map(|_| bytes))
    });
    receiver
}

/// A program that is killed when this is dropped.
struct Running(Child);

impl Running {
    fn wait(&mut self, deadline: Instant) -> Option<ExitStatus> {
        const BETWEEN_LOOKS: Duration = Duration::from_millis(2);
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < deadline => thread::sleep(BETWEEN_LOOKS),
                Ok(None) | Err(_) => return None,
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails if the program has already ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(script: &str, milliseconds: u64, output: u64) -> String {
        let limits = Limits { time: Duration::from_millis(milliseconds), output };
        match run(Command::new("sh").args(["-c", script]), limits) {
            Ok(Printed { status, stdout, stderr }) => {
                format!("{status}: {} {} {}", stdout.len(), stderr.len(), stderr.trim())
            }
            Err(problem) => problem.to_string(),
        }
    }

    const LONG: u64 = 60_000;

    #[test]
    fn programs_are_limited() {
        assert_eq!(shell("echo answer; echo complaint >&2", LONG, 7), "exit status: 0: 7 10 complaint");
        assert_eq!(shell("echo answer", LONG, 6), "it printed more than 6 bytes and was stopped");
        assert_eq!(
            shell("cat /dev/zero", LONG, 100_000),
            "it printed more than 100000 bytes and was stopped"
        );
        assert_eq!(shell("echo x; exec sleep 60", 50, 9), "it did not end within 0 seconds and was stopped");
        assert_eq!(
            shell("exec >&- 2>&-; exec sleep 60", 50, 9),
            "it did not end within 0 seconds and was stopped"
        );
        // The caller does not wait for child processes of the program.
        assert_eq!(shell("sleep 60 & echo x", 50, 9), "it did not end within 0 seconds and was stopped");
        assert_eq!(shell("exit 3", LONG, 0), "exit status: 3: 0 0 ");
        let lines = shell("head -c 1000000 /dev/zero >&2; echo x", LONG, 9);
        assert!(lines.starts_with("exit status: 0: 2 262144 "), "{}", lines.len());
        let missing = run(&mut Command::new("no-such-program"), Limits { time: Duration::ZERO, output: 0 });
        assert!(matches!(missing, Err(NoAnswer::CannotRun(_))), "{missing:?}");
    }
}
