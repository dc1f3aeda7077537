//! Reads Rust code as token trees: words, strings and marks in nested brackets. This is enough to
//! find references to files.
//!
//! The compiler's own lexer splits the code. Reading never fails and never recurses: a file is a
//! flat list of tokens, in which an opening bracket knows the length of its group. If the brackets
//! of a file do not match, the worst case is assumed for every token: see [`contexts`].

mod contexts;
mod lexer;

use std::borrow::Cow;

use lexer::{Edition, lex};
use memchr::memmem;

pub(super) use contexts::Position;

/// A token of Rust code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A keyword, a name or a number. A raw name has no `r#`, and a lifetime has no quote.
    Word(&'a str),
    /// The content of a string.
    Text(Cow<'a, str>),
    /// The content of a character literal.
    Character(char),
    /// The text of a documentation comment. A macro sees it as a string.
    Documentation(&'a str),
    /// An opening bracket.
    Open {
        /// The bracket.
        bracket: u8,
        /// The number of tokens up to the closing bracket, or up to the end of the file.
        length: usize,
    },
    /// A closing bracket.
    Close(u8),
    /// A single byte of anything else.
    Mark(u8),
}

/// The code of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TokenTrees<'a> {
    tokens: Vec<Token<'a>>,
    /// Whether the brackets match.
    is_balanced: bool,
}

impl<'a> TokenTrees<'a> {
    /// Returns all tokens, in the order of the file.
    pub(super) fn tokens(&self) -> &[Token<'a>] {
        &self.tokens
    }

    /// Finds the group of each opening bracket.
    fn new(mut tokens: Vec<Token<'a>>) -> Self {
        let mut is_balanced = true;
        let mut open: Vec<(usize, u8)> = Vec::new();
        let mut lengths: Vec<(usize, usize)> = Vec::new();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                Token::Open { bracket, .. } => open.push((index, *bracket)),
                Token::Close(bracket) => match open.pop() {
                    Some((start, opening)) if closing(opening) == *bracket => {
                        lengths.push((start, index - start - 1));
                    }
                    _ => is_balanced = false,
                },
                _ => {}
            }
        }
        is_balanced &= open.is_empty();
        if !is_balanced {
            lengths.clear();
        }
        for (start, group) in lengths {
            if let Some(Token::Open { length, .. }) = tokens.get_mut(start) {
                *length = group;
            }
        }
        TokenTrees { tokens, is_balanced }
    }
}

fn closing(opening: u8) -> u8 {
    match opening {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}

/// Returns the text of a file as the compiler sees it: without a byte-order mark, and with simple
/// line ends.
pub(super) fn source_text(code: &[u8]) -> Cow<'_, [u8]> {
    let code = code.strip_prefix(b"\xef\xbb\xbf").unwrap_or(code);
    if memmem::find(code, b"\r\n").is_none() {
        return Cow::Borrowed(code);
    }
    let mut text = Vec::with_capacity(code.len());
    let mut rest = code;
    while let Some(end) = memmem::find(rest, b"\r\n") {
        text.extend_from_slice(rest.get(..end).unwrap_or_default());
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    text.extend_from_slice(rest);
    Cow::Owned(text)
}

/// Returns the token trees of a [text](source_text), once for each way in which a compiler reads
/// it. There is more than one way in two cases:
///
/// - The text may have raw C strings, which exist since edition 2021. In earlier editions, `cr` is
///   a name, and the string after it may end elsewhere.
/// - The text begins with what may be a frontmatter, which not every compiler leaves out.
pub(super) fn readings(text: &[u8]) -> Vec<TokenTrees<'_>> {
    let has_raw_c_strings = [&b"cr\""[..], b"cr#"].iter().any(|start| memmem::find(text, start).is_some());
    let has_frontmatter = lexer::may_have_frontmatter(text);
    let mut readings = Vec::new();
    for (edition, has_frontmatter, is_possible) in [
        (Edition::Since2021, false, true),
        (Edition::Before2021, false, has_raw_c_strings),
        (Edition::Since2021, true, has_frontmatter),
        (Edition::Before2021, true, has_frontmatter && has_raw_c_strings),
    ] {
        if is_possible {
            let trees = TokenTrees::new(lex(text, edition, has_frontmatter).collect());
            if !readings.contains(&trees) {
                readings.push(trees);
            }
        }
    }
    readings
}

#[cfg(test)]
mod tests;
