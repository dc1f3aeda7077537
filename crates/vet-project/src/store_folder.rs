//! The folder with the files of a store. It is read as a whole and replaced as a whole.
//!
//! # Locks
//!
//! `config.toml` carries the lock of a store, as in the original, so that this tool and older ones
//! wait for each other. Readers share the lock; a writer has it exclusively. A lock belongs to a
//! file, not to its name. So after waiting, the tool checks that the name still means the same
//! file, because a version control system may have replaced it. On a file system without locks, the
//! tool works without one.
//!
//! # All or nothing
//!
//! A commit writes the new files into a separate folder inside the store, makes that folder valid
//! by renaming it, and then moves the files into place. From the rename on, the store *is* the new
//! one: the next command that opens the store moves the files that are left there. If the files
//! cannot be written, commands read them through that folder, and a finding says that other tools
//! see the old files. So a process that is killed at any moment leaves the old store or the new
//! one, and no command reads a mixture.
//!
//! A file whose bytes stay the same is not touched.
//!
//! `vet.toml`, which has the settings of this tool, is read and committed together with the three
//! files of the store. Unlike them it may be missing.

mod create;
mod find;
mod journal;
mod lock;
mod platform;
mod problem;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, Seek as _};
use std::path::{Path, PathBuf};

use vet_diagnostics::Diagnostic;
use vet_store::{Bytes, FolderFile, StoreBytes, StoreFile};

pub(crate) use find::DEFAULT;
pub use find::{StorePath, find};

use crate::regular_file::{LARGEST_TEXT, read_all, read_file};

use journal::Journal;
use lock::{Access, Held};

/// The file that carries the lock. It is therefore moved into place last.
const LOCK_FILE: FolderFile = FolderFile::Store(StoreFile::Config);

/// New content for a file of a store.
pub type NewFile<'a> = (FolderFile, &'a [u8]);

/// The folder of a store, which may not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreFolder {
    path: PathBuf,
    shown: String,
}

/// The content of the files of a store at one moment.
#[derive(Clone, Debug)]
pub struct StoreContents {
    files: Vec<StoredFile>,
    is_unfinished: bool,
}

// A store is equal to itself before and after an interrupted commit is finished.
impl PartialEq for StoreContents {
    fn eq(&self, other: &Self) -> bool {
        self.files == other.files
    }
}

impl Eq for StoreContents {}

#[derive(Clone, Debug, PartialEq, Eq)]
struct StoredFile {
    file: FolderFile,
    name: String,
    bytes: Vec<u8>,
}

/// The content of a file, and its name for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedBytes {
    /// The path, as the user would write it.
    pub name: String,
    /// The complete content.
    pub bytes: Vec<u8>,
}

/// A store that no other process reads or writes until this is dropped.
#[derive(Debug)]
pub struct LockedStore {
    folder: StoreFolder,
    lock: Held,
    contents: StoreContents,
}

impl StoreFolder {
    /// A folder at `path`. Findings name it as `shown`, the path as the user would write it.
    pub fn new(path: impl Into<PathBuf>, shown: impl Into<String>) -> Self {
        StoreFolder { path: path.into(), shown: shown.into() }
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path as the user would write it.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Reads all files as they are at one moment. First finishes an interrupted write, if possible;
    /// otherwise nothing is written, so the folder may be read-only.
    ///
    /// `waiting` is called once if another process is writing the store and this one has to wait.
    ///
    /// # Errors
    ///
    /// There is no store, files are missing, or they cannot be read. Every missing file is a
    /// finding of its own.
    pub fn read(&self, waiting: impl FnOnce()) -> Result<StoreContents, Vec<Diagnostic>> {
        let contents = self.read_only(waiting)?;
        match contents.is_unfinished {
            // The finding, if there is one, is about what was read before.
            true => Ok(self.lock(|| {}).map_or(contents, |store| store.contents.clone())),
            false => Ok(contents),
        }
    }

    /// Like [`read`](Self::read), but never writes.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn read_only(&self, waiting: impl FnOnce()) -> Result<StoreContents, Vec<Diagnostic>> {
        let lock = self.lock_as(Access::Shared, waiting)?;
        let contents = self.contents(&lock)?;
        if lock.is_held() {
            return Ok(contents);
        }
        // Without a lock, another process may write at the same time.
        read_until_still(contents, || self.contents(&lock))?
            .ok_or_else(|| vec![problem::never_still(&self.shown)])
    }

