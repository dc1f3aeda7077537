//! Text from outside, made fit for a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Replaces control characters by escape sequences such as `\u{1b}`, except for line feeds and tabs.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        push(&mut shown, character);
    }
    Cow::Owned(shown)
}

/// As [`visible`], on one line.
pub(crate) fn visible_line(text: &str) -> Cow<'_, str> {
    let shown = visible(text);
    if shown.contains(['\n', '\t']) {
        return Cow::Owned(shown.replace('\n', "\\n").replace('\t', "\\t"));
    }
    shown
}

/// Appends a character, or its escape sequence.
pub(crate) fn push(shown: &mut String, character: char) {
    if is_hidden(character) {
        let _ = write!(shown, "{}", character.escape_unicode());
    } else {
        shown.push(character);
    }
}

/// Whether a character steers the terminal, or changes the direction of the text around it, instead of being shown.
fn is_hidden(character: char) -> bool {
    let is_direction =
        matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    is_direction || (character.is_control() && !matches!(character, '\n' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_unseen() {
        for (text, shown, on_one_line) in [
            ("", "", ""),
            ("grün\n\tx", "grün\n\tx", "grün\\n\\tx"),
            ("\u{1b}[31m\r\u{7}", "\\u{1b}[31m\\u{d}\\u{7}", "\\u{1b}[31m\\u{d}\\u{7}"),
            ("a\u{202e}b\u{9b}", "a\\u{202e}b\\u{9b}", "a\\u{202e}b\\u{9b}"),
        ] {
            assert_eq!(visible(text), shown);
            assert_eq!(visible_line(text), on_one_line);
        }
    }
}
