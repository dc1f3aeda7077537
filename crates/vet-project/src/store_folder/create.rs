//! Creates a store completely or not at all.
//!
//! Settings may exist before the store does. Then the folder cannot appear at once, so a journal is
//! used: once the journal is valid, the store exists, and the next command that uses it finishes
//! what an interrupted run left.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use vet_diagnostics::Diagnostic;
use vet_store::FolderFile;

use super::journal::{self, Journal, READY};
use super::lock::{self, Access, Held};
use super::{NewFile, StoreFolder, platform, problem};

impl StoreFolder {
    /// Checks that there is no store at the path. Settings may be there.
    ///
    /// # Errors
    ///
    /// There is something.
    pub fn check_absent(&self) -> Result<(), Diagnostic> {
        if fs::symlink_metadata(&self.path).is_ok() && !self.has_only_settings() {
            return Err(problem::store_exists(&self.shown));
        }
        Ok(())
    }

    fn has_only_settings(&self) -> bool {
        let Ok(entries) = fs::read_dir(&self.path) else { return false };
        let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
        let is_settings = |name: &std::ffi::OsString| *name == FolderFile::Settings.name();
        let is_draft = |name: &std::ffi::OsString| {
            name != READY && name.to_str().is_some_and(|name| name.starts_with(journal::PREFIX))
        };
        names.iter().any(is_settings) && names.iter().all(|name| is_settings(name) || is_draft(name))
    }

    /// Creates the folder with these files, and missing folders above it.
    ///
    /// # Errors
    ///
    /// There is something at the path already, or writing fails. Then nothing is left behind.
    pub fn create(&self, files: &[NewFile<'_>]) -> Result<(), Diagnostic> {
        self.check_absent()?;
        if self.path.is_dir() {
            return self.create_beside_settings(files);
        }
        build(&self.path, files).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => {
                problem::store_exists(&self.shown)
            }
            _ => problem::io(&self.shown, "created", &error),
        })
    }

    fn create_beside_settings(&self, files: &[NewFile<'_>]) -> Result<(), Diagnostic> {
        let _lock = self.lock_settings()?;
        // Another process may have had the lock before.
        self.check_absent()?;
        let failed = |error| problem::journal(&self.shown, &error);
        journal::write(&self.path, files).map_err(failed)?;
        journal::recover(&self.path).map(drop).map_err(failed)
    }

    /// Moves the files of a new store into place, if the run that created it was interrupted while
    /// doing so.
    pub(super) fn finish_creating(&self) -> Result<(), Vec<Diagnostic>> {
        let failed = |error| vec![problem::journal(&self.shown, &error)];
        if Journal::open(&self.path).map_err(failed)?.is_none() {
            return Ok(());
        }
        let _lock = self.lock_settings().map_err(|problem| vec![problem])?;
        journal::recover(&self.path).map(drop).map_err(failed)
    }

    /// Locks the settings. Before there is a store, their lock stands for it.
    fn lock_settings(&self) -> Result<Held, Diagnostic> {
        let path = self.path.join(FolderFile::Settings.name());
        lock::acquire(&path, Access::Exclusive, || {})
            .map_err(|error| problem::io(&self.shown_file(FolderFile::Settings), "locked", &error))
    }
}

fn build(path: &Path, files: &[NewFile<'_>]) -> io::Result<()> {
    let parent = match path.parent() {
        None => return Err(io::ErrorKind::InvalidFilename.into()),
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
    };
    let mut made = MadeFolders::default();
    made.make(parent)?;
    let draft = tempfile::Builder::new().prefix(".vet-init.").tempdir_in(parent)?;
    journal::hide_from_git(draft.path())?;
    let store = draft.path().join("store");
    fs::create_dir(&store)?;
    for (file, bytes) in files {
        let mut file = File::create_new(store.join(file.name()))?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    platform::sync_folder(&store)?;
    fs::rename(store, path)?;
    made.keep();
    platform::sync_folder(parent)
}

/// New folders, which are removed on drop unless they are kept.
#[derive(Default)]
struct MadeFolders(Vec<PathBuf>);

impl MadeFolders {
    fn make(&mut self, folder: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = folder.ancestors().take_while(|folder| is_missing(folder)).collect();
        for folder in missing.into_iter().rev() {
            match fs::create_dir(folder) {
                Ok(()) => self.0.push(folder.to_owned()),
                // Another process created it in the meantime, or the path goes through it and back.
                Err(_) if folder.is_dir() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn keep(mut self) {
        self.0.clear();
    }
}

fn is_missing(folder: &Path) -> bool {
    !folder.as_os_str().is_empty() && folder.try_exists().is_ok_and(|exists| !exists)
}

impl Drop for MadeFolders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            // Only empty folders are removed, because another process may use them by now.
            let _ = fs::remove_dir(folder);
        }
    }
}
