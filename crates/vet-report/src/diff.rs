//! The diff between two versions, in git's format.
//!
//! The text is a patch that `git apply` understands, except for binary files and for characters
//! that had to be escaped for the terminal. Paths are short, after `a/` and `b/`. Characters that
//! the author of a file could use to mislead the reader are shown as escape sequences: control
//! characters, characters that change the text direction or are invisible, and bytes that are not
//! text.

use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::Range;

use anstyle::{AnsiColor, Style};
use vet_source::Diff;
use vet_source::diff::{Change, Content, FileDiff, FileName, Hunk, Line, Text};

use crate::patch::{header, quoted};
use crate::visible::is_unseen;

/// Git's colours.
mod styles {
    use super::{AnsiColor, Style};

    pub(super) const HEADER: Style = Style::new().bold();
    pub(super) const RANGE: Style = AnsiColor::Cyan.on_default();
    pub(super) const REMOVED: Style = AnsiColor::Red.on_default();
    pub(super) const ADDED: Style = AnsiColor::Green.on_default();
    pub(super) const PLAIN: Style = Style::new();
    /// An escape sequence that replaces a character.
    pub(super) const ESCAPED: Style = Style::new().invert();
}

/// The diff, safe to print.
pub fn human(diff: &Diff<'_>, colored: bool) -> String {
    let mut text: String = diff.files.iter().map(|file| human_file(file, colored)).collect();
    for path in &diff.only_line_ends {
        let _ = writeln!(text, "Only the ends of lines differ in `{}`.", quoted(path));
    }
    text
}

/// The diff of one file, safe to print.
pub fn human_file(file: &FileDiff<'_>, colored: bool) -> String {
    let mut patch = Patch { bytes: Vec::new(), form: Form::Human { colored } };
    patch.add(file);
    // Bytes that are not text were escaped before.
    String::from_utf8_lossy(&patch.bytes).into_owned()
}

/// The diff for programs. It is exact, so it may contain terminal control characters.
pub fn exact(diff: &Diff<'_>) -> Vec<u8> {
    let mut patch = Patch { bytes: Vec::new(), form: Form::Exact };
    diff.files.iter().for_each(|file| patch.add(file));
    patch.bytes
}

#[derive(Clone, Copy)]
enum Form {
    Exact,
    Human { colored: bool },
}

struct Patch {
    bytes: Vec<u8>,
    form: Form,
}

impl Patch {
    fn add(&mut self, file: &FileDiff<'_>) {
        let (before, after) = (file.change.before(), file.change.after());
        let old = before.or(after).map(|name| format!("a/{}", name.path)).unwrap_or_default();
        let new = after.or(before).map(|name| format!("b/{}", name.path)).unwrap_or_default();
        self.header(&format!("diff --git {} {}", quoted(&old), quoted(&new)));
        self.change(&file.change);
        let old = if before.is_some() { &old } else { "/dev/null" };
        let new = if after.is_some() { &new } else { "/dev/null" };
        match &file.content {
            Content::Same => {}
            Content::Binary => {
                self.header(&format!("Binary files {} and {} differ", quoted(old), quoted(new)));
            }
            Content::Lines(lines) => {
                self.header(&format!("--- {}", header(old)));
                self.header(&format!("+++ {}", header(new)));
                lines.hunks().iter().for_each(|hunk| self.hunk(hunk));
            }
        }
    }

    fn change(&mut self, change: &Change<'_>) {
        match *change {
            Change::Added(new) => self.header(&format!("new file mode {}", mode(new))),
            Change::Removed(old) => self.header(&format!("deleted file mode {}", mode(old))),
            Change::Modified { old, new } | Change::Renamed { old, new, .. } => {
                if mode(old) != mode(new) {
                    self.header(&format!("old mode {}", mode(old)));
                    self.header(&format!("new mode {}", mode(new)));
                }
            }
        }
        if let Change::Renamed { old, new, similarity } = *change {
            self.header(&format!("similarity index {similarity}%"));
            self.header(&format!("rename from {}", quoted(old.path)));
            self.header(&format!("rename to {}", quoted(new.path)));
        }
    }

    fn hunk(&mut self, hunk: &Hunk<'_>) {
        self.styled(styles::RANGE, |patch| {
            let _ = write!(patch.bytes, "@@ -{} +{} @@", range(&hunk.old), range(&hunk.new));
        });
        if let Some(section) = hunk.section {
            const LONGEST: usize = 80;
            self.bytes.push(b' ');
            let end = (0..=LONGEST.min(section.len())).rev().find(|end| is_boundary(section, *end));
            self.content(section.get(..end.unwrap_or_default()).unwrap_or_default());
        }
        self.bytes.push(b'\n');
        for line in &hunk.lines {
            match line {
                // The last line if only one file ends with a line feed: it looks equal, but is not.
                Line::Same(old, new) if old.has_end != new.has_end => {
                    self.line(styles::REMOVED, b'-', old);
                    self.line(styles::ADDED, b'+', new);
                }
                Line::Same(old, _) => self.line(styles::PLAIN, b' ', old),
                Line::Removed(text) => self.line(styles::REMOVED, b'-', text),
                Line::Added(text) => self.line(styles::ADDED, b'+', text),
            }
        }
    }

