//! Records of one kind in one file, one line each. Of several with the same key, the last counts.
//!
//! New records are appended in a single write, so processes need not wait for each other. A file
//! that has grown too large is rewritten without old records.

use std::collections::HashMap;
use std::fs::File;
use std::hash::Hash;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::marker::PhantomData;
use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;
use vet_project::regular_file::{open_file, read_file};

use super::Cache;
use super::kinds::{Form, Kind};
use super::line::{self, Line};

/// The records of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Table<K, V> {
    cache: Cache,
    kind: &'static Kind,
    largest: usize,
    records: PhantomData<fn(K) -> V>,
}

/// The content of a file when it was read.
#[derive(Clone, Debug)]
pub(crate) struct Rows<K> {
    text: String,
    /// The last line of each key.
    lines: HashMap<K, Range<usize>>,
}

impl<K: Serialize + DeserializeOwned + Eq + Hash, V: Serialize + DeserializeOwned> Table<K, V> {
    pub(super) fn new(cache: Cache, kind: &'static Kind) -> Self {
        let largest = match kind.form {
            Form::Table { largest, .. } => largest,
            Form::Files => 0,
        };
        Table { cache, kind, largest, records: PhantomData }
    }

    /// The same table with another size at which old records are dropped, in bytes.
    #[cfg(test)]
    pub(crate) fn with_largest(self, largest: usize) -> Self {
        Table { largest, ..self }
    }

    /// Reads the wanted records.
    pub(crate) fn read(&self, is_wanted: impl Fn(&K) -> bool) -> HashMap<K, V> {
        let mut records = HashMap::new();
        self.each_line(&self.text(), |key, line, _| {
            if is_wanted(&key) {
                records.extend(line.value().map(|value| (key, value)));
            }
        });
        records
    }

    /// Reads one record.
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.value(&self.open(), key)
    }

    /// Reads the keys, so that values can be read one by one.
    pub(crate) fn open(&self) -> Rows<K> {
        let text = self.text();
        let mut lines = HashMap::new();
        self.each_line(&text, |key, _, place| {
            lines.insert(key, place);
        });
        Rows { text, lines }
    }

    /// The text of the file. Bytes that are not UTF-8 are in damaged lines.
    fn text(&self) -> String {
        let bytes = read_file(&self.cache.path(self.kind.name)).unwrap_or_default();
        String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// Goes through the lines whose keys can be read, and their places.
    fn each_line<'t>(&self, text: &'t str, mut visit: impl FnMut(K, Line<'t>, Range<usize>)) {
        let header = self.kind.header();
        let mut start = header.len();
        if !text.starts_with(&header) {
            return;
        }
        while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
            let end = start + memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
            if let Some((key, line)) = text.get(start..end).and_then(Line::parse) {
                visit(key, line, start..end);
            }
            start = end + 1;
        }
    }

    /// Reads one of the opened records.
    pub(crate) fn value(&self, rows: &Rows<K>, key: &K) -> Option<V> {
        Line::parse::<K>(rows.text.get(rows.lines.get(key)?.clone())?)?.1.value()
    }

    /// Adds records. Errors are ignored, because the cache is optional.
    pub(crate) fn add(&self, records: &[(K, V)]) {
        self.add_beside(records, &|_| false);
    }

    /// Like [`add`](Self::add). If the file is rewritten, records in use count as new.
    pub(crate) fn add_beside(&self, records: &[(K, V)], is_in_use: &dyn Fn(&K) -> bool) {
        let new: String = records.iter().filter_map(|(key, value)| line::write(key, value)).collect();
        if !new.is_empty() {
            let _ = self.append(&new, is_in_use);
        }
    }

    fn append(&self, new: &str, is_in_use: &dyn Fn(&K) -> bool) -> io::Result<()> {
        let path = self.cache.path(self.kind.name);
        let header = self.kind.header();
        let Ok(Some((length, last))) = begins_and_ends(&path, &header) else {
            return self.cache.replace(self.kind.name, &[header.as_bytes(), new.as_bytes()]);
        };
        if length.saturating_add(new.len() as u64) > self.largest as u64 {
            return self.rewrite(new, is_in_use);
        }
        // An incomplete line must not damage the next one.
        let start = if last == b'\n' { "" } else { "\n" };
        // A single write, so that lines of other processes do not get in between.
        File::options().append(true).open(path)?.write_all([start, new].concat().as_bytes())
    }

    /// Rewrites the file to at most half of its largest size.
    fn rewrite(&self, new: &str, is_in_use: &dyn Fn(&K) -> bool) -> io::Result<()> {
        let Rows { text, lines } = self.open();
        let header = self.kind.header();
        let mut lines: Vec<(bool, Range<usize>)> =
            lines.into_iter().map(|(key, place)| (is_in_use(&key), place)).collect();
        lines.sort_by_key(|(is_in_use, place)| (*is_in_use, place.start));
        let mut room = (self.largest / 2).saturating_sub(header.len() + new.len());
        let mut kept: Vec<&str> = Vec::new();
        for (_, place) in lines.into_iter().rev() {
            let Some(line) = text.get(place) else { continue };
            let Some(rest) = room.checked_sub(line.len() + 1) else { break };
            room = rest;
            kept.push(line);
        }
        let kept: String = kept.into_iter().rev().flat_map(|line| [line, "\n"]).collect();
        self.cache.replace(self.kind.name, &[header.as_bytes(), kept.as_bytes(), new.as_bytes()])
    }
}

