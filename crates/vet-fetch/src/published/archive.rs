//! The facts from the archive of a package, after its checksum was verified.
//!
//! An archive counts only if it is unambiguous: it is read to its end, and every entry is a file or
//! a folder inside the folder of the package. Cargo unpacks the entries in order, so a later entry
//! replaces an earlier one with the same path. So the last manifest counts, provided that all paths
//! are in the entries themselves and that no other entry could replace a manifest or `src/lib.rs`.
//! Whatever exceeds a limit is unknown.

use std::io::Read;
use std::path::{Component, Path};

use flate2::read::GzDecoder;
use tar::EntryType;
use vet_diagnostics::Source;
use vet_graph::Manifest;

use super::described::Described;

const MANIFEST: &str = "Cargo.toml";

/// The maximum size of a manifest, in bytes.
const LARGEST_MANIFEST: u64 = 16 << 20;

/// The maximum unpacked size that cargo accepts, in bytes.
const LARGEST_CONTENT: u64 = 512 << 20;

/// Reads an archive whose checksum was verified.
pub(super) fn described(archive: &[u8], name: &str, version: &semver::Version) -> Described {
    read(archive, name, version).unwrap_or_default()
}

/// The relevant content of an archive.
pub(super) struct Content {
    /// The text of the manifest; if there are several, the last one, which replaces the others when
    /// cargo unpacks them.
    pub(super) manifest: String,
    /// Whether there is a file that may be `src/lib.rs`.
    pub(super) has_library_file: bool,
    /// Whether the archive was read to its end.
    pub(super) is_whole: bool,
}

fn read(archive: &[u8], name: &str, version: &semver::Version) -> Option<Described> {
    let Content { manifest, has_library_file, is_whole } = content(archive, name, version)?;
    let manifest = Manifest::parse(&Source::new("Cargo.toml", manifest)).ok()?;
    let is_meant = manifest.package.as_ref().is_some_and(|package| package.name == name);
    let described = is_meant.then(|| Described::of(&manifest, None, has_library_file))?;
    // The unread part may contain a library.
    Some(if is_whole { described } else { Described::default() })
}

/// Reads the content of an archive; `None` if it is unclear what cargo unpacks.
pub(super) fn content(archive: &[u8], name: &str, version: &semver::Version) -> Option<Content> {
    let folder = format!("{name}-{version}");
    let mut manifest = None;
    let (mut has_several, mut has_library_file) = (false, false);
    let mut content = GzDecoder::new(archive).take(LARGEST_CONTENT);
    let mut entries = tar::Archive::new(&mut content);
    for entry in entries.entries().ok()? {
        let mut entry = entry.ok()?;
        let is_folder = match entry.header().entry_type() {
            EntryType::Regular => false,
            EntryType::Directory => true,
            _ => return None,
        };
        let place = inside(&entry.path().ok()?, &folder)?;
        let is_in_the_way = |file: &str| may_take_the_place(&place, is_folder, file);
        if [MANIFEST, "src/lib.rs"].into_iter().any(is_in_the_way) {
            return None;
        }
        if is_folder {
            continue;
        }
        if place.eq_ignore_ascii_case("src/lib.rs") {
            // On some file systems it is the library, on others not.
            if place != "src/lib.rs" {
                return None;
            }
            has_library_file = true;
        } else if place.eq_ignore_ascii_case(MANIFEST) {
            if place != MANIFEST || entry.size() > LARGEST_MANIFEST {
                return None;
            }
            has_several |= manifest.is_some();
            let mut text = String::new();
            entry.read_to_string(&mut text).ok()?;
            manifest = Some(text);
        }
    }
    let is_whole = drain(&mut content)?;
    if has_several && !has_plain_paths(archive) {
        return None;
    }
    Some(Content { manifest: manifest?, has_library_file, is_whole })
}

/// Whether an entry could replace a file or prevent it, without being a file with this path: a
/// folder with this path, something below it, or a file in place of one of its parent folders.
fn may_take_the_place(place: &str, is_folder: bool, file: &str) -> bool {
    let (place, file) = (place.to_ascii_lowercase(), file.to_ascii_lowercase());
    let is_above = place.is_empty() || file.strip_prefix(&place).is_some_and(|rest| rest.starts_with('/'));
    match place.strip_prefix(&file) {
        Some("") => is_folder,
        Some(rest) if rest.starts_with('/') => true,
        _ => is_above && !is_folder,
    }
}

/// Whether all paths are in the entries. Extensions of the format are refused, because programs
/// read them differently.
fn has_plain_paths(archive: &[u8]) -> bool {
    let mut tar = tar::Archive::new(GzDecoder::new(archive).take(LARGEST_CONTENT));
    let Ok(entries) = tar.entries() else { return false };
    let is_plain = |kind: EntryType| matches!(kind, EntryType::Regular | EntryType::Directory);
    entries.raw(true).all(|entry| entry.is_ok_and(|entry| is_plain(entry.header().entry_type())))
}

/// Reads what follows the last entry. Returns whether the limit was not reached.
fn drain(content: &mut std::io::Take<impl Read>) -> Option<bool> {
    std::io::copy(content, &mut std::io::sink()).ok()?;
    Some(content.limit() > 0)
}

/// The path of an entry inside the folder of the package, with slashes; `None` if it is ambiguous.
fn inside(path: &Path, folder: &str) -> Option<String> {
    let text = path.to_str()?;
    if text.contains(['\\', '\0', ':']) || text.contains("//") {
        return None;
    }
    let is_plain = |component: Component<'_>| matches!(component, Component::Normal(_));
    // `Path` ignores dots between slashes.
    if !path.components().all(is_plain) || text.split('/').any(|part| part == ".") {
        return None;
    }
    let rest = text.strip_prefix(folder)?;
    match rest.strip_prefix('/') {
        Some(rest) => Some(rest.to_owned()),
        None => rest.is_empty().then(String::new),
    }
}

