//! Finds out whether code is worth a closer look. Most files refer to no other files, and reading
//! all of them as Rust code would take longer than comparing them.

use memchr::{memchr_iter, memmem};

/// Whether code may refer to other files: it has the name of a macro that includes a file, text
/// such as `path = …`, or a definition of a macro that could make either of them.
///
/// Searches for words only. Words in comments or strings may count, but no reference is missed.
pub(super) fn may_refer(code: &[u8]) -> bool {
    includes(code)
        || has_path(code)
        || has_open_attribute(code)
        || memmem::find(code, b"debugger_visualizer").is_some()
}

/// Whether code contains a word.
pub(super) fn has_word(code: &[u8], word: &str) -> bool {
    memmem::find_iter(code, word.as_bytes()).any(|at| {
        let before = code.get(..at).and_then(|before| before.last());
        let after = code.get(at + word.len());
        !before.is_some_and(is_part_of_word) && !after.is_some_and(is_part_of_word)
    })
}

/// Whether code contains the name of a macro that includes a file.
fn includes(code: &[u8]) -> bool {
    memmem::find_iter(code, b"include").any(|at| {
        let (before, after) = (code.get(..at).unwrap_or_default(), rest(code, at + b"include".len()));
        let after = after.strip_prefix(b"_str").or(after.strip_prefix(b"_bytes")).unwrap_or(after);
        !before.last().is_some_and(is_part_of_word)
            && !after.first().is_some_and(is_part_of_word)
            && !is_in_comment(before)
    })
}

/// Whether code contains `path =`, or `path $name`, which can become it.
fn has_path(code: &[u8]) -> bool {
    memmem::find_iter(code, b"path").any(|at| {
        let after = rest(code, at + b"path".len());
        is_followed_by_value(after) || after.trim_ascii_start().starts_with(b"$")
    })
}

/// Whether code contains something like `$name = …` or `#[$name …]`, which can become an attribute.
fn has_open_attribute(code: &[u8]) -> bool {
    let has_conditions = memmem::find(code, b"cfg_attr").is_some();
    memchr_iter(b'$', code).any(|at| {
        let after = rest(code, at + 1);
        let name = after.iter().take_while(|byte| is_part_of_word(byte)).count();
        let before = code.get(..at).unwrap_or_default().trim_ascii_end();
        let is_in_attribute = match before.last() {
            // `#[$name]` is the whole attribute.
            Some(b'[') => name == 0 || !matches!(rest(after, name).first(), Some(b']' | b':')),
            Some(last) => is_unclear(*last),
            None => false,
        };
        has_conditions || is_in_attribute || is_followed_by_value(rest(after, name))
    })
}

/// Whether text begins with `=`, or with something that may be followed by it.
fn is_followed_by_value(text: &[u8]) -> bool {
    let is_space = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'\x0b';
    match text.iter().position(|byte| !is_space(byte)).map(|start| rest(text, start)) {
        Some([b'=', b'=' | b'>', ..]) | None => false,
        Some([b'=', ..]) => true,
        Some([first, ..]) => is_unclear(*first),
        Some([]) => false,
    }
}

/// Whether a byte can belong to a comment, or to a space or name with characters that are not
/// ASCII.
fn is_unclear(byte: u8) -> bool {
    byte == b'/' || !byte.is_ascii()
}

fn is_part_of_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

fn rest(code: &[u8], start: usize) -> &[u8] {
    code.get(start..).unwrap_or_default()
}

/// Whether the text before a word shows that it is in a comment: its line begins like one, and
/// nothing that started before can end in it. Lines that are longer than real ones are not
/// searched.
fn is_in_comment(before: &[u8]) -> bool {
    const LONGEST: usize = 1000;
    let end = rest(before, before.len().saturating_sub(LONGEST));
    let start = memchr::memrchr(b'\n', end).map(|line_end| line_end + 1);
    let line = match start {
        Some(start) => rest(end, start),
        None if end.len() == before.len() => end,
        None => return false,
    };
    line.trim_ascii_start().starts_with(b"//") && !line.contains(&b'"') && memmem::find(line, b"*/").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_that_may_refer_to_files() {
        let cases = [
            ("include!(\"x\")", true),
            ("include_str \n ! [\"x\"]", true),
            ("::core::include_bytes!(\"x\")", true),
            ("use std::include as x;", true),
            ("m!(include, \"x\")", true),
            ("include/* */!(\"x\")", true),
            ("a\u{2028}include\u{2028}!(\"x\")", true),
            ("#[path = \"x\"]", true),
            ("#[path\x0b= \"x\"]", true),
            ("#[path/* */= \"x\"]", true),
            ("#[path\u{2028}= \"x\"]", true),
            ("#[cfg_attr(a,path=\"x\")]", true),
            ("#[\n // let\n path = \"x\"]", true),
            ("let path = x;", true),
            ("#[$name = \"x\"]", true),
            ("#[$name $value]", true),
            ("#[ /* */ $name $value]", true),
            ("#[$($name)=*]", true),
            ("#[path $($rest)*]", true),
            ("#[cfg_attr(a, $name $value)]", true),
            ("#[debugger_visualizer(gdb_script_file = \"x\")]", true),
            ("// include the file\n    /// include", false),
            ("/*\n// */ use std::include as x;", true),
            ("\"\n// \"; use std::include as x;", true),
            ("included, include_all, reinclude, include_strings", false),
            ("if path == z {}", false),
            ("use std::path; path: String", false),
            ("$(#[$meta:meta])* #[$meta] $name => $name == 1", false),
        ];
        for (code, expected) in cases {
            assert_eq!(may_refer(code.as_bytes()), expected, "{code}");
        }
        let long = |length| format!("//{}include", " ".repeat(length));
        assert_eq!((may_refer(long(998).as_bytes()), may_refer(long(999).as_bytes())), (false, true));
    }

    #[test]
    fn words() {
        for (code, expected) in
            [("mod main;", true), ("é/main", true), ("domain main_ mains", false), ("", false)]
        {
            assert_eq!(has_word(code.as_bytes(), "main"), expected, "{code}");
        }
    }
}
