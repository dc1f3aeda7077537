//! The cache: facts that can be determined again.
//!
//! Everything in it may be lost at any time. All records have the same format: see [`line`].
//! Several processes use the folder at the same time, so there is no lock: files are replaced as a
//! whole, or lines are appended in a single write.
//!
//! Every cache folder that this tool creates contains a mark, so that emptying it never affects a
//! folder that was named by mistake. The mark is the one that backup programs know, with an
//! additional line. Other files in the folder are kept: only files with a known name and beginning
//! are removed, and links are not followed.

pub(crate) mod files;
mod in_checkout;
pub(crate) mod kinds;
mod layout;
mod line;
mod sweep;
pub(crate) mod table;

use std::fs;
use std::hash::Hash;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use in_checkout::{check_cargo_home, check_place};
pub use sweep::{Sweep, SweepEvent, Swept};

use files::Files;
use kinds::Kind;
use table::Table;
use vet_project::permissions::open_all;
use vet_project::regular_file::open_file_to_change;

/// The file that marks a folder as a cache. <https://bford.info/cachedir/> defines its name and
/// first line.
const MARK: &str = "CACHEDIR.TAG";
const SIGNATURE: &str = "Signature: 8a477f597d28d172789f06886806bc55";
const OURS: &str =
    "# cargo-vet cache: it is safe to delete everything in here at any time; `cargo vet gc` tidies it up";

/// The prefix of incomplete files and folders.
pub(crate) const INCOMPLETE: &str = ".cargo-vet-";

/// The cache. Its folder need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    path: Arc<Path>,
}

impl Cache {
    /// The cache in a folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Cache { path: folder.into().into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.path
    }

    /// The records of a kind that are stored in one file.
    pub(crate) fn table<K, V>(&self, kind: &'static Kind) -> Table<K, V>
    where
        K: Serialize + DeserializeOwned + Eq + Hash,
        V: Serialize + DeserializeOwned,
    {
        Table::new(self.clone(), kind)
    }

    /// The records of a kind that are stored in files of their own.
    pub(crate) fn files<K, V>(&self, kind: &'static Kind) -> Files<K, V>
    where
        K: Serialize + DeserializeOwned + PartialEq,
        V: Serialize + DeserializeOwned,
    {
        Files::new(self.clone(), kind)
    }

    /// The path of a file in the folder or in one of its subfolders.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Replaces a file with the concatenated parts. Folders are created if needed. Other processes
    /// see either the old file or the new one.
    ///
    /// # Errors
    ///
    /// The file cannot be written. Callers ignore this, because the cache is optional.
    pub(crate) fn replace(&self, name: &str, parts: &[&[u8]]) -> io::Result<()> {
        self.create()?;
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap_or(self.folder()))?;
        replace_file(&path, parts)
    }

    /// Marks a file as used now. If this fails, the file is removed earlier, which does no harm.
    pub(crate) fn touch(&self, name: &str) {
        let file = open_file_to_change(&self.path(name));
        let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
    }

    /// Creates the folder, and marks it if it is new or was empty. A folder with foreign files is
    /// not marked, even if files of this tool are added.
    pub(crate) fn create(&self) -> io::Result<()> {
        fs::create_dir_all(&self.path)?;
        if fs::read_dir(&self.path)?.next().is_none() {
            let parts = [SIGNATURE, "\n", OURS, "\n"].map(str::as_bytes);
            replace_file(&self.path(MARK), &parts)?;
        }
        Ok(())
    }
}

/// Removes a folder with its content, even if it is read-only. Links in it are removed and not
/// followed.
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
            let cache = Cache::new(&folder);
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
        let cache = Cache::new(folder.path());
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
