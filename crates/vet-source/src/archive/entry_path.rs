//! Paths of entries in archives: which are accepted, and how messages show them.
//!
//! Cargo unpacks the same archive on every system. So a path is refused if it leads out of the
//! folder on any system: by `..`, by a root, by `\` as a separator, or by a drive letter, which
//! replaces the path before it on Windows. Names that are invalid on Windows, such as `aux.rs`, do
//! no harm: unpacking them fails there. They are accepted, because crates have them among their
//! tests.

use std::fmt::Write as _;

use super::ArchiveProblem;

/// The maximum length of a path on most systems, in bytes.
const LONGEST_PATH: usize = 4096;
/// The maximum length of a name in most file systems, in bytes.
const LONGEST_PART: usize = 255;
/// The maximum length of a path in messages.
const LONGEST_SHOWN: usize = 200;

/// Returns the path below the folder, with single slashes. It is empty for the folder itself.
pub(super) fn below(path: &[u8], folder: &str) -> Result<String, ArchiveProblem> {
    let named = |reason| Err(ArchiveProblem::Name { entry: shown(path), reason });
    let outside = || ArchiveProblem::Outside { entry: shown(path), folder: folder.to_owned() };
    if path.len() > LONGEST_PATH {
        return named("is longer than 4096 bytes");
    }
    let Ok(text) = std::str::from_utf8(path) else { return named("is not UTF-8") };
    if text.contains(char::is_control) {
        return named("has control characters");
    }
    let mut parts = text.split('/');
    if parts.next() != Some(folder) {
        return Err(outside());
    }
    let mut place = String::with_capacity(text.len());
    // Cargo also reads `a//b` and `a/./b` as `a/b`.
    for part in parts.filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." || part.contains('\\') || has_drive(part) {
            return Err(outside());
        }
        if part.len() > LONGEST_PART {
            return named("has a part of more than 255 bytes");
        }
        if !place.is_empty() {
            place.push('/');
        }
        place.push_str(part);
    }
    Ok(place)
}

fn has_drive(part: &str) -> bool {
    matches!(part.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// Formats a path for a message.
pub(super) fn shown(path: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in path.utf8_chunks() {
        for character in chunk.valid().chars() {
            if shown.len() >= LONGEST_SHOWN {
                return shown + "…";
            }
            match character.is_ascii_graphic() || character == ' ' || character.is_alphanumeric() {
                true => shown.push(character),
                false => shown.extend(character.escape_unicode()),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}
