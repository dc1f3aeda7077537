//! Programs that are run for their output, and ended if they take too long or say too much.

use std::io::{self, Read};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::regular_file::{LARGEST_ARCHIVE, read_all};

/// How long cargo may take. It may have to download hundreds of packages over a slow connection.
pub(crate) const PATIENCE_WITH_CARGO: Duration = Duration::from_secs(60 * 60);

/// Runs a program to its end, and returns what it wrote. It has no input.
///
/// # Errors
///
/// It cannot be run, does not end in time, or writes more than an archive may have. Then it is ended; what it has started
/// itself may go on.
pub(crate) fn output(command: &mut Command, patience: Duration) -> io::Result<Output> {
    let end = Instant::now() + patience;
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (stdout, stderr) = (child.stdout.take().map(collect), child.stderr.take().map(collect));
    let mut wait = || -> io::Result<Output> {
        let (stdout, stderr) = (collected(stdout.as_ref(), end)?, collected(stderr.as_ref(), end)?);
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if Instant::now() > end {
                return Err(io::ErrorKind::TimedOut.into());
            }
            thread::sleep(Duration::from_millis(1));
        };
        Ok(Output { status, stdout, stderr })
    };
    let output = wait();
    if output.is_err() {
        // It may have ended meanwhile.
        let _ = child.kill();
        let _ = child.wait();
    }
    output.map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => {
            io::Error::new(error.kind(), format!("it did not end within {} s", patience.as_secs()))
        }
        _ => error,
    })
}

/// Reads in a thread of its own, which nobody waits for: what the program started may keep the other end open.
fn collect(from: impl Read + Send + 'static) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(read_all(from, LARGEST_ARCHIVE)));
    receiver
}

fn collected(from: Option<&Receiver<io::Result<Vec<u8>>>>, end: Instant) -> io::Result<Vec<u8>> {
    let Some(from) = from else { return Ok(Vec::new()) };
    let left = end.saturating_duration_since(Instant::now());
    from.recv_timeout(left).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn programs_end() {
        let run = |script: &str, patience: u64| {
            let mut command = Command::new("sh");
            let output = output(command.args(["-c", script]), Duration::from_millis(patience));
            output.map(|output| {
                let text = |bytes| String::from_utf8(bytes).unwrap();
                (output.status.code(), text(output.stdout), text(output.stderr))
            })
        };
        let all = run("echo a; echo b >&2; exit 3", 60_000).unwrap();
        assert_eq!(all, (Some(3), "a\n".to_owned(), "b\n".to_owned()));
        for script in ["exec sleep 1000", "exec >&- 2>&-; exec sleep 1000", "sleep 1000 & exit 0"] {
            assert_eq!(run(script, 300).unwrap_err().kind(), io::ErrorKind::TimedOut, "{script}");
        }
    }
}
