//! Measured differences between versions, for all projects and runs: one line each.
//!
//! The sources of a version never change, so a measurement stays valid as long as the algorithm is
//! the same. Lines are appended in a single write, so processes need not wait for each other. When
//! the file has grown large, it is rewritten without lines that were not used for long. A damaged
//! line counts as lost.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use vet_project::regular_file::{open_file, read_file};
use vet_source::Size;

use crate::cache_folder::CacheFolder;
use crate::sha256::sha256;

const NAME: &str = "diffs";
const HEADER: &str = "cargo-vet diffs 1\n";

/// How many hexadecimal digits of a key's digest start a line.
const DIGITS: usize = 32;

/// A larger file is rewritten to half of this size, in bytes. A line has about 80 bytes.
const LARGEST: usize = 4 << 20;

/// What was measured: the step from one source tree to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The start of the step.
    pub from: SourceTree,
    /// The end of the step.
    pub to: SourceTree,
    /// The version of the algorithm. Other versions have other results.
    pub algorithm: u32,
}

/// An unambiguous identifier of a source tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceTree {
    /// The empty tree, from which a full audit starts.
    Nothing,
    /// A published archive, by its checksum.
    Archive(String),
    /// A package in a git repository.
    Git {
        /// The revision.
        revision: String,
        /// The name of the package.
        package: String,
    },
}

/// The result of a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// All lines were counted.
    Exact(Size),
    /// Counting stopped when it was clear that there are at least this many lines.
    AtLeast(u64),
}

/// The file with the measurements, as it was when it was opened.
#[derive(Debug)]
pub struct Sizes {
    folder: CacheFolder,
    text: String,
    /// The ranges of lines in the text. Of several lines with the same key, the last one counts.
    lines: HashMap<Digest, Range<usize>>,
    /// The keys that were requested.
    used: Mutex<BTreeSet<Digest>>,
    largest: usize,
}

/// The start of a key's digest, which is enough to distinguish keys.
type Digest = u128;

impl Sizes {
    /// Opens the file in the cache folder. Neither need exist.
    pub fn open(cache_folder: &Path) -> Self {
        Self::with_largest(cache_folder, LARGEST)
    }

    fn with_largest(cache_folder: &Path, largest: usize) -> Self {
        let folder = CacheFolder::new(cache_folder);
        let text = read(&folder);
        let lines = places(&text);
        Sizes { folder, text, lines, used: Mutex::default(), largest }
    }

    /// An earlier measurement.
    pub fn get(&self, key: &Key) -> Option<Kept> {
        let digest = key.digest();
        let kept = parse(self.text.get(self.lines.get(&digest)?.clone())?)?;
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(digest);
        Some(kept)
    }

    /// Stores measurements for processes that open the file later. Errors are ignored, because the
    /// cache is optional.
    pub fn keep(&self, found: &[(Key, Kept)]) {
        let is_new = |(key, kept): &&(Key, Kept)| self.get(key) != Some(*kept);
        let new: String = found.iter().filter(is_new).map(|(key, kept)| line(key.digest(), *kept)).collect();
        if !new.is_empty() {
            let _ = self.add(&new);
        }
    }

    fn add(&self, new: &str) -> io::Result<()> {
        let path = self.folder.path(NAME);
        let (length, last) = match begins_and_ends(&path) {
            Ok(Some(found)) => found,
            Ok(None) | Err(_) => return self.folder.replace(NAME, &[HEADER.as_bytes(), new.as_bytes()]),
        };
        if length.saturating_add(new.len() as u64) > self.largest as u64 {
            return self.write_anew(new);
        }
        // An incomplete line must not damage the next one.
        let start = if last == b'\n' { "" } else { "\n" };
        // A single write, so that lines of other processes do not get in between.
        File::options().append(true).open(path)?.write_all([start, new].concat().as_bytes())
    }

