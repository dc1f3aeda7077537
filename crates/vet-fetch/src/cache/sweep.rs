//! Removes old files from the cache folder, or all files.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use vet_diagnostics::{Code, Diagnostic};

use super::layout::{self, Known, LOCK};
use super::{Cache, remove_folder};

/// What to remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// All known files, except the mark and the lock.
    All,
    /// Files that were not used for longer than `age`. A time in the future counts as new.
    Unused {
        /// The minimum age.
        age: Duration,
        /// The current time.
        now: SystemTime,
    },
}

impl Sweep {
    fn takes(self, last_used: Option<SystemTime>) -> bool {
        match (self, last_used) {
            (Sweep::All, _) => true,
            (Sweep::Unused { .. }, None) => false,
            (Sweep::Unused { age, now }, Some(used)) => {
                now.duration_since(used).is_ok_and(|unused| unused > age)
            }
        }
    }
}

/// An event while a folder is swept.
#[derive(Debug)]
pub enum SweepEvent<'a> {
    /// A file, or a folder with its content, is about to be removed, or would be.
    Removing(&'a Path),
    /// Something could not be read or removed. The sweep continues.
    Failed(Diagnostic),
}

/// The total of what was removed, or would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// The number of files.
    pub files: u64,
    /// Their size in bytes.
    pub bytes: u64,
}

impl Cache {
    /// Removes known files; with `dry_run`, only reports them. The folder may be missing or empty.
    ///
    /// # Errors
    ///
    /// The folder cannot be read, is not a cache folder, or the original is using it. Nothing was
    /// removed then.
    pub fn sweep(
        &self,
        what: Sweep,
        dry_run: bool,
        report: &mut dyn FnMut(SweepEvent<'_>),
    ) -> Result<Swept, Diagnostic> {
        let mut swept = Swept::default();
        if is_empty(&self.path)? {
            return Ok(swept);
        }
        if !layout::is_marked(&self.path) && !layout::is_of_original(&self.path) {
            return Err(not_a_cache(&self.path));
        }
        let _lock = lock(&self.path)?;
        let known = layout::known(&self.path, |path, error| {
            report(SweepEvent::Failed(problem(path, "read", &error)));
        });
        for Known { path, .. } in known.iter().filter(|known| what.takes(known.last_used)) {
            report(SweepEvent::Removing(path));
            match if dry_run { measure(path) } else { remove(path) } {
                Ok(removed) => {
                    swept.files += removed.files;
                    swept.bytes += removed.bytes;
                }
                // Another process is sweeping, too.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => report(SweepEvent::Failed(problem(path, "removed", &error))),
            }
        }
        Ok(swept)
    }
}

/// Whether a folder is empty or missing.
fn is_empty(path: &Path) -> Result<bool, Diagnostic> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(not_a_cache(path)),
        Err(error) => {
            let message = format!("the cache folder `{}` cannot be read", path.display());
            Err(Diagnostic::error(Code::Io, message).note(error.to_string()))
        }
    }
}

/// Locks the folder against the original, as long as the file is open.
fn lock(folder: &Path) -> Result<Option<File>, Diagnostic> {
    let path = folder.join(LOCK);
    if !fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
        return Ok(None);
    }
    let Ok(file) = File::options().read(true).write(true).open(&path) else { return Ok(None) };
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            let message = format!("another process uses the cache `{}`", folder.display());
            Err(Diagnostic::error(Code::Io, message).help("try again when that process has ended"))
        }
        // Not all file systems support locks.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(file)),
    }
}

/// Removes a file, or a folder with its content. Links in it are removed and not followed.
fn remove(path: &Path) -> io::Result<Swept> {
    let swept = measure(path)?;
    match fs::symlink_metadata(path)?.is_dir() {
        true => remove_folder(path)?,
        false => fs::remove_file(path)?,
    }
    Ok(swept)
}

/// The size of a file, or of a folder with its content.
fn measure(path: &Path) -> io::Result<Swept> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_dir() {
        return Ok(Swept { files: 1, bytes: metadata.len() });
    }
    let mut swept = Swept::default();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            // The metadata of the entry itself, even if it is a link.
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                swept.files += 1;
                swept.bytes += metadata.len();
            }
        }
    }
    Ok(swept)
}

fn problem(path: &Path, done: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::warning(Code::Io, format!("`{}` cannot be {done}", path.display())).note(error.to_string())
}

fn not_a_cache(path: &Path) -> Diagnostic {
    let message = format!("`{}` is not a cargo-vet cache, so nothing was removed", path.display());
    Diagnostic::error(Code::NotACacheFolder, message)
        .note("the file `CACHEDIR.TAG`, which cargo-vet writes to a new cache, is missing or belongs to another program")
        .help("name the cache folder with `--cache-dir`; if this is the right folder, remove it by hand")
}
