//! The log: messages about the run, on stderr or in a file.
//!
//! Notes are plain lines, not `tracing` events: the libraries below return what they do as values,
//! so a single place writes, and there is nothing to subscribe to.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anstyle::{AnsiColor, Style};
use vet_diagnostics::{Code, Diagnostic, Severity};
use vet_ops::operation::events::Stage;
use vet_report::diagnostics::{self, Look};
use vet_report::wrapped::wrapped;

use crate::args::Verbosity;
use crate::look;
use crate::options::Streams;
use crate::progress::Progress;

/// Writes the log. Can be shared between threads.
#[derive(Debug)]
pub(crate) struct Log {
    to: Mutex<Notes>,
    look: Look,
    is_terminal: bool,
    verbosity: Verbosity,
    quiet: bool,
    progress: Mutex<Progress>,
}

#[derive(Debug)]
enum Notes {
    Stderr,
    File(File),
}

impl Log {
    /// # Errors
    ///
    /// The file cannot be created.
    pub(crate) fn new(streams: &Streams) -> io::Result<Self> {
        let to = match &streams.log_file {
            None => Notes::Stderr,
            Some(path) => Notes::File(File::create(path)?),
        };
        let is_terminal = matches!(to, Notes::Stderr) && io::stderr().is_terminal();
        Ok(Log {
            look: match to {
                Notes::Stderr => look::of_stderr(streams.color, &streams.color_environment),
                Notes::File(_) => look::IN_FILE,
            },
            is_terminal,
            verbosity: streams.verbosity,
            quiet: streams.quiet,
            progress: Mutex::new(Progress::new(streams.progress.shown(
                matches!(to, Notes::Stderr),
                is_terminal,
                streams.quiet,
            ))),
            to: Mutex::new(to),
        })
    }

    /// Whether notes go to a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Whether notes may contain escape sequences for colours.
    pub(crate) fn is_colored(&self) -> bool {
        self.look.colored
    }

    /// Shows the progress of a task.
    pub(crate) fn progress(&self, stage: Stage, done: usize, total: usize) {
        let ended = lock(&self.progress).update(stage, done, total);
        if let Some(ended) = ended {
            self.log(Verbosity::Debug, ended);
        }
    }

    /// Removes the progress line.
    pub(crate) fn end_progress(&self) {
        lock(&self.progress).end();
    }

    /// Reports what the command changed, unless the user has set `--quiet`.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet {
            self.line(Verbosity::Warn, "note", AnsiColor::Cyan, text);
        }
    }

    /// Says what to do next, unless the user has set `--quiet`.
    pub(crate) fn help(&self, text: impl Display) {
        if !self.quiet {
            self.line(Verbosity::Warn, "help", AnsiColor::Cyan, text);
        }
    }

    /// Shows a text of several lines that belongs to a [`note`](Self::note), unchanged.
    pub(crate) fn aside(&self, text: &str) {
        if !self.quiet && self.logs(Verbosity::Warn) {
            self.write_note(text);
        }
    }

    /// Reports what the command does (`Info`) or found (`Debug`, `Trace`), if the user wants this
    /// level.
    pub(crate) fn log(&self, level: Verbosity, text: impl Display) {
        let (label, color) = match level {
            Verbosity::Off => return,
            Verbosity::Error => ("error", AnsiColor::Red),
            Verbosity::Warn => ("warning", AnsiColor::Yellow),
            Verbosity::Info => ("info", AnsiColor::Green),
            Verbosity::Debug => ("debug", AnsiColor::Blue),
            Verbosity::Trace => ("trace", AnsiColor::Magenta),
        };
        self.line(level, label, color, text);
    }

    /// Whether [`log`](Self::log) writes anything at this level.
    pub(crate) fn logs(&self, level: Verbosity) -> bool {
        level != Verbosity::Off && level <= self.verbosity
    }

    /// Shows the findings that the user wants to see, and their number.
    pub(crate) fn findings(&self, findings: &[Diagnostic]) {
        let is_wanted = |finding: &&Diagnostic| match finding.severity {
            Severity::Warning => self.logs(Verbosity::Warn),
            Severity::Error => self.logs(Verbosity::Error),
        };
        // What the user has cancelled is nothing that went wrong.
        let (cancelled, others): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
            findings.iter().partition(|finding| finding.code == Code::Cancelled);
        cancelled.into_iter().for_each(|finding| self.note(&finding.message));
        let wanted: Vec<Diagnostic> = others.into_iter().filter(is_wanted).cloned().collect();
        self.write_note(&diagnostics::human(&wanted, self.look));
    }

    fn line(&self, level: Verbosity, label: &str, color: AnsiColor, text: impl Display) {
        if self.logs(level) {
            let style = if self.look.colored { color.on_default().bold() } else { Style::new() };
            let text = format!("{label}: {text}");
            let text = match self.is_terminal {
                true => wrapped(&text, label.len() + 2, self.look.width),
                false => text + "\n",
            };
            self.write_note(&text.replacen(label, &format!("{style}{label}{style:#}"), 1));
        }
    }

    /// Writes a note. Errors are ignored: they are no reason for the command to fail.
    fn write_note(&self, text: &str) {
        let _ = match &mut *lock(&self.to) {
            Notes::Stderr => lock(&self.progress).aside(|| io::stderr().write_all(text.as_bytes())),
            Notes::File(file) => file.write_all(text.as_bytes()),
        };
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
