//! `gc`: a cache that does not grow for ever.

use std::path::{Path, PathBuf};

use vet_fetch::cache_folder::{CacheFolder, SweepEvent};
use vet_store::Diagnostic;

pub use vet_fetch::cache_folder::{Sweep, Swept};

use crate::events::{Event, Observer};

/// What was removed from the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GcOutcome {
    /// The folder of the cache, as the user wrote it.
    pub folder: PathBuf,
    /// Everything was to be removed, and not only what is old.
    pub is_complete: bool,
    /// How much it was.
    pub swept: Swept,
}

/// Removes what is old from the cache, or everything. What cannot be removed is a finding, and stays.
///
/// # Errors
///
/// The folder is not that of a cache, is in use, or cannot be read. Then nothing is removed.
pub fn gc(folder: &Path, what: Sweep, observer: &dyn Observer) -> Result<GcOutcome, Diagnostic> {
    let swept = CacheFolder::new(folder).sweep(what, &mut |event| {
        observer.notice(match event {
            SweepEvent::Removing(path) => Event::Info(format!("gc: removing {}", path.display())),
            SweepEvent::Failed(problem) => Event::Finding(problem),
        });
    })?;
    Ok(GcOutcome { folder: folder.to_owned(), is_complete: what == Sweep::All, swept })
}
