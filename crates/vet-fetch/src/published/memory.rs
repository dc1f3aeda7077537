//! What was found out about published packages in earlier runs.
//!
//! A text file, one line for each package. It may be lost or unreadable at any time: then everything is found out again.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The first line. Another one means another format.
const HEADER: &str = "cargo-vet libraries 1";
const NAME: &str = "libraries";

/// The file.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    path: PathBuf,
}

impl Memory {
    pub(super) fn new(cache_folder: &Path) -> Self {
        Memory { path: cache_folder.join(NAME) }
    }

    /// Whether packages are libraries, of those that are wanted.
    pub(super) fn recall(&self, mut is_wanted: impl FnMut(&str) -> bool) -> HashMap<String, bool> {
        let text = self.text();
        let entries = text.lines().filter_map(entry);
        entries.filter(|(key, _)| is_wanted(key)).map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// Adds what was learned. What cannot be kept is learned again next time.
    pub(super) fn keep(&self, learned: &[(String, bool)]) {
        let mut text = self.text();
        if text.is_empty() {
            let _ = writeln!(text, "{HEADER}");
        }
        for (key, is_library) in learned {
            if !key.contains('\n') {
                let _ = writeln!(text, "{} {key}", if *is_library { '+' } else { '-' });
            }
        }
        let Some(folder) = self.path.parent() else { return };
        let write = || {
            fs::create_dir_all(folder)?;
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.persist(&self.path)?;
            std::io::Result::Ok(())
        };
        let _ = write();
    }

    /// The text; empty if there is none in this format.
    fn text(&self) -> String {
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        let is_ours = text.lines().next() == Some(HEADER) && text.ends_with('\n');
        if is_ours { text } else { String::new() }
    }
}

fn entry(line: &str) -> Option<(&str, bool)> {
    let (mark, key) = line.split_once(' ')?;
    match mark {
        "+" => Some((key, true)),
        "-" => Some((key, false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learned_is_recalled() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::new(&folder.path().join("not/there/yet"));
        let recall = || {
            let mut recalled: Vec<(String, bool)> =
                memory.recall(|key| key != "unwanted").into_iter().collect();
            recalled.sort();
            recalled
        };
        assert_eq!(recall(), []);
        memory.keep(&[("aa".to_owned(), true), ("unwanted".to_owned(), true)]);
        memory.keep(&[("b 1.0.0 git+x#y".to_owned(), false), ("not\na line".to_owned(), true)]);
        let all = [("aa".to_owned(), true), ("b 1.0.0 git+x#y".to_owned(), false)];
        assert_eq!(recall(), all);

        // Torn, foreign and useless files count as lost.
        for text in ["", "cargo-vet libraries 2\n+ aa\n", "cargo-vet libraries 1\n+ a", "\u{0}"] {
            fs::write(&memory.path, text).unwrap();
            assert_eq!(recall(), [], "{text:?}");
        }
        memory.keep(&[("aa".to_owned(), false)]);
        assert_eq!(recall(), [("aa".to_owned(), false)]);
    }
}
