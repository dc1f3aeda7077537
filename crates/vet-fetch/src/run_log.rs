//! Details about requests and the cache, for a user who wants to know what takes time.

use std::fmt;
use std::sync::Arc;

/// How closely a user must look to see a detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What was fetched, and what did not have to be.
    Debug,
    /// Each step.
    Trace,
}

/// Receives details, from several threads. Without a receiver, they are not even put into words.
#[derive(Clone, Default)]
pub struct RunLog(Option<Arc<Receiver>>);

type Receiver = dyn Fn(Depth, String) + Send + Sync;

impl RunLog {
    /// Passes details to a function. Texts may contain what servers wrote.
    pub fn to(receiver: impl Fn(Depth, String) + Send + Sync + 'static) -> Self {
        RunLog(Some(Arc::new(receiver)))
    }

    pub(crate) fn debug(&self, text: impl FnOnce() -> String) {
        self.tell(Depth::Debug, text);
    }

    pub(crate) fn trace(&self, text: impl FnOnce() -> String) {
        self.tell(Depth::Trace, text);
    }

    fn tell(&self, depth: Depth, text: impl FnOnce() -> String) {
        if let RunLog(Some(receiver)) = self {
            receiver(depth, text());
        }
    }
}

impl fmt::Debug for RunLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RunLog").field(&self.0.is_some()).finish()
    }
}
