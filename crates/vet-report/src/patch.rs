//! The changes to a store, as a patch.
//!
//! `patch -p1` and `git apply` understand the format, in the folder that the paths start from. File
//! headers use the traditional format: with git's own format, git would take the paths as relative
//! to the root of the repository.

use std::fmt::Write as _;

use serde::Serialize;
use similar::{Algorithm, ChangeTag, TextDiff};
use vet_ops::operation::preview::{FilePreview, Preview};

use crate::json;
use crate::visible::{is_unseen, visible};

/// The patch; empty if nothing would change. It is exact, so entries of peers may contain terminal
/// control characters.
pub fn exact(preview: &Preview) -> String {
    preview.files.iter().map(of_file).collect()
}

/// The patch, safe to print.
pub fn human(preview: &Preview) -> String {
    visible(&exact(preview)).into_owned()
}

/// The patch of each file, as JSON.
pub fn json(preview: &Preview) -> String {
    let changes = preview.files.iter().map(|file| FileJson { path: &file.path, diff: of_file(file) });
    json::document(&PreviewJson { changes: changes.collect() })
}

#[derive(Serialize)]
struct PreviewJson<'a> {
    changes: Vec<FileJson<'a>>,
}

#[derive(Serialize)]
struct FileJson<'a> {
    path: &'a str,
    diff: String,
}

fn of_file(file: &FilePreview) -> String {
    const CONTEXT: usize = 3;
    let old = file.old.as_deref().unwrap_or_default();
    let (old, new) = (lines(old), lines(&file.new));
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).diff_slices(&old, &new);
    let name = match &file.old {
        Some(_) => header(&format!("a/{}", file.path)),
        None => "/dev/null".to_owned(),
    };
    let mut text = format!("--- {name}\n+++ {}\n", header(&format!("b/{}", file.path)));
    for group in diff.grouped_ops(CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let old = range(first.old_range().start, last.old_range().end);
        let new = range(first.new_range().start, last.new_range().end);
        let _ = writeln!(text, "@@ -{old} +{new} @@");
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            text.push(match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            });
            text.push_str(change.value());
            if !change.value().ends_with('\n') {
                text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    text
}

/// Lines as `patch` and git count them: a carriage return does not end a line.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// The first line of a hunk, starting at 1, and its length. An empty hunk starts after the
/// preceding line.
fn range(start: usize, end: usize) -> String {
    let start_line = if start == end { start } else { start + 1 };
    match end - start {
        1 => start_line.to_string(),
        length => format!("{start_line},{length}"),
    }
}

/// A file name in a header.
pub(crate) fn header(name: &str) -> String {
    let quoted = quoted(name);
    // Like git: a tab marks the end of a name that contains a space.
    if quoted.contains(' ') && !quoted.starts_with('"') { quoted + "\t" } else { quoted }
}

/// A name, quoted if it would be ambiguous or partly invisible.
pub(crate) fn quoted(name: &str) -> String {
    let is_special = |letter: char| is_unseen(letter) || letter == '\t' || letter == '\n';
    if !name.contains(|letter| is_special(letter) || matches!(letter, '"' | '\\')) {
        return name.to_owned();
    }
    let mut quoted = String::from("\"");
    for letter in name.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            special if is_special(special) => {
                for byte in special.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(quoted, "\\{byte:03o}");
                }
            }
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preview(path: &str, old: Option<&str>, new: &str) -> Preview {
        let file = FilePreview { path: path.to_owned(), old: old.map(str::to_owned), new: new.to_owned() };
        Preview { files: vec![file] }
    }

    #[test]
    fn patches() {
        let long = |middle: &str| format!("1\n2\n3\n4\n{middle}5\n6\n7\n8\n");
        let cases = [
            preview("s/config.toml", Some(&long("")), &long("new\n")),
            preview("s/config.toml", Some(&long("old\n")), &long("")),
            preview("a b/c.toml", Some("x\r\ny\rz"), "x\ny\rz\n"),
            preview("a\"\n/c.toml", Some(""), "\u{1b}[2J\n"),
            preview("s/imports.lock", None, "a\nb\n"),
            preview("s/imports.lock", Some("a\n"), ""),
            Preview::default(),
        ];
        let texts: Vec<String> = cases.iter().map(human).collect();
        insta::assert_snapshot!(format!("{}===\n{}", texts.join("===\n"), json(&cases[3])));
        assert!(exact(&cases[3]).contains("+\u{1b}[2J\n"));
    }
}
