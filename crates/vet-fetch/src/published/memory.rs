//! What was found out about published packages in earlier runs: a line for each.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::cache_file::CacheFile;

/// The file.
#[derive(Clone, Debug)]
pub(super) struct Memory(CacheFile);

impl Memory {
    pub(super) fn new(cache_folder: &Path) -> Self {
        Memory(CacheFile::new(cache_folder, "libraries", "cargo-vet libraries 1"))
    }

    /// Whether packages are libraries, of those that are wanted.
    pub(super) fn recall(&self, mut is_wanted: impl FnMut(&str) -> bool) -> HashMap<String, bool> {
        let text = self.0.read();
        let entries = text.lines().filter_map(entry);
        entries.filter(|(key, _)| is_wanted(key)).map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// Adds what was learned. What cannot be kept is learned again next time.
    pub(super) fn keep(&self, learned: &[(String, bool)]) {
        let mut text = self.0.read();
        for (key, is_library) in learned.iter().filter(|(key, _)| !key.contains('\n')) {
            let _ = writeln!(text, "{} {key}", if *is_library { '+' } else { '-' });
        }
        self.0.replace(&text);
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
        let memory = Memory::new(folder.path());
        let recall = || {
            let mut recalled: Vec<(String, bool)> =
                memory.recall(|key| key != "unwanted").into_iter().collect();
            recalled.sort();
            recalled
        };
        assert_eq!(recall(), []);
        memory.keep(&[("aa".to_owned(), true), ("unwanted".to_owned(), true)]);
        memory.keep(&[("b 1.0.0 git+x#y".to_owned(), false), ("not\na line".to_owned(), true)]);
        assert_eq!(recall(), [("aa".to_owned(), true), ("b 1.0.0 git+x#y".to_owned(), false)]);
        memory.0.replace("? aa\n+\nnonsense\n- cc\n");
        assert_eq!(recall(), [("cc".to_owned(), false)]);
    }
}
