//! The only owner of stdout and stderr, or of the files that replace them.
//!
//! The answer goes to stdout, and notes about the run go to stderr. If the reader goes away, the
//! rest is dropped without an error. A file is written only when the answer is complete, so that a
//! failed command does not destroy the result of an earlier run.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, IsTerminal as _, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vet_diagnostics::{Code, Diagnostic};
use vet_ops::operation::events::Stage;
use vet_ops::operation::report::Report;
use vet_report::diagnostics;

use crate::args::{OutputFormat, Verbosity};
use crate::colors;
use crate::failure::Failure;
use crate::log::Log;
use crate::look;
use crate::options::Streams;

/// Writes the answer and the notes. Can be shared between threads.
#[derive(Debug)]
pub(crate) struct Printer {
    answer: Mutex<Answer>,
    format: OutputFormat,
    answer_colors: bool,
    answers_terminal: bool,
    log: Arc<Log>,
    /// Warnings that are errors, because the project or the user denies them.
    denied: Mutex<Vec<Diagnostic>>,
}

#[derive(Debug)]
enum Answer {
    /// The answer is written immediately.
    Stdout,
    /// The reader of stdout is gone.
    Unread,
    /// Writing to stdout failed with this error.
    Broken(io::Error),
    /// The answer is collected, and written at the end.
    File { path: PathBuf, file: File, is_new: bool, text: Vec<u8> },
}

impl Printer {
    /// Opens the requested files.
    ///
    /// # Errors
    ///
    /// A file cannot be created or written.
    pub(crate) fn new(streams: &Streams) -> Result<Self, Failure> {
        let log = Log::new(streams).map_err(|error| {
            unusable("log file", streams.log_file.as_deref().unwrap_or(Path::new("stderr")), &error)
        })?;
        let answer = match &streams.output_file {
            None => Answer::Stdout,
            Some(path) => Answer::open(path).map_err(|error| unusable("output file", path, &error))?,
        };
        let (choice, environment) = (streams.color, &streams.color_environment);
        Ok(Printer {
            answer_colors: matches!(answer, Answer::Stdout)
                && streams.format == OutputFormat::Human
                && colors::enabled(choice, environment, &io::stdout()),
            answers_terminal: matches!(answer, Answer::Stdout) && io::stdout().is_terminal(),
            answer: Mutex::new(answer),
            format: streams.format,
            log: Arc::new(log),
            denied: Mutex::default(),
        })
    }

    /// The requested format of the answer.
    pub(crate) fn format(&self) -> OutputFormat {
        self.format
    }

    /// Whether the answer may contain escape sequences for colours.
    pub(crate) fn colors_answer(&self) -> bool {
        self.answer_colors
    }

    /// Whether the answer goes to a terminal.
    pub(crate) fn answers_terminal(&self) -> bool {
        self.answers_terminal
    }

    /// The width of the terminal that the answer goes to, if it goes to one.
    pub(crate) fn columns_of_answer(&self) -> Option<usize> {
        self.answers_terminal.then(look::columns_of_stdout)
    }

    /// Whether notes go to a terminal.
    pub(crate) fn notes_terminal(&self) -> bool {
        self.log.is_terminal()
    }

    /// Whether notes may contain escape sequences for colours.
    pub(crate) fn colors_notes(&self) -> bool {
        self.log.is_colored()
    }

    /// Shows the progress of a task.
    pub(crate) fn progress(&self, stage: Stage, done: usize, total: usize) {
        self.log.progress(stage, done, total);
    }

    /// Appends to the answer, unchanged.
    pub(crate) fn answer(&self, text: impl AsRef<[u8]>) {
        self.log.end_progress();
        let text = text.as_ref();
        let mut answer = lock(&self.answer);
        match &mut *answer {
            Answer::Stdout => {
                if let Err(error) = io::stdout().write_all(text) {
                    *answer = Answer::after(error);
                }
            }
            Answer::File { text: collected, .. } => collected.extend_from_slice(text),
            Answer::Unread | Answer::Broken(_) => {}
        }
    }

    /// The log, for what outlives a borrow of the printer.
    pub(crate) fn shared_log(&self) -> Arc<Log> {
        Arc::clone(&self.log)
    }

    /// Reports what the command changed, unless the user has set `--quiet`.
    pub(crate) fn note(&self, text: impl Display) {
        self.log.note(text);
    }

