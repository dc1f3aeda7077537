//! Reads Rust code as a sequence of words, strings and marks. This is enough to find references.
//!
//! The compiler's own lexer splits the code. Comments and character literals are left out. Reading
//! never fails: invalid code gives some sequence, too.

use memchr::memmem;
use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};
use rustc_literal_escaper::{MixedUnit, unescape_byte_str, unescape_c_str, unescape_str};

/// A token of Rust code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A keyword, a name or a number.
    Word(&'a [u8]),
    /// The content of a string.
    Text(String),
    /// A single byte of anything else.
    Mark(u8),
}

/// Returns the tokens of a file, once for each way in which an edition reads it. There are two ways
/// if the text may have raw C strings, which exist since edition 2021. In earlier editions, `cr` is
/// a name, and the string after it may end elsewhere.
pub(super) fn readings(code: &[u8]) -> Vec<Vec<Token<'_>>> {
    let has_raw_c_strings = [&b"cr\""[..], b"cr#"].iter().any(|start| memmem::find(code, start).is_some());
    let old = has_raw_c_strings.then(|| pieces(code, Edition::Before2021).collect());
    let mut readings = vec![pieces(code, Edition::Since2021).collect()];
    readings.extend(old.filter(|old| !readings.contains(old)));
    readings
}

/// Returns the content of a string literal, given the text between its quotes.
pub(super) fn unescaped(text: &str) -> String {
    let mut content = String::new();
    unescape_str(text, |_, unit| content.extend(unit));
    content
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edition {
    Before2021,
    Since2021,
}

/// Bytes that are not UTF-8 separate tokens.
fn pieces(code: &[u8], edition: Edition) -> impl Iterator<Item = Token<'_>> {
    code.utf8_chunks().flat_map(move |chunk| {
        let mut rest = chunk.valid();
        std::iter::from_fn(move || {
            loop {
                let token = tokenize(rest, FrontmatterAllowed::No).next()?;
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
                if let Some(piece) = piece(kind, text) {
                    return Some(piece);
                }
            }
        })
    })
}

fn piece(kind: TokenKind, text: &str) -> Option<Token<'_>> {
    match kind {
        TokenKind::LineComment { .. }
        | TokenKind::BlockComment { .. }
        | TokenKind::Whitespace
        | TokenKind::Frontmatter { .. }
        | TokenKind::Eof => None,
        TokenKind::Ident | TokenKind::InvalidIdent | TokenKind::UnknownPrefix => {
            Some(Token::Word(text.as_bytes()))
        }
        TokenKind::RawIdent | TokenKind::ForcedKeywordIdent => Some(Token::Word(text.get(2..)?.as_bytes())),
        TokenKind::Lifetime { .. } | TokenKind::UnknownPrefixLifetime => {
            Some(Token::Word(text.get(1..)?.as_bytes()))
        }
        TokenKind::RawLifetime => Some(Token::Word(text.get(3..)?.as_bytes())),
        TokenKind::Literal { kind: LiteralKind::Int { .. } | LiteralKind::Float { .. }, .. } => {
            Some(Token::Word(text.as_bytes()))
        }
        TokenKind::Literal { kind, suffix_start } => {
            literal(kind, text.get(..suffix_start as usize)?).map(Token::Text)
        }
        _ => text.bytes().next().map(Token::Mark),
    }
}

/// Returns the content of a string literal.
fn literal(kind: LiteralKind, text: &str) -> Option<String> {
    Some(match kind {
        LiteralKind::Int { .. }
        | LiteralKind::Float { .. }
        | LiteralKind::Char { .. }
        | LiteralKind::Byte { .. } => return None,
        LiteralKind::Str { terminated } => unescaped(inside(text, terminated)),
        LiteralKind::ByteStr { terminated } => {
            let mut content = Vec::new();
            unescape_byte_str(inside(text, terminated), |_, unit| content.extend(unit));
            String::from_utf8_lossy(&content).into_owned()
        }
        LiteralKind::CStr { terminated } => {
            let mut content = Vec::new();
            unescape_c_str(inside(text, terminated), |_, unit| match unit {
                Ok(MixedUnit::Char(unit)) => content.extend(unit.get().encode_utf8(&mut [0; 4]).bytes()),
                Ok(MixedUnit::HighByte(unit)) => content.push(unit.get()),
                Err(_) => {}
            });
            String::from_utf8_lossy(&content).into_owned()
        }
        LiteralKind::RawStr { n_hashes }
        | LiteralKind::RawByteStr { n_hashes }
        | LiteralKind::RawCStr { n_hashes } => {
            let content = text.get(text.find('"').map_or(text.len(), |quote| quote + 1)..)?;
            let closing = n_hashes.map_or(0, |hashes| usize::from(hashes) + 1);
            content.get(..content.len().checked_sub(closing)?)?.to_owned()
        }
    })
}

