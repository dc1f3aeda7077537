//! `.crate` archives, read without touching the disk.
//!
//! An archive is what anybody published, so nothing in it is believed. Whatever could be something else to
//! cargo, to the file system, or to a reader than it is here is refused by name. What counts of an archive is
//! what counts to cargo: the first member of the gzip file, up to the end that the tar archive marks; what
//! comes after is never unpacked.

mod contents;
mod entry_path;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::collections::HashSet;
use std::io::{self, Read};

use bytes::Bytes;
use flate2::read::GzDecoder;
use tar::EntryType;
use thiserror::Error;

use crate::tree::{File, Tree};
use contents::{Contents, Place};
use entry_path::{below, shown};

/// How much an archive may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the unpacked archive, its headers included.
    pub bytes: u64,
    /// Files and folders.
    pub entries: usize,
}

impl Limits {
    /// What cargo accepts of an archive of this many bytes: 512 MiB, or twenty times what was packed if that
    /// is more. So does crates.io, where an archive may have 10 MB unless its people allow more.
    ///
    /// Cargo does not count files. A hundred thousand are ten times as many as the crates with the most have.
    pub fn of_cargo(packed: usize) -> Self {
        const BYTES: u64 = 512 << 20;
        const RATIO: u64 = 20;
        Limits { bytes: BYTES.max((packed as u64).saturating_mul(RATIO)), entries: 100_000 }
    }
}

/// Why an archive is refused. Names are fit for a terminal.
#[derive(Debug, Error)]
pub enum ArchiveProblem {
    /// It is not a gzip file with a tar archive in it, or it ends too early.
    #[error("the archive cannot be read{}: {error}", after(.entry))]
    Unreadable {
        /// The last entry that was begun.
        entry: Option<String>,
        /// What is wrong.
        error: io::Error,
    },
    /// A path that leads out of the folder of the package, on one system or another.
    #[error("the archive has an entry `{entry}`, which is not below `{folder}`")]
    Outside {
        /// The path.
        entry: String,
        /// The folder in which everything must lie.
        folder: String,
    },
    /// A path that is not fit for a file.
    #[error("the archive has an entry `{entry}`, whose name {reason}")]
    Name {
        /// The path.
        entry: String,
        /// What is wrong with it, as a predicate.
        reason: &'static str,
    },
    /// Something that is neither a file nor a folder.
    #[error("the archive has an entry `{entry}`, which is {kind}")]
    Kind {
        /// The path.
        entry: String,
        /// What it is.
        kind: &'static str,
    },
    /// A path that is there more than once with different contents, or as a file and as a folder.
    #[error("the archive has several entries for `{entry}`, which are not the same")]
    Twice {
        /// The path.
        entry: String,
    },
    /// More files and folders than [`Limits::entries`].
    #[error("the archive has more than {most} entries; the next is `{entry}`")]
    TooMany {
        /// The first that is too many.
        entry: String,
        /// The limit.
        most: usize,
    },
    /// More content than [`Limits::bytes`].
    #[error("the archive holds more than {most} bytes{}", after(.entry))]
    TooLarge {
        /// The last entry that was begun.
        entry: Option<String>,
        /// The limit.
        most: u64,
    },
}

fn after(entry: &Option<String>) -> String {
    entry.as_ref().map(|entry| format!(" (at `{entry}`)")).unwrap_or_default()
}

impl Tree {
    /// The files of a `.crate` archive, in which everything must be below `folder`, `NAME-VERSION`.
    ///
    /// # Errors
    ///
    /// If the archive is not one that cargo would have made, or holds more than [`Limits::of_cargo`].
    pub fn from_archive(archive: &[u8], folder: &str) -> Result<Self, ArchiveProblem> {
        Self::from_archive_beside(archive, folder, &[])
    }

    /// As [`Tree::from_archive`]. Files that are the same in one of the other trees do not take memory again.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn from_archive_beside(
        archive: &[u8],
        folder: &str,
        others: &[&Tree],
    ) -> Result<Self, ArchiveProblem> {
        Self::read(archive, folder, Limits::of_cargo(archive.len()), others)
    }

    /// As [`Tree::from_archive`], with limits of one's own.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn from_archive_within(archive: &[u8], folder: &str, limits: Limits) -> Result<Self, ArchiveProblem> {
        Self::read(archive, folder, limits, &[])
    }

    fn read(archive: &[u8], folder: &str, limits: Limits, others: &[&Tree]) -> Result<Self, ArchiveProblem> {
        let is_too_large = Cell::new(false);
        let unpacked =
            Limited { inner: GzDecoder::new(archive), left: limits.bytes, is_too_large: &is_too_large };
        let mut archive = tar::Archive::new(unpacked);
        let mut reading = Reading::new(folder, limits);
        let failed = |entry: Option<String>, error| match is_too_large.get() {
            true => ArchiveProblem::TooLarge { entry, most: limits.bytes },
            false => ArchiveProblem::Unreadable { entry, error },
        };
        for entry in archive.entries().map_err(|error| failed(None, error))? {
            let mut entry = entry.map_err(|error| failed(reading.last.take(), error))?;
            let Some(path) = reading.path(&entry)? else { continue };
            let is_executable = is_executable(&entry);
            // It has been seen to be within the limits.
            let bytes = usize::try_from(entry.size()).unwrap_or(usize::MAX);
            match reading.contents.read(bytes, &mut entry) {
                Ok(place) => reading.add(path, place, is_executable, others)?,
                Err(error) => return Err(failed(reading.last.take(), error)),
            }
        }
        Ok(reading.finish())
    }
}

