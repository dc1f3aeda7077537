//! Advisory locks on files that may be replaced while a process waits for them.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use super::platform;
use crate::regular_file::{not_a_file, open_file};

/// The purpose of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Reading, which other processes may do at the same time.
    Shared,
    /// Replacing the file.
    Exclusive,
}

/// An open file, locked until this is dropped if its file system supports locks.
#[derive(Debug)]
pub(super) struct Held {
    file: File,
    is_held: bool,
}

impl Held {
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Whether the file is really locked.
    pub(super) fn is_held(&self) -> bool {
        self.is_held
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Closing the file is not enough: a child process that is just starting has a copy of every
        // open file.
        let _ = self.file.unlock();
    }
}

/// Opens and locks the file at a path, waiting for other processes if necessary. `waiting` is
/// called once before it waits.
pub(super) fn acquire(path: &Path, access: Access, waiting: impl FnOnce()) -> io::Result<Held> {
    // If the file is replaced this often in a row, a program keeps doing it.
    const TRIES: usize = 1000;
    let mut waiting = Some(waiting);
    for _ in 0..TRIES {
        let file = open(path, access)?;
        let is_held = lock(&file, access, || {
            if let Some(waiting) = waiting.take() {
                waiting();
            }
        })?;
        match platform::identity_of(path) {
            Ok(current) if current == platform::identity(&file)? => return Ok(Held { file, is_held }),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            // The file was replaced.
            Ok(_) | Err(_) => {}
        }
    }
    Err(io::Error::other("another program keeps replacing it"))
}

/// Locks a file that no other process can know yet.
pub(super) fn acquire_new(path: &Path) -> io::Result<Held> {
    let file = open(path, Access::Exclusive)?;
    let is_held = lock(&file, Access::Exclusive, || {})?;
    Ok(Held { file, is_held })
}

/// Opens a file for locking. Some network file systems lock exclusively only files that are open
/// for writing. If writing is not allowed, the file may still not need a change.
fn open(path: &Path, access: Access) -> io::Result<File> {
    if !fs::metadata(path)?.is_file() {
        return Err(not_a_file());
    }
    let for_writing = File::options().read(true).write(access == Access::Exclusive).open(path);
    match for_writing {
        Err(error)
            if access == Access::Exclusive
                && matches!(
                    error.kind(),
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
                ) =>
        {
            open_file(path)
        }
        opened => opened,
    }
}

/// Locks a file. Returns whether it is locked, because not all file systems support this.
fn lock(file: &File, access: Access, waiting: impl FnOnce()) -> io::Result<bool> {
    if platform::has_unreliable_locks(file) {
        return Ok(false);
    }
    let attempt = match access {
        Access::Shared => file.try_lock_shared(),
        Access::Exclusive => file.try_lock(),
    };
    let result = match attempt {
        Ok(()) => Ok(()),
        Err(TryLockError::Error(error)) => Err(error),
        Err(TryLockError::WouldBlock) => {
            waiting();
            loop {
                let result = match access {
                    Access::Shared => file.lock_shared(),
                    Access::Exclusive => file.lock(),
                };
                match result {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    result => break result,
                }
            }
        }
    };
    match result {
        Ok(()) => Ok(true),
        Err(error) if platform::means_no_locks(&error) => Ok(false),
        Err(error) => Err(error),
    }
}
