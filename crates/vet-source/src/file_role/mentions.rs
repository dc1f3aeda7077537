//! Finds out whether code is worth a closer look. Most files refer to no other files, and parsing
//! all of them would take longer than comparing them.

/// Words in a file that may refer to other files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mentions {
    /// The file calls a macro that includes a file, or contains text such as `path = …`.
    pub(super) files: bool,
    /// The name of such a macro occurs alone: it may be called under another name, or by another
    /// macro.
    pub(super) macros: bool,
}

/// Searches for words only. Words in comments or strings may count, but no reference is missed.
pub(super) fn mentions(code: &[u8]) -> Mentions {
    let mut mentions = Mentions::default();
    for at in memchr::memmem::find_iter(code, b"include") {
        let after = code.get(at + b"include".len()..).unwrap_or_default();
        let after = after.strip_prefix(b"_str").or(after.strip_prefix(b"_bytes")).unwrap_or(after);
        let is_word = !at.checked_sub(1).and_then(|at| code.get(at)).is_some_and(is_part_of_word)
            && !after.first().is_some_and(is_part_of_word);
        if is_word && after.trim_ascii_start().starts_with(b"!") {
            mentions.files = true;
        } else if is_word && !is_in_comment(code, at) {
            mentions.macros = true;
        }
    }
    mentions.files |= memchr::memmem::find_iter(code, b"path").any(|at| {
        let after = code.get(at + b"path".len()..).unwrap_or_default().trim_ascii_start();
        after.starts_with(b"=") && !after.starts_with(b"==") && !is_variable(line_before(code, at))
    });
    mentions
}

/// Iterates over everything between two quotes. In code that may call a macro that includes files,
/// each of these texts may be a path.
pub(super) fn quoted(code: &[u8]) -> impl Iterator<Item = &str> {
    const LONGEST: usize = 4096;
    let mut quotes = memchr::memchr_iter(b'"', code).peekable();
    std::iter::from_fn(move || Some((quotes.next()?, *quotes.peek()?)))
        .filter(|(start, end)| end - start <= LONGEST)
        .filter_map(|(start, end)| std::str::from_utf8(code.get(start + 1..end)?).ok())
}

fn is_part_of_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 128
}

fn line_before(code: &[u8], at: usize) -> &[u8] {
    let before = code.get(..at).unwrap_or_default();
    let start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
    before.get(start..).unwrap_or_default()
}

/// Whether a line is certainly a comment: it begins like one, and nothing that started before can
/// end in it.
fn is_in_comment(code: &[u8], at: usize) -> bool {
    let line = line_before(code, at);
    line.trim_ascii_start().starts_with(b"//")
        && !line.contains(&b'"')
        && memchr::memmem::find(line, b"*/").is_none()
}

/// Whether the line is `let path =` and has nothing that could start an attribute.
fn is_variable(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    !line.contains(&b'[') && (line.ends_with(b" let") || line.ends_with(b" mut"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let (files, macros) =
            (Mentions { files: true, macros: false }, Mentions { files: false, macros: true });
        let none = Mentions::default();
        let cases = [
            ("include!(\"x\")", files),
            ("include_str \n ! [\"x\"]", files),
            ("::core::include_bytes!(\"x\")", files),
            ("use std::include as x;", macros),
            ("m!(include, \"x\")", macros),
            ("include/* */!(\"x\")", macros),
            ("#[path = \"x\"]", files),
            ("#[cfg_attr(a,path=\"x\")]", files),
            ("#[\n // let\n path = \"x\"]", files),
            ("#[a(let, path = \"x\")]", files),
            ("// include the file\n    /// include", none),
            ("/*\n// */ use std::include as x;", macros),
            ("\"\n// \"; use std::include as x;", macros),
            ("included, include_all, reinclude, include_strings", none),
            ("    let path = x; let mut path = y; if path == z {}", none),
            ("use std::path; path: String", none),
        ];
        for (code, expected) in cases {
            assert_eq!(mentions(code.as_bytes()), expected, "{code}");
        }
    }

    #[test]
    fn everything_between_quotes() {
        let found: Vec<&str> = quoted(b"a \"b\" c r#\"d\"# \"").collect();
        assert_eq!(found, ["b", " c r#", "d", "# "]);
    }
}
