//! What was found out about what published packages declare, in earlier runs: a line with the key of each, and the lines of
//! its [`Declared`].

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use memchr::memmem;
use vet_graph::Declared;

use crate::cache_file::CacheFile;

/// What a line with a key begins with.
const MARK: &str = "=";

/// The file.
#[derive(Clone, Debug)]
pub(super) struct DeclaredMemory(CacheFile);

/// What packages declare, in one text.
#[derive(Clone, Debug, Default)]
pub(super) struct KeptDeclarations {
    text: String,
    /// By key.
    places: HashMap<String, Range<usize>>,
}

impl DeclaredMemory {
    pub(super) fn new(cache_folder: &Path) -> Self {
        DeclaredMemory(CacheFile::new(cache_folder, "declared", "cargo-vet declared 3"))
    }

    /// What packages declare, of those that are wanted. Of two entries the later one counts.
    pub(super) fn recall(&self, is_wanted: impl Fn(&str) -> bool) -> KeptDeclarations {
        let text = self.0.read();
        let mut places = HashMap::new();
        let mut note = |start: usize, end: usize| {
            let (key, lines) = text.get(start..end)?.strip_prefix(MARK)?.split_once('\n')?;
            is_wanted(key).then(|| places.insert(key.to_owned(), end - lines.len()..end))
        };
        let mut start = 0;
        // An entry begins where a line does.
        for end in memmem::find_iter(text.as_bytes(), b"\n=").map(|newline| newline + 1) {
            note(start, end);
            start = end;
        }
        note(start, text.len());
        KeptDeclarations { text, places }
    }

    /// Adds what was learned. What cannot be kept is learned again next time.
    pub(super) fn keep(&self, learned: &[(String, Declared<'_>)]) {
        let mut text = self.0.read();
        for (key, declared) in learned.iter().filter(|(key, _)| !key.contains('\n')) {
            push(&mut text, key, declared);
        }
        self.0.replace(&text);
    }
}

/// Adds an entry at the end. Returns where what is declared stands.
fn push(text: &mut String, key: &str, declared: &Declared<'_>) -> Range<usize> {
    text.extend([MARK, key, "\n"]);
    let start = text.len();
    text.push_str(declared.text());
    start..text.len()
}

impl KeptDeclarations {
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub(super) fn get(&self, key: &str) -> Option<Declared<'_>> {
        self.text.get(self.places.get(key)?.clone()).map(Declared::from_text)
    }

    pub(super) fn add(&mut self, key: String, declared: &Declared<'_>) {
        let place = push(&mut self.text, &key, declared);
        self.places.insert(key, place);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use vet_graph::Manifest;
    use vet_store::diagnostic::Source;

    use super::*;

    fn declared(tables: &str) -> Declared<'static> {
        let text = format!("[package]\nname = \"a\"\nversion = \"1.0.0\"\n{tables}");
        Declared::of(&Manifest::parse(&Source::new("Cargo.toml", text)).unwrap(), None)
    }

    fn all(kept: &KeptDeclarations) -> BTreeMap<&str, Declared<'_>> {
        kept.places.keys().map(|key| (key.as_str(), kept.get(key).unwrap())).collect()
    }

    #[test]
    fn what_was_learned_is_recalled() {
        let folder = tempfile::tempdir().unwrap();
        let memory = DeclaredMemory::new(folder.path());
        let some = declared("[features]\nx = [\"b/y\"]\n[dependencies]\nb = \"1\"\n");
        let other = declared("[lib]\nproc-macro = true\n");
        assert!(memory.recall(|_| true).is_empty());
        memory.keep(&[("aa".to_owned(), other.clone()), ("unwanted".to_owned(), other.clone())]);
        memory.keep(&[
            ("b 1.0.0 git+x?branch==a#y".to_owned(), other.clone()),
            ("not\na line".to_owned(), other.clone()),
        ]);
        // What is learned later counts.
        memory.keep(&[("aa".to_owned(), some.clone())]);
        let mut kept = memory.recall(|key| key != "unwanted");
        let expected = [("aa", some.clone()), ("b 1.0.0 git+x?branch==a#y", other.clone())];
        assert_eq!(all(&kept), BTreeMap::from(expected.clone()));
        kept.add("cc".to_owned(), &some);
        kept.add("aa".to_owned(), &other);
        assert_eq!(kept.get("cc"), Some(some));
        assert_eq!(kept.get("aa"), Some(other));
    }

    #[test]
    fn what_is_damaged_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let memory = DeclaredMemory::new(folder.path());
        for (text, expected) in [
            ("", ""),
            ("nonsense\n", ""),
            ("=\n", ""),
            ("=a\nl\n=\n", "a"),
            ("x\n=a\nl\n=b\n=c\nl\n", "a b c"),
        ] {
            memory.0.replace(text);
            let kept = memory.recall(|key| !key.is_empty());
            assert_eq!(all(&kept).into_keys().collect::<Vec<_>>().join(" "), expected, "{text:?}");
        }
    }
}
