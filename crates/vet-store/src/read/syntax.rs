//! Reports texts that are not valid TOML.

use std::ops::Range;

use vet_diagnostics::{Code, Diagnostic, wording};

use crate::read::Reader;

/// The limit on reported syntax errors of one file. Further ones are only counted: most follow from
/// the first.
const MOST_ERRORS: usize = 10;

/// The message of the TOML parser for a duplicate key.
const DUPLICATE: &str = "duplicate key";

/// Reports what the TOML parser found. Returns whether the tree, apart from duplicate keys, means
/// what the file says.
pub(super) fn report(reader: &mut Reader, errors: &[toml::de::Error]) -> bool {
    if errors.is_empty() {
        return true;
    }
    let (duplicates, others): (Vec<_>, Vec<_>) =
        errors.iter().partition(|error| error.message() == DUPLICATE);
    if !others.is_empty()
        && let Some(conflict) = merge_conflict(reader)
    {
        reader.push(conflict);
        return false;
    }
    let source = std::sync::Arc::clone(&reader.source);
    let text = &source.text;
    let mut lines = Vec::new();
    let mut shown = Vec::new();
    for error in others.iter().take(MOST_ERRORS * 10) {
        let span = within(text, error.span().unwrap_or_default());
        let line = text.get(..span.start).map_or(0, |before| before.rfind('\n').map_or(0, |end| end + 1));
        if !lines.contains(&line) {
            lines.push(line);
            shown.push((span, error.message()));
        }
    }
    let unreported = others.len().saturating_sub(MOST_ERRORS * 10) + shown.len().saturating_sub(MOST_ERRORS);
    shown.truncate(MOST_ERRORS);
    for (span, message) in shown {
        let message = wording::shown(message).into_owned();
        reader.problem(
            Code::TomlSyntax,
            span,
            format!("{} is not valid TOML: {message}", source.name),
            message,
        );
    }
    if unreported > 0
        && let Some(last) = reader.problems.last_mut()
    {
        last.notes.push(wording::not_shown(
            unreported,
            "syntax error in this file",
            "syntax errors in this file",
        ));
    }
    for error in &duplicates {
        let span = within(text, error.span().unwrap_or_default());
        let key = text.get(span.clone()).unwrap_or_default();
        let problem =
            Diagnostic::error(Code::DuplicateKey, format!("the key `{}` appears twice", wording::shown(key)))
                .at(&reader.source, span, "duplicate")
                .help("remove one of the two, or merge them");
        reader.push(problem);
    }
    others.is_empty()
}

/// Clamps a span so that it can be shown: inside the text, at character boundaries, and within the
/// line that it starts in.
fn within(text: &str, span: Range<usize>) -> Range<usize> {
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = span.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let line_end =
        text.get(start..end).and_then(|marked| marked.find('\n')).map_or(end, |length| start + length);
    start..line_end
}

/// Returns one error that lists all merge conflicts of a text, if it has any.
fn merge_conflict(reader: &Reader) -> Option<Diagnostic> {
    const MOST_CONFLICTS: usize = 10;
    let mut conflicts: Vec<(usize, usize, Range<usize>)> = Vec::new();
    let mut open = false;
    let mut start = 0;
    for (index, line) in reader.source.text.split_inclusive('\n').enumerate() {
        let number = index + 1;
        let span = start..start + line.trim_end().len();
        start += line.len();
        if is_marker(line, "<<<<<<<") {
            conflicts.push((number, number, span));
            open = true;
        } else if is_marker(line, "=======") || is_marker(line, "|||||||") || is_marker(line, ">>>>>>>") {
            match conflicts.last_mut() {
                Some((_, last, _)) if open => *last = number,
                _ if line.starts_with('>') => conflicts.push((number, number, span)),
                _ => {}
            }
            if line.starts_with('>') {
                open = false;
            }
        }
    }
    if conflicts.is_empty() {
        return None;
    }
    let lines: Vec<String> = conflicts
        .iter()
        .take(MOST_CONFLICTS)
        .map(|(first, last, _)| if first == last { format!("{first}") } else { format!("{first}–{last}") })
        .collect();
    let word =
        if matches!(conflicts.as_slice(), [(first, last, _)] if first == last) { "line" } else { "lines" };
    let rest = match conflicts.len().saturating_sub(MOST_CONFLICTS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let name = &reader.source.name;
    let message = format!("{name} contains merge conflict markers: {word} {}{rest}", lines.join(", "));
    let mut problem = Diagnostic::error(Code::MergeConflict, message);
    for (_, _, span) in conflicts.into_iter().take(MOST_CONFLICTS) {
        problem = problem.at(&reader.source, span, "a conflict");
    }
    Some(problem.help("keep the entries of both sides, remove the marker lines, and run `cargo vet fmt`"))
}

fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\n', '\r']))
}
