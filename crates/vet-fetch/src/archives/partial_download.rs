//! An archive during its download: `cache/NAME-VERSION.crate.part`, including the part that an
//! earlier run left.
//!
//! If the disk is full or read-only, or if another process downloads the same archive, the data is
//! kept in memory. The checksum detects parts that do not fit together.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use super::Place;
use crate::cache::Cache;
use crate::http::Destination;
use vet_project::sha256::{sha256, sha256_of};

/// The beginning of an archive.
#[derive(Debug)]
pub(super) struct PartialDownload<'c> {
    cache: &'c Cache,
    /// The final path of the archive in the cache.
    name: String,
    bytes: Bytes,
    /// Whether an earlier run left a part.
    is_continued: bool,
}

#[derive(Debug)]
enum Bytes {
    OnDisk { file: File, path: PathBuf, length: u64 },
    InMemory(Vec<u8>),
}

/// The downloaded file is not the wanted archive.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) checksum: String,
    /// Whether this may be due to a part of an earlier run that does not fit.
    pub(super) is_continued: bool,
}

impl<'c> PartialDownload<'c> {
    /// Continues the existing part, or starts a new one. `name` is that of the archive in the
    /// cache.
    pub(super) fn open(cache: &'c Cache, name: &str) -> Self {
        let (bytes, is_continued) = match open(cache, name) {
            Ok((file, path, length)) => (Bytes::OnDisk { file, path, length }, length > 0),
            Err(_) => (Bytes::InMemory(Vec::new()), false),
        };
        PartialDownload { cache, name: name.to_owned(), bytes, is_continued }
    }

    /// Starts a new part, dropping an existing one.
    pub(super) fn begin(cache: &'c Cache, name: &str) -> Self {
        let mut part = Self::open(cache, name);
        part.is_continued = false;
        // Clearing cannot fail: if the disk cannot be used, memory is.
        let _ = part.clear();
        part
    }

    /// Completes the download: moves the archive to its final place, if its checksum is right.
    ///
    /// # Errors
    ///
    /// The checksum is wrong. The file was removed.
    pub(super) fn finish(mut self, checksum: &str) -> Result<Place, Wrong> {
        let wrong = |checksum: String| Wrong { checksum, is_continued: self.is_continued };
        if let Bytes::OnDisk { file, path, .. } = &mut self.bytes {
            let found = file.seek(SeekFrom::Start(0)).and_then(|_| sha256_of(&*file));
            match found {
                Ok(found) if found == checksum => {
                    let whole = self.cache.path(&self.name);
                    if fs::rename(&*path, &whole).is_ok() {
                        return Ok(Place::Archive(whole));
                    }
                }
                Ok(found) => {
                    let _ = fs::remove_file(path);
                    return Err(wrong(found));
                }
                Err(_) => {}
            }
        }
        // The file cannot be moved, but it may be readable.
        let bytes = self.take_off_disk().unwrap_or_default();
        let found = sha256(&bytes);
        if found != checksum {
            return Err(Wrong { checksum: found, is_continued: self.is_continued });
        }
        Ok(match self.cache.replace(&self.name, &[&bytes]) {
            Ok(()) => Place::Archive(self.cache.path(&self.name)),
            Err(_) => Place::Memory(Arc::from(bytes)),
        })
    }

    /// Moves the data from disk to memory.
    fn take_off_disk(&mut self) -> io::Result<Vec<u8>> {
        match std::mem::replace(&mut self.bytes, Bytes::InMemory(Vec::new())) {
            Bytes::InMemory(bytes) => Ok(bytes),
            Bytes::OnDisk { mut file, path, length } => {
                // The file is incomplete, and removing it makes room for others.
                let _ = fs::remove_file(path);
                file.seek(SeekFrom::Start(0))?;
                let mut bytes = Vec::new();
                file.take(length).read_to_end(&mut bytes)?;
                match bytes.len() as u64 == length {
                    true => Ok(bytes),
                    false => Err(io::ErrorKind::UnexpectedEof.into()),
                }
            }
        }
    }
}

fn open(cache: &Cache, name: &str) -> io::Result<(File, PathBuf, u64)> {
    cache.create()?;
    let path = cache.path(&format!("{name}.part"));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(&path)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
        // Not all file systems support locks.
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    if !file.metadata()?.is_file() {
        return Err(vet_project::regular_file::not_a_file());
    }
    let length = file.seek(SeekFrom::End(0))?;
    Ok((file, path, length))
}