    /// Rewrites the file without old lines. Lines that this run has used count as new.
    fn write_anew(&self, new: &str) -> io::Result<()> {
        let text = read(&self.folder);
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines: Vec<(Digest, Range<usize>)> = places(&text).into_iter().collect();
        lines.sort_by_key(|(digest, place)| (used.contains(digest), place.start));
        let mut room = (self.largest / 2).saturating_sub(HEADER.len() + new.len());
        let kept = lines.into_iter().rev().map_while(|(_, place)| {
            let line = text.get(place)?;
            room = room.checked_sub(line.len() + 1)?;
            Some(line)
        });
        let mut kept: Vec<&str> = kept.collect();
        kept.reverse();
        let kept: String = kept.iter().flat_map(|line| [line, "\n"]).collect();
        self.folder.replace(NAME, &[HEADER.as_bytes(), kept.as_bytes(), new.as_bytes()])
    }
}

impl Key {
    fn digest(&self) -> Digest {
        let Key { from, to, algorithm } = self;
        let digest = sha256(format!("{algorithm}\n{}\n{}\n", from.text(), to.text()));
        digest.get(..DIGITS).and_then(|digits| Digest::from_str_radix(digits, 16).ok()).unwrap_or_default()
    }
}

impl SourceTree {
    /// The text that identifies the tree. It is unambiguous, also when two such texts follow each
    /// other.
    fn text(&self) -> String {
        match self {
            SourceTree::Nothing => "nothing".to_owned(),
            SourceTree::Archive(checksum) => format!("archive {checksum:?}"),
            SourceTree::Git { revision, package } => format!("git {revision:?} {package:?}"),
        }
    }
}

/// The text of the file after its first line; empty if the file does not belong to this tool.
fn read(folder: &CacheFolder) -> String {
    let bytes = read_file(&folder.path(NAME)).unwrap_or_default();
    // Bytes that are not UTF-8 are in damaged lines.
    let mut text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    if !text.starts_with(HEADER) {
        return String::new();
    }
    text.drain(..HEADER.len());
    text
}

/// The length of the file and its last byte; `None` if the file does not belong to this tool.
fn begins_and_ends(path: &Path) -> io::Result<Option<(u64, u8)>> {
    let mut file = open_file(path)?;
    let mut start = [0; HEADER.len()];
    file.read_exact(&mut start)?;
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok((start == *HEADER.as_bytes()).then_some((file.stream_position()?, last[0])))
}

/// The ranges of lines, by the digest of their key. Whether a line is undamaged is checked when it
/// is used.
fn places(text: &str) -> HashMap<Digest, Range<usize>> {
    let mut places = HashMap::with_capacity(text.len() / 64);
    let mut start = 0;
    for line in text.split('\n') {
        let digits = line.get(..DIGITS).and_then(|digits| Digest::from_str_radix(digits, 16).ok());
        if let Some(digest) = digits {
            places.insert(digest, start..start + line.len());
        }
        start += line.len() + 1;
    }
    places
}

fn line(digest: Digest, kept: Kept) -> String {
    let found = match kept {
        Kept::Exact(Size { insertions, deletions, files_changed, built }) => {
            format!("= {insertions} {deletions} {files_changed} {built}")
        }
        Kept::AtLeast(lines) => format!("> {lines}"),
    };
    let text = format!("{digest:0DIGITS$x} {found}");
    format!("{text} {}\n", check_digits(&text))
}

/// The measurement in a line, if the line is undamaged.
fn parse(line: &str) -> Option<Kept> {
    let (text, check) = line.rsplit_once(' ')?;
    (check == check_digits(text)).then_some(())?;
    let mut words = text.split(' ').skip(1);
    let kind = words.next()?;
    let numbers: Vec<u64> = words.map(|word| word.parse().ok()).collect::<Option<_>>()?;
    match (kind, numbers.as_slice()) {
        ("=", &[insertions, deletions, files_changed, built]) => {
            Some(Kept::Exact(Size { insertions, deletions, files_changed, built }))
        }
        (">", &[lines]) => Some(Kept::AtLeast(lines)),
        _ => None,
    }
}

fn check_digits(text: &str) -> String {
    sha256(text).chars().take(8).collect()
}

#[cfg(test)]
mod tests;
