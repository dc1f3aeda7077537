//! What measuring differences found, for all projects and all runs: a line for each.
//!
//! The sources of a version never change, so what was measured once is true for ever, as long as it is counted in the same
//! way. Lines are added at the end, in one go, so processes need not wait for each other; once the file has grown large, it is
//! written anew without what was not used for long. A line that is damaged counts as lost.

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

/// So many hexadecimal digits of the digest of a key start a line.
const DIGITS: usize = 32;

/// When the file is larger it is written anew, with half of that. A line has some 80 bytes.
const LARGEST: usize = 4 << 20;

/// What was measured: the step from one source tree to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What the step starts from.
    pub from: SourceTree,
    /// Where it leads.
    pub to: SourceTree,
    /// The number of the way in which it was counted. Another way has other results.
    pub algorithm: u32,
}

/// A source tree, by what never means another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceTree {
    /// Without any files: where a full audit starts.
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

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It was counted to the end.
    Exact(Size),
    /// Counting ended when it was clear that there are at least so many lines.
    AtLeast(u64),
}

/// The file with what was found, as it was when it was opened.
#[derive(Debug)]
pub struct Sizes {
    folder: CacheFolder,
    text: String,
    /// The places of lines in the text; of several about the same the last one counts.
    lines: HashMap<Digest, Range<usize>>,
    /// What somebody asked for.
    used: Mutex<BTreeSet<Digest>>,
    largest: usize,
}

/// The start of the digest of a key, which is enough to tell keys apart.
type Digest = u128;

impl Sizes {
    /// Opens the file in the folder of the cache. Neither need exist.
    pub fn open(cache_folder: &Path) -> Self {
        Self::with_largest(cache_folder, LARGEST)
    }

    fn with_largest(cache_folder: &Path, largest: usize) -> Self {
        let folder = CacheFolder::new(cache_folder);
        let text = read(&folder);
        let lines = places(&text);
        Sizes { folder, text, lines, used: Mutex::default(), largest }
    }

    /// What was found earlier.
    pub fn get(&self, key: &Key) -> Option<Kept> {
        let digest = key.digest();
        let kept = parse(self.text.get(self.lines.get(&digest)?.clone())?)?;
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(digest);
        Some(kept)
    }

    /// Keeps what was found, for those who open the file from now on. A cache that cannot be written is no reason to fail.
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
        // A line that was not written to its end must not spoil the next one.
        let start = if last == b'\n' { "" } else { "\n" };
        // All at once, so that what others add does not get between.
        File::options().append(true).open(path)?.write_all([start, new].concat().as_bytes())
    }

    /// Writes the file without what is old. What this run has used counts as new.
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
    /// What stands for it. No line can be taken for that of another kind, nor for two.
    fn text(&self) -> String {
        match self {
            SourceTree::Nothing => "nothing".to_owned(),
            SourceTree::Archive(checksum) => format!("archive {checksum:?}"),
            SourceTree::Git { revision, package } => format!("git {revision:?} {package:?}"),
        }
    }
}

/// The text of the file after its first line; nothing if it is not ours.
fn read(folder: &CacheFolder) -> String {
    let bytes = read_file(&folder.path(NAME)).unwrap_or_default();
    // Bytes that are no text are part of lines that are damaged.
    let mut text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    if !text.starts_with(HEADER) {
        return String::new();
    }
    text.drain(..HEADER.len());
    text
}

/// The length of the file and its last byte; nothing if it is not ours.
fn begins_and_ends(path: &Path) -> io::Result<Option<(u64, u8)>> {
    let mut file = open_file(path)?;
    let mut start = [0; HEADER.len()];
    file.read_exact(&mut start)?;
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok((start == *HEADER.as_bytes()).then_some((file.stream_position()?, last[0])))
}

/// Where lines are, by the digest of their key. Whether they are whole is seen when they are used.
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

/// What a line says, if it is as it was written.
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
