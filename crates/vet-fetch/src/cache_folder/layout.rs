//! The known content of a cache folder, by name and beginning: files of this tool, and those of the
//! original, which may share the folder.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{INCOMPLETE, MARK, OURS, SIGNATURE};
use crate::archives::{CACHED, CACHED_OF_OTHERS};
use crate::drafts;

/// A file or folder that may be removed.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) path: PathBuf,
    /// When it was last used. `None` if it stays useful forever.
    pub(super) last_used: Option<SystemTime>,
}

/// The lock of the original. It exists before anything else there.
pub(super) const LOCK: &str = ".vet-lock";

/// Files of the original, and how they begin. It keeps them forever.
const STATES: [(&str, &str); 3] = [
    ("diff-cache.toml", "version = \""),
    ("crates-io-cache.json", "{\"version\":\""),
    ("command-history.json", "{\"version\":\""),
];

/// Files of this tool whose content never becomes outdated.
const LASTING: [&str; 8] =
    ["facts", "files", "libraries", "declared", "diffs", "violations", "looked-at", "modes"];

/// Whether a folder has the mark of this tool.
pub(super) fn is_marked(folder: &Path) -> bool {
    let mark = format!("{SIGNATURE}\n{}", OURS.split_inclusive(':').next().unwrap_or(OURS));
    begins_with(&folder.join(MARK), &mark)
}

/// Whether a folder is the original's cache: it contains its lock, which is empty, and one of its
/// files.
pub(super) fn is_of_original(folder: &Path) -> bool {
    let lock = fs::symlink_metadata(folder.join(LOCK));
    let is_lock = lock.is_ok_and(|lock| lock.is_file() && lock.len() == 0);
    is_lock && STATES.iter().any(|(name, start)| begins_with(&folder.join(name), start))
}

