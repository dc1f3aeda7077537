//! The folder of the cache: how it is marked, how files get into it, and how it is emptied.
//!
//! A folder that we make carries a mark, so that emptying it never hits a folder that a mistyped option names. The mark
//! is the one that programs for backups know, with a line of ours. Whatever else is in the folder stays: only what is
//! known by its name and by how it begins is removed, and links are not followed.

mod in_checkout;
mod layout;
mod sweep;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub use in_checkout::{check_cargo_home, check_place};
pub use sweep::{Sweep, SweepEvent, Swept};

use vet_project::permissions::open_all;
use vet_project::regular_file::open_file_to_change;

/// The file that marks a folder as a cache; <https://bford.info/cachedir/> defines its name and its first line.
const MARK: &str = "CACHEDIR.TAG";
const SIGNATURE: &str = "Signature: 8a477f597d28d172789f06886806bc55";
const OURS: &str =
    "# cargo-vet cache: everything in here may be lost at any time; `cargo vet gc` tidies it up";

/// How the names of files and folders begin that are not complete yet.
pub(crate) const INCOMPLETE: &str = ".cargo-vet-";

/// The folder of the cache. It need not exist.
#[derive(Clone, Debug)]
pub struct CacheFolder {
    path: PathBuf,
}

impl CacheFolder {
    /// The folder at a path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        CacheFolder { path: path.into() }
    }

    /// The path of a file in it, or in a folder of it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Puts a file in the place of another, with the parts one after the other. Folders are made if needed; others see
    /// the old file or the new one.
    ///
    /// # Errors
    ///
    /// It cannot be written. That is no reason to fail for anybody: it is only a cache.
    pub(crate) fn replace(&self, name: &str, parts: &[&[u8]]) -> io::Result<()> {
        self.create()?;
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap_or(&self.path))?;
        replace_file(&path, parts)
    }

    /// Notes that a file was used now. One that cannot be changed is removed earlier, which does no harm.
    pub(crate) fn touch(&self, name: &str) {
        let file = open_file_to_change(&self.path(name));
        let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
    }

    /// Makes the folder, and marks it if it has been made here or was empty. One with files of others in it is not ours,
    /// even if some of ours join them.
    pub(crate) fn create(&self) -> io::Result<()> {
        fs::create_dir_all(&self.path)?;
        if fs::read_dir(&self.path)?.next().is_none() {
            let parts = [SIGNATURE, "\n", OURS, "\n"].map(str::as_bytes);
            replace_file(&self.path(MARK), &parts)?;
        }
        Ok(())
    }
}

/// Removes a folder with all that is in it, also if it is read-only. Links in it are removed, and not followed.
pub(crate) fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            open_all(path);
            fs::remove_dir_all(path)
        }
        result => result,
    }
}

fn replace_file(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(INCOMPLETE).tempfile_in(folder)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_marked_unless_others_use_them() {
        let parent = tempfile::tempdir().unwrap();
        for (name, content, is_marked) in
            [("new/one", None, true), ("empty", Some(&[][..]), true), ("theirs", Some(&["notes.txt"]), false)]
        {
            let folder = parent.path().join(name);
            if let Some(files) = content {
                fs::create_dir(&folder).unwrap();
                files.iter().for_each(|file| fs::write(folder.join(file), "").unwrap());
            }
            let cache = CacheFolder::new(&folder);
            cache.replace("http/a", &[b"1", b"2"]).unwrap();
            cache.replace("b", &[b"3"]).unwrap();
            assert_eq!(fs::read_to_string(folder.join("http/a")).unwrap(), "12", "{name}");
            let mark = fs::read_to_string(folder.join("CACHEDIR.TAG")).unwrap_or_default();
            assert_eq!(
                mark.starts_with("Signature: 8a477f597d28d172789f06886806bc55\n"),
                is_marked,
                "{name}"
            );
            assert_eq!(mark.contains("cargo-vet"), is_marked, "{name}");
        }
    }

    #[test]
    fn files_in_use_are_new() {
        let folder = tempfile::tempdir().unwrap();
        let cache = CacheFolder::new(folder.path());
        cache.replace("a", &[b"text"]).unwrap();
        let modified = || fs::metadata(folder.path().join("a")).unwrap().modified().unwrap();
        fs::File::options()
            .write(true)
            .open(cache.path("a"))
            .unwrap()
            .set_modified(SystemTime::UNIX_EPOCH)
            .unwrap();
        assert_eq!(modified(), SystemTime::UNIX_EPOCH);
        cache.touch("a");
        cache.touch("missing");
        assert!(modified().elapsed().unwrap().as_secs() < 60);
    }
}