    /// Says what to do next, unless the user has set `--quiet`.
    pub(crate) fn help(&self, text: impl Display) {
        self.log.help(text);
    }

    /// Shows a text of several lines that belongs to a [`note`](Self::note), unchanged.
    pub(crate) fn aside(&self, text: &str) {
        self.log.aside(text);
    }

    /// Reports what the command does or found, if the user wants this level.
    pub(crate) fn log(&self, level: Verbosity, text: impl Display) {
        self.log.log(level, text);
    }

    /// Shows findings that the user wants to see, and their number.
    pub(crate) fn findings(&self, findings: &[Diagnostic]) {
        self.log.findings(findings);
    }

    /// Shows a finding. Findings that make the command fail belong in a [`Failure`] instead.
    pub(crate) fn finding(&self, diagnostic: &Diagnostic) {
        self.findings(std::slice::from_ref(diagnostic));
    }

    /// Shows what an operation found, and returns its answer. Denied findings are kept for
    /// [`take_denied`](Self::take_denied).
    ///
    /// # Errors
    ///
    /// The operation has no answer.
    pub(crate) fn take<T>(&self, report: Report<T>) -> Result<T, Failure> {
        let Report { answer, findings, denied } = report;
        findings.iter().for_each(|finding| self.finding(finding));
        lock(&self.denied).extend(denied);
        Ok(answer?)
    }

    /// The denied findings of all operations. The command fails if there are any.
    pub(crate) fn take_denied(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut lock(&self.denied))
    }

    /// Shows the denied findings of a command that has answered. Returns whether there are any.
    pub(crate) fn objections(&self) -> bool {
        let denied = self.take_denied();
        self.findings(&denied);
        !denied.is_empty()
    }

    /// Shows why the command failed. Returns whether this is the answer: in JSON it is, otherwise
    /// it goes to the notes.
    pub(crate) fn failure(&self, failure: &Failure) -> bool {
        match self.format {
            OutputFormat::Json => self.answer(diagnostics::json(failure.diagnostics())),
            OutputFormat::Human => self.findings(failure.diagnostics()),
        }
        self.format == OutputFormat::Json
    }

    /// Writes the complete answer.
    ///
    /// # Errors
    ///
    /// The answer could not be written, although its reader is still there.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let answer = self.answer.into_inner().unwrap_or_else(PoisonError::into_inner);
        let answer = match answer {
            Answer::Stdout => match io::stdout().flush() {
                Ok(()) => return Ok(()),
                Err(error) => Answer::after(error),
            },
            answer => answer,
        };
        match answer {
            Answer::Stdout | Answer::Unread => Ok(()),
            Answer::Broken(error) => {
                Err(Diagnostic::error(Code::Io, format!("could not write to stdout: {error}")).into())
            }
            Answer::File { path, mut file, text, .. } => {
                let written = replace(&mut file, &text);
                written.map_err(|error| unusable("output file", &path, &error))
            }
        }
    }

    /// Drops an incomplete answer. A file keeps its old content; text that went to stdout cannot be
    /// taken back.
    pub(crate) fn abandon(self) {
        match self.answer.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Answer::File { path, file, is_new: true, .. } => {
                drop(file);
                // An empty file that remains does no harm.
                let _ = std::fs::remove_file(path);
            }
            // The rest of the answer has no reader, and the command has failed already.
            _ => drop(io::stdout().flush()),
        }
    }
}

impl Answer {
    /// Opens the file early, so that a path that cannot be written is reported before any work is
    /// done.
    fn open(path: &Path) -> io::Result<Self> {
        let mut options = File::options();
        options.write(true);
        let (file, is_new) = match options.clone().create_new(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (options.open(path)?, false),
            created => (created?, true),
        };
        Ok(Answer::File { path: path.to_owned(), file, is_new, text: Vec::new() })
    }

    fn after(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Answer::Unread } else { Answer::Broken(error) }
    }
}

/// Replaces the content of a file; writes to devices and pipes.
fn replace(file: &mut File, text: &[u8]) -> io::Result<()> {
    if file.metadata()?.is_file() {
        file.set_len(0)?;
        file.rewind()?;
    }
    match file.write_all(text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

fn unusable(what: &str, path: &Path, error: &io::Error) -> Failure {
    Diagnostic::error(Code::Io, format!("could not write the {what} `{}`: {error}", path.display())).into()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
