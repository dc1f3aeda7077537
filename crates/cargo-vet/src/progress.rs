//! Shows the progress of longer tasks on a line of the terminal, which is removed afterwards.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use vet_ops::events::Stage;

/// A task that takes less time than this shows no line.
const PATIENCE: Duration = Duration::from_millis(400);

/// The progress line, while it is shown.
#[derive(Debug)]
pub(crate) struct Progress {
    is_wanted: bool,
    current: Option<Current>,
}

#[derive(Debug)]
struct Current {
    stage: Stage,
    since: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn new(is_wanted: bool) -> Self {
        Progress { is_wanted, current: None }
    }

    /// Shows the number of completed steps.
    pub(crate) fn update(&mut self, stage: Stage, done: usize, total: usize) {
        if !self.is_wanted {
            return;
        }
        let current = match self.current.take() {
            Some(current) if current.stage == stage => current,
            other => {
                clear(other);
                Current { stage, since: Instant::now(), bar: None }
            }
        };
        if done >= total {
            clear(Some(current));
            return;
        }
        let current = self.current.insert(current);
        if current.bar.is_none() && current.since.elapsed() >= PATIENCE {
            current.bar = Some(bar(stage));
        }
        if let Some(bar) = &current.bar {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        }
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

fn bar(stage: Stage) -> ProgressBar {
    let what = match stage {
        Stage::Imports => "fetching audits",
        Stage::CratesIo => "asking crates.io",
        Stage::Registry => "fetching the audits of the registry",
        Stage::Measuring => "measuring audits of crates",
        Stage::Packages => "downloading",
        Stage::Index => "asking the index",
        Stage::Libraries => "asking which packages are libraries",
        Stage::Cargo => "asking cargo for the dependency graph; it may have to download packages",
    };
    let template = match stage {
        Stage::Cargo => "{spinner} {msg}",
        _ => "{spinner} {msg} {wide_bar} {pos}/{len}",
    };
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    // If this fails, the default style is used.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
