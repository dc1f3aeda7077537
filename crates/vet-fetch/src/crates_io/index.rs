//! Index entries of crates: one line of JSON for each version.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use semver::Version;
use serde::Deserialize;
use tame_index::KrateName;
use tame_index::index::cache::ValidCacheEntry;
use tame_index::utils::{split, url_to_local_dir};
use vet_diagnostics::{Code, Diagnostic};
use vet_project::regular_file::read_file;

use super::location::Location;
use crate::clock::seconds;
use vet_project::sha256::is_sha256;

/// The maximum size of an entry, in bytes.
pub(super) const LARGEST: u64 = 64 << 20;

/// The maximum length of a name on crates.io.
const LONGEST_NAME: usize = 64;

/// Whether a crate can have this name. It becomes part of URLs and paths.
pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME && KrateName::try_from(name).is_ok()
}

/// The checksums of archives, by version: SHA-256, in 64 hexadecimal digits.
pub(super) type Checksums = BTreeMap<Version, String>;

/// The used parts of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct IndexEntry {
    /// Every published version.
    pub(super) versions: BTreeSet<Version>,
    /// Their checksums, if the index has them.
    pub(super) checksums: Checksums,
}

/// The used parts of a line.
#[derive(Deserialize)]
struct Line {
    vers: String,
    #[serde(default)]
    cksum: Option<String>,
}

/// The path of a crate's entry, relative to the URL of the index.
pub(crate) fn path(name: &str) -> String {
    KrateName::try_from(name).map_or_else(|_| String::new(), |name| name.relative_path(Some('/')))
}

/// The folder of a crate's archive, with the case of its name: `1`, `2`, `3/a` or `ab/cd`.
pub(super) fn prefix(name: &str) -> String {
    match (name.len(), name.get(..1), name.get(..2), name.get(2..4)) {
        (1 | 2, ..) => name.len().to_string(),
        (3, Some(first), ..) => format!("3/{first}"),
        (_, _, Some(first), Some(second)) => format!("{first}/{second}"),
        _ => String::new(),
    }
}

/// Parses an entry. Invalid lines are skipped.
///
/// # Errors
///
/// The entry contains no version.
pub(super) fn entry(url: &str, text: &str) -> Result<IndexEntry, Diagnostic> {
    let entry = IndexEntry::read(text.lines().map(str::as_bytes));
    entry.ok_or_else(|| {
        let message = format!("`{url}` is not a valid index entry of a crate");
        Diagnostic::error(Code::BadContent, message)
            .note("it contains no version")
            .help("check the address of the index in cargo's configuration, and which server answers there")
    })
}

/// Cargo's own copy of an entry, and when cargo fetched it, in seconds since 1970.
pub(super) fn entry_of_cargo(
    cargo_home: &Path,
    location: &Location,
    name: &str,
) -> Option<(IndexEntry, u64)> {
    let folder = url_to_local_dir(location.cargo_index(), true).ok()?.dir_name;
    let folder = cargo_home.join("registry").join("index").join(folder).join(".cache");
    let file = folder.join(path(name));
    let bytes = read_file(&file).ok()?;
    let fetched = fs::metadata(&file).and_then(|metadata| metadata.modified()).map_or(0, seconds);
    let entry = ValidCacheEntry::read(&bytes).ok()?;
    // Version numbers and lines alternate.
    Some((IndexEntry::read(split(entry.version_entries, 0).skip(1).step_by(2))?, fetched))
}

impl IndexEntry {
    /// Parses lines; `None` if none of them is valid.
    fn read<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Option<Self> {
        let mut entry = IndexEntry::default();
        for line in lines {
            let Ok(line) = serde_json::from_slice::<Line>(line) else { continue };
            let Ok(version) = Version::parse(&line.vers) else { continue };
            if let Some(checksum) = line.cksum.filter(|text| is_sha256(text)) {
                entry.checksums.insert(version.clone(), checksum);
            }
            entry.versions.insert(version);
        }
        (!entry.versions.is_empty()).then_some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vet_project::sha256::sha256;

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
    fn archives_have_their_places() {
        for (name, expected) in
            [("a", "1"), ("AB", "2"), ("Abc", "3/A"), ("Abcd", "Ab/cd"), ("a-b_c", "a-/b_"), ("", "")]
        {
            assert_eq!(prefix(name), expected, "{name}");
        }
    }

    #[test]
    fn lines_that_make_no_sense_are_left_out() {
        let read = |text: &str| {
            let entry = entry("https://example.org/a", text).map_err(|problem| problem.message)?;
            Ok::<_, String>(entry.versions.iter().map(Version::to_string).collect::<Vec<_>>().join(" "))
        };
        let entry = "{\"name\":\"a\",\"vers\":\"1.0.0\",\"yanked\":true}\r\n\n{\"vers\":\"1.0\"}\nx\n{\"vers\":1}\n\
                     {\"v\\u0065rs\":\"2.0.0-\\u0061\"}";
        assert_eq!(read(entry).as_deref(), Ok("1.0.0 2.0.0-a"));
        for entry in ["", "<html>\n", "{}"] {
            let expected = "`https://example.org/a` is not a valid index entry of a crate";
            assert_eq!(read(entry).unwrap_err(), expected);
        }
    }

    #[test]
    fn versions_have_checksums() {
        let checksum = sha256("archive");
        let line = |version: &str, rest: &str| format!("{{\"vers\":\"{version}\"{rest}}}\n");
        let text = [
            line("1.0.0", &format!(",\"cksum\":\"{checksum}\"")),
            line("1.1.0", ",\"cksum\":\"../x\""),
            line("1.2.0", ",\"cksum\":null"),
            line("1.3.0", ""),
        ];
        let entry = entry("https://example.org/a", &text.concat()).unwrap();
        assert_eq!(entry.versions.len(), 4);
        assert_eq!(entry.checksums, Checksums::from([(Version::new(1, 0, 0), checksum)]));
    }
}
