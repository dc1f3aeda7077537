//! The two forms in which JSON is written.

use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// A document: two blanks for each level, no line feed at the end.
pub(crate) fn document(value: &impl Serialize) -> String {
    text(|buffer| serde_json::to_writer_pretty(buffer, value))
}

/// An object on one line, with a blank after each colon.
pub(crate) fn line(value: &impl Serialize) -> String {
    text(|buffer| value.serialize(&mut Serializer::with_formatter(buffer, OneLine)))
}

fn text(write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>) -> String {
    let mut buffer = Vec::new();
    // Only a failing writer and maps whose keys are no strings can fail, and there are none.
    let written = write(&mut buffer);
    debug_assert!(written.is_ok(), "{written:?}");
    String::from_utf8(buffer).unwrap_or_default()
}

struct OneLine;

impl Formatter for OneLine {
    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}
