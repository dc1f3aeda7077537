//! Writes strings, keys and arrays in their canonical form.

use std::fmt::{self, Write as _};

/// A key. It is written bare if possible.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a>(pub(crate) &'a str);

impl Key<'_> {
    fn is_bare(self) -> bool {
        let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        !self.0.is_empty() && self.0.bytes().all(is_bare)
    }

    /// Appends the key.
    pub(super) fn push(self, out: &mut String) {
        if self.is_bare() {
            out.push_str(self.0);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "{self}");
        }
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Key(key) = self;
        let is_control = |byte: u8| byte.is_ascii_control() && byte != b'\t';
        if self.is_bare() {
            f.write_str(key)
        } else if !key.bytes().any(|byte| is_control(byte) || byte == b'\\' || byte == b'"') {
            // Only a tab needs an escape here.
            f.write_char('"')?;
            escape(f, key, Lines::Single)?;
            f.write_char('"')
        } else if !key.bytes().any(|byte| is_control(byte) || byte == b'\'') {
            write!(f, "'{key}'")
        } else {
            f.write_char('"')?;
            escape(f, key, Lines::Single)?;
            f.write_char('"')
        }
    }
}

/// The delimiters of a basic string.
#[derive(Clone, Copy, PartialEq)]
enum Lines {
    Single,
    Multiple,
}

/// Appends a string in the first of these forms that can represent it: basic without escapes,
/// literal, multi-line basic without escapes, multi-line literal, basic.
pub(super) fn push_string(out: &mut String, text: &str) {
    let is_ordinary = |byte: u8| byte != b'"' && byte != b'\\' && !byte.is_ascii_control();
    // Without an early exit, several bytes are compared at once.
    if text.bytes().fold(true, |all, byte| all & is_ordinary(byte)) {
        out.push('"');
        out.push_str(text);
        out.push('"');
        return;
    }
    let shape = Shape::of(text);
    let plain = !shape.has_control && !shape.has_backslash;
    if plain && shape.double_quotes == 0 && !shape.has_newline {
        // Only a tab needs an escape here.
        push_basic(out, text, Lines::Single);
    } else if !shape.has_control && shape.single_quotes == 0 && !shape.has_newline {
        out.push('\'');
        out.push_str(text);
        out.push('\'');
    } else if plain && shape.double_quotes <= 2 {
        push_basic(out, text, Lines::Multiple);
    } else if !shape.has_control && shape.single_quotes <= 2 {
        out.push_str(if shape.has_newline { "'''\n" } else { "'''" });
        out.push_str(text);
        out.push_str("'''");
    } else {
        push_basic(out, text, if shape.has_newline { Lines::Multiple } else { Lines::Single });
    }
}

fn push_basic(out: &mut String, text: &str, lines: Lines) {
    let delimiter = if lines == Lines::Multiple { "\"\"\"" } else { "\"" };
    out.push_str(delimiter);
    if lines == Lines::Multiple && text.contains('\n') {
        out.push('\n');
    }
    // Writing to a string cannot fail.
    let _ = escape(out, text, lines);
    out.push_str(delimiter);
}

/// The properties that decide the form of a string.
#[derive(Default)]
struct Shape {
    /// Whether there is a control character other than tab and line feed.
    has_control: bool,
    has_backslash: bool,
    has_newline: bool,
    /// The longest run of `"`.
    double_quotes: usize,
    /// The longest run of `'`.
    single_quotes: usize,
}

impl Shape {
    fn of(text: &str) -> Self {
        let mut shape = Shape::default();
        let (mut double, mut single) = (0, 0);
        for byte in text.bytes() {
            double = if byte == b'"' { double + 1 } else { 0 };
            single = if byte == b'\'' { single + 1 } else { 0 };
            shape.double_quotes = shape.double_quotes.max(double);
            shape.single_quotes = shape.single_quotes.max(single);
            match byte {
                b'\n' => shape.has_newline = true,
                b'\\' => shape.has_backslash = true,
                b'\t' => {}
                byte if byte.is_ascii_control() => shape.has_control = true,
                _ => {}
            }
        }
        shape
    }
}

/// Writes the content of a basic string.
fn escape(out: &mut impl fmt::Write, text: &str, lines: Lines) -> fmt::Result {
    let mut quotes = 0;
    let mut unwritten = 0;
    for (index, byte) in text.bytes().enumerate() {
        quotes = if byte == b'"' { quotes + 1 } else { 0 };
        let raw = match byte {
            b'\n' => lines == Lines::Multiple,
            // Three quotes in a row would end a multi-line string.
            b'"' => lines == Lines::Multiple && quotes < 3,
            b'\\' => false,
            byte => !byte.is_ascii_control(),
        };
        if raw {
            continue;
        }
        out.write_str(text.get(unwritten..index).unwrap_or_default())?;
        unwritten = index + 1;
        match byte {
            b'\x08' => out.write_str("\\b")?,
            b'\t' => out.write_str("\\t")?,
            b'\n' => out.write_str("\\n")?,
            b'\x0c' => out.write_str("\\f")?,
            b'\r' => out.write_str("\\r")?,
            b'\\' => out.write_str("\\\\")?,
            b'"' => {
                out.write_str("\\\"")?;
                quotes = 0;
            }
            control => write!(out, "\\u{control:04X}")?,
        }
    }
    out.write_str(text.get(unwritten..).unwrap_or_default())
}

/// Appends an array on one line.
pub(super) fn push_array(out: &mut String, list: &[String]) {
    out.push('[');
    for (index, element) in list.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        push_string(out, element);
    }
    out.push(']');
}

/// The maximum width of a line `key = [...]`, in characters.
const WIDEST_ARRAY: usize = 80;

/// Whether a value of this length fits on the line of its key.
pub(super) fn array_fits(key: &str, value: &str) -> bool {
    width(key, value) <= WIDEST_ARRAY
}

/// Returns the number of characters of `key = value`. The key is counted without quotes.
pub(super) fn width(key: &str, value: &str) -> usize {
    key.chars().count() + " = ".len() + value.chars().count()
}

/// Appends an array as the value of a key: on one line, or with one line for each element if that
/// line would be too wide.
pub(super) fn push_array_value(out: &mut String, key: &str, list: &[String]) {
    let start = out.len();
    push_array(out, list);
    if array_fits(key, out.get(start..).unwrap_or_default()) {
        return;
    }
    out.truncate(start);
    out.push_str("[\n");
    for element in list {
        out.push_str("    ");
        push_string(out, element);
        out.push_str(",\n");
    }
    out.push(']');
}