impl Destination for PartialDownload<'_> {
    fn length(&self) -> u64 {
        match &self.bytes {
            Bytes::OnDisk { length, .. } => *length,
            Bytes::InMemory(bytes) => bytes.len() as u64,
        }
    }

    fn add(&mut self, new: &[u8]) -> io::Result<()> {
        if let Bytes::OnDisk { file, length, .. } = &mut self.bytes {
            if file.write_all(new).is_ok() {
                *length = length.saturating_add(new.len() as u64);
                return Ok(());
            }
            self.bytes = Bytes::InMemory(self.take_off_disk()?);
        }
        if let Bytes::InMemory(bytes) = &mut self.bytes {
            bytes.try_reserve(new.len())?;
            bytes.extend_from_slice(new);
        }
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.is_continued = false;
        if let Bytes::OnDisk { file, length, .. } = &mut self.bytes
            && file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0))).is_ok()
        {
            *length = 0;
            return Ok(());
        }
        self.bytes = Bytes::InMemory(Vec::new());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "cache/a-1.0.0.crate";

    fn path_of(place: Result<Place, Wrong>) -> PathBuf {
        match place {
            Ok(Place::Archive(path)) => path,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn downloads_go_on_where_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("cache"));
        let mut part = PartialDownload::open(&cache, NAME);
        assert_eq!((part.length(), part.is_continued), (0, false));
        part.add(b"ab").unwrap();
        drop(part);
        let mut part = PartialDownload::open(&cache, NAME);
        assert_eq!((part.length(), part.is_continued), (2, true));
        part.add(b"c").unwrap();
        assert_eq!(part.length(), 3);
        let whole = path_of(part.finish(&sha256("abc")));
        assert_eq!(fs::read(whole).unwrap(), b"abc");
        assert_eq!(PartialDownload::open(&cache, NAME).length(), 0, "the part is gone");
    }

    #[test]
    fn what_is_wrong_goes() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        let start = |text: &[u8]| PartialDownload::open(&cache, NAME).add(text).unwrap();
        for (is_continued, clears) in [(true, false), (false, true)] {
            start(b"xx");
            let mut part = PartialDownload::open(&cache, NAME);
            if clears {
                part.clear().unwrap();
            }
            part.add(b"yy").unwrap();
            let wrong = part.finish(&sha256("abc")).unwrap_err();
            assert_eq!(wrong.is_continued, is_continued);
            assert_eq!(wrong.checksum, sha256(if clears { "yy" } else { "xxyy" }));
            assert_eq!(PartialDownload::open(&cache, NAME).length(), 0);
            start(b"xx");
            assert_eq!(PartialDownload::begin(&cache, NAME).length(), 0);
        }
        assert!(!cache.path(NAME).exists());
    }

    /// Two processes download the same archive.
    #[test]
    fn nobody_writes_into_the_part_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        let mut one = PartialDownload::open(&cache, NAME);
        one.add(b"ab").unwrap();
        let mut other = PartialDownload::open(&cache, NAME);
        assert_eq!((other.length(), other.is_continued), (0, false));
        other.add(b"abc").unwrap();
        let whole = path_of(other.finish(&sha256("abc")));
        one.add(b"c").unwrap();
        assert_eq!(path_of(one.finish(&sha256("abc"))), whole);
        assert_eq!(fs::read(whole).unwrap(), b"abc");
    }

    /// The part is removed during the download, for example when the cache is emptied.
    #[test]
    fn what_cannot_be_put_into_its_place_is_still_there() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        let mut part = PartialDownload::open(&cache, NAME);
        part.add(b"abc").unwrap();
        fs::remove_dir_all(folder.path().join("cache")).unwrap();
        let whole = path_of(part.finish(&sha256("abc")));
        assert_eq!(fs::read(whole).unwrap(), b"abc");
    }

    #[test]
    fn without_a_disk_memory_has_to_do() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let cache = Cache::new(folder.path().join("file"));
        let mut part = PartialDownload::open(&cache, NAME);
        part.add(b"ab").unwrap();
        part.add(b"c").unwrap();
        assert_eq!(part.length(), 3);
        assert!(matches!(part.finish(&sha256("abc")), Ok(Place::Memory(bytes)) if *bytes == *b"abc"));
    }

    /// A device that is always full.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_disk_that_gets_full() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        let mut part = PartialDownload::open(&cache, NAME);
        part.add(b"ab").unwrap();
        let Bytes::OnDisk { file, .. } = &mut part.bytes else { panic!("{part:?}") };
        // The existing data can be read, and nothing more can be written.
        *file = File::open(cache.path(&format!("{NAME}.part"))).unwrap();
        part.add(b"c").unwrap();
        assert!(matches!(&part.bytes, Bytes::InMemory(bytes) if bytes == b"abc"), "{part:?}");
        let whole = path_of(part.finish(&sha256("abc")));
        assert_eq!(fs::read(whole).unwrap(), b"abc");
    }
}
