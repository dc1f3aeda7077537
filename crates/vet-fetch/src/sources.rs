//! The files of a package on disk, for people to read: `src/NAME-VERSION` in the cache.
//!
//! What a user reads there must be what was verified. The original and the user's editors can write
//! to the folder. So every file is compared each time, and a folder with any difference is
//! replaced. Files and folders are read-only, which prevents accidental changes.

mod compare;
mod name;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use vet_diagnostics::wording::shown;
use vet_diagnostics::{Code, Diagnostic};
use vet_project::permissions::{open, protect};
use vet_source::Tree;
use vet_store::Version;

use crate::cache::{Cache, INCOMPLETE, remove_folder};
use crate::crates_io::is_name;

/// Marks a folder as complete, with the content that the original expects.
const MARK: &str = ".cargo-ok";
const COMPLETE: &str = "ok";

/// How often to try again if other processes create the folder at the same time. More failures are
/// not a coincidence.
const ATTEMPTS: usize = 4;

/// Why files cannot be written to disk.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("no crate can have this name")]
    Package,
    #[error("`{}` {why}", shown(path))]
    Name { path: String, why: &'static str },
    #[error("`{}`: {error}", path.display())]
    Disk { path: PathBuf, error: io::Error },
}

/// Writes the files of a package to the cache, unless they are there. Returns the folder, which is
/// read-only.
///
/// # Errors
///
/// The files cannot be written, or a file name means something else on this system.
pub fn unpack(cache: &Cache, name: &str, version: &Version, tree: &Tree) -> Result<PathBuf, Diagnostic> {
    put(cache, name, version, tree).map_err(|problem| {
        let package = format!("`{}` {version}", shown(name));
        let (code, message, help) = match &problem {
            Problem::Package => (
                Code::UnfitName,
                format!("could not write the files of {package} to disk"),
                "look at the name",
            ),
            Problem::Name { path, .. } => (
                Code::UnfitName,
                format!("could not write the file `{}` of {package} to this disk", shown(path)),
                "read the sources on another system or on a website",
            ),
            Problem::Disk { .. } => (
                Code::Io,
                format!("could not write the files of {package} to disk"),
                "check the cache folder and the free disk space",
            ),
        };
        Diagnostic::error(code, message).note(problem.to_string()).help(help)
    })
}

fn put(cache: &Cache, name: &str, version: &Version, tree: &Tree) -> Result<PathBuf, Problem> {
    if !is_name(name) {
        return Err(Problem::Package);
    }
    for (path, _) in tree.files() {
        name::check(path).map_err(|why| Problem::Name { path: path.to_owned(), why })?;
    }
    let sources = cache.path("src");
    let folder = sources.join(folder_name(name, version));
    // A folder that cannot be compared is replaced, too.
    if !compare::is_same(&folder, tree).unwrap_or(false) {
        let begin = || {
            cache.create()?;
            fs::create_dir_all(&sources)?;
            tempfile::Builder::new().prefix(INCOMPLETE).tempdir_in(&sources)
        };
        let workplace = begin().map_err(|error| Problem::Disk { path: sources.clone(), error })?;
        let new = workplace.path().join("new");
        let replaced = write(&new, tree).and_then(|()| {
            let replaced = replace(&folder, tree, &new, &workplace);
            replaced.map_err(|error| Problem::Disk { path: folder.clone(), error })
        });
        // The old files may be read-only.
        let _ = remove_folder(workplace.path());
        replaced?;
    }
    // Other programs may have created it as writable.
    protect_all(&folder);
    Ok(folder)
}

/// The name of the folder, the same as the original's.
fn folder_name(name: &str, version: &Version) -> String {
    match &version.git_rev {
        Some(revision) => format!("{name}-{}.git.{revision}", version.semver),
        None => format!("{name}-{}", version.semver),
    }
}

/// The files to write. A package cannot contain its own mark.
fn files(tree: &Tree) -> impl Iterator<Item = (&str, &[u8])> {
    tree.files().filter(|(path, _)| *path != MARK).map(|(path, file)| (path, &*file.bytes))
}

fn write(folder: &Path, tree: &Tree) -> Result<(), Problem> {
    for (path, bytes) in files(tree).chain([(MARK, COMPLETE.as_bytes())]) {
        let at = folder.join(path);
        let create = || {
            fs::create_dir_all(at.parent().unwrap_or(folder))?;
            fs::File::options().write(true).create_new(true).open(&at)?.write_all(bytes)
        };
        create().map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                Problem::Name { path: path.to_owned(), why: "is the same as another name on this disk" }
            }
            _ => Problem::Disk { path: at, error },
        })?;
    }
    Ok(())
}

/// Replaces whatever is at the path with a new folder. The old content is moved to the workplace.
fn replace(folder: &Path, tree: &Tree, new: &Path, workplace: &TempDir) -> io::Result<()> {
    let mut attempt = 0;
    loop {
        let Err(error) = fs::rename(new, folder) else { return Ok(()) };
        // Another process may have created the same folder meanwhile.
        if compare::is_same(folder, tree).unwrap_or(false) {
            return Ok(());
        }
        attempt += 1;
        if attempt == ATTEMPTS {
            return Err(error);
        }
        if let Ok(metadata) = fs::symlink_metadata(folder) {
            // A read-only folder cannot be moved to another one.
            open(folder, &metadata);
            match fs::rename(folder, workplace.path().join(format!("old-{attempt}"))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
}

/// Makes the files and folders read-only, the folder itself last.
fn protect_all(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => protect_all(&entry.path()),
            _ => protect(&entry.path()),
        }
    }
    protect(folder);
}

#[cfg(test)]
mod tests;
