//! What an operation tells while it runs.

use std::sync::{Mutex, PoisonError};

use vet_store::Diagnostic;

/// Something worth telling before the outcome is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// What is done, and why; for those who want to know.
    Info(String),
    /// Something odd that does not stop the operation.
    Finding(Diagnostic),
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
}

/// Keeps findings back until it is sure that they are worth telling.
pub(crate) struct HeldFindings<'o> {
    observer: &'o dyn Observer,
    held: Mutex<Vec<Event>>,
}

impl<'o> HeldFindings<'o> {
    pub(crate) fn new(observer: &'o dyn Observer) -> Self {
        HeldFindings { observer, held: Mutex::default() }
    }

    /// Tells what was kept back.
    pub(crate) fn release(self) {
        let held = self.held.into_inner().unwrap_or_else(PoisonError::into_inner);
        held.into_iter().for_each(|event| self.observer.notice(event));
    }
}

impl Observer for HeldFindings<'_> {
    fn notice(&self, event: Event) {
        match event {
            Event::Finding(_) => self.held.lock().unwrap_or_else(PoisonError::into_inner).push(event),
            event => self.observer.notice(event),
        }
    }
}
