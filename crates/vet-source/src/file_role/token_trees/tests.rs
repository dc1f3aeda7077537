use std::ffi::OsStr;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use proptest::prelude::*;

use super::*;

/// Shows a token, if the library for macros has it, too.
fn shown_token(token: &Token<'_>) -> String {
    match token {
        Token::Word(word) => (*word).to_owned(),
        Token::Text(text) => format!("\"{text}\""),
        Token::Character(character) => format!("{character:?}"),
        Token::Documentation(text) => format!("///{text}"),
        Token::Open { bracket: mark, .. } | Token::Close(mark) | Token::Mark(mark) => {
            char::from(*mark).to_string()
        }
    }
}

fn shown(tokens: &[Token<'_>]) -> String {
    tokens.iter().map(shown_token).collect::<Vec<_>>().join(" ")
}

/// Reads a text, and shows each way in which a compiler reads it.
fn read(code: &[u8]) -> Vec<String> {
    readings(&source_text(code)).iter().map(|trees| shown(trees.tokens())).collect()
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
        ("'a' 'b '\"' '\\'' '\\u{1F600}' 'é' x", &["'a' b '\"' '\\'' '😀' 'é' x"]),
        ("/// a\n/**b*/ /*! c */ //!d\n//// e\n/***/ /*** f */ x", &["/// a ///b /// c  ///d x"]),
        ("\u{feff}#!/bin/sh \"\nmod a; \"", &["mod a ; \"\""]),
        ("#![a] \"b\"", &["# ! [ a ] \"b\""]),
        ("#! /* */ [a] \"b\"", &["# ! [ a ] \"b\""]),
        ("\"a\\\r\n  b\" \"c\r\nd\"", &["\"ab\" \"c\nd\""]),
        ("\n---cargo\n\"\n---\nmod a;", &["- - - cargo \"\n---\nmod a;\"", "mod a ;"]),
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
        ("m!(cr#\"a\" mod b; \"c\"#)", &["m ! ( \"a\" mod b; \"c\" )", "m ! ( cr # \"a\" mod b ; \"c\" # )"]),
        ("cr#\"a\"# x", &["\"a\" x", "cr # \"a\" # x"]),
    ];
    for (code, expected) in cases {
        assert_eq!(read(code.as_bytes()), *expected, "{code}");
    }
    let broken = [&b"mod a; \xff\" mod b; "[..], b"\xff mod c;"].concat();
    assert_eq!(read(&broken), ["mod a ; \" mod b; \" mod c ;"]);
}

#[test]
fn groups_end_where_their_brackets_match() {
    let lengths = |code: &str| -> Vec<usize> {
        let trees = &readings(code.as_bytes())[0];
        let length = |token: &Token<'_>| match token {
            Token::Open { length, .. } => Some(*length),
            _ => None,
        };
        trees.tokens().iter().filter_map(length).collect()
    };
    let open = usize::MAX;
    let cases: [(&str, &[usize]); 6] = [
        ("a(b[c]{})d", &[6, 1, 0]),
        ("('(' \"(\" /* ( */)", &[2]),
        ("a(b", &[open]),
        ("(a])", &[open]),
        ("(a) }", &[open]),
        ("", &[]),
    ];
    for (code, expected) in cases {
        assert_eq!(lengths(code), expected, "{code}");
    }
}

#[test]
fn deep_nesting_needs_no_stack() {
    let depth = 100_000;
    let code = "(".repeat(depth) + &")".repeat(depth);
    let trees = &readings(code.as_bytes())[0];
    assert_eq!(trees.tokens()[0], Token::Open { bracket: b'(', length: 2 * depth - 2 });
    assert_eq!(trees.walk().count(), 2 * depth);
}

#[test]
fn what_surrounds_a_token() {
    // The code, and the context of the word `x`: in a macro, in an attribute, in braces, perhaps
    // documentation.
    let cases = [
        ("x", ""),
        ("fn f() { x }", "braces"),
        ("#[x]", "attribute"),
        ("#![x]", "attribute"),
        ("[x]", ""),
        ("#[doc = x]", "attribute doc"),
        ("#[a::doc = x]", "attribute"),
        ("#[cfg_attr(any(a), doc = x)]", "attribute doc"),
        ("#[cfg_attr(a, cfg_attr(b, doc = x))]", "attribute doc"),
        ("#[cfg_attr(a, b(doc = x))]", "attribute"),
        ("#[doc = m!(x)]", "macro attribute"),
        ("m!(x)", "macro"),
        ("m! { #[doc = x] }", "macro attribute braces"),
        ("macro_rules! m { () => { x } }", "macro braces"),
        ("$m! { x }", "macro braces"),
        ("m! $n { x }", "macro braces"),
        ("m!(a); x", ""),
        ("macro m() { x }", "macro attribute braces"),
        ("#[doc = x", "macro attribute braces"),
        ("#[doc = x] }", "macro attribute braces"),
    ];
    for (code, expected) in cases {
        let trees = &readings(code.as_bytes())[0];
        let context = trees.walk().find(|position| *position.token == Token::Word("x")).unwrap().context;
        let facts = [
            (context.is_in_macro, "macro"),
            (context.is_in_attribute, "attribute"),
            (context.is_in_braces, "braces"),
            (context.may_be_documentation, "doc"),
        ];
        let shown: Vec<&str> = facts.iter().filter(|(is_so, _)| *is_so).map(|(_, name)| *name).collect();
        assert_eq!(shown.join(" "), expected, "{code}");
    }
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
                syn::Lit::CStr(text) => pieces.push(format!("\"{}\"", text.value().to_string_lossy())),
                syn::Lit::Char(character) => pieces.push(format!("{:?}", character.value())),
                syn::Lit::Byte(_) => {}
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
                    == (&"#".into(), &"!".into(), &"[".into(), &"doc".into(), &"=".into(), &"]".into())
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
                let text = source_text(code.as_bytes());
                let trees = &readings(&text)[0];
                assert!(trees.is_balanced, "{}", path.display());
                let tokens = trees.tokens().iter();
                let ours: Vec<String> = tokens
                    .filter(|token| !matches!(token, Token::Documentation(_)))
                    .map(shown_token)
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
        any::<char>().prop_map(|character| (format!("{character:?} "), Some(format!("{character:?}")))),
        Just(("'a ".to_owned(), Some("a".to_owned()))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn code_is_read_as_it_was_written(elements in proptest::collection::vec(element(), 0..30)) {
        let code: String = elements.iter().map(|(code, _)| code.as_str()).collect();
        let expected: Vec<&str> = elements.iter().filter_map(|(_, read)| read.as_deref()).collect();
        prop_assert_eq!(&read(code.as_bytes())[0], &expected.join(" "));
    }

    #[test]
    fn any_bytes_are_read(code in any::<Vec<u8>>()) {
        for trees in readings(&source_text(&code)) {
            prop_assert_eq!(trees.walk().count(), trees.tokens().len());
        }
    }
}
