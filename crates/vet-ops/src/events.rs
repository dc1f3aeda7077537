//! What an operation tells while it runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use vet_store::Diagnostic;
use vet_store::settings::{Judgement, Levels};

/// Something worth telling before the outcome is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// What is done, and why; for those who want to know.
    Info(String),
    /// Something odd that does not stop the operation.
    Finding(Diagnostic),
    /// How bad findings are from now on: what the project and the user say together. [`Judge`] makes that so.
    Levels(Levels),
    /// Another process uses the store and is waited for.
    WaitingForStore,
    /// How far a longer piece of work is.
    Progress {
        /// The work.
        stage: Stage,
        /// How many parts of it are done.
        done: usize,
        /// How many there are.
        total: usize,
    },
}

/// Work that takes a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Fetching audits of peers.
    Imports,
    /// Asking crates.io about crates.
    CratesIo,
    /// Fetching the audit sets that the registry lists.
    Registry,
    /// Finding out how much there is to audit in crates.
    Measuring,
    /// Downloading packages.
    Packages,
}

/// Who is told. Events come from several threads.
pub trait Observer: Sync {
    /// Takes an event.
    fn notice(&self, event: Event);

    /// Gives away the findings that were told as warnings and are denied, as errors. Before something is written, and
    /// before a check gives an answer, they are asked for; if there are any, the operation fails with them.
    fn take_denied(&self) -> Vec<Diagnostic> {
        Vec::new()
    }
}

/// Fails if something was told that is denied.
pub(crate) fn refuse_denied(observer: &dyn Observer) -> Result<(), Vec<Diagnostic>> {
    let denied = observer.take_denied();
    if denied.is_empty() { Ok(()) } else { Err(denied) }
}

/// Gives findings the levels that are set for them, for an [`Observer`] to build on: whoever tells a warning need not know
/// of levels.
#[derive(Debug, Default)]
pub struct Judge {
    state: Mutex<JudgeState>,
}

#[derive(Debug, Default)]
struct JudgeState {
    levels: Levels,
    denied: Vec<Diagnostic>,
}

impl Judge {
    /// A judge who goes by these levels until a project says more.
    pub fn new(levels: Levels) -> Self {
        Judge { state: Mutex::new(JudgeState { levels, denied: Vec::new() }) }
    }

    /// The event to show, if any is left. What is denied is kept for [`take_denied`](Self::take_denied).
    pub fn judge(&self, event: Event) -> Option<Event> {
        let mut state = locked(&self.state);
        match event {
            Event::Levels(levels) => {
                state.levels = levels;
                None
            }
            Event::Finding(finding) => match state.levels.judge(finding) {
                Judgement::Shown(finding) => Some(Event::Finding(finding)),
                Judgement::Dropped => None,
                Judgement::Denied(finding) => {
                    state.denied.push(finding);
                    None
                }
            },
            other => Some(other),
        }
    }

    /// For [`Observer::take_denied`].
    pub fn take_denied(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut locked(&self.state).denied)
    }
}

/// Keeps findings back until it is sure that they are worth telling.
pub(crate) struct HeldFindings<'o> {
    observer: &'o dyn Observer,
    held: Mutex<Vec<Diagnostic>>,
    /// What is denied has to be known while it is held.
    levels: Mutex<Levels>,
}

impl<'o> HeldFindings<'o> {
    pub(crate) fn new(observer: &'o dyn Observer) -> Self {
        HeldFindings { observer, held: Mutex::default(), levels: Mutex::default() }
    }

    /// Tells what was kept back.
    pub(crate) fn release(self) {
        let held = self.held.into_inner().unwrap_or_else(PoisonError::into_inner);
        held.into_iter().for_each(|finding| self.observer.notice(Event::Finding(finding)));
    }
}

impl Observer for HeldFindings<'_> {
    fn notice(&self, event: Event) {
        match event {
            Event::Finding(finding) => locked(&self.held).push(finding),
            Event::Levels(levels) => {
                locked(&self.levels).clone_from(&levels);
                self.observer.notice(Event::Levels(levels));
            }
            event => self.observer.notice(event),
        }
    }

    fn take_denied(&self) -> Vec<Diagnostic> {
        let levels = locked(&self.levels);
        let mut held = locked(&self.held);
        let mut denied = Vec::new();
        for finding in std::mem::take(&mut *held) {
            match levels.judge(finding.clone()) {
                Judgement::Denied(finding) => denied.push(finding),
                Judgement::Shown(_) | Judgement::Dropped => held.push(finding),
            }
        }
        denied
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
