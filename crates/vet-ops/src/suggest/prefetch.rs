//! Measuring what will most likely be planned, while peers and crates.io are still being asked.
//!
//! What is locked tells nearly all of what will be missing. What is measured ahead is kept where the plan looks first, so a
//! plan does not depend on it; what was measured in vain is of use another time.

use std::sync::atomic::{AtomicBool, Ordering};

use vet_diagnostics::{Diagnostic, Levels};

use super::measure::Measuring;
use super::task::{self, Task};
use super::{Lacking, Search};
use crate::events::{Event, Observer};
use crate::fetched_store::Facts;

/// Measures ahead.
pub(super) struct Prefetch<'o> {
    observer: &'o dyn Observer,
    is_shown: AtomicBool,
}

impl<'o> Prefetch<'o> {
    pub(super) fn new(observer: &'o dyn Observer) -> Self {
        Prefetch { observer, is_shown: AtomicBool::new(false) }
    }

    /// Measures what it takes to make up for what is missing. Nothing of that is told; it will be found out again.
    pub(super) fn measure(&self, search: Search<'_>, lacking: &Lacking<'_>) {
        let facts = Facts::new(search.network.crates_io);
        let task = |(name, lacking): (&&str, _)| search.task(name, search.store, lacking, &facts);
        let tasks: Vec<Task> =
            lacking.iter().map(|(name, lacking)| (name, lacking.as_slice())).filter_map(task).collect();
        let measuring = Measuring::new(search, self);
        task::look_beyond(tasks, &mut |tasks| measuring.plan(tasks));
    }

    /// It is what everybody waits for now, so how far it is becomes worth telling.
    pub(super) fn show(&self) {
        self.is_shown.store(true, Ordering::Relaxed);
    }
}

impl Observer for Prefetch<'_> {
    fn notice(&self, event: Event) {
        if self.is_shown.load(Ordering::Relaxed) || !matches!(event, Event::Progress { .. }) {
            self.observer.notice(event);
        }
    }

    fn take_denied(&self) -> Vec<Diagnostic> {
        self.observer.take_denied()
    }

    fn levels(&self) -> Levels {
        self.observer.levels()
    }
}