/// All known files in a folder, ordered by path. `failed` is called for folders that cannot be
/// read.
pub(super) fn known(folder: &Path, mut failed: impl FnMut(&Path, io::Error)) -> Vec<Known> {
    let mut found = Vec::new();
    for (name, is_known) in PLACES {
        let inner = folder.join(name);
        // A link, or a file instead of the folder, does not belong to this tool.
        if !fs::symlink_metadata(&inner).is_ok_and(|metadata| metadata.is_dir()) {
            continue;
        }
        match entries(&inner) {
            Ok(entries) => {
                found.extend(entries.iter().filter_map(|path| {
                    let metadata = fs::symlink_metadata(path).ok()?;
                    let name = path.file_name().and_then(OsStr::to_str)?;
                    if name.starts_with(INCOMPLETE) && !metadata.is_symlink() {
                        return Some(used(path, &metadata));
                    }
                    is_known(folder, path, name, &metadata)
                }));
            }
            Err(error) => failed(&inner, error),
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Recognizes an entry of a folder, from the cache folder, the entry's path and name, and its
/// metadata.
type IsKnown = fn(&Path, &Path, &str, &Metadata) -> Option<Known>;

/// The folders that are searched, and how to recognize their entries.
const PLACES: [(&str, IsKnown); 7] = [
    ("", in_the_root),
    ("http", ours_by_digest),
    ("crates", ours_by_crate),
    (drafts::FOLDER, draft),
    (CACHED, archive),
    (CACHED_OF_OTHERS, archive),
    ("src", sources),
];

fn in_the_root(folder: &Path, path: &Path, name: &str, metadata: &Metadata) -> Option<Known> {
    let is_state = || STATES.iter().any(|(state, start)| name == *state && begins_with(path, start));
    let is_lasting = LASTING.contains(&name) && has_our_header(path);
    match name {
        "unanswered" => ours(folder, path, name, metadata),
        _ => (is_lasting || is_state()).then(|| Known { path: path.to_owned(), last_used: None }),
    }
}

fn ours_by_digest(folder: &Path, path: &Path, name: &str, metadata: &Metadata) -> Option<Known> {
    let is_digest = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then(|| ours(folder, path, name, metadata))?
}

fn ours_by_crate(folder: &Path, path: &Path, name: &str, metadata: &Metadata) -> Option<Known> {
    let name = name.strip_suffix(".checksums").unwrap_or(name);
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_name.then(|| ours(folder, path, name, metadata))?
}

fn draft(_: &Path, path: &Path, name: &str, metadata: &Metadata) -> Option<Known> {
    let start = starts_with(path, 64)?;
    drafts::is_draft(name, &start).then(|| used(path, metadata))
}

/// A file that begins with a first line of this tool.
fn ours(_: &Path, path: &Path, _: &str, metadata: &Metadata) -> Option<Known> {
    has_our_header(path).then(|| used(path, metadata))
}

/// A downloaded package, complete or partial.
fn archive(_: &Path, path: &Path, name: &str, metadata: &Metadata) -> Option<Known> {
    let package = name.strip_suffix(".crate").or_else(|| name.strip_suffix(".crate.part"))?;
    (metadata.is_file() && is_package(package)).then(|| used(path, metadata))
}

/// The unpacked sources of a package. They are as old as their archive, if that still exists.
fn sources(folder: &Path, path: &Path, name: &str, metadata: &Metadata) -> Option<Known> {
    let marker = path.join(".cargo-ok");
    let is_complete = metadata.is_dir() && starts_with(&marker, 3).is_some_and(|bytes| bytes == b"ok");
    if !is_complete || !is_package(name) {
        return None;
    }
    let archive = folder.join(CACHED).join(format!("{name}.crate"));
    let times = [marker, archive].map(|path| fs::symlink_metadata(path).and_then(|one| one.modified()).ok());
    Some(Known { path: path.to_owned(), last_used: Some(times.into_iter().flatten().max()?) })
}

fn used(path: &Path, metadata: &Metadata) -> Known {
    // If the system has no such times, everything counts as just used.
    let last_used = metadata.modified().unwrap_or_else(|_| SystemTime::now());
    Known { path: path.to_owned(), last_used: Some(last_used) }
}

/// Whether a name consists of a package name and a version, such as `serde-1.0.0`.
fn is_package(name: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte);
    let has_version =
        name.split('-').skip(1).any(|part| part.starts_with(|first: char| first.is_ascii_digit()));
    has_version && name.bytes().all(is_fit) && !name.starts_with(['.', '-'])
}

/// Whether the first line names a format of this tool, such as `cargo-vet http 1`.
fn has_our_header(path: &Path) -> bool {
    let Some(bytes) = starts_with(path, 64) else { return false };
    let Some(line) = bytes.split_inclusive(|byte| *byte == b'\n').next() else { return false };
    let line = std::str::from_utf8(line).ok().and_then(|line| line.strip_suffix('\n'));
    let mut words = line.unwrap_or_default().split(' ');
    let (ours, name, version, more) = (words.next(), words.next(), words.next(), words.next());
    ours == Some("cargo-vet")
        && name.is_some()
        && version.is_some_and(|version| version.parse::<u32>().is_ok())
        && more.is_none()
}

fn begins_with(path: &Path, start: &str) -> bool {
    starts_with(path, start.len()).is_some_and(|bytes| bytes == start.as_bytes())
}

/// At most `length` bytes of a file; `None` if it is not a file, including a link to one.
fn starts_with(path: &Path, length: usize) -> Option<Vec<u8>> {
    fs::symlink_metadata(path).ok().filter(Metadata::is_file)?;
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(length as u64).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_have_versions() {
        for (name, expected) in [
            ("serde-1.0.0", true),
            ("a-b_c-0.1.0-rc.1+x", true),
            ("foo-1.0.0.git.00112233445566778899aabbccddeeff00112233", true),
            ("serde", false),
            ("serde-x", false),
            ("1.0.0", false),
            ("-1.0.0", false),
            ("..-1", false),
            ("my file-1", false),
            ("", false),
        ] {
            assert_eq!(is_package(name), expected, "{name}");
        }
    }

    #[test]
    fn headers_are_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for (text, expected) in [
            ("cargo-vet http 1\nrest", true),
            ("cargo-vet libraries 12\n", true),
            ("cargo-vet http 1", false),
            ("cargo-vet http 1 more\n", false),
            ("cargo-vet http one\n", false),
            ("cargo-vet 1\n", false),
            ("cargo-vets http 1\n", false),
            ("", false),
        ] {
            fs::write(&path, text).unwrap();
            assert_eq!(has_our_header(&path), expected, "{text:?}");
        }
        fs::write(&path, b"cargo-vet \xFF 1\n").unwrap();
        assert!(!has_our_header(&path));
        assert!(!has_our_header(folder.path()));
        assert!(!has_our_header(&folder.path().join("missing")));
    }
}
