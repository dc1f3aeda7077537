//! Reading a file in pieces gives the same result as reading it as a whole, or no result.

use std::fmt::Debug;
use std::sync::Arc;

use proptest::prelude::*;
use vet_diagnostics::Source;

use crate::read::pieces::pieces_of;
use crate::read::{Parsed, audits, imports};

const AUDIT: &str = "who = \"A\"\ncriteria = \"safe-to-run\"\nversion = \"1.0.0\"\n";
const WILDCARD: &str = "criteria = []\nuser-id = 1\nstart = \"2024-01-01\"\nend = \"2025-01-01\"\n";
const PUBLISHER: &str = "version = \"1.0.0\"\nwhen = \"2024-01-01\"\nuser-id = 1\nuser-login = \"a\"\n";
const UNPUBLISHED: &str = "version = \"1.0.0\"\naudited_as = \"0.9.0\"\n";

/// The headers of a well-formed file, with the text below each.
const USUAL: &[(&str, &str)] = &[
    ("[[audits.a]]", AUDIT),
    ("[[audits.b]]", AUDIT),
    ("[[wildcard-audits.a]]", WILDCARD),
    ("[[trusted.a]]", WILDCARD),
    ("[criteria.c]", "description = '''\nmany\nlines\n'''\n"),
    ("[criteria.d]", "description = \"d\"\nimplies = [\n  \"c\",\n]\n"),
    ("[audits]", ""),
    ("[[publisher.a]]", PUBLISHER),
    ("[[unpublished.a]]", UNPUBLISHED),
    ("[[audits.p.audits.a]]", AUDIT),
    ("[[audits.q.audits.a]]", AUDIT),
    ("[[audits.p.wildcard-audits.a]]", WILDCARD),
    ("[[audits.p.trusted.a]]", WILDCARD),
    ("[audits.p.criteria.c]", "description = \"c\"\n"),
    ("[audits.p.audits]", ""),
    ("[audits.q.audits]", ""),
];

/// Headers and lines that do not belong in the file, or clash with others.
const ODD: &[(&str, &str)] = &[
    ("[audits.a]", AUDIT),
    ("[[audits.\"a\"]]", AUDIT),
    ("[[ audits.a ]]", AUDIT),
    ("[[audits.a.b]]", AUDIT),
    ("[[audits]]", AUDIT),
    ("[audits]", "b = []\n"),
    ("[audits.p]", "audits = { a = [] }\n"),
    ("[audits.p.audits]", "a = []\n"),
    ("[criteria]", "e = { description = \"e\" }\n"),
    ("[[criteria.c]]", "description = \"c\"\n"),
    ("[criteria.c.x]", "y = 1\n"),
    ("[other]", ""),
    ("[[audits.a]]", "version = \"1\"\n"),
    ("[[audits.a]]", "who = '''\n"),
    ("'''", ""),
    ("[[audits.a]]", "who = [\n[1]\n"),
    ("]", ""),
    ("x.y = 1", ""),
    ("# comment", ""),
];

/// Whether a text can be read in pieces of any size. If so, the result must be the same.
fn is_same<T: Debug + PartialEq>(
    text: &str,
    from_pieces: fn(&Arc<Source>, usize) -> Option<T>,
    whole: fn(&Arc<Source>) -> Parsed<T>,
) -> bool {
    let source = Source::new("file", text);
    let whole = whole(&source);
    let mut all = true;
    for size in [1, 200, text.len()] {
        match from_pieces(&source, size) {
            Some(value) => {
                assert_eq!((&value, &[][..]), (&whole.value, whole.problems.as_slice()), "{size}: {text}");
            }
            None => all = false,
        }
    }
    all
}

fn audits_are_same(text: &str) -> bool {
    let from_pieces = |source: &Arc<Source>, size| audits::from_pieces(source, pieces_of(&source.text, size));
    is_same(text, from_pieces, |source| audits::whole(source).0)
}

fn imports_are_same(text: &str) -> bool {
    let from_pieces =
        |source: &Arc<Source>, size| imports::from_pieces(source, pieces_of(&source.text, size));
    is_same(text, from_pieces, imports::whole)
}

fn text(pieces: &[(&str, &str)]) -> String {
    pieces.iter().map(|(header, body)| format!("{header}\n{body}\n")).collect()
}

#[test]
fn files_as_they_are_written_are_read_from_pieces() {
    let of = |headers: &[&str]| -> String {
        let pieces: Vec<_> =
            headers.iter().filter_map(|header| USUAL.iter().find(|(of, _)| of == header)).copied().collect();
        format!("\n# a comment\n\n{}", text(&pieces))
    };
    let audits: &[&[&str]] = &[
        &["[audits]"],
        &["[criteria.c]", "[criteria.d]", "[[wildcard-audits.a]]", "[[audits.a]]", "[[audits.a]]"],
        &["[[audits.a]]", "[[audits.b]]", "[[audits.a]]", "[[trusted.a]]", "[audits]"],
    ];
    for headers in audits {
        assert!(audits_are_same(&of(headers)), "{headers:?}");
    }
    let imports: &[&[&str]] = &[
        &[],
        &["[[unpublished.a]]", "[[publisher.a]]", "[audits.p.audits]", "[[audits.q.audits.a]]"],
        &["[audits.p.criteria.c]", "[[audits.p.wildcard-audits.a]]", "[[audits.p.audits.a]]"],
        &["[[audits.p.audits.a]]", "[audits.p.audits]", "[[audits.p.trusted.a]]"],
    ];
    for headers in imports {
        assert!(imports_are_same(&of(headers)), "{headers:?}");
    }
}

#[test]
fn what_clashes_is_left_to_the_whole() {
    for (header, body) in ODD {
        let odd = text(&[("[[audits.a]]", AUDIT), (*header, body)]);
        assert!(!audits_are_same(&odd) || *header == "# comment", "{odd}");
    }
    for header in ["[audits]", "[criteria.c]", "[audits.p.audits]", "[audits.p.criteria.c]"] {
        let twice = text(&[("[[audits.a]]", AUDIT), (header, ""), (header, "")]);
        assert!(!audits_are_same(&twice), "{twice}");
        let twice = text(&[("[[audits.p.audits.a]]", AUDIT), (header, ""), (header, "")]);
        assert!(!imports_are_same(&twice), "{twice}");
    }
    assert!(!audits_are_same(""), "no audits at all");
    assert!(!imports_are_same(&text(&[("[[audits.p.trusted.a]]", WILDCARD)])), "an import without audits");
}

fn pieces() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let usual = prop::sample::select(USUAL);
    let odd = prop::sample::select(ODD);
    prop::collection::vec(prop_oneof![12 => usual, 1 => odd], 0..12)
}

proptest! {
    #[test]
    fn any_mixture_is_the_same_or_left_to_the_whole(pieces in pieces()) {
        let text = text(&pieces);
        let _ = audits_are_same(&text);
        let _ = imports_are_same(&text);
    }
}
