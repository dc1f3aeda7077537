//! TOML files piece by piece.
//!
//! The tree of a file takes many times the room of its text, and having the system provide that room takes longer than
//! reading the text. The files at hand are long lists of small tables. Read a few at a time, the same room serves them all.
//!
//! A text may be cut before any line that begins with `[` if the pieces are TOML on their own: inside of a string, an
//! array or an inline table, the piece in front would lack its end. What the pieces cannot tell is whether their tables
//! may stand beside each other in one file. So whoever reads pieces has to know for each header that it cannot clash with
//! one in another piece, and read the file as a whole where it might, or where anything is wrong: then what is said about
//! it is about the file.

use toml::de::DeTable;

/// A few tables of a file, or what stands before the first one.
#[derive(Debug)]
pub struct TomlPiece<'t> {
    text: &'t str,
    /// What would be the content of the file if it had only this piece.
    pub content: DeTable<'t>,
}

/// The pieces of a TOML file; `None` in place of one that is not TOML on its own. The first is what stands before all
/// headers.
///
/// Only if all pieces are TOML, the file is the sum of them; or its tables clash, and it is none.
pub fn toml_pieces(text: &str) -> impl Iterator<Item = Option<TomlPiece<'_>>> {
    pieces_of(text, ENOUGH)
}

/// So many bytes make a piece that is worth the effort.
const ENOUGH: usize = 8_000;

/// As [`toml_pieces`], for pieces of at least so many bytes.
pub(super) fn pieces_of(text: &str, bytes: usize) -> impl Iterator<Item = Option<TomlPiece<'_>>> {
    let first = if text.starts_with('[') { 0 } else { next_header(text, 0) };
    let (start, mut rest) = text.split_at(first);
    let others = std::iter::from_fn(move || {
        let (piece, after) = rest.split_at(next_header(rest, bytes));
        rest = after;
        Some(piece).filter(|piece| !piece.is_empty())
    });
    std::iter::once(start).chain(others).map(|text| {
        let (content, errors) = DeTable::parse_recoverable(text);
        errors.is_empty().then(|| TomlPiece { text, content: content.into_inner() })
    })
}

/// Where a line begins that could be a header, at an offset or after it, but not at the beginning; the end if there is
/// none.
fn next_header(text: &str, from: usize) -> usize {
    let mut from = from.clamp(1, text.len().max(1));
    while !text.is_char_boundary(from) && from < text.len() {
        from += 1;
    }
    // Brackets are rarer than ends of lines.
    let brackets = text.get(from..).unwrap_or_default().match_indices('[');
    let mut starts = brackets.map(|(offset, _)| from + offset);
    starts.find(|&start| text.as_bytes().get(start - 1) == Some(&b'\n')).unwrap_or(text.len())
}

impl<'t> TomlPiece<'t> {
    /// The lines that could be headers, each with the lines up to the next one. All headers are among them.
    pub fn headers(&self) -> impl Iterator<Item = (&'t str, &'t str)> + use<'t> {
        let mut rest = self.text;
        std::iter::from_fn(move || {
            let (table, after) = rest.split_at(next_header(rest, 0));
            rest = after;
            table.starts_with('[').then(|| table.split_once('\n').unwrap_or((table, "")))
        })
    }
}

/// The header of a piece, if all its keys are bare: then two headers are the same table if they are the same text.
pub(super) struct Header<'t> {
    brackets: Brackets,
    keys: Vec<&'t str>,
}

/// What encloses the keys of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brackets {
    /// `[a.b]`: a table.
    One,
    /// `[[a.b]]`: an element of an array of tables.
    Two,
}

