//! Measures what will most likely be planned, while peers and crates.io are still being asked.
//!
//! The locked entries show nearly everything that will be missing. These measurements are stored
//! where the plan looks first, so they do not affect the plan. Measurements that are not needed now
//! help a later run.

use std::sync::atomic::{AtomicBool, Ordering};

use vet_fetch::crates_io::Needed;
use vet_graph::Graph;
use vet_resolver::{Resolution, Verdict};

use super::measure::Measuring;
use super::task::{self, Task};
use super::{Lacking, Search};
use crate::fetched_store::{Facts, Network};
use crate::operation::events::{Event, Observer};
use crate::operation::report::Run;

/// Hides the progress of measuring ahead, until the operation waits for it.
pub(crate) struct Aside<'o> {
    observer: &'o dyn Observer,
    is_shown: AtomicBool,
}

impl<'o> Aside<'o> {
    pub(crate) fn new(observer: &'o dyn Observer) -> Self {
        Aside { observer, is_shown: AtomicBool::new(false) }
    }

    /// Shows the progress from now on.
    pub(crate) fn show(&self) {
        self.is_shown.store(true, Ordering::Relaxed);
    }
}

impl Observer for Aside<'_> {
    fn notice(&self, event: Event) {
        if self.is_shown.load(Ordering::Relaxed) || !matches!(event, Event::Progress { .. }) {
            self.observer.notice(event);
        }
    }
}

/// Measures the audits for what is missing. Reports nothing, because the plan will report it.
pub(crate) fn measure_ahead(search: Search<'_>, lacking: &Lacking<'_>, run: &Run<'_>) {
    let facts = Facts::default();
    let task = |(name, lacking): (&&str, _)| search.task(name, search.store, lacking, &facts);
    let tasks: Vec<Task> =
        lacking.iter().map(|(name, lacking)| (name, lacking.as_slice())).filter_map(task).collect();
    let measuring = Measuring::new(search.code, run);
    task::look_beyond(tasks, &mut |tasks| measuring.plan(tasks));
}

/// Asks the API about crates that lack something, because a plan needs it and because the API also
/// says which versions are libraries. Most of these crates will still lack something when more is
/// known.
pub(crate) fn prefetch_publishers(
    graph: &Graph,
    resolution: &Resolution,
    network: Network<'_>,
    run: &Run<'_>,
) {
    let lacking = resolution.verdicts.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Unvetted(_)));
    let names = lacking.filter_map(|(ix, _)| Some(graph.package(*ix)?.name().to_owned()));
    let questions = names.map(|name| (name, Needed::Everything)).collect();
    Facts::asked(network.crates_io, questions, run);
}