    /// Waits until no other process uses the store, finishes an interrupted write, and reads all
    /// files.
    ///
    /// `waiting` is called once if this process has to wait. The folder may be read-only as long as
    /// nothing is changed.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn lock(&self, waiting: impl FnOnce()) -> Result<LockedStore, Vec<Diagnostic>> {
        let mut lock = self.lock_as(Access::Exclusive, waiting)?;
        // If this fails, the store can still be read. A commit tries again and reports why it
        // fails.
        if let Ok(Some(renewed)) = journal::recover(&self.path) {
            lock = renewed;
        }
        let contents = self.contents(&lock)?;
        Ok(LockedStore { folder: self.clone(), lock, contents })
    }

    /// Reads only `vet.toml`, whether there is a store or not.
    ///
    /// # Errors
    ///
    /// The file exists but cannot be read.
    pub fn read_settings(&self) -> Result<Option<NamedBytes>, Diagnostic> {
        if !self.path.is_dir() {
            return Ok(None);
        }
        let file = FolderFile::Settings;
        let name = self.shown_file(file);
        let journal = Journal::open(&self.path).map_err(|error| problem::journal(&self.shown, &error))?;
        let bytes = journal.map(|journal| journal.read(file)).transpose().map(Option::flatten);
        match bytes.and_then(|bytes| bytes.map_or_else(|| read_file(&self.path.join(file.name())), Ok)) {
            Ok(bytes) => Ok(Some(NamedBytes { name, bytes })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(problem::io(&name, "read", &error)),
        }
    }

    /// The problems of the readable files, each checked alone, for use when other files cannot be
    /// read.
    pub fn problems_of_readable_files(&self) -> Vec<Diagnostic> {
        let problems = FolderFile::ALL.into_iter().filter_map(|file| {
            let bytes = read_file(&self.path.join(file.name())).ok()?;
            Some(vet_store::problems_of(file, Bytes { name: &self.shown_file(file), bytes: &bytes }))
        });
        problems.flatten().collect()
    }

    fn lock_as(&self, access: Access, waiting: impl FnOnce()) -> Result<Held, Vec<Diagnostic>> {
        self.check_exists()?;
        let path = self.path.join(LOCK_FILE.name());
        if !path.exists() {
            self.finish_creating()?;
        }
        lock::acquire(&path, access, waiting).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => self.missing_files(),
            _ => vec![problem::io(&self.shown_file(LOCK_FILE), "locked", &error)],
        })
    }

    fn check_exists(&self) -> Result<(), Vec<Diagnostic>> {
        match fs::metadata(&self.path) {
            Ok(metadata) if metadata.is_dir() => Ok(()),
            Ok(_) => Err(vec![problem::not_a_folder(&self.shown)]),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(vec![problem::store_missing(&self.shown)])
            }
            Err(error) => Err(vec![problem::io(&self.shown, "opened", &error)]),
        }
    }

    fn missing_files(&self) -> Vec<Diagnostic> {
        let exists = |file: &StoreFile| self.path.join(file.name()).try_exists().unwrap_or(true);
        let missing: Vec<StoreFile> = StoreFile::ALL.into_iter().filter(|file| !exists(file)).collect();
        if missing.len() == StoreFile::ALL.len() {
            let has_settings = self.path.join(FolderFile::Settings.name()).exists();
            return vec![match has_settings {
                true => problem::store_missing(&self.shown),
                false => problem::no_files(&self.shown),
            }];
        }
        missing.into_iter().map(|file| problem::file_missing(&self.shown_file(file.into()))).collect()
    }

    fn contents(&self, lock: &Held) -> Result<StoreContents, Vec<Diagnostic>> {
        let journal =
            Journal::open(&self.path).map_err(|error| vec![problem::journal(&self.shown, &error)])?;
        let mut files = Vec::new();
        let mut problems = Vec::new();
        for file in FolderFile::ALL {
            let name = self.shown_file(file);
            match self.bytes(file, journal.as_ref(), lock) {
                Ok(bytes) => files.push(StoredFile { file, name, bytes }),
                Err(error) if file == FolderFile::Settings && error.kind() == io::ErrorKind::NotFound => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    problems.push(problem::file_missing(&name));
                }
                Err(error) => problems.push(problem::io(&name, "read", &error)),
            }
        }
        let is_unfinished = journal.is_some();
        if problems.is_empty() { Ok(StoreContents { files, is_unfinished }) } else { Err(problems) }
    }

    fn bytes(&self, file: FolderFile, journal: Option<&Journal>, lock: &Held) -> io::Result<Vec<u8>> {
        let unfinished = journal.map(|journal| journal.read(file)).transpose()?.flatten();
        match unfinished {
            Some(bytes) => Ok(bytes),
            // Where locks are mandatory, only the handle that holds the lock may read.
            None if file == LOCK_FILE && lock.is_held() => read_from_start(lock.file()),
            None => read_file(&self.path.join(file.name())),
        }
    }

    fn shown_file(&self, file: FolderFile) -> String {
        if self.shown.is_empty() {
            return file.name().to_owned();
        }
        Path::new(&self.shown).join(file.name()).display().to_string()
    }
}

