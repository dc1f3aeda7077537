//! Splits the text of a file into tokens, with the compiler's lexer.

use std::borrow::Cow;

use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, strip_shebang, tokenize};
use rustc_literal_escaper::{MixedUnit, unescape_byte_str, unescape_c_str, unescape_char, unescape_str};

use super::Token;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edition {
    Before2021,
    Since2021,
}

/// Whether a file begins like one with a frontmatter.
pub(super) fn may_have_frontmatter(text: &[u8]) -> bool {
    let start = text.utf8_chunks().next().map(|chunk| without_shebang(chunk.valid())).unwrap_or_default();
    start.trim_start_matches(ra_ap_rustc_lexer::is_whitespace).starts_with("---")
}

fn without_shebang(text: &str) -> &str {
    strip_shebang(text).and_then(|end| text.get(end..)).unwrap_or(text)
}

/// Splits a text into tokens. Bytes that are not UTF-8 separate tokens.
pub(super) fn lex(text: &[u8], edition: Edition, has_frontmatter: bool) -> impl Iterator<Item = Token<'_>> {
    text.utf8_chunks().enumerate().flat_map(move |(index, chunk)| {
        let is_start = index == 0;
        let mut rest = if is_start { without_shebang(chunk.valid()) } else { chunk.valid() };
        let mut may_be_frontmatter = is_start && has_frontmatter;
        std::iter::from_fn(move || {
            loop {
                let frontmatter =
                    if may_be_frontmatter { FrontmatterAllowed::Yes } else { FrontmatterAllowed::No };
                let token = tokenize(rest, frontmatter).next()?;
                may_be_frontmatter &= token.kind == TokenKind::Whitespace;
                let (kind, length) = match token.kind {
                    // An error since edition 2024. In earlier editions, a mark before a string.
                    TokenKind::GuardedStrPrefix => (TokenKind::Pound, 1),
                    TokenKind::Literal { kind: LiteralKind::RawCStr { .. }, .. }
                        if edition == Edition::Before2021 =>
                    {
                        (TokenKind::Ident, b"cr".len())
                    }
                    kind => (kind, token.len as usize),
                };
                let (text, after) = rest.split_at_checked(length)?;
                rest = after;
                if let Some(token) = token_of(kind, text) {
                    return Some(token);
                }
            }
        })
    })
}

fn token_of(kind: TokenKind, text: &str) -> Option<Token<'_>> {
    match kind {
        TokenKind::LineComment { doc_style: Some(_) } => Some(Token::Documentation(text.get(3..)?)),
        TokenKind::BlockComment { doc_style: Some(_), terminated: true } => {
            Some(Token::Documentation(text.get(3..text.len().checked_sub(2)?)?))
        }
        TokenKind::LineComment { .. }
        | TokenKind::BlockComment { .. }
        | TokenKind::Whitespace
        | TokenKind::Frontmatter { .. }
        | TokenKind::Eof => None,
        TokenKind::Ident | TokenKind::InvalidIdent | TokenKind::UnknownPrefix => Some(Token::Word(text)),
        TokenKind::RawIdent | TokenKind::ForcedKeywordIdent => Some(Token::Word(text.get(2..)?)),
        TokenKind::Lifetime { .. } | TokenKind::UnknownPrefixLifetime => Some(Token::Word(text.get(1..)?)),
        TokenKind::RawLifetime => Some(Token::Word(text.get(3..)?)),
        TokenKind::Literal { kind: LiteralKind::Int { .. } | LiteralKind::Float { .. }, .. } => {
            Some(Token::Word(text))
        }
        TokenKind::Literal { kind, suffix_start } => literal(kind, text.get(..suffix_start as usize)?),
        TokenKind::OpenParen | TokenKind::OpenBrace | TokenKind::OpenBracket => {
            // The length is set later. Until then, the group reaches up to the end.
            text.bytes().next().map(|bracket| Token::Open { bracket, length: usize::MAX })
        }
        TokenKind::CloseParen | TokenKind::CloseBrace | TokenKind::CloseBracket => {
            text.bytes().next().map(Token::Close)
        }
        _ => text.bytes().next().map(Token::Mark),
    }
}

/// Returns the content of a string or character literal.
fn literal(kind: LiteralKind, text: &str) -> Option<Token<'_>> {
    Some(Token::Text(match kind {
        LiteralKind::Int { .. } | LiteralKind::Float { .. } | LiteralKind::Byte { .. } => return None,
        LiteralKind::Char { .. } => {
            let content = text.strip_prefix('\'')?;
            let content = content.strip_suffix('\'').unwrap_or(content);
            return unescape_char(content).ok().map(Token::Character);
        }
        LiteralKind::Str { terminated } => {
            let content = inside(text, terminated);
            if !content.contains('\\') {
                return Some(Token::Text(Cow::Borrowed(content)));
            }
            let mut unescaped = String::new();
            unescape_str(content, |_, unit| unescaped.extend(unit));
            Cow::Owned(unescaped)
        }
        LiteralKind::ByteStr { terminated } => {
            let mut content = Vec::new();
            unescape_byte_str(inside(text, terminated), |_, unit| content.extend(unit));
            Cow::Owned(String::from_utf8_lossy(&content).into_owned())
        }
        LiteralKind::CStr { terminated } => {
            let mut content = Vec::new();
            unescape_c_str(inside(text, terminated), |_, unit| match unit {
                Ok(MixedUnit::Char(unit)) => content.extend(unit.get().encode_utf8(&mut [0; 4]).bytes()),
                Ok(MixedUnit::HighByte(unit)) => content.push(unit.get()),
                Err(_) => {}
            });
            Cow::Owned(String::from_utf8_lossy(&content).into_owned())
        }
        LiteralKind::RawStr { n_hashes }
        | LiteralKind::RawByteStr { n_hashes }
        | LiteralKind::RawCStr { n_hashes } => {
            let content = text.get(text.find('"').map_or(text.len(), |quote| quote + 1)..)?;
            let closing = n_hashes.map_or(0, |hashes| usize::from(hashes) + 1);
            Cow::Borrowed(content.get(..content.len().checked_sub(closing)?)?)
        }
    }))
}

/// Returns the text between the quotes of a string literal.
fn inside(text: &str, is_terminated: bool) -> &str {
    let content = text.split_once('"').map_or("", |(_, content)| content);
    match is_terminated {
        true => content.strip_suffix('"').unwrap_or(content),
        false => content,
    }
}
