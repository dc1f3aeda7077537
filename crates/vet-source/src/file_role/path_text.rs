//! Evaluates the path that code passes to `include!` and similar macros, as far as it is known.

use super::token_trees::Token;

/// A path that code contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PathText {
    /// The path is known.
    Whole(String),
    /// Only the end of the path is known, because something before it depends on a macro, on the
    /// environment or on anything else. The end can be empty.
    End(String),
}

impl PathText {
    /// Evaluates an expression: a string, or `concat!(…)` with strings.
    ///
    /// Everything else is unknown. This includes `env!("OUT_DIR")`: the end of the path says
    /// enough.
    pub(super) fn of(tokens: &[Token<'_>]) -> Self {
        let mut known = String::new();
        let mut is_whole = true;
        let mut rest = tokens;
        while let Some((token, after)) = rest.split_first() {
            rest = after;
            match (token, after) {
                (Token::Text(text), _) => known.push_str(text),
                (Token::Documentation(text), _) => known.push_str(text),
                (Token::Character(character), _) => known.push(*character),
                (Token::Word("concat"), [Token::Mark(b'!'), Token::Open { .. }, inside @ ..]) => {
                    rest = inside
                }
                (Token::Mark(b',') | Token::Close(_) | Token::Open { .. }, _) => {}
                // A call of any other macro, or a repetition. What is in it does not matter.
                (Token::Mark(b'!' | b'$'), [Token::Open { length, .. }, inside @ ..]) => {
                    rest = inside.get(*length..).unwrap_or_default();
                    (known, is_whole) = (String::new(), false);
                }
                _ => (known, is_whole) = (String::new(), false),
            }
        }
        match is_whole {
            true => PathText::Whole(known),
            false => PathText::End(known),
        }
    }

    /// Returns the text between the brackets of `stringify!(…)`.
    pub(super) fn of_stringified(tokens: &[Token<'_>]) -> Self {
        let mut text = String::new();
        for token in tokens {
            match token {
                Token::Mark(b'$') => return PathText::End(String::new()),
                Token::Word(word) => text.push_str(word),
                Token::Open { bracket: mark, .. } | Token::Close(mark) | Token::Mark(mark) => {
                    text.push(char::from(*mark));
                }
                Token::Text(part) => text.push_str(part),
                Token::Character(part) => text.push(*part),
                Token::Documentation(_) => {}
            }
        }
        PathText::Whole(text)
    }

    /// Whether nothing is known about the path.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, PathText::End(end) if end.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::super::token_trees::readings;
    use super::*;

    #[test]
    fn what_is_known_about_a_path() {
        let whole = |text: &str| PathText::Whole(text.to_owned());
        let end = |text: &str| PathText::End(text.to_owned());
        let cases = [
            (r#""a/b.rs""#, whole("a/b.rs")),
            (r#"concat!("a", 'b', ".rs",)"#, whole("ab.rs")),
            (r#"concat!(concat!("a", "/"), r"b.rs")"#, whole("a/b.rs")),
            (r#"concat!(env!("CARGO_MANIFEST_DIR"), "/a", ".rs")"#, end("/a.rs")),
            (r#"concat!("a", env!("X"))"#, end("")),
            (r#"concat!("a", 1, ".rs")"#, end(".rs")),
            (r#"concat!("a", stringify!(b), ".rs")"#, end(".rs")),
            (r#"concat!("a", $($x, "y"),* ".rs")"#, end(".rs")),
            (r#"concat!("a", $($x, "y")?)"#, end("")),
            (r#"concat!("a", $b, ".rs")"#, end(".rs")),
            (r#"path!("a")"#, end("")),
            ("$path", end("")),
            ("/**a.rs*/", whole("a.rs")),
        ];
        for (code, expected) in cases {
            assert_eq!(PathText::of(readings(code.as_bytes())[0].tokens()), expected, "{code}");
        }
        for (code, expected) in [("../a/b.rs", whole("../a/b.rs")), ("a/$b", end(""))] {
            assert_eq!(PathText::of_stringified(readings(code.as_bytes())[0].tokens()), expected, "{code}");
        }
    }
}
