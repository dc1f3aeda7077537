//! Reads TOML files piece by piece.
//!
//! The tree of a file takes many times the memory of its text, and allocating that memory takes
//! longer than parsing the text. Store files are long lists of small tables. If a few tables are
//! read at a time, they can all use the same memory.
//!
//! A text can be cut before any line that begins with `[`, if all pieces are valid TOML. A cut
//! inside a string, an array or an inline table leaves the piece before it without its end, so that
//! piece is not valid TOML. The pieces cannot show whether their tables may appear together in one
//! file. So a caller that reads pieces must know for each header that it cannot clash with a header
//! of another piece. If headers may clash, or if anything is wrong, the caller must read the file
//! as a whole, so that the findings are about the whole file.

use toml::de::DeTable;

/// A few tables of a file, or the text before the first table.
#[derive(Debug)]
pub struct TomlPiece<'t> {
    text: &'t str,
    /// The content that the file would have if it consisted of only this piece.
    pub content: DeTable<'t>,
}

/// Splits a TOML file into pieces. The first piece is the text before all headers. `None` stands
/// for a piece that is not valid TOML.
///
/// If all pieces are valid, the file is either the sum of its pieces or invalid because their
/// tables clash.
pub fn toml_pieces(text: &str) -> impl Iterator<Item = Option<TomlPiece<'_>>> {
    pieces_of(text, ENOUGH)
}

/// The size of a piece that is worth the effort, in bytes.
const ENOUGH: usize = 8_000;

/// The same as [`toml_pieces`], for pieces of at least `bytes` bytes.
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

/// Returns the offset of the first line at or after `from` that could be a header, but never the
/// start of the text. Returns the length of the text if there is none.
fn next_header(text: &str, from: usize) -> usize {
    let mut from = from.clamp(1, text.len().max(1));
    while !text.is_char_boundary(from) && from < text.len() {
        from += 1;
    }
    // Brackets are rarer than line ends.
    let brackets = text.get(from..).unwrap_or_default().match_indices('[');
    let mut starts = brackets.map(|(offset, _)| from + offset);
    starts.find(|&start| text.as_bytes().get(start - 1) == Some(&b'\n')).unwrap_or(text.len())
}

impl<'t> TomlPiece<'t> {
    /// Iterates over the lines that could be headers, each with the lines up to the next one. All
    /// headers are among them.
    pub fn headers(&self) -> impl Iterator<Item = (&'t str, &'t str)> + use<'t> {
        let mut rest = self.text;
        std::iter::from_fn(move || {
            let (table, after) = rest.split_at(next_header(rest, 0));
            rest = after;
            table.starts_with('[').then(|| table.split_once('\n').unwrap_or((table, "")))
        })
    }
}

/// A header whose keys are all bare. Two such headers mean the same table if their texts are equal.
pub(super) struct Header<'t> {
    brackets: Brackets,
    keys: Vec<&'t str>,
}

/// The brackets around the keys of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brackets {
    /// `[a.b]`: a table.
    One,
    /// `[[a.b]]`: an element of an array of tables.
    Two,
}

impl<'t> Header<'t> {
    /// Parses the line of a header, which may be empty. Returns `None` if the header is written in
    /// any unusual way.
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

/// Whether a text contains only blank lines and comments.
pub(super) fn is_blank(body: &str) -> bool {
    body.lines().all(|line| line.trim_start().is_empty() || line.trim_start().starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the keys at the top of each piece, and its headers.
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
            // Inside an array and a string.
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
