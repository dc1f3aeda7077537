//! `gc`: a cache that does not grow for ever.

use std::path::{Path, PathBuf};

use vet_diagnostics::Diagnostic;
use vet_fetch::cache_folder::{CacheFolder, SweepEvent};

pub use vet_fetch::cache_folder::{Sweep, Swept};

use crate::events::{Event, Observer};

/// What was removed from the cache, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GcOutcome {
    /// The folder of the cache, as the user wrote it.
    pub folder: PathBuf,
    /// Everything was to be removed, and not only what is old.
    pub is_complete: bool,
    /// Nothing was removed, but only looked for.
    pub dry_run: bool,
    /// The files and folders.
    pub paths: Vec<PathBuf>,
    /// How much was in them.
    pub swept: Swept,
}

/// Removes what is old from the cache, or everything, or with `dry_run` only tells what that is. What cannot be removed is a
/// finding, and stays.
///
/// # Errors
///
/// The folder is not that of a cache, is in use, or cannot be read. Then nothing is removed.
pub fn gc(
    folder: &Path,
    what: Sweep,
    dry_run: bool,
    observer: &dyn Observer,
) -> Result<GcOutcome, Diagnostic> {
    let mut paths = Vec::new();
    let swept = CacheFolder::new(folder).sweep(what, dry_run, &mut |event| match event {
        SweepEvent::Removing(path) => {
            if !dry_run {
                observer.notice(Event::Info(format!("gc: removing {}", path.display())));
            }
            paths.push(path.to_owned());
        }
        SweepEvent::Failed(problem) => observer.notice(Event::Finding(problem)),
    })?;
    Ok(GcOutcome { folder: folder.to_owned(), is_complete: what == Sweep::All, dry_run, paths, swept })
}
