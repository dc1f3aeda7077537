//! A new store, which is there completely or not at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use vet_store::diagnostic::Diagnostic;

use super::{NewFile, StoreFolder, platform, problem};

impl StoreFolder {
    /// Whether there is nothing yet where the store is to be.
    ///
    /// # Errors
    ///
    /// There is something.
    pub fn check_absent(&self) -> Result<(), Diagnostic> {
        if fs::symlink_metadata(&self.path).is_ok() {
            return Err(problem::store_exists(&self.shown));
        }
        Ok(())
    }

    /// Makes the folder with these files in it, and the folders above where they are missing.
    ///
    /// # Errors
    ///
    /// There is something at the path already, or something cannot be written. Then nothing is left behind.
    pub fn create(&self, files: &[NewFile<'_>]) -> Result<(), Diagnostic> {
        self.check_absent()?;
        build(&self.path, files).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => {
                problem::store_exists(&self.shown)
            }
            _ => problem::io(&self.shown, "created", &error),
        })
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
    for (file, bytes) in files {
        let mut file = File::create_new(draft.path().join(file.name()))?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    platform::sync_folder(draft.path())?;
    fs::rename(draft.path(), path)?;
    let _ = draft.keep();
    made.keep();
    platform::sync_folder(parent)
}

/// Folders that vanish again unless they are kept.
#[derive(Default)]
struct MadeFolders(Vec<PathBuf>);

impl MadeFolders {
    fn make(&mut self, folder: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = folder.ancestors().take_while(|folder| is_missing(folder)).collect();
        for folder in missing.into_iter().rev() {
            match fs::create_dir(folder) {
                Ok(()) => self.0.push(folder.to_owned()),
                // Somebody else made it meanwhile, or the path goes through it and back.
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
            // Only what is empty goes: somebody else may use it by now.
            let _ = fs::remove_dir(folder);
        }
    }
}
