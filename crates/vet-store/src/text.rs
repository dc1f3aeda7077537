//! Decodes the bytes of a file into the text that the parsers read.

use std::sync::Arc;

use vet_diagnostics::{Code, Diagnostic, Source};

use crate::files::StoreFile;

/// The text of a file, without a byte order mark and carriage returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text. It has no byte order mark, and its lines end in a line feed alone.
    pub source: Arc<Source>,
    /// Whether the file began with a byte order mark.
    pub had_bom: bool,
    /// Whether lines ended in a carriage return and a line feed, apart from blank lines at the end.
    pub had_crlf: bool,
}

impl Text {
    /// Decodes the bytes of a file, which messages call `name`.
    ///
    /// A byte order mark and the carriage returns of a Windows checkout are accepted and removed,
    /// also inside multi-line strings. Lines and columns stay the same as in the file.
    ///
    /// # Errors
    ///
    /// Returns an error that names the line if the bytes are not UTF-8.
    pub fn decode(name: &str, bytes: &[u8]) -> Result<Self, Diagnostic> {
        let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(name, bytes, error.valid_up_to()))?;
        let unmarked = text.strip_prefix('\u{feff}');
        let had_bom = unmarked.is_some();
        let text = unmarked.unwrap_or(text);
        let clean = without_carriage_returns(text);
        let had_crlf = clean.is_some() && text.trim_end().contains("\r\n");
        let text = clean.unwrap_or_else(|| text.to_owned());
        Ok(Text { source: Source::new(name, text), had_bom, had_crlf })
    }
}

/// The texts of the three files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// `config.toml`
    pub config: Text,
    /// `audits.toml`
    pub audits: Text,
    /// `imports.lock`
    pub imports: Text,
}

impl Texts {
    /// Returns the text of a file.
    pub fn get(&self, file: StoreFile) -> &Text {
        match file {
            StoreFile::Config => &self.config,
            StoreFile::Audits => &self.audits,
            StoreFile::Imports => &self.imports,
        }
    }
}

/// Replaces `\r\n` with `\n`. Returns `None` if there is nothing to replace. A carriage return
/// after another one is not part of a line end but a mistake, and stays.
fn without_carriage_returns(text: &str) -> Option<String> {
    // Few texts have a carriage return, and searching for a single byte is faster.
    if !text.contains('\r') || !text.contains("\r\n") {
        return None;
    }
    let mut clean = String::with_capacity(text.len());
    let mut pieces = text.split("\r\n");
    clean.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        if clean.ends_with('\r') {
            clean.push('\r');
        }
        clean.push('\n');
        clean.push_str(piece);
    }
    Some(clean)
}

fn not_utf8(name: &str, bytes: &[u8], valid_up_to: usize) -> Diagnostic {
    let line = 1 + bytes.iter().take(valid_up_to).filter(|&&byte| byte == b'\n').count();
    let source = Source::new(name, String::from_utf8_lossy(bytes));
    let span = valid_up_to..valid_up_to + char::REPLACEMENT_CHARACTER.len_utf8();
    Diagnostic::error(Code::NotUtf8, format!("{name} is not UTF-8: line {line} contains an invalid byte"))
        .at(&source, span, "not UTF-8")
        .help("save the file as UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> (String, bool, bool) {
        let text = Text::decode("a.toml", bytes).unwrap();
        (text.source.text.clone(), text.had_bom, text.had_crlf)
    }

    #[test]
    fn marks_and_carriage_returns_are_taken_out() {
        let cases: &[(&[u8], &str, bool, bool)] = &[
            (b"", "", false, false),
            (b"a = 1\n", "a = 1\n", false, false),
            (b"\xEF\xBB\xBFa\r\nb\r\n", "a\nb\n", true, true),
            (b"\xEF\xBB\xBF\xEF\xBB\xBFa", "\u{feff}a", true, false),
            (b"a\rb", "a\rb", false, false),
            (b"a\r\r\nb", "a\r\r\nb", false, true),
            (b"a\n\r\n", "a\n\n", false, false),
        ];
        for (bytes, expected, bom, crlf) in cases {
            assert_eq!(text(bytes), ((*expected).to_owned(), *bom, *crlf), "{bytes:?}");
        }
    }

    #[test]
    fn the_first_byte_that_is_not_utf8_is_shown() {
        let problem = Text::decode("a.toml", b"x = 1\ny = \"\xFFz\"\n").unwrap_err();
        assert_eq!(problem.message, "a.toml is not UTF-8: line 2 contains an invalid byte");
        let excerpt = &problem.excerpts[0];
        assert_eq!(excerpt.source.text.get(excerpt.span.clone()), Some("\u{fffd}"));
    }
}