    fn line(&mut self, style: Style, sign: u8, text: &Text<'_>) {
        // At the end of a line, a carriage return has no effect, and every line may have one.
        let (content, end) = match text.bytes.strip_suffix(b"\r") {
            Some(content) if text.has_end => (content, &b"\r\n"[..]),
            _ => (text.bytes, &b"\n"[..]),
        };
        self.styled(style, |patch| {
            patch.bytes.push(sign);
            patch.content(content);
        });
        self.bytes.extend(end);
        if !text.has_end {
            self.bytes.extend(b"\\ No newline at end of file\n");
        }
    }

    fn header(&mut self, text: &str) {
        self.styled(styles::HEADER, |patch| patch.bytes.extend(text.as_bytes()));
        self.bytes.push(b'\n');
    }

    fn styled(&mut self, style: Style, write: impl FnOnce(&mut Self)) {
        let is_colored = matches!(self.form, Form::Human { colored: true });
        if is_colored {
            let _ = write!(self.bytes, "{style}");
        }
        write(self);
        if is_colored {
            let _ = write!(self.bytes, "{style:#}");
        }
    }

    /// Writes the content of a file.
    fn content(&mut self, content: &[u8]) {
        let Form::Human { colored } = self.form else {
            self.bytes.extend(content);
            return;
        };
        for chunk in content.utf8_chunks() {
            let mut rest = chunk.valid();
            while let Some((at, character)) = rest.char_indices().find(|(_, character)| is_unseen(*character))
            {
                let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
                self.bytes.extend(before.as_bytes());
                self.escaped(colored, &character.escape_unicode().to_string());
                rest = after.strip_prefix(character).unwrap_or_default();
            }
            self.bytes.extend(rest.as_bytes());
            for byte in chunk.invalid() {
                self.escaped(colored, &format!("\\x{byte:02x}"));
            }
        }
    }

    fn escaped(&mut self, colored: bool, sequence: &str) {
        let style = if colored { styles::ESCAPED } else { styles::PLAIN };
        // Ends only the inversion; the colour of the line continues.
        let end = if colored { "\u{1b}[27m" } else { "" };
        let _ = write!(self.bytes, "{style}{sequence}{end}");
    }
}

fn mode(name: FileName<'_>) -> &'static str {
    if name.is_executable { "100755" } else { "100644" }
}

fn range(range: &Range<u64>) -> String {
    match range.end.saturating_sub(range.start) {
        1 => range.start.to_string(),
        length => format!("{},{length}", range.start),
    }
}

/// Whether cutting here splits no character.
fn is_boundary(text: &[u8], end: usize) -> bool {
    text.get(end).is_none_or(|byte| byte & 0xc0 != 0x80)
}

#[cfg(test)]
mod tests {
    use vet_source::{Comparison, File, Tree, diff};

    use super::*;

    fn tree(files: &[(&str, &[u8], bool)]) -> Tree {
        let file = |bytes: &[u8], is_executable| File { bytes: bytes.to_vec().into(), is_executable };
        Tree::new(files.iter().map(|(path, bytes, mode)| ((*path).to_owned(), file(bytes, *mode))))
    }

    fn examples() -> (Tree, Tree) {
        let old = tree(&[
            ("Cargo.lock", b"1\n", false),
            ("README.md", b"same\r\n", false),
            ("a b.rs", b"x\n", false),
            ("data.bin", b"\0", false),
            ("gone.rs", b"x\n", true),
            ("mode", b"x\n", false),
            ("src/lib.rs", b"fn a() {\n    1;\n    2;\n    3;\n    old();\n}\n", false),
            ("src/old name.rs", b"1\n2\n3\n4\n", false),
        ]);
        let new = tree(&[
            ("Cargo.lock", b"2\n", false),
            ("README.md", b"same\n", false),
            ("a b.rs", b"y", false),
            ("data.bin", b"\0\x01", false),
            ("empty", b"", false),
            ("mode", b"x\n", true),
            ("src/lib.rs", b"fn a() {\n    1;\n    2;\n    3;\n    new();\n}\n", false),
            ("src/new.rs", b"1\n2\n3\n4\n5\n", false),
            (
                "tests/h\u{202e}\".rs",
                b"\tesc\x1b[2J bytes \xff\xfe cr \r.\r\nzero\xe2\x80\x8bwidth \xd7\x90\xe2\x80\xae end",
                false,
            ),
        ]);
        (old, new)
    }

    #[test]
    fn texts() {
        let (old, new) = examples();
        let diff = diff(&old, &new, Comparison::Published);
        insta::assert_snapshot!(format!(
            "{}===\n{}",
            human(&diff, false).replace("\r\n", "<CR>\n"),
            human(&diff, true).replace('\u{1b}', "<ESC>").replace("\r\n", "<CR>\n")
        ));
    }

    #[test]
    fn only_what_is_for_programs_is_exact() {
        let (old, new) = examples();
        let diff = diff(&old, &new, Comparison::Published);
        let bytes = exact(&diff);
        assert!(bytes.windows(8).any(|bytes| bytes == b"esc\x1b[2J "));
        let shown = human(&diff, false);
        assert!(!shown.replace("\r\n", "\n").contains(|character| is_unseen(character) && character != '\n'));
    }
}
