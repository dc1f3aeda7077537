//! `gc`: removes files from the cache, so that it does not grow without limit.

use std::path::{Path, PathBuf};

use vet_diagnostics::Levels;
use vet_fetch::cache::{Cache, SweepEvent};

pub use vet_fetch::cache::{Sweep, Swept};

use crate::operation::events::{Event, Observer};
use crate::operation::report::Report;

/// What was or would be removed from the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GcOutcome {
    /// The cache folder, as the user wrote it.
    pub folder: PathBuf,
    /// Whether everything was to be removed, not only old files.
    pub is_complete: bool,
    /// Whether files were only listed.
    pub dry_run: bool,
    /// The files and folders.
    pub paths: Vec<PathBuf>,
    /// Their total size.
    pub swept: Swept,
}

/// Removes old files from the cache, or all files; with `dry_run`, only lists them. A file that
/// cannot be removed is reported and stays.
///
/// # Errors
///
/// The folder is not a cache folder, is in use, or cannot be read. Nothing is removed then.
pub fn gc(
    folder: &Path,
    what: Sweep,
    dry_run: bool,
    levels: &Levels,
    observer: &dyn Observer,
) -> Report<GcOutcome> {
    Report::of(observer, levels, |run| {
        let mut paths = Vec::new();
        let swept = Cache::new(folder).sweep(what, dry_run, &mut |event| match event {
            SweepEvent::Removing(path) => {
                if !dry_run {
                    run.notice(Event::Info(format!("gc: removing {}", path.display())));
                }
                paths.push(path.to_owned());
            }
            SweepEvent::Failed(problem) => run.found(problem),
        })?;
        Ok(GcOutcome { folder: folder.to_owned(), is_complete: what == Sweep::All, dry_run, paths, swept })
    })
}