/// The length of the file and its last byte; `None` if it has another first line.
fn begins_and_ends(path: &std::path::Path, header: &str) -> io::Result<Option<(u64, u8)>> {
    let mut file = open_file(path)?;
    let mut start = vec![0; header.len()];
    file.read_exact(&mut start)?;
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok((start == header.as_bytes()).then_some((file.stream_position()?, last[0])))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::kinds::{FACTS, SIZES};
    use super::*;

    fn table(folder: &std::path::Path) -> Table<String, String> {
        Cache::new(folder).table(&FACTS)
    }

    fn records(records: &[(&str, &str)]) -> Vec<(String, String)> {
        records.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_was_added_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let table = table(&folder.path().join("not/there"));
        assert!(table.read(|_| true).is_empty());
        table.add(&records(&[("a", "one"), ("unwanted", "two"), ("b\n\"", "three\n")]));
        table.add(&records(&[("a", "four")]));
        table.add(&[]);
        let read = table.read(|key| key != "unwanted");
        assert_eq!(read, records(&[("a", "four"), ("b\n\"", "three\n")]).into_iter().collect());
        assert_eq!((table.get(&"a".to_owned()), table.get(&"c".to_owned())), (Some("four".to_owned()), None));
        let other: Table<String, String> = Cache::new(folder.path().join("not/there")).table(&SIZES);
        assert!(other.read(|_| true).is_empty());
    }

    #[test]
    fn what_is_damaged_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let table = table(folder.path());
        table.add(&records(&[("a", "one"), ("b", "two")]));
        let path = folder.path().join("facts");
        let whole = fs::read(&path).unwrap();
        for place in 0..whole.len() {
            for changed in [
                [&whole[..place], &[whole[place] ^ 1], &whole[place + 1..]].concat(),
                [&whole[..place], &[0xFF], &whole[place + 1..]].concat(),
                whole[..place].to_vec(),
            ] {
                let is_cut_at_the_end = changed.len() + 1 == whole.len();
                fs::write(&path, &changed).unwrap();
                let read = table.read(|_| true);
                assert!(read.len() < 2 || is_cut_at_the_end, "{place}: {read:?}");
                for (key, value) in &read {
                    assert!(
                        [("a", "one"), ("b", "two")].contains(&(key.as_str(), value.as_str())),
                        "{read:?}"
                    );
                }
                // What follows an incomplete line is not lost.
                table.add(&records(&[("c", "three")]));
                assert_eq!(table.get(&"c".to_owned()), Some("three".to_owned()), "{place}");
            }
        }
    }

    #[test]
    fn old_records_are_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let table = table(folder.path()).with_largest(2000);
        let key = |number: u32| format!("key {number:03}");
        let in_use = |found: &String| *found == key(1);
        for number in 0..100 {
            table.add_beside(&[(key(number), "value".to_owned())], &in_use);
            let length = fs::metadata(folder.path().join("facts")).unwrap().len();
            assert!(length <= 2000, "{length}");
        }
        let read = table.read(|_| true);
        assert!(read.len() >= 8 && read.len() < 30, "{}", read.len());
        let has = |number| read.contains_key(&key(number));
        assert!(has(99) && has(1) && !has(0) && !has(2), "{read:?}");
    }

    #[test]
    fn a_cache_that_cannot_be_written_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cache"), "a file in place of the folder").unwrap();
        let table = table(&folder.path().join("cache"));
        table.add(&records(&[("a", "one")]));
        assert!(table.read(|_| true).is_empty());
    }
}
