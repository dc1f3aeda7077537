//! What an operation tells while it runs.

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
}

/// Who is told. Events come from several threads.
pub trait Observer: Sync {
    /// Takes an event.
    fn notice(&self, event: Event);
}
