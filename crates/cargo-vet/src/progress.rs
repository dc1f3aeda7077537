//! Shows the progress of longer tasks on a line of the terminal, which is removed afterwards.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use vet_ops::operation::events::Stage;

/// A task that takes less time than this shows no line.
const PATIENCE: Duration = Duration::from_millis(400);

/// Where the line is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Nowhere,
    /// On the terminal, at most this wide.
    OnTerminal {
        width: Option<u16>,
    },
    /// On stderr, as if it were a terminal of this width.
    Always {
        width: u16,
    },
}

/// The progress line, while it is shown, and the time that a task takes.
#[derive(Debug)]
pub(crate) struct Progress {
    shown: Shown,
    current: Option<Current>,
}

#[derive(Debug)]
struct Current {
    stage: Stage,
    since: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn new(shown: Shown) -> Self {
        Progress { shown, current: None }
    }

    /// Shows the number of completed steps. Returns what to log when the task ends.
    pub(crate) fn update(&mut self, stage: Stage, done: usize, total: usize) -> Option<String> {
        let (current, is_new) = match self.current.take() {
            Some(current) if current.stage == stage => (current, false),
            other => {
                clear(other);
                (Current { stage, since: Instant::now(), bar: None }, true)
            }
        };
        if done >= total {
            let seconds = current.since.elapsed().as_secs_f64();
            clear(Some(current));
            return (!is_new).then(|| format!("{}: {total} ({seconds:.3} s)", name(stage)));
        }
        let shown = self.shown;
        let current = self.current.insert(current);
        if current.bar.is_none() && current.since.elapsed() >= PATIENCE {
            current.bar = bar(stage, shown);
        }
        if let Some(bar) = &current.bar {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        }
        None
    }

    /// Writes to the terminal while the line is hidden.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match self.current.as_ref().and_then(|current| current.bar.as_ref()) {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Removes the line.
    pub(crate) fn end(&mut self) {
        clear(self.current.take());
    }
}

fn clear(current: Option<Current>) {
    if let Some(bar) = current.and_then(|current| current.bar) {
        bar.finish_and_clear();
    }
}

fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Imports => "fetching audits",
        Stage::CratesIo => "asking crates.io",
        Stage::Registry => "fetching the audits of the registry",
        Stage::Measuring => "measuring audits of crates",
        Stage::Packages => "downloading",
        Stage::Index => "asking the index",
        Stage::Libraries => "asking which packages are libraries",
        Stage::Cargo => "asking cargo for the dependency graph; it may have to download packages",
    }
}

fn bar(stage: Stage, shown: Shown) -> Option<ProgressBar> {
    let target = match shown {
        Shown::Nowhere => return None,
        Shown::OnTerminal { width: None } => ProgressDrawTarget::stderr(),
        Shown::OnTerminal { width: Some(width) } | Shown::Always { width } => {
            ProgressDrawTarget::term_like(Box::new(Stderr { width }))
        }
    };
    let template = match stage {
        Stage::Cargo => "{spinner} {msg}",
        _ => "{spinner} {msg} {wide_bar} {pos}/{len}",
    };
    let bar = ProgressBar::with_draw_target(None, target);
    // If this fails, the default style is used.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(name(stage));
    bar.enable_steady_tick(Duration::from_millis(100));
    Some(bar)
}

/// Stderr, drawn to as a terminal of a given width.
#[derive(Debug)]
struct Stderr {
    width: u16,
}

impl TermLike for Stderr {
    fn width(&self) -> u16 {
        self.width
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        if lines > 0 { write!(io::stderr(), "\u{1b}[{lines}A") } else { Ok(()) }
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        if lines > 0 { write!(io::stderr(), "\u{1b}[{lines}B") } else { Ok(()) }
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        if columns > 0 { write!(io::stderr(), "\u{1b}[{columns}C") } else { Ok(()) }
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        if columns > 0 { write!(io::stderr(), "\u{1b}[{columns}D") } else { Ok(()) }
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        writeln!(io::stderr(), "{text}")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        write!(io::stderr(), "{text}")
    }

    fn clear_line(&self) -> io::Result<()> {
        write!(io::stderr(), "\r\u{1b}[2K")
    }

    fn flush(&self) -> io::Result<()> {
        io::stderr().flush()
    }
}
