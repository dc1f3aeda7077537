//! The files of a package on disk, for people to read: `src/NAME-VERSION` in the cache.
//!
//! What somebody reads there must be what was verified. The folder is shared with the original and with whoever has an
//! editor, so every file is compared each time, also in a folder that is there already, and a folder that differs in anything
//! is replaced. Files and folders are read-only, so that a slip of the hand does not get that far.

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

use crate::cache_folder::{CacheFolder, INCOMPLETE, remove_folder};
use crate::crates_io::is_name;

/// Marks a folder as complete: the original knows it by this content.
const MARK: &str = ".cargo-ok";
const COMPLETE: &str = "ok";

/// Others may put a folder there at the same time; after so many times it is not a coincidence.
const ATTEMPTS: usize = 4;

/// Why files cannot be put on disk.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("no crate can have this name")]
    Package,
    #[error("`{}` {why}", shown(path))]
    Name { path: String, why: &'static str },
    #[error("`{}`: {error}", path.display())]
    Disk { path: PathBuf, error: io::Error },
}

/// Puts the files of a package into the cache, unless they are there. Returns the folder, which is read-only.
///
/// # Errors
///
/// The files cannot be written, or one has a name that this system takes for something else.
pub fn unpack(
    cache_folder: &Path,
    name: &str,
    version: &Version,
    tree: &Tree,
) -> Result<PathBuf, Diagnostic> {
    put(&CacheFolder::new(cache_folder), name, version, tree).map_err(|problem| {
        let package = format!("`{}` {version}", shown(name));
        let (code, message, help) = match &problem {
            Problem::Package => {
                (Code::UnfitName, format!("the files of {package} cannot be put on disk"), "look at the name")
            }
            Problem::Name { path, .. } => (
                Code::UnfitName,
                format!("the file `{}` of {package} cannot be put on this disk", shown(path)),
                "look at the sources on another system, or on a website",
            ),
            Problem::Disk { .. } => (
                Code::Io,
                format!("the files of {package} cannot be put on disk"),
                "look at the folder of the cache, and at how much room there is",
            ),
        };
        Diagnostic::error(code, message).note(problem.to_string()).help(help)
    })
}

fn put(cache: &CacheFolder, name: &str, version: &Version, tree: &Tree) -> Result<PathBuf, Problem> {
    if !is_name(name) {
        return Err(Problem::Package);
    }
    for (path, _) in tree.files() {
        name::check(path).map_err(|why| Problem::Name { path: path.to_owned(), why })?;
    }
    let sources = cache.path("src");
    let folder = sources.join(folder_name(name, version));
    // What cannot be compared is replaced, too.
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
        // What was there may be read-only.
        let _ = remove_folder(workplace.path());
        replaced?;
    }
    // Others may have made it, and let everybody write.
    protect_all(&folder);
    Ok(folder)
}

/// The name of the folder, as the original has it.
fn folder_name(name: &str, version: &Version) -> String {
    match &version.git_rev {
        Some(revision) => format!("{name}-{}.git.{revision}", version.semver),
        None => format!("{name}-{}", version.semver),
    }
}

/// The files that count. A mark of its own a package cannot have.
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
                Problem::Name { path: path.to_owned(), why: "is the same as another name for this disk" }
            }
            _ => Problem::Disk { path: at, error },
        })?;
    }
    Ok(())
}

/// Puts a folder in the place of whatever is there, which goes to the workplace.
fn replace(folder: &Path, tree: &Tree, new: &Path, workplace: &TempDir) -> io::Result<()> {
    let mut attempt = 0;
    loop {
        let Err(error) = fs::rename(new, folder) else { return Ok(()) };
        // Somebody else may have put the same there in the meantime.
        if compare::is_same(folder, tree).unwrap_or(false) {
            return Ok(());
        }
        attempt += 1;
        if attempt == ATTEMPTS {
            return Err(error);
        }
        if let Ok(metadata) = fs::symlink_metadata(folder) {
            // A folder that is read-only cannot be moved to another one.
            open(folder, &metadata);
            match fs::rename(folder, workplace.path().join(format!("old-{attempt}"))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
}

/// Protects the files and folders, and the folder itself at last.
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
