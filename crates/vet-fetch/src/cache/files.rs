//! Records of one kind in files of their own, named by the digest of their key.
//!
//! A file is always replaced as a whole, so no lock is needed. The time of its last change is the
//! time of its last use.

use std::fs;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;
use vet_project::regular_file::read_file;
use vet_project::sha256::sha256;

use super::Cache;
use super::kinds::Kind;
use super::line::{self, Line};

/// The records of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Files<K, V> {
    cache: Cache,
    kind: &'static Kind,
    records: PhantomData<fn(K) -> V>,
}

/// A record, if it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Recalled<V> {
    Nothing,
    Value(V),
    /// The file was damaged, and was removed.
    Damaged,
}

impl<K: Serialize + DeserializeOwned + PartialEq, V: Serialize + DeserializeOwned> Files<K, V> {
    pub(super) fn new(cache: Cache, kind: &'static Kind) -> Self {
        Files { cache, kind, records: PhantomData }
    }

    /// Reads a record. A file in another version of the format does not count as damaged.
    pub(crate) fn find(&self, key: &K) -> Recalled<V> {
        let path = self.path(key);
        let Ok(bytes) = read_file(&path) else { return Recalled::Nothing };
        let value = || {
            let text = std::str::from_utf8(&bytes).ok()?.strip_prefix(&self.kind.header())?;
            let (found, line) = Line::parse::<K>(text.strip_suffix('\n')?)?;
            if found == *key { line.value() } else { None }
        };
        match value() {
            Some(value) => Recalled::Value(value),
            None => {
                let _ = fs::remove_file(path);
                let is_older = bytes.starts_with(self.kind.signature().as_bytes())
                    && !bytes.starts_with(self.kind.header().as_bytes());
                if is_older { Recalled::Nothing } else { Recalled::Damaged }
            }
        }
    }

    /// Reads a record. If it is damaged, there is none.
    pub(crate) fn read(&self, key: &K) -> Option<V> {
        match self.find(key) {
            Recalled::Value(value) => Some(value),
            Recalled::Nothing | Recalled::Damaged => None,
        }
    }

    /// Stores a record. Errors are ignored, because the cache is optional.
    pub(crate) fn write(&self, key: &K, value: &V) {
        if let Some(line) = line::write(key, value) {
            let _ = self.cache.replace(&self.name(key), &[self.kind.header().as_bytes(), line.as_bytes()]);
        }
    }

    /// Marks a record as used now.
    pub(crate) fn touch(&self, key: &K) {
        self.cache.touch(&self.name(key));
    }

    /// When a record was last used, if there is a file for it.
    pub(crate) fn last_used(&self, key: &K) -> Option<SystemTime> {
        fs::metadata(self.path(key)).and_then(|metadata| metadata.modified()).ok()
    }

    /// The path of the file for a record.
    pub(crate) fn path(&self, key: &K) -> PathBuf {
        self.cache.path(&self.name(key))
    }

    fn name(&self, key: &K) -> String {
        format!("{}/{}", self.kind.name, sha256(serde_json::to_string(key).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::kinds::{CHECKSUMS, CRATES};
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("not/there"));
        let (files, others) = (cache.files::<String, u64>(&CRATES), cache.files::<String, u64>(&CHECKSUMS));
        let (a, b) = ("a\n".to_owned(), "b".to_owned());
        assert_eq!((files.find(&a), files.last_used(&a)), (Recalled::Nothing, None));
        files.write(&a, &1);
        files.write(&a, &2);
        assert_eq!((files.read(&a), files.read(&b), others.read(&a)), (Some(2), None, None));
        let long_ago = SystemTime::UNIX_EPOCH;
        fs::File::options().write(true).open(files.path(&a)).unwrap().set_modified(long_ago).unwrap();
        assert_eq!(files.last_used(&a), Some(long_ago));
        files.touch(&a);
        assert!(files.last_used(&a).unwrap().elapsed().unwrap().as_secs() < 60);
    }

    #[test]
    fn what_is_damaged_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let files = Cache::new(folder.path()).files::<String, u64>(&CRATES);
        let (a, b) = ("a".to_owned(), "b".to_owned());
        files.write(&a, &1);
        let path = files.path(&a);
        let whole = fs::read(&path).unwrap();
        for place in 0..whole.len() {
            for changed in [
                whole[..place].to_vec(),
                [&whole[..place], &[whole[place] ^ 1], &whole[place + 1..]].concat(),
                [&whole[..place], &[0xFF], &whole[place + 1..]].concat(),
            ] {
                fs::write(&path, &changed).unwrap();
                assert_eq!(files.read(&a), None, "{place}");
                assert!(!path.exists());
            }
        }
        files.write(&b, &2);
        fs::copy(files.path(&b), &path).unwrap();
        assert_eq!(files.find(&a), Recalled::Damaged, "of another key");
        let older = String::from_utf8(whole).unwrap().replace("\"version\":1", "\"version\":0");
        fs::write(&path, older).unwrap();
        assert_eq!(files.find(&a), Recalled::Nothing);
        fs::create_dir(&path).unwrap();
        files.write(&a, &3);
        assert_eq!(files.read(&a), None);
    }
}
