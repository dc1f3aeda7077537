//! Permissions of files, which differ between operating systems.

use std::fs;
use std::path::Path;

pub use system::*;

/// Protects a file against changes by mistake. Where folders can be protected, also protects the
/// content of a folder.
pub fn protect(path: &Path) {
    let Ok(metadata) = fs::symlink_metadata(path) else { return };
    let mut permissions = metadata.permissions();
    if !permissions.readonly() && !metadata.is_symlink() {
        permissions.set_readonly(true);
        // This only prevents mistakes, so a failure is ignored. A user who cannot change the
        // permissions cannot change the file by mistake either.
        let _ = fs::set_permissions(path, permissions);
    }
}

/// Makes a protected file or folder removable, with everything in it. Links are not followed.
pub fn open_all(path: &Path) {
    let Ok(metadata) = fs::symlink_metadata(path) else { return };
    if metadata.is_symlink() {
        return;
    }
    open(path, &metadata);
    if metadata.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            open_all(&entry.path());
        }
    }
}

#[cfg(unix)]
mod system {
    use std::fs::{self, Metadata, Permissions};
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    /// Whether a file is executable.
    pub fn is_executable(path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o100 != 0)
    }

    /// Makes a folder's entries removable. On this system the folder decides whether a file can be
    /// removed, and its owner may change that.
    pub fn open(path: &Path, metadata: &Metadata) {
        let mode = metadata.permissions().mode();
        if metadata.is_dir() && mode & 0o700 != 0o700 {
            let _ = fs::set_permissions(path, Permissions::from_mode(mode | 0o700));
        }
    }
}

#[cfg(windows)]
mod system {
    use std::fs::{self, Metadata};
    use std::path::Path;

    /// Whether a file is executable. On this system, files do not say so.
    pub fn is_executable(_: &Path) -> bool {
        false
    }

    /// Makes a file or folder removable. On this system, its own attributes decide.
    #[expect(clippy::permissions_set_readonly_false, reason = "on Windows that lets only the user write")]
    pub fn open(path: &Path, metadata: &Metadata) {
        let mut permissions = metadata.permissions();
        if permissions.readonly() {
            permissions.set_readonly(false);
            let _ = fs::set_permissions(path, permissions);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_protected_can_be_removed() {
        let folder = tempfile::tempdir().unwrap();
        let outer = folder.path().join("outer");
        let (inner, file) = (outer.join("inner"), outer.join("inner/file"));
        fs::create_dir_all(&inner).unwrap();
        fs::write(&file, "text").unwrap();
        for path in [&file, &inner, &outer] {
            protect(path);
        }
        assert!(fs::metadata(&file).unwrap().permissions().readonly());
        #[cfg(unix)]
        assert!(fs::metadata(&inner).unwrap().permissions().readonly());
        open_all(&outer);
        fs::remove_dir_all(&outer).unwrap();
        protect(&outer);
        open_all(&outer);
    }
}
