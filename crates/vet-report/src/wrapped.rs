//! Breaks lines so that they fit a terminal.

use unicode_width::UnicodeWidthStr as _;

/// Breaks a line at spaces, but not within backticks, because commands are copied. The lines after
/// the first begin with `indent` spaces. A word that is wider than a line stays whole. The text
/// ends with a line feed; line feeds within it stay.
pub fn wrapped(text: &str, indent: usize, columns: usize) -> String {
    text.split('\n').map(|line| wrapped_line(line, indent, columns)).collect()
}

fn wrapped_line(line: &str, indent: usize, columns: usize) -> String {
    let start = line.len() - line.trim_start().len();
    let mut text = line.get(..start).unwrap_or_default().to_owned();
    let mut used = text.width();
    let mut is_first = true;
    for word in words(line) {
        if !is_first && used + 1 + word.width() > columns {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            used = indent;
        } else if !is_first {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += word.width();
        is_first = false;
    }
    text.push('\n');
    text
}

/// The words of a line. What is between two backticks is one word with what is next to it.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    let parts = line.split(move |letter: char| {
        if letter == '`' {
            is_code = !is_code;
        }
        !is_code && letter.is_whitespace()
    });
    parts.filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_spaces() {
        for (line, expected) in [
            ("", "\n"),
            ("one two", "one two\n"),
            ("one two\n three four", "one two\n three\n  four\n"),
            ("one two three", "one two\n  three\n"),
            ("  one two three", "  one\n  two\n  three\n"),
            ("averyveryverylongword x", "averyveryverylongword\n  x\n"),
            ("a `b c d e`, f `g", "a\n  `b c d e`,\n  f `g\n"),
            ("語語 語語 語語", "語語\n  語語\n  語語\n"),
        ] {
            assert_eq!(wrapped(line, 2, 8), expected, "{line:?}");
        }
    }
}