/// A file that was read.
struct FileRead {
    content: Content,
    is_executable: bool,
}

/// The content of a file.
enum Content {
    At(Place),
    /// It is that of a file in another tree.
    Elsewhere(Bytes),
}

/// What was read so far.
struct Reading<'a> {
    folder: &'a str,
    limits: Limits,
    files: BTreeMap<String, FileRead>,
    contents: Contents,
    folders: HashSet<String>,
    entries: usize,
    /// The entry that was begun last, for messages.
    last: Option<String>,
}

impl<'a> Reading<'a> {
    fn new(folder: &'a str, limits: Limits) -> Self {
        let (files, contents, folders) = (BTreeMap::new(), Contents::default(), HashSet::new());
        Reading { folder, limits, files, contents, folders, entries: 0, last: None }
    }

    /// Where the file of an entry belongs; nothing if it is a folder.
    fn path<R: Read>(&mut self, entry: &tar::Entry<'_, R>) -> Result<Option<String>, ArchiveProblem> {
        let path = entry.path_bytes();
        let name = shown(&path);
        self.last = Some(name.clone());
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(ArchiveProblem::TooMany { entry: name, most: self.limits.entries });
        }
        let place = below(&path, self.folder)?;
        if entry.size() > self.limits.bytes {
            return Err(ArchiveProblem::TooLarge { entry: Some(name), most: self.limits.bytes });
        }
        let kind = match entry.header().entry_type() {
            // In old archives, a folder is a file whose name ends in a slash.
            EntryType::Regular if path.ends_with(b"/") && entry.header().as_ustar().is_none() => {
                EntryType::Directory
            }
            kind => kind,
        };
        let what = match kind {
            EntryType::Directory => return self.add_folder(&place, name).map(|()| None),
            EntryType::Regular if path.ends_with(b"/") || place.is_empty() => {
                "a file with the name of a folder"
            }
            EntryType::Regular => return self.check_file(&place, name).map(|()| Some(place)),
            EntryType::Symlink => "a symbolic link",
            EntryType::Link => "a hard link",
            EntryType::Char | EntryType::Block => "a device",
            EntryType::Fifo => "a pipe",
            _ => "neither a file nor a folder",
        };
        Err(ArchiveProblem::Kind { entry: name, kind: what })
    }

    /// Whether a file can be at a place.
    fn check_file(&mut self, place: &str, name: String) -> Result<(), ArchiveProblem> {
        if let Some((parent, _)) = place.rsplit_once('/') {
            self.add_folder(parent, name.clone())?;
        }
        match self.folders.contains(place) {
            true => Err(ArchiveProblem::Twice { entry: name }),
            false => Ok(()),
        }
    }

    /// Adds the file that was read last. Years ago, cargo packed some files twice; the same file once more hides nothing.
    fn add(
        &mut self,
        path: String,
        place: Place,
        is_executable: bool,
        others: &[&Tree],
    ) -> Result<(), ArchiveProblem> {
        let bytes = self.contents.get(place);
        if let Some(file) = self.files.get(&path) {
            let is_same = file.is_executable == is_executable && self.bytes(&file.content) == bytes;
            self.contents.forget(place);
            let twice = || ArchiveProblem::Twice { entry: self.last.clone().unwrap_or_default() };
            return if is_same { Ok(()) } else { Err(twice()) };
        }
        let mut of_others = others.iter().filter_map(|other| other.file(&path));
        let content = match of_others.find(|other| *other.bytes == *bytes) {
            Some(other) => Content::Elsewhere(other.bytes.clone()),
            None => Content::At(place),
        };
        if let Content::Elsewhere(_) = content {
            self.contents.forget(place);
        }
        self.files.insert(path, FileRead { content, is_executable });
        Ok(())
    }

    fn bytes<'c>(&'c self, content: &'c Content) -> &'c [u8] {
        match content {
            Content::At(place) => self.contents.get(*place),
            Content::Elsewhere(bytes) => bytes,
        }
    }

    fn finish(self) -> Tree {
        let blocks = self.contents.finish();
        let file = |FileRead { content, is_executable }| {
            let bytes = match content {
                Content::At(place) => contents::at(&blocks, place),
                Content::Elsewhere(bytes) => bytes,
            };
            File { bytes, is_executable }
        };
        Tree::new(self.files.into_iter().map(|(path, read)| (path, file(read))))
    }

    /// A folder may be there any number of times.
    fn add_folder(&mut self, place: &str, name: String) -> Result<(), ArchiveProblem> {
        let mut folder = place;
        while !folder.is_empty() && !self.folders.contains(folder) {
            if self.files.contains_key(folder) {
                return Err(ArchiveProblem::Twice { entry: name });
            }
            self.folders.insert(folder.to_owned());
            folder = folder.rsplit_once('/').map(|(parent, _)| parent).unwrap_or_default();
        }
        Ok(())
    }
}

fn is_executable<R: Read>(entry: &tar::Entry<'_, R>) -> bool {
    entry.header().mode().is_ok_and(|mode| mode & 0o100 != 0)
}

/// Stops where the archive holds more than it may.
struct Limited<'a, R> {
    inner: R,
    left: u64,
    is_too_large: &'a Cell<bool>,
}

impl<R: Read> Read for Limited<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => {
                self.is_too_large.set(true);
                return Err(io::Error::other("too large"));
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
