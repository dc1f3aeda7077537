//! Reads `.crate` archives without touching the disk.
//!
//! Anyone can publish an archive, so nothing in it is trusted. An entry that cargo, the file system
//! or a reader could interpret differently than this module is refused, and the error names it.
//! This module reads the same part of an archive as cargo: the first member of the gzip file, up to
//! the end mark of the tar archive. Cargo never unpacks what follows.

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

/// Limits on the content of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum size of the unpacked archive in bytes, including its headers.
    pub bytes: u64,
    /// The maximum number of files and folders.
    pub entries: usize,
}

impl Limits {
    /// Returns the limits of cargo for an archive of `packed` bytes: 512 MiB, or twenty times the
    /// packed size if that is more. crates.io has the same limit. It accepts archives of up to 10
    /// MB, unless its team raises the limit for a crate.
    ///
    /// Cargo does not limit the number of files. A hundred thousand is ten times the number in the
    /// crates with the most files.
    pub fn of_cargo(packed: usize) -> Self {
        const BYTES: u64 = 512 << 20;
        const RATIO: u64 = 20;
        Limits { bytes: BYTES.max((packed as u64).saturating_mul(RATIO)), entries: 100_000 }
    }
}

/// Why an archive is refused. Names are safe to show in a terminal.
#[derive(Debug, Error)]
pub enum ArchiveProblem {
    /// The archive is not a gzip file with a tar archive, or it ends too early.
    #[error("the archive cannot be read{}: {error}", after(.entry))]
    Unreadable {
        /// The last entry that was started.
        entry: Option<String>,
        /// The error.
        error: io::Error,
    },
    /// A path leads out of the folder of the package, on some system.
    #[error("the archive has an entry `{entry}`, which is not below `{folder}`")]
    Outside {
        /// The path.
        entry: String,
        /// The folder that must contain everything.
        folder: String,
    },
    /// A path is not valid for a file.
    #[error("the archive has an entry `{entry}`, whose name {reason}")]
    Name {
        /// The path.
        entry: String,
        /// What is wrong with the path, as a predicate.
        reason: &'static str,
    },
    /// An entry is neither a file nor a folder.
    #[error("the archive has an entry `{entry}`, which is {kind}")]
    Kind {
        /// The path.
        entry: String,
        /// What the entry is.
        kind: &'static str,
    },
    /// A path occurs more than once with different contents, or as a file and as a folder.
    #[error("the archive has several entries for `{entry}`, which differ")]
    Twice {
        /// The path.
        entry: String,
    },
    /// There are more files and folders than [`Limits::entries`].
    #[error("the archive has more than {most} entries; the next is `{entry}`")]
    TooMany {
        /// The first entry above the limit.
        entry: String,
        /// The limit.
        most: usize,
    },
    /// There are more bytes than [`Limits::bytes`].
    #[error("the archive contains more than {most} bytes{}", after(.entry))]
    TooLarge {
        /// The last entry that was started.
        entry: Option<String>,
        /// The limit.
        most: u64,
    },
}

fn after(entry: &Option<String>) -> String {
    entry.as_ref().map(|entry| format!(" (at `{entry}`)")).unwrap_or_default()
}

impl Tree {
    /// Reads the files of a `.crate` archive. Everything in it must be below `folder`, which is
    /// `NAME-VERSION`.
    ///
    /// # Errors
    ///
    /// Returns an error if cargo could not have created the archive, or if it exceeds
    /// [`Limits::of_cargo`].
    pub fn from_archive(archive: &[u8], folder: &str) -> Result<Self, ArchiveProblem> {
        Self::from_archive_beside(archive, folder, &[])
    }

    /// The same as [`Tree::from_archive`]. Files with the same content as in one of the other trees
    /// do not use memory again.
    ///
    /// # Errors
    ///
    /// The same as [`Tree::from_archive`].
    pub fn from_archive_beside(
        archive: &[u8],
        folder: &str,
        others: &[&Tree],
    ) -> Result<Self, ArchiveProblem> {
        Self::read(archive, folder, Limits::of_cargo(archive.len()), others)
    }

    /// The same as [`Tree::from_archive`], with custom limits.
    ///
    /// # Errors
    ///
    /// The same as [`Tree::from_archive`].
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
            // The size has been checked against the limits.
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
    /// The content of a file in another tree.
    Elsewhere(Bytes),
}

/// The state of reading an archive.
struct Reading<'a> {
    folder: &'a str,
    limits: Limits,
    files: BTreeMap<String, FileRead>,
    contents: Contents,
    folders: HashSet<String>,
    entries: usize,
    /// The last entry that was started, for messages.
    last: Option<String>,
}

impl<'a> Reading<'a> {
    fn new(folder: &'a str, limits: Limits) -> Self {
        let (files, contents, folders) = (BTreeMap::new(), Contents::default(), HashSet::new());
        Reading { folder, limits, files, contents, folders, entries: 0, last: None }
    }

    /// Returns the path of the file of an entry, or `None` if the entry is a folder.
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
            // In old archives, a folder is a file with a name that ends in a slash.
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

    /// Checks that a file can be at a path.
    fn check_file(&mut self, place: &str, name: String) -> Result<(), ArchiveProblem> {
        if let Some((parent, _)) = place.rsplit_once('/') {
            self.add_folder(parent, name.clone())?;
        }
        match self.folders.contains(place) {
            true => Err(ArchiveProblem::Twice { entry: name }),
            false => Ok(()),
        }
    }

    /// Adds the file that was read last. Old versions of cargo packed some files twice. The same
    /// file again hides nothing.
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

    /// Adds a folder. The same folder may occur any number of times.
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

/// A reader that stops where the archive exceeds its limit.
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
