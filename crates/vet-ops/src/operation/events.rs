//! The progress that an operation reports while it runs. What it finds is in its
//! [`Report`](crate::operation::report::Report).

/// An event while an operation runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// What is being done, and why; for verbose output.
    Info(String),
    /// What is found on the way, such as what did not have to be done; for more verbose output.
    Debug(String),
    /// Another process uses the store, and the operation waits for it.
    WaitingForStore,
    /// The progress of a longer task.
    Progress {
        /// The task.
        stage: Stage,
        /// The number of completed steps.
        done: usize,
        /// The total number of steps.
        total: usize,
    },
}

/// A task that takes a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Fetching audits of peers.
    Imports,
    /// Asking crates.io about crates.
    CratesIo,
    /// Fetching the audit sets that the registry lists.
    Registry,
    /// Measuring how much there is to audit.
    Measuring,
    /// Downloading packages.
    Packages,
    /// Asking the index what packages declare.
    Index,
    /// Asking the registry which packages are libraries.
    Libraries,
    /// Waiting for cargo, which may download packages and does not report how many.
    Cargo,
}

/// A receiver of progress. Events come from several threads.
pub trait Observer: Sync {
    /// Takes an event.
    fn notice(&self, event: Event);
}