/// Returns the text between the quotes of a string literal.
fn inside(text: &str, is_terminated: bool) -> &str {
    let content = text.split_once('"').map_or("", |(_, content)| content);
    match is_terminated {
        true => content.strip_suffix('"').unwrap_or(content),
        false => content,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::path::Path;

    use proc_macro2::{Delimiter, TokenStream, TokenTree};
    use proptest::prelude::*;

    use super::*;

    fn shown(tokens: &[Token<'_>]) -> String {
        let shown = tokens.iter().map(|token| match token {
            Token::Word(word) => String::from_utf8_lossy(word).into_owned(),
            Token::Text(text) => format!("\"{text}\""),
            Token::Mark(mark) => char::from(*mark).to_string(),
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn how_code_is_read() {
        // The code, and its tokens for each reading. Strings are in quotes.
        let cases: &[(&str, &[&str])] = &[
            ("mod a; // mod b;\nmod c;", &["mod a ; mod c ;"]),
            ("/* a /* b */ c */ d /* e", &["d"]),
            ("include_str!(\"a.txt\")", &["include_str ! ( \"a.txt\" )"]),
            (r##"r#"a"b"# r"c\" br"d" b"e" c"f""##, &[r##""a"b" "c\" "d" "e" "f""##]),
            (r#""\x61\u{62}\n\"" x"#, &["\"ab\n\"\" x"]),
            (r#"b"\xff\x61" c"\u{e9}\x62" x"#, &["\"\u{fffd}a\" \"éb\" x"]),
            ("\"a\\\n   b\"", &["\"ab\""]),
            ("'a' 'b '\"' '\\'' '\\u{1F600}' 'é' x", &["b x"]),
            ("r#mod r#\"x\"#", &["mod \"x\""]),
            ("&'static str", &["& static str"]),
            ("b'\"' \"x\"", &["\"x\""]),
            ("1_u8 1.5 'r#a", &["1_u8 1.5 a"]),
            ("\"open", &["\"open\""]),
            ("\"open \\", &["\"open \""]),
            ("r#\"open\"", &["\"open\"\""]),
            // What some editions reject must not hide anything from the others.
            ("m!(#\"a\" mod b; ##\"c\"#)", &["m ! ( # \"a\" mod b ; # # \"c\" # )"]),
            ("m!(k#mod b; mod\"a\")", &["m ! ( mod b ; mod \"a\" )"]),
            (
                "m!(cr#\"a\" mod b; \"c\"#)",
                &["m ! ( \"a\" mod b; \"c\" )", "m ! ( cr # \"a\" mod b ; \"c\" # )"],
            ),
            ("cr#\"a\"# x", &["\"a\" x", "cr # \"a\" # x"]),
        ];
        for (code, expected) in cases {
            let readings: Vec<String> =
                readings(code.as_bytes()).iter().map(|tokens| shown(tokens)).collect();
            assert_eq!(readings, *expected, "{code}");
        }
        let broken = [&b"mod a; \xff\" mod b; "[..], b"\xff mod c;"].concat();
        assert_eq!(shown(&readings(&broken)[0]), "mod a ; \" mod b; \" mod c ;");
    }

    /// Collects the tokens as a library for macros sees them, without documentation.
    fn by_library(stream: TokenStream, pieces: &mut Vec<String>) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        let mut rest = trees.as_slice();
        while let Some((tree, after)) = rest.split_first() {
            rest = after;
            match tree {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::None => ("", ""),
                    };
                    pieces.push(open.to_owned());
                    by_library(group.stream(), pieces);
                    pieces.push(close.to_owned());
                }
                TokenTree::Ident(name) => pieces.push(name.to_string().trim_start_matches("r#").to_owned()),
                TokenTree::Punct(mark) if mark.as_char() == '\'' => {}
                TokenTree::Punct(mark) => pieces.push(mark.as_char().to_string()),
                TokenTree::Literal(literal) => match syn::Lit::new(literal.clone()) {
                    syn::Lit::Str(text) => pieces.push(format!("\"{}\"", text.value())),
                    syn::Lit::ByteStr(text) => {
                        pieces.push(format!("\"{}\"", String::from_utf8_lossy(&text.value())));
                    }
                    syn::Lit::Char(_) | syn::Lit::Byte(_) => {}
                    _ => pieces.push(literal.to_string()),
                },
            }
        }
    }

    fn without_documentation(pieces: &[String]) -> Vec<String> {
        let mut rest = pieces;
        let mut left = Vec::new();
        while let Some((piece, after)) = rest.split_first() {
            let length = match rest {
                [hash, open, doc, is, text, close, ..]
                    if (hash, open, doc, is, close)
                        == (&"#".into(), &"[".into(), &"doc".into(), &"=".into(), &"]".into())
                        && text.starts_with('"') =>
                {
                    6
                }
                [hash, not, open, doc, is, text, close, ..]
                    if (hash, not, open, doc, is, close)
                        == (
                            &"#".into(),
                            &"!".into(),
                            &"[".into(),
                            &"doc".into(),
                            &"=".into(),
                            &"]".into(),
                        )
                        && text.starts_with('"') =>
                {
                    7
                }
                _ => 0,
            };
            if length == 0 {
                left.push(piece.clone());
                rest = after;
            } else {
                rest = rest.get(length..).unwrap_or_default();
            }
        }
        left
    }

    /// The result for all code of this workspace is the same as that of a library for macros.
    #[test]
    fn real_code_is_read_as_a_library_reads_it() {
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..")];
        let mut compared = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension() == Some(OsStr::new("rs")) {
                    let code = std::fs::read_to_string(&path).unwrap();
                    let Ok(stream) = code.parse::<TokenStream>() else { continue };
                    let mut expected = Vec::new();
                    by_library(stream, &mut expected);
                    let ours: Vec<String> = readings(code.as_bytes())[0]
                        .iter()
                        .map(|token| shown(std::slice::from_ref(token)))
                        .collect();
                    assert_eq!(
                        without_documentation(&ours),
                        without_documentation(&expected),
                        "{}",
                        path.display()
                    );
                    compared += 1;
                }
            }
        }
        assert!(compared > 100, "{compared} files");
    }

    /// A piece of code, and the token that it contains.
    fn element() -> impl Strategy<Value = (String, Option<String>)> {
        let quoted = |content: &str| Some(format!("\"{content}\""));
        prop_oneof![
            "[a-z_][a-z0-9_]{0,6}".prop_map(|name| (format!("{name} "), Some(name))),
            "[0-9]{1,3}".prop_map(|number| (format!("{number} "), Some(number))),
            "[;,!#(){}]".prop_map(|mark| (format!("{mark} "), Some(mark))),
            any::<String>().prop_map(move |text| (format!("{text:?} "), quoted(&text))),
            "[^\r\"]{0,9}\"?".prop_map(move |text| (format!("r##\"{text}\"## "), quoted(&text))),
            "[^\n\r]{0,9}".prop_map(|text| (format!("// {text}\n"), None)),
            "[^*/]{0,9}".prop_map(|text| (format!("/* {text} /* */ \" */"), None)),
            any::<char>().prop_map(|character| (format!("{character:?} "), None)),
            Just(("'a ".to_owned(), Some("a".to_owned()))),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn code_is_read_as_it_was_written(elements in proptest::collection::vec(element(), 0..30)) {
            let code: String = elements.iter().map(|(code, _)| code.as_str()).collect();
            let expected: Vec<&str> = elements.iter().filter_map(|(_, read)| read.as_deref()).collect();
            prop_assert_eq!(shown(&readings(code.as_bytes())[0]), expected.join(" "));
        }

        #[test]
        fn any_bytes_are_read(code in any::<Vec<u8>>()) {
            readings(&code);
        }
    }
}
