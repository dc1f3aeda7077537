//! A text file in the cache that may be lost at any time.
//!
//! Its first line names the format. A file with another first line or without its end counts as
//! lost.

use std::path::{Path, PathBuf};

use vet_project::regular_file::read_utf8;

use crate::cache_folder::CacheFolder;

/// The path of the file, and its first line, `cargo-vet NAME VERSION`. Files that start differently
/// are never removed from the cache.
#[derive(Clone, Debug)]
pub(crate) struct CacheFile {
    folder: CacheFolder,
    name: String,
    header: &'static str,
}

impl CacheFile {
    /// Creates a reference to a file in the cache folder. Neither need exist.
    pub(crate) fn new(cache_folder: &Path, name: &str, header: &'static str) -> Self {
        CacheFile { folder: CacheFolder::new(cache_folder), name: name.to_owned(), header }
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path(&self.name)
    }

    /// Marks the file as used now.
    pub(crate) fn touch(&self) {
        self.folder.touch(&self.name);
    }

    /// The lines after the first one; empty if the file is lost.
    pub(crate) fn read(&self) -> String {
        let mut text = read_utf8(&self.path()).unwrap_or_default();
        let lines = text.strip_prefix(self.header).and_then(|rest| rest.strip_prefix('\n'));
        match lines.filter(|lines| lines.is_empty() || lines.ends_with('\n')).map(str::len) {
            Some(length) => drop(text.drain(..text.len() - length)),
            None => text.clear(),
        }
        text
    }

    /// Replaces the lines after the first one. Errors are ignored, because the cache is optional.
    pub(crate) fn replace(&self, lines: &str) {
        let _ = self.folder.replace(&self.name, &[self.header.as_bytes(), b"\n", lines.as_bytes()]);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_not_whole_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("not/there/yet");
        let (file, path) = (CacheFile::new(&cache, "name", "format 1"), cache.join("name"));
        assert_eq!(file.read(), "");
        file.replace("a\nb\n");
        assert_eq!(file.read(), "a\nb\n");
        file.replace("");
        assert_eq!(fs::read_to_string(&path).unwrap(), "format 1\n");
        for (text, expected) in [
            ("format 1\na\n", "a\n"),
            ("format 1\na", ""),
            ("format 12\na\n", ""),
            ("format 2\na\n", ""),
            ("", ""),
        ] {
            fs::write(&path, text).unwrap();
            assert_eq!(file.read(), expected, "{text:?}");
        }
        fs::write(&path, b"format 1\n\xFF\n").unwrap();
        assert_eq!(file.read(), "");
    }

    #[test]
    fn a_cache_that_cannot_be_written_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cache"), "a file in place of the folder").unwrap();
        let file = CacheFile::new(&folder.path().join("cache"), "name", "format 1");
        file.replace("a\n");
        assert_eq!(file.read(), "");
    }
}
