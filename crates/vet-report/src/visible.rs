//! Makes text from outside safe to print.

use std::borrow::Cow;
use std::fmt::Write as _;

use vet_diagnostics::wording::is_steering;

/// Replaces control characters with escape sequences such as `\u{1b}`, except for line feeds and
/// tabs.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_steering) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        push(&mut shown, character);
    }
    Cow::Owned(shown)
}

/// Like [`visible`], for a single line.
pub(crate) fn visible_line(text: &str) -> Cow<'_, str> {
    let shown = visible(text);
    if shown.contains(['\n', '\t']) {
        return Cow::Owned(shown.replace('\n', "\\n").replace('\t', "\\t"));
    }
    shown
}

/// Appends a character or its escape sequence.
pub(crate) fn push(shown: &mut String, character: char) {
    if is_steering(character) {
        let _ = write!(shown, "{}", character.escape_unicode());
    } else {
        shown.push(character);
    }
}

/// Whether a character is invisible in source code: hidden characters, and characters without
/// width. The latter may be right in a name, but in code they make different words look the same.
pub(crate) fn is_unseen(character: char) -> bool {
    let is_empty = matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    );
    is_empty || is_steering(character)
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

    #[test]
    fn what_is_not_seen_in_code() {
        for character in [
            '\u{1b}',
            '\r',
            '\u{7f}',
            '\u{9b}',
            '\u{202e}',
            '\u{2067}',
            '\u{200b}',
            '\u{200d}',
            '\u{ad}',
            '\u{e0041}',
            '\u{fe0f}',
        ] {
            assert!(is_unseen(character), "{character:?}");
        }
        for character in ['a', ' ', '\t', 'ä', '中', '🦀', '\u{301}', '\u{a0}'] {
            assert!(!is_unseen(character), "{character:?}");
        }
    }
}
