//! Rust code as a sequence of words, texts and marks: enough to see what it refers to.
//!
//! Comments are left out, and so are numbers and characters. Nothing is ever wrong: what does not make sense
//! ends somehow.

/// A piece of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A keyword or name, or a number.
    Word(&'a [u8]),
    /// The content of a string.
    Text(String),
    /// One byte of anything else.
    Mark(u8),
}

/// The pieces of a file.
pub(super) fn tokens(code: &[u8]) -> impl Iterator<Item = Token<'_>> {
    let mut rest = Rest(code);
    std::iter::from_fn(move || rest.next())
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            match self.0 {
                [] => return None,
                [b'/', b'/', ..] => self.skip_line(),
                [b'/', b'*', ..] => self.skip_comment(),
                [b'"', ..] => return Some(Token::Text(self.string())),
                [b'\'', ..] => self.skip_character(),
                [byte, ..] if byte.is_ascii_whitespace() => self.take(1),
                [byte, ..] if is_word(*byte) => return Some(self.word()),
                [byte, ..] => {
                    let mark = Token::Mark(*byte);
                    self.take(1);
                    return Some(mark);
                }
            };
        }
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at_checked(length).unwrap_or((self.0, &[]));
        self.0 = rest;
        taken
    }

    fn skip_line(&mut self) -> &'a [u8] {
        self.take(memchr::memchr(b'\n', self.0).unwrap_or(self.0.len()))
    }

    /// Comments can be in comments.
    fn skip_comment(&mut self) -> &'a [u8] {
        let mut depth = 0_usize;
        loop {
            match self.0 {
                [] => return &[],
                [b'/', b'*', ..] => {
                    depth += 1;
                    self.take(2);
                }
                [b'*', b'/', ..] => {
                    depth -= 1;
                    self.take(2);
                    if depth == 0 {
                        return &[];
                    }
                }
                _ => {
                    self.take(1);
                }
            }
        }
    }

    /// A character, or the quote of a lifetime.
    fn skip_character(&mut self) -> &'a [u8] {
        const LONGEST: usize = 12;
        let after = self.0.get(1..).unwrap_or_default();
        if let [b'\\', _, rest @ ..] = after {
            let end = memchr::memchr(b'\'', rest.get(..LONGEST).unwrap_or(rest)).map_or(0, |end| end + 1);
            return self.take(3 + end);
        }
        // Of a character of several bytes, all but the first are at least 128.
        let length = 1 + after.iter().skip(1).take_while(|byte| **byte & 0xc0 == 0x80).count();
        let is_character = after.get(length) == Some(&b'\'');
        self.take(if is_character { length + 2 } else { 1 })
    }

    fn word(&mut self) -> Token<'a> {
        let length = self.0.iter().take_while(|byte| is_word(**byte)).count();
        let (word, after) = self.0.split_at_checked(length).unwrap_or((self.0, &[]));
        if matches!(word, b"r" | b"br" | b"cr") {
            let hashes = after.iter().take_while(|byte| **byte == b'#').count();
            match after.get(hashes) {
                Some(b'"') => {
                    self.take(length + hashes + 1);
                    return Token::Text(self.raw_string(hashes));
                }
                Some(byte) if hashes == 1 && is_word(*byte) => {
                    self.take(length + 1);
                    return self.word();
                }
                _ => {}
            }
        }
        self.take(length);
        if matches!((word, after), (b"b" | b"c", [b'"', ..])) {
            return Token::Text(self.string());
        }
        if matches!((word, after), (b"b", [b'\'', ..])) {
            self.skip_character();
        }
        Token::Word(word)
    }

    fn raw_string(&mut self, hashes: usize) -> String {
        let mut end = vec![b'"'];
        end.resize(1 + hashes, b'#');
        let length = memchr::memmem::find(self.0, &end).unwrap_or(self.0.len());
        let text = String::from_utf8_lossy(self.take(length)).into_owned();
        self.take(end.len());
        text
    }

    fn string(&mut self) -> String {
        let mut text = Vec::new();
        self.take(1);
        loop {
            match self.0 {
                [] => break,
                [b'"', ..] => {
                    self.take(1);
                    break;
                }
                [b'\\', ..] => self.escape(&mut text),
                [byte, ..] => {
                    text.push(*byte);
                    self.take(1);
                }
            }
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    fn escape(&mut self, text: &mut Vec<u8>) {
        let number = |digits: &[u8]| {
            let digits: String =
                digits.iter().filter(|digit| **digit != b'_').map(|digit| char::from(*digit)).collect();
            u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
        };
        let character = match self.0 {
            [_, b'x', high, low, ..] => {
                let character = number(&[*high, *low]);
                self.take(4);
                character
            }
            [_, b'u', b'{', rest @ ..] => {
                let length = rest.iter().take_while(|byte| **byte != b'}').count();
                let character = number(rest.get(..length).unwrap_or_default());
                self.take(4 + length);
                character
            }
            // The line goes on with the first word of the next.
            [_, b'\n' | b'\r', ..] => {
                self.take(1);
                let blank = self.0.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                self.take(blank);
                None
            }
            _ => {
                let character = self.0.get(1).map(|byte| match byte {
                    b'n' => '\n',
                    b'r' => '\r',
                    b't' => '\t',
                    b'0' => '\0',
                    other => char::from(*other),
                });
                self.take(2);
                character
            }
        };
        if let Some(character) = character {
            text.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces() {
        // code, its pieces: texts in quotes
        let cases: [(&str, &str); 14] = [
            ("mod a; // mod b;\nmod c;", "mod a ; mod c ;"),
            ("/* a /* b */ c */ d /* e", "d"),
            ("include_str!(\"a.txt\")", "include_str ! ( \"a.txt\" )"),
            (r##"r#"a"b"# r"c\" br"d" b"e" c"f""##, r##""a"b" "c\" "d" "e" "f""##),
            (r#""\x61\u{62}\n\"" x"#, "\"ab\n\"\" x"),
            ("\"a\\\n   b\"", "\"ab\""),
            ("'a' 'b '\"' '\\'' '\\u{1F600}' 'é' x", "b x"),
            ("r#mod r#\"x\"#", "mod \"x\""),
            ("&'static str", "& static str"),
            ("b'\"' \"x\"", "b \"x\""),
            ("\"open", "\"open\""),
            ("\"open \\", "\"open \""),
            ("'", ""),
            ("r#\"open\"", "\"open\"\""),
        ];
        for (code, expected) in cases {
            let pieces: Vec<String> = tokens(code.as_bytes())
                .map(|token| match token {
                    Token::Word(word) => String::from_utf8_lossy(word).into_owned(),
                    Token::Text(text) => format!("\"{text}\""),
                    Token::Mark(mark) => char::from(mark).to_string(),
                })
                .collect();
            assert_eq!(pieces.join(" "), expected, "{code}");
        }
    }
}