impl LockedStore {
    /// The content of the files.
    pub fn contents(&self) -> &StoreContents {
        &self.contents
    }

    /// Replaces all given files or none. Returns the files whose bytes changed. Keeps the lock.
    ///
    /// # Errors
    ///
    /// A file cannot be written, or another program changed the store. The store is unchanged, with
    /// one exception: if moving the files into place fails, the store is the new one. It is then
    /// complete for this tool. Other tools see it completely after a later run has moved the rest.
    pub fn commit(&mut self, changes: &[NewFile<'_>]) -> Result<Vec<FolderFile>, Diagnostic> {
        let changes: Vec<NewFile<'_>> =
            changes.iter().copied().filter(|&(file, bytes)| self.contents.differs(file, bytes)).collect();
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let StoreFolder { path, shown } = &self.folder;
        let failed = |error: journal::Error| problem::journal(shown, &error);
        if let Some(renewed) = journal::recover(path).map_err(failed)? {
            self.lock = renewed;
        }
        let now = self.folder.contents(&self.lock);
        if now.as_ref() != Ok(&self.contents) {
            return Err(problem::changed_meanwhile(shown));
        }
        journal::write(path, &changes).map_err(failed)?;
        if let Some(renewed) = journal::recover(path).map_err(failed)? {
            self.lock = renewed;
        }
        self.contents.replace(&changes, &self.folder);
        Ok(changes.iter().map(|&(file, _)| file).collect())
    }
}

impl StoreContents {
    /// Whether a commit was interrupted and could not be finished, so that other tools see the old
    /// files.
    pub fn is_unfinished(&self) -> bool {
        self.is_unfinished
    }

    /// The content of a file.
    pub fn bytes(&self, file: StoreFile) -> &[u8] {
        self.get(file).bytes
    }

    /// `vet.toml`, if there is one.
    pub fn settings(&self) -> Option<Bytes<'_>> {
        self.find(FolderFile::Settings)
    }

    /// Whether the content of a file differs from the given bytes.
    pub fn differs(&self, file: FolderFile, bytes: &[u8]) -> bool {
        self.find(file).is_none_or(|stored| stored.bytes != bytes)
    }

    /// The contents of the three files, with their names for messages.
    pub fn as_store_bytes(&self) -> StoreBytes<'_> {
        StoreBytes {
            config: self.get(StoreFile::Config),
            audits: self.get(StoreFile::Audits),
            imports: self.get(StoreFile::Imports),
        }
    }

    fn get(&self, file: StoreFile) -> Bytes<'_> {
        self.find(file.into()).unwrap_or(Bytes { name: file.name(), bytes: &[] })
    }

    /// The content of an existing file, with its name for messages.
    pub fn find(&self, file: FolderFile) -> Option<Bytes<'_>> {
        let stored = self.files.iter().find(|stored| stored.file == file)?;
        Some(Bytes { name: &stored.name, bytes: &stored.bytes })
    }

    fn replace(&mut self, changes: &[NewFile<'_>], folder: &StoreFolder) {
        for &(file, bytes) in changes {
            let name = folder.shown_file(file);
            self.files.retain(|stored| stored.file != file);
            self.files.push(StoredFile { file, name, bytes: bytes.to_vec() });
        }
        self.files.sort_by_key(|stored| stored.file);
    }
}

/// Reads until two consecutive results are equal: then all of it existed at the moment in between.
/// `None` if that does not happen.
fn read_until_still<T: PartialEq, E>(
    first: T,
    mut read: impl FnMut() -> Result<T, E>,
) -> Result<Option<T>, E> {
    const TRIES: usize = 1000;
    let mut before = first;
    for _ in 0..TRIES {
        let now = read()?;
        if now == before {
            return Ok(Some(now));
        }
        before = now;
    }
    Ok(None)
}

fn read_from_start(mut file: &File) -> io::Result<Vec<u8>> {
    file.rewind()?;
    read_all(file, LARGEST_TEXT)
}
