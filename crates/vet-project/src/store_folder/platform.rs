//! Differences between operating systems.

pub(super) use system::*;

/// The identity of a file, independent of its names: the volume, and the number of the file on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) volume: u64,
    pub(super) number: u64,
}

#[cfg(unix)]
mod system {
    use std::fs::{self, File, Metadata};
    use std::io;
    use std::os::unix::fs::{MetadataExt, fchown};
    use std::path::Path;

    use rustix::io::Errno;

    use super::Identity;

    /// The identity of an open file.
    pub(in super::super) fn identity(file: &File) -> io::Result<Identity> {
        file.metadata().map(|metadata| identity_in(&metadata))
    }

    /// The identity of the file that a path currently means.
    pub(in super::super) fn identity_of(path: &Path) -> io::Result<Identity> {
        fs::metadata(path).map(|metadata| identity_in(&metadata))
    }

    /// The creation time of a file in nanoseconds, where it is known and cannot be changed;
    /// otherwise 0.
    pub(in super::super) fn made_at(file: &File) -> u128 {
        // On other systems, setting the age of a file changes this time too.
        let made = file
            .metadata()
            .and_then(|metadata| metadata.created())
            .ok()
            .filter(|_| cfg!(target_os = "linux"));
        made.and_then(|made| made.duration_since(std::time::UNIX_EPOCH).ok())
            .map_or(0, |since| since.as_nanos())
    }

    fn identity_in(metadata: &Metadata) -> Identity {
        Identity { volume: metadata.dev(), number: metadata.ino() }
    }

    /// Makes sure that the names in a folder survive a power failure.
    pub(in super::super) fn sync_folder(path: &Path) -> io::Result<()> {
        match File::open(path)?.sync_all() {
            // Some file systems do not support this for folders.
            Err(error) if has_errno(&error, &[Errno::INVAL, Errno::NOTSUP]) => Ok(()),
            result => result,
        }
    }

    /// Gives a new file the owner and the permissions of the file that it will replace.
    pub(in super::super) fn copy_attributes(from: &Metadata, to: &File) -> io::Result<()> {
        let now = to.metadata()?;
        if (now.uid(), now.gid()) != (from.uid(), from.gid()) {
            // Only some users may change the owner. Otherwise the file belongs to the current user,
            // like any new file.
            let _ = fchown(to, Some(from.uid()), Some(from.gid()));
        }
        if to.metadata()?.permissions() != from.permissions() {
            to.set_permissions(from.permissions())?;
        }
        Ok(())
    }

    /// Whether an error means that the file system has no locks, rather than that this lock failed.
    pub(in super::super) fn means_no_locks(error: &io::Error) -> bool {
        // On some file systems, a file that is open for reading only cannot be locked exclusively.
        // It will not be written either.
        const NO_LOCKS: [Errno; 5] =
            [Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOLCK, Errno::BADF];
        has_errno(error, &NO_LOCKS)
    }

    fn has_errno(error: &io::Error, wanted: &[Errno]) -> bool {
        Errno::from_io_error(error).is_some_and(|errno| wanted.contains(&errno))
    }

    /// Whether a request for a lock may never return, because it depends on a server that may be
    /// unavailable.
    #[cfg(target_os = "linux")]
    pub(in super::super) fn has_unreliable_locks(file: &File) -> bool {
        const NFS: rustix::fs::FsWord = 0x6969;
        rustix::fs::fstatfs(file).is_ok_and(|system| system.f_type == NFS)
    }

    /// Whether a request for a lock may never return, because it depends on a server that may be
    /// unavailable.
    #[cfg(not(target_os = "linux"))]
    pub(in super::super) fn has_unreliable_locks(_: &File) -> bool {
        false
    }
}

#[cfg(windows)]
mod system {
    use std::fs::{File, Metadata};
    use std::io;
    use std::path::Path;

    use super::Identity;

    /// The identity of an open file.
    pub(in super::super) fn identity(file: &File) -> io::Result<Identity> {
        let information = winapi_util::file::information(file)?;
        Ok(Identity { volume: information.volume_serial_number(), number: information.file_index() })
    }

    /// The identity of the file that a path currently means.
    pub(in super::super) fn identity_of(path: &Path) -> io::Result<Identity> {
        identity(&File::open(path)?)
    }

    /// Always 0, because programs can set this time on this system.
    pub(in super::super) fn made_at(_: &File) -> u128 {
        0
    }

    /// Does nothing: folders cannot be synced on this system, and names are part of the file
    /// system's own journal.
    pub(in super::super) fn sync_folder(_: &Path) -> io::Result<()> {
        Ok(())
    }

    /// Does nothing: permissions are inherited from the folder. The old file was not read-only, or
    /// it would not be replaced.
    pub(in super::super) fn copy_attributes(_: &Metadata, _: &File) -> io::Result<()> {
        Ok(())
    }

    /// Whether an error means that the file system has no locks, rather than that this lock failed.
    pub(in super::super) fn means_no_locks(error: &io::Error) -> bool {
        const ERROR_INVALID_FUNCTION: i32 = 1;
        const ERROR_NOT_SUPPORTED: i32 = 50;
        matches!(error.raw_os_error(), Some(ERROR_INVALID_FUNCTION | ERROR_NOT_SUPPORTED))
    }

    /// Whether a request for a lock may never return.
    pub(in super::super) fn has_unreliable_locks(_: &File) -> bool {
        false
    }
}
