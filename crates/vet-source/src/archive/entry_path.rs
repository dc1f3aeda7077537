//! Paths of entries in archives: which are accepted, and how they are shown.
//!
//! The same archive is unpacked by cargo on every system, so a path is refused if it leads out of the folder
//! on any of them: by `..`, by a root, by `\` as a separator, or by the letter of a drive, which replaces
//! what is before it on Windows. Names that Windows cannot have, such as `aux.rs`, hurt nobody: unpacking
//! fails there. They are accepted, since crates have them among their tests.

use std::fmt::Write as _;

use super::ArchiveProblem;

/// The longest path of most systems.
const LONGEST_PATH: usize = 4096;
/// The longest name of most file systems.
const LONGEST_PART: usize = 255;
/// How much of a path a message shows.
const LONGEST_SHOWN: usize = 200;

/// The path below the folder, with single slashes; nothing for the folder itself.
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
    // Cargo too takes `a//b` and `a/./b` for `a/b`.
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

/// A path for a message.
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
