//! The journal: a folder in which a commit collects the new files before it moves them into place.
//!
//! It is created under a name of its own and becomes valid by being renamed to [`READY`]. From then
//! on its files replace those of the store. Once it is empty, it becomes invalid by being renamed
//! again.
//!
//! A store is part of a checkout, and the checkout might contain a folder of that name, which would
//! replace the reviewed files. So a journal has a seal that no checkout can contain: a file that
//! states its own number in the file system and its creation time, and claims to be decades old. A
//! program that copies or restores files, from an archive or a cache, can give a copy any age, but
//! not a chosen number and, on Linux, not a chosen creation time. A folder with a wrong seal is
//! neither used nor ignored but reported.
//!
//! The folder contains a `.gitignore`, so git ignores it. If it were committed, its seal would be
//! wrong in every clone.

use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use vet_store::FolderFile;

use super::lock::{Held, acquire_new};
use super::{LOCK_FILE, NewFile, platform};
use crate::regular_file::{not_a_file, read_file};

/// The prefix of the names of all folders and temporary files that this tool creates in a store.
pub(super) const PREFIX: &str = ".vet-commit.";

/// The name of a valid journal.
pub(super) const READY: &str = ".vet-commit.ready";

/// Excludes a folder and its content from version control.
pub(super) fn hide_from_git(folder: &Path) -> io::Result<()> {
    fs::write(folder.join(".gitignore"), "*\n")
}

/// The file in a journal that proves its origin.
const SEAL: &str = "seal";

/// The modification time that a seal claims: the start of the year 2000, in seconds since 1970.
const SEAL_TIME: Duration = Duration::from_secs(946_684_800);

/// Why files were not written or not moved into place.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// Nothing was changed.
    #[error("{0}")]
    NotWritten(PathBuf, #[source] io::Error),
    /// The store is the new one, but some files are still in the journal.
    #[error("{0}")]
    NotMoved(PathBuf, #[source] io::Error),
    /// There is a folder with the name of a journal, but no write on this machine created it.
    #[error("the seal is wrong")]
    Foreign,
}

/// A valid journal.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
}