#[cfg(test)]
mod with_cargo;

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use vet_testing::archive;

    use super::*;

    fn library(files: &[(&str, &str)]) -> Option<bool> {
        let bytes = archive("a-1.0.0", files);
        described(&bytes, "a", &semver::Version::new(1, 0, 0)).is_library
    }

    fn manifest(rest: &str) -> String {
        format!("[package]\nname = \"a\"\nversion = \"1.0.0\"\n{rest}")
    }

    #[test]
    fn whether_a_package_is_a_library() {
        let plain = manifest("");
        let plain = plain.as_str();
        for (files, expected) in [
            (&[("Cargo.toml", plain), ("src/lib.rs", "")][..], Some(true)),
            (&[("Cargo.toml", plain), ("src/main.rs", "")], Some(false)),
            (&[("Cargo.toml", plain), ("SRC/Lib.rs", "")], None),
            (&[("Cargo.toml", &manifest("[lib]\n"))], Some(true)),
            (&[("Cargo.toml", &manifest("autolib = false\n"))], Some(false)),
            (&[("Cargo.toml", &manifest("autolib = false\n")), ("src/lib.rs", "")], None),
            (&[("Cargo.toml", "[package]\nname = \"other\"\nversion = \"1.0.0\"\n")], None),
            (&[("Cargo.toml", "not a manifest")], None),
            (&[("src/main.rs", "")], None),
            (&[("sub/Cargo.toml", plain), ("src/main.rs", "")], None),
        ] {
            assert_eq!(library(files), expected, "{files:?}");
        }
    }

    /// Cargo uses the last of two manifests.
    #[test]
    fn of_several_manifests_the_last_counts() {
        let plain = manifest("");
        let with_library = manifest("[lib]\npath = \"l.rs\"\n");
        let of =
            |one: &str, other: &str| library(&[("Cargo.toml", one), ("Cargo.toml", other), ("l.rs", "")]);
        assert_eq!(of(&plain, &with_library), Some(true));
        assert_eq!(of(&with_library, &plain), Some(false));
        assert_eq!(of(&with_library, "no manifest"), None);
        assert_eq!(of("no manifest", &with_library), Some(true));
    }

    #[test]
    fn what_leaves_room_for_doubt_is_not_known() {
        let plain = manifest("");
        let with_library = manifest("[lib]\npath = \"l.rs\"\n");
        assert_eq!(library(&[("Cargo.toml", &plain), ("cargo.toml", &with_library), ("l.rs", "")]), None);
        assert_eq!(library(&[("cargo.toml", &plain)]), None);
        assert_eq!(library(&[("Cargo.toml", &plain), ("src\\lib.rs", "")]), None);

        let mut long = plain.clone();
        write!(long, "#{}\n[lib]\npath = \"l.rs\"\n", "x".repeat(16 << 20)).unwrap();
        assert_eq!(library(&[("Cargo.toml", &long), ("l.rs", "")]), None);

        let bytes = archive("a-1.0.0", &[("Cargo.toml", &plain), ("src/main.rs", "")]);
        let version = semver::Version::new(1, 0, 0);
        let known = |bytes: &[u8], name: &str| described(bytes, name, &version).is_library;
        assert_eq!(known(&bytes, "a"), Some(false));
        assert_eq!((known(&bytes, "b"), known(&[], "a")), (None, None));
        for length in 0..bytes.len() - 8 {
            assert_eq!(known(&bytes[..length], "a"), None, "the first {length} bytes");
        }
    }

    #[test]
    fn of_several_manifests_cargo_unpacks_the_last() {
        let (first, last) = (manifest(""), manifest("autolib = false\n"));
        let bytes = archive("a-1.0.0", &[("Cargo.toml", &first), ("src/lib.rs", ""), ("Cargo.toml", &last)]);
        let content = content(&bytes, "a", &semver::Version::new(1, 0, 0)).unwrap();
        assert_eq!(content.manifest, last);
        assert!(content.has_library_file && content.is_whole);
    }

    #[test]
    fn links_leave_room_for_doubt() {
        let pack = |kind: EntryType, path: &str| {
            let mut builder = tar::Builder::new(Vec::new());
            let mut add = |path: &str, kind: EntryType, text: &str| {
                let mut header = tar::Header::new_gnu();
                header.set_entry_type(kind);
                header.set_size(text.len() as u64);
                header.set_mode(0o644);
                if kind != EntryType::Regular {
                    header.set_link_name("main.rs").unwrap();
                }
                header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
                header.set_cksum();
                builder.append(&header, text.as_bytes()).unwrap();
            };
            add("a-1.0.0/Cargo.toml", EntryType::Regular, &manifest(""));
            add(path, kind, "");
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut packed, &builder.into_inner().unwrap()).unwrap();
            let bytes = packed.finish().unwrap();
            described(&bytes, "a", &semver::Version::new(1, 0, 0)).is_library
        };
        assert_eq!(pack(EntryType::Regular, "a-1.0.0/src/main.rs"), Some(false));
        assert_eq!(pack(EntryType::Symlink, "a-1.0.0/src/lib.rs"), None);
        assert_eq!(pack(EntryType::Link, "a-1.0.0/x"), None);
        for path in [
            "b-1.0.0/x",
            "a-1.0.0/./x",
            "a-1.0.0//x",
            "a-1.0.0/../x",
            "./a-1.0.0/x",
            "/a-1.0.0/x",
            "a-1.0.0x",
        ] {
            assert_eq!(pack(EntryType::Regular, path), None, "{path}");
        }
    }
}