impl<'t> Header<'t> {
    /// Reads the line of a header, which may be empty. `None` if it is written in any unusual way.
    pub(super) fn parse(line: &'t str) -> Option<Self> {
        if line.is_empty() {
            return Some(Header { brackets: Brackets::One, keys: Vec::new() });
        }
        let inside = line.strip_prefix('[')?.strip_suffix(']')?;
        let (brackets, inside) = match inside.strip_prefix('[').and_then(|inside| inside.strip_suffix(']')) {
            Some(inside) => (Brackets::Two, inside),
            None => (Brackets::One, inside),
        };
        let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let keys: Vec<&str> = inside.split('.').collect();
        keys.iter()
            .all(|key| !key.is_empty() && key.bytes().all(is_bare))
            .then_some(Header { brackets, keys })
    }

    pub(super) fn parts(&self) -> (Brackets, &[&'t str]) {
        (self.brackets, &self.keys)
    }
}

/// Whether there is nothing but blank lines and comments.
pub(super) fn is_blank(body: &str) -> bool {
    body.lines().all(|line| line.trim_start().is_empty() || line.trim_start().starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys at the top of each piece, and its headers.
    fn pieces(text: &str) -> Vec<Option<(String, Vec<&str>)>> {
        let piece = |piece: TomlPiece<'_>| {
            let keys: Vec<&str> = piece.content.keys().map(|key| key.get_ref().as_ref()).collect();
            keys.join(" ")
        };
        toml_pieces(text)
            .map(|each| each.map(|each| (each.headers().map(|(header, _)| header).collect(), each)))
            .map(|each| each.map(|(headers, each)| (piece(each), headers)))
            .collect()
    }

    #[test]
    fn pieces_begin_at_headers_and_are_whole() {
        type Expected<'e> = &'e [Option<(&'e str, &'e [&'e str])>];
        let cases: &[(&str, Expected<'_>)] = &[
            ("", &[Some(("", &[]))]),
            ("a = 1\n", &[Some(("a", &[]))]),
            ("[b]\na = 1", &[Some(("", &[])), Some(("b", &["[b]"]))]),
            (
                "# c\n\n[[b]] # d\nx = [\n 1,\n]\n[a]\n\n[c.d]\n",
                &[Some(("", &[])), Some(("a b c", &["[[b]] # d", "[a]", "[c.d]"]))],
            ),
            // Inside of an array and of a string.
            ("x = [\n[1],\n]\n", &[None, None]),
            ("x = '''\n[a]\n'''\n[b]\n", &[None, None]),
            ("[a]\nx = '''\n[b]\n'''\n", &[Some(("", &[])), Some(("a", &["[a]", "[b]"]))]),
        ];
        for (text, expected) in cases {
            let expected: Vec<_> = expected
                .iter()
                .map(|piece| piece.map(|(keys, headers)| (keys.to_owned(), headers.to_vec())))
                .collect();
            assert_eq!(pieces(text), expected, "{text:?}");
        }
    }

    #[test]
    fn long_texts_are_cut_into_pieces_of_several_tables() {
        let table = format!("[[a]]\nb = \"{}\"\n", "x".repeat(ENOUGH / 3));
        let numbers: Vec<usize> = toml_pieces(&table.repeat(8))
            .map(|piece| piece.map_or(0, |piece| piece.headers().count()))
            .collect();
        assert_eq!(numbers, [0, 3, 3, 2]);
    }

    #[test]
    fn headers_with_bare_keys_are_taken_apart() {
        type Parts<'p> = (Brackets, &'p [&'p str]);
        let cases: &[(&str, Option<Parts<'_>>)] = &[
            ("", Some((Brackets::One, &[]))),
            ("[a]", Some((Brackets::One, &["a"]))),
            ("[[a.b-c.d_1]]", Some((Brackets::Two, &["a", "b-c", "d_1"]))),
            ("[[a.\"b\"]]", None),
            ("[ a ]", None),
            ("[[a]] # b", None),
            ("[a]]", None),
            ("[[a]", None),
            ("[a..b]", None),
            ("[]", None),
            ("[ä]", None),
        ];
        for (line, expected) in cases {
            let header = Header::parse(line);
            assert_eq!(header.as_ref().map(Header::parts), *expected, "{line}");
        }
    }
}
