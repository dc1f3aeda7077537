//! What the index has of a crate: one line of JSON for each version.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use semver::Version;
use serde::Deserialize;
use tame_index::KrateName;
use tame_index::index::cache::ValidCacheEntry;
use tame_index::utils::{split, url_to_local_dir};
use vet_store::diagnostic::{Code, Diagnostic};

use super::location::Location;
use crate::clock::seconds;
use crate::text_file::read_file;

/// No entry is larger.
pub(super) const LARGEST: u64 = 64 << 20;

/// What is needed of a line.
#[derive(Deserialize)]
struct Line {
    vers: String,
}

/// Where the entry of a crate is, below the address of the index.
pub(super) fn path(name: &str) -> String {
    KrateName::try_from(name).map_or_else(|_| String::new(), |name| name.relative_path(Some('/')))
}

/// The versions of an entry. Lines that make no sense are left out.
///
/// # Errors
///
/// There is not a single version.
pub(super) fn versions(url: &str, entry: &str) -> Result<BTreeSet<Version>, Diagnostic> {
    let versions: BTreeSet<Version> = entry.lines().filter_map(|line| version(line.as_bytes())).collect();
    match versions.is_empty() {
        false => Ok(versions),
        true => {
            let message = format!("`{url}` is not what an index has of a crate");
            Err(Diagnostic::error(Code::BadContent, message)
                .note("there is not a single version in it")
                .help("look at the address of the index in cargo's configuration, and at what answers there"))
        }
    }
}

/// The versions in the entry that cargo keeps for itself, and when cargo fetched it, in seconds since 1970.
pub(super) fn entry_of_cargo(
    cargo_home: &Path,
    location: &Location,
    name: &str,
) -> Option<(BTreeSet<Version>, u64)> {
    let folder = url_to_local_dir(location.cargo_index(), true).ok()?.dir_name;
    let folder = cargo_home.join("registry").join("index").join(folder).join(".cache");
    let file = folder.join(path(name));
    let bytes = read_file(&file).ok()?;
    let fetched = fs::metadata(&file).and_then(|metadata| metadata.modified()).map_or(0, seconds);
    let entry = ValidCacheEntry::read(&bytes).ok()?;
    // Numbers and lines take turns.
    let lines = split(entry.version_entries, 0).skip(1).step_by(2);
    let versions: BTreeSet<Version> = lines.filter_map(version).collect();
    (!versions.is_empty()).then_some((versions, fetched))
}

fn version(line: &[u8]) -> Option<Version> {
    let line: Line = serde_json::from_slice(line).ok()?;
    Version::parse(&line.vers).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_have_their_places() {
        for (name, expected) in [
            ("a", "1/a"),
            ("AB", "2/ab"),
            ("abc", "3/a/abc"),
            ("Abcd", "ab/cd/abcd"),
            ("a-b_c", "a-/b_/a-b_c"),
            ("", ""),
            ("../x", ""),
            ("é", ""),
        ] {
            assert_eq!(path(name), expected);
        }
    }

    #[test]
    fn lines_that_make_no_sense_are_left_out() {
        let read = |entry: &str| {
            let versions = versions("https://example.org/a", entry).map_err(|problem| problem.message);
            versions.map(|versions| versions.iter().map(Version::to_string).collect::<Vec<_>>().join(" "))
        };
        let entry = "{\"name\":\"a\",\"vers\":\"1.0.0\",\"yanked\":true}\r\n\n{\"vers\":\"1.0\"}\nx\n{\"vers\":1}\n\
                     {\"v\\u0065rs\":\"2.0.0-\\u0061\"}";
        assert_eq!(read(entry).as_deref(), Ok("1.0.0 2.0.0-a"));
        for entry in ["", "<html>\n", "{}"] {
            let expected = "`https://example.org/a` is not what an index has of a crate";
            assert_eq!(read(entry).unwrap_err(), expected);
        }
    }
}
