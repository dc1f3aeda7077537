//! What a user would not want to lose: unfinished texts, what was read, and habits.
//!
//! These are in the user's state folder and not in the cache: `cargo vet gc` does not touch them. A
//! checkout must not decide what is in there, because it says what the user has read.

mod drafts;
mod modes;
mod review_history;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use drafts::{Draft, FIRST_LINE};
pub use modes::{Command, LastModes};
pub use review_history::{Look, ReviewHistory};

/// The state folder. It need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    folder: Arc<Path>,
}

impl State {
    /// The state in a folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        State { folder: folder.into().into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Replaces a file. Folders are created if needed. On Unix, other users cannot read the file.
    fn replace(&self, name: &str, text: &str) -> io::Result<()> {
        let path = self.path(name);
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".cargo-vet-").tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(path)?;
        Ok(())
    }
}