impl Journal {
    /// Opens the journal in a store, if an interrupted write left one.
    pub(super) fn open(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(READY);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::NotMoved(path, error)),
            Ok(metadata) if !metadata.is_dir() => return Err(Error::Foreign),
            Ok(_) => {}
        }
        let seal = path.join(SEAL);
        match is_intact(&seal) {
            Ok(true) => Ok(Some(Journal { path })),
            // Without a lock, a writer may have finished in the meantime.
            _ if !path.exists() => Ok(None),
            Ok(false) => Err(Error::Foreign),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::Foreign),
            Err(error) => Err(Error::NotMoved(seal, error)),
        }
    }

    /// The new content of a file, if it is not in place yet.
    pub(super) fn read(&self, file: FolderFile) -> io::Result<Option<Vec<u8>>> {
        match read_file(&self.path.join(file.name())) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Writes new files into a journal and makes it valid.
pub(super) fn write(folder: &Path, changes: &[NewFile<'_>]) -> Result<(), Error> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| Error::NotWritten(path, error)
    };
    // Removed on drop, unless the last step has renamed it.
    let journal = tempfile::Builder::new().prefix(PREFIX).tempdir_in(folder).map_err(at(folder))?;
    hide_from_git(journal.path()).map_err(at(folder))?;
    for &(file, bytes) in changes {
        let target = folder.join(file.name());
        let replaced = check_writable(&target).map_err(at(&target))?;
        write_file(&journal.path().join(file.name()), bytes, replaced.as_ref()).map_err(at(&target))?;
    }
    let sealed = write_seal(&journal.path().join(SEAL)).and_then(|()| platform::sync_folder(journal.path()));
    sealed.map_err(at(folder))?;
    let ready = folder.join(READY);
    fs::rename(journal.path(), &ready).map_err(at(&ready))?;
    let _ = journal.keep();
    // The files are moved next, and the folder is synced after that anyway.
    let _ = platform::sync_folder(folder);
    Ok(())
}

/// Moves the files of a valid journal into place, and removes everything that a writer left behind.
///
/// Returns the lock of the file that carries it, if that file was replaced. The lock is taken
/// before the file is in place, so that no other process can get it in between.
pub(super) fn recover(folder: &Path) -> Result<Option<Held>, Error> {
    let mut lock = None;
    if let Some(Journal { path }) = Journal::open(folder)? {
        for file in in_moving_order() {
            let (from, to) = (path.join(file.name()), folder.join(file.name()));
            let moved = move_into_place(&from, &to, file == LOCK_FILE);
            lock = moved.map_err(|error| Error::NotMoved(to, error))?.or(lock);
        }
        let done = folder.join(format!("{PREFIX}done"));
        let retired = platform::sync_folder(folder).and_then(|()| retire(&path, &done));
        retired.map_err(|error| Error::NotMoved(path, error))?;
    }
    sweep(folder);
    Ok(lock)
}

/// The files in the order in which they are moved. The file that carries the lock is last, because
/// until then all other processes wait for it.
fn in_moving_order() -> impl Iterator<Item = FolderFile> {
    let others = FolderFile::ALL.into_iter().filter(|&file| file != LOCK_FILE);
    others.chain([LOCK_FILE])
}

/// Moves one file, unless it was already moved.
fn move_into_place(from: &Path, to: &Path, carries_lock: bool) -> io::Result<Option<Held>> {
    match fs::symlink_metadata(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        Ok(_) => {}
    }
    let is_link = fs::symlink_metadata(to).is_ok_and(|metadata| metadata.is_symlink());
    if is_link {
        return copy_into_place(from, &fs::canonicalize(to)?, carries_lock);
    }
    let lock = carries_lock.then(|| acquire_new(from)).transpose()?;
    fs::rename(from, to)?;
    Ok(lock)
}

/// Replaces the target of a link, which may be on another file system.
fn copy_into_place(from: &Path, target: &Path, carries_lock: bool) -> io::Result<Option<Held>> {
    let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else {
        return Err(io::ErrorKind::InvalidFilename.into());
    };
    let workplace = folder.join(format!("{PREFIX}{}", name.display()));
    // Left by an interrupted run, perhaps of an older version.
    let _ = fs::remove_dir_all(&workplace).or_else(|_| fs::remove_file(&workplace));
    fs::create_dir(&workplace)?;
    hide_from_git(&workplace)?;
    let temporary = workplace.join(name);
    let copied = write_file(&temporary, &read_file(from)?, Some(&fs::metadata(target)?))
        .and_then(|()| carries_lock.then(|| acquire_new(&temporary)).transpose())
        .and_then(|lock| fs::rename(&temporary, target).map(|()| lock));
    // The first error is the one that is reported.
    let _ = fs::remove_dir_all(&workplace);
    let lock = copied?;
    platform::sync_folder(folder)?;
    fs::remove_file(from)?;
    Ok(lock)
}

/// Writes a file that may replace another one, and syncs it to disk.
fn write_file(path: &Path, bytes: &[u8], replaced: Option<&Metadata>) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    if let Some(replaced) = replaced {
        platform::copy_attributes(replaced, &file)?;
    }
    file.sync_all()
}

/// Checks that the user may write a file, even if the folder would allow replacing it. A file that
/// does not exist can be written.
fn check_writable(path: &Path) -> io::Result<Option<Metadata>> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata?,
    };
    if !metadata.is_file() {
        return Err(not_a_file());
    }
    File::options().append(true).open(path)?;
    Ok(Some(metadata))
}

fn write_seal(path: &Path) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(seal_text(&file)?.as_bytes())?;
    file.set_modified(SystemTime::UNIX_EPOCH + SEAL_TIME)?;
    file.sync_all()
}

fn is_intact(seal: &Path) -> io::Result<bool> {
    let metadata = fs::symlink_metadata(seal)?;
    let age = metadata.modified()?.duration_since(SystemTime::UNIX_EPOCH);
    if !metadata.is_file() || !age.is_ok_and(|age| age.as_secs() == SEAL_TIME.as_secs()) {
        return Ok(false);
    }
    Ok(read_file(seal)? == seal_text(&File::open(seal)?)?.as_bytes())
}

fn seal_text(file: &File) -> io::Result<String> {
    let number = platform::identity(file)?.number;
    let made = platform::made_at(file);
    Ok(format!(
        "cargo-vet was interrupted while it wrote these files; its next run continues.\n{number} {made}\n"
    ))
}

/// Makes a journal invalid.
fn retire(journal: &Path, done: &Path) -> io::Result<()> {
    // An earlier run may have been interrupted right here.
    let _ = fs::remove_dir_all(done);
    fs::rename(journal, done)
}

/// Removes leftovers. Those that cannot be removed do no harm.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_leftover =
            entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX) && name != READY);
        if is_leftover && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
