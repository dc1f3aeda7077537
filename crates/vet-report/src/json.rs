//! The two formats in which JSON is written.

use std::fmt::Write as _;
use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use vet_diagnostics::wording::is_steering;

/// A document: indented by two spaces per level, without a final line feed.
pub(crate) fn document(value: &impl Serialize) -> String {
    text(|buffer| serde_json::to_writer_pretty(buffer, value))
}

/// An object on one line, with a space after each colon.
pub(crate) fn line(value: &impl Serialize) -> String {
    text(|buffer| value.serialize(&mut Serializer::with_formatter(buffer, OneLine)))
}

fn text(write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>) -> String {
    let mut buffer = Vec::new();
    // Serialization fails only for a failing writer or maps with keys that are not strings; there
    // are neither.
    let written = write(&mut buffer);
    debug_assert!(written.is_ok(), "{written:?}");
    let text = String::from_utf8(buffer).unwrap_or_default();
    if text.contains(is_steering) { escaped(&text) } else { text }
}

/// Escapes terminal control characters. They occur only in strings, where an escape sequence means
/// the same.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_steering(character) {
            // These characters all have at most four hexadecimal digits.
            let _ = write!(escaped, "\\u{:04x}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

struct OneLine;

impl Formatter for OneLine {
    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal() {
        let texts = ["a\u{202e}b", "\u{1b}[2J\u{7f}\u{9b}", "\n\t\"\\", "é\u{645}"];
        let written = line(&texts);
        assert_eq!(
            written,
            r#"["a\u202eb","\u001b[2J\u007f\u009b","\n\t\"\\","é\u0645"]"#.replace("\\u0645", "\u{645}")
        );
        assert_eq!(serde_json::from_str::<Vec<String>>(&written).unwrap(), texts);
    }
}
