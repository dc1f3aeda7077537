//! Files that are read completely: only regular files, up to a size limit.
//!
//! In a checkout or a cache, any file may be replaced by a pipe, a device, or a link to one.
//! Opening a pipe waits for its other end, and a device such as `/dev/zero` has no end. So every
//! file is checked before and after it is opened, it is opened without waiting, and reading stops
//! at the limit.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

/// The largest text in bytes: manifests, lock files, configuration, the files of a store, entries
/// of an index. A lock file of 100,000 packages has about 40 MB.
pub const LARGEST_TEXT: u64 = 64 << 20;

/// The largest archive of a crate, and the largest file of a package, in bytes. crates.io accepts
/// 10 MB, and more on request. Other registries have their own limits.
pub const LARGEST_ARCHIVE: u64 = 512 << 20;

/// Reads a text.
///
/// # Errors
///
/// The file does not exist, is not a regular file, or is larger than [`LARGEST_TEXT`].
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    read_file_up_to(path, LARGEST_TEXT)
}

/// Like [`read_file`], for text in UTF-8.
pub fn read_utf8(path: &Path) -> io::Result<String> {
    String::from_utf8(read_file(path)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Like [`read_file`], with another limit in bytes.
pub fn read_file_up_to(path: &Path, largest: u64) -> io::Result<Vec<u8>> {
    read_file_as(path, &fs::metadata(path)?, largest)
}

/// Like [`read_file_up_to`], for a file whose metadata is already known.
pub fn read_file_as(path: &Path, metadata: &Metadata, largest: u64) -> io::Result<Vec<u8>> {
    if metadata.is_file() && metadata.len() > largest {
        return Err(too_large(largest));
    }
    let file = open_as(path, metadata)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(metadata.len()).unwrap_or_default())?;
    read_into(&mut bytes, file, largest)?;
    Ok(bytes)
}

/// Reads everything, up to a limit in bytes.
///
/// # Errors
///
/// Reading fails, or there is more than the limit.
pub fn read_all(from: impl Read, largest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    read_into(&mut bytes, from, largest)?;
    Ok(bytes)
}

fn read_into(bytes: &mut Vec<u8>, from: impl Read, largest: u64) -> io::Result<()> {
    from.take(largest.saturating_add(1)).read_to_end(bytes)?;
    if bytes.len() as u64 > largest { Err(too_large(largest)) } else { Ok(()) }
}

/// Opens a regular file. Anything else is an error.
pub fn open_file(path: &Path) -> io::Result<File> {
    open_as(path, &fs::metadata(path)?)
}

/// Like [`open_file`], for writing to a file that may exist.
pub fn open_file_to_change(path: &Path) -> io::Result<File> {
    open_with(path, &fs::metadata(path)?, File::options().write(true))
}

fn open_as(path: &Path, metadata: &Metadata) -> io::Result<File> {
    open_with(path, metadata, File::options().read(true))
}

fn open_with(path: &Path, metadata: &Metadata, options: &mut OpenOptions) -> io::Result<File> {
    if !metadata.is_file() {
        return Err(not_a_file());
    }
    without_waiting(options);
    let file = options.open(path)?;
    // The file may have been replaced since it was checked.
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(not_a_file()),
    }
}

#[cfg(unix)]
fn without_waiting(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    options.custom_flags(flags.bits().cast_signed());
}

#[cfg(not(unix))]
fn without_waiting(_: &mut OpenOptions) {}

/// The error for a path that is not a regular file.
pub fn not_a_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")
}

fn too_large(largest: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {} MiB", largest >> 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_up_to_a_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let read = |largest| read_file_up_to(&path, largest).map_err(|error| error.to_string());
        fs::write(&path, vec![b'x'; 1 << 20]).unwrap();
        assert_eq!(read(1 << 20).unwrap().len(), 1 << 20);
        assert_eq!(read((1 << 20) - 1).unwrap_err(), "it is larger than 0 MiB");
        // A sparse file: it takes no space on disk, but reading it would take all memory.
        fs::File::create(&path).unwrap().set_len(1 << 36).unwrap();
        assert_eq!(read(LARGEST_TEXT).unwrap_err(), "it is larger than 64 MiB");
        assert_eq!(read_all(io::repeat(0), 9).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_else_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        // A pipe replaces the file between the two checks. A plain `open` would wait for it.
        let of_a_file = fs::metadata(std::env::current_exe().unwrap()).unwrap();
        let paths = [pipe.as_path(), &link, Path::new("/dev/zero"), folder.path()];
        for path in paths {
            for found in [read_file(path), read_file_as(path, &of_a_file, u64::MAX)] {
                assert_eq!(found.unwrap_err().to_string(), "it is not a file", "{}", path.display());
            }
        }
    }
}
