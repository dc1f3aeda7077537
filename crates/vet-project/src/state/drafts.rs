//! The text that a user has written for an audit that is not recorded yet.
//!
//! The editor opens this file directly. So saved text survives if the tool, the editor or the
//! machine stops. It is not in the store, which is not a place for unfinished texts.

use std::io;
use std::path::{Path, PathBuf};

use vet_diagnostics::{Code, Diagnostic};

use super::State;
use crate::regular_file::read_file_as;
use crate::sha256::sha256;

/// The words in the first line of a draft, after the comment character.
pub const FIRST_LINE: &str = " cargo vet certify: ";

/// How many digits of a digest distinguish drafts.
const DIGITS: usize = 16;

/// The maximum size of a text, in bytes.
const LARGEST: u64 = 16 << 20;

/// The draft about one subject in one project. It need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    path: PathBuf,
    state: State,
    name: String,
}

impl Draft {
    /// The draft about `subject`, such as `serde 1.0.0`, in the project with this store folder. The
    /// first word of the subject is part of the file name, as far as it is valid in one.
    pub fn about(subject: &str, store_folder: &Path, state: &State) -> Self {
        let store = store_folder.canonicalize().unwrap_or_else(|_| store_folder.to_owned());
        let mut identity = store.as_os_str().as_encoded_bytes().to_vec();
        identity.extend_from_slice(b"\n");
        identity.extend_from_slice(subject.as_bytes());
        let digits: String = sha256(identity).chars().take(DIGITS).collect();
        let word = subject.split_whitespace().next().unwrap_or_default();
        let is_fit = |letter: &char| letter.is_ascii_alphanumeric() || "-_".contains(*letter);
        let word: String = word.chars().filter(is_fit).take(64).collect();
        let name = format!("drafts/{word}-{digits}.txt");
        Draft { path: state.path(&name), state: state.clone(), name }
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The text; `None` if the file does not exist.
    ///
    /// # Errors
    ///
    /// The file cannot be read as text.
    pub fn read(&self) -> Result<Option<String>, Diagnostic> {
        let read = || {
            // The metadata of the draft itself, even if it is a link.
            let metadata = std::fs::symlink_metadata(&self.path)?;
            let bytes = read_file_as(&self.path, &metadata, LARGEST)?;
            String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
        };
        match read() {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.problem("read", &error)),
        }
    }

    /// Writes the text. On Unix, other users cannot read the file. The state folder is created
    /// if needed.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write(&self, text: &str) -> Result<(), Diagnostic> {
        self.state.replace(&self.name, text).map_err(|error| self.problem("written", &error))
    }

    /// Removes the draft. Errors are ignored: a draft that remains is offered again.
    pub fn remove(&self) {
        let _ = std::fs::remove_file(&self.path);
    }

    fn problem(&self, done: &str, error: &io::Error) -> Diagnostic {
        Diagnostic::error(Code::Io, format!("the draft `{}` could not be {done}", self.path.display()))
            .note(error.to_string())
            .help("make the folder writable, or name another one with the variable CARGO_VET_STATE_DIR")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drafts_are_kept_apart() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::new(folder.path().join("not/there/yet"));
        let about = |subject: &str, store: &str| Draft::about(subject, Path::new(store), &state);
        let draft = about("serde 1.0.0", "/a");
        assert_eq!(draft.read().unwrap(), None);
        draft.write("one\n").unwrap();
        about("serde 1.0.0", "/b").write("two\n").unwrap();
        about("serde 1.0.1", "/a").write("three\n").unwrap();
        assert_eq!(about("serde 1.0.0", "/a").read().unwrap().unwrap(), "one\n");
        draft.write("four\n").unwrap();
        assert_eq!(draft.read().unwrap().unwrap(), "four\n");
        draft.remove();
        draft.remove();
        assert_eq!(draft.read().unwrap(), None);
        assert_eq!(about("serde 1.0.0", "/b").read().unwrap().unwrap(), "two\n");
    }

    #[test]
    fn names_are_fit_for_files() {
        for (subject, start) in
            [("serde 1.0.0", "serde-"), ("../../x y", "x-"), ("", "-"), ("a\u{1b}\u{e4}/b_c-d 1", "ab_c-d-")]
        {
            let draft = Draft::about(subject, Path::new("/a"), &State::new("/state"));
            let name = draft.path().strip_prefix("/state/drafts").unwrap().to_str().unwrap();
            assert_eq!(name.len(), start.len() + DIGITS + ".txt".len(), "{name}");
            assert!(name.starts_with(start), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn other_users_cannot_read_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let draft = Draft::about("serde 1.0.0", Path::new("/a"), &State::new(folder.path()));
        draft.write("private\n").unwrap();
        assert_eq!(std::fs::metadata(draft.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_no_text_is_not_taken_for_one() {
        let folder = tempfile::tempdir().unwrap();
        let draft = Draft::about("serde 1.0.0", Path::new("/a"), &State::new(folder.path()));
        draft.write("").unwrap();
        std::fs::write(draft.path(), b"\xFF").unwrap();
        assert_eq!(draft.read().unwrap_err().code, Code::Io);
        draft.remove();
        std::fs::create_dir(draft.path()).unwrap();
        assert_eq!(draft.read().unwrap_err().code, Code::Io);
        assert_eq!(draft.write("x").unwrap_err().code, Code::Io);
    }
}
