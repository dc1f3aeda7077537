//! The known content of a cache folder, by name and beginning: files of this tool, and those of the
//! original, which may share the folder.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use vet_project::sha256::is_sha256;

use super::kinds::{self, Form};
use super::{INCOMPLETE, MARK, OURS, SIGNATURE};
use crate::archives::{CACHED, CACHED_OF_OTHERS};

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
    for (name, is_known) in places() {
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
fn places() -> Vec<(&'static str, IsKnown)> {
    let mut places: Vec<(&str, IsKnown)> =
        vec![("", in_the_root), (CACHED, archive), (CACHED_OF_OTHERS, archive), ("src", sources)];
    let files = kinds::ALL.iter().filter(|kind| matches!(kind.form, Form::Files));
    places.extend(files.map(|kind| (kind.name, record as IsKnown)));
    places
}

fn in_the_root(_: &Path, path: &Path, name: &str, metadata: &Metadata) -> Option<Known> {
    if STATES.iter().any(|(state, start)| name == *state && begins_with(path, start)) {
        return Some(Known { path: path.to_owned(), last_used: None });
    }
    let kind = kinds::ALL.iter().find(|kind| kind.name == name)?;
    let Form::Table { lasts, .. } = kind.form else { return None };
    let known = begins_with(path, &kind.signature()).then(|| used(path, metadata))?;
    Some(if lasts { Known { last_used: None, ..known } } else { known })
}

/// A file with one record.
fn record(_: &Path, path: &Path, name: &str, metadata: &Metadata) -> Option<Known> {
    let folder = path.parent()?.file_name()?;
    let kind = kinds::ALL.iter().find(|kind| folder == kind.name)?;
    (is_sha256(name) && begins_with(path, &kind.signature())).then(|| used(path, metadata))
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
}
