//! Findings as text, in the style of rustc and cargo.

mod json;
mod summary;
mod window;

use std::borrow::Cow;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use vet_diagnostics::{Diagnostic, Excerpt, Severity};

pub use json::json;

use crate::visible::{visible, visible_line};
use summary::summary;
use window::Window;

/// The maximum number of findings that are shown. The rest is counted.
const MOST: usize = 100;

/// What a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether to use escape sequences for colours.
    pub colored: bool,
    /// The number of columns. Excerpts are cut to fit; sentences are not.
    pub width: usize,
}

/// Findings with excerpts of the files that they concern, and their number if there are several.
///
/// Only the first hundred are shown.
pub fn human(diagnostics: &[Diagnostic], look: Look) -> String {
    const NARROWEST: usize = 40;
    let renderer = if look.colored { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(look.width.max(NARROWEST));
    let mut text = String::new();
    let mut add = |group: Group<'_>| {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&renderer.render(&[group]));
        text.push('\n');
    };
    diagnostics.iter().take(MOST).map(finding).for_each(&mut add);
    if diagnostics.len() > 1 {
        let severity = diagnostics.iter().map(|diagnostic| diagnostic.severity).max();
        let mut sentence = summary(diagnostics);
        if diagnostics.len() > MOST {
            sentence.push_str(&format!("; the first {MOST} are shown"));
        }
        add(Group::with_title(level(severity.unwrap_or(Severity::Error)).primary_title(sentence)));
    }
    text
}

fn finding(diagnostic: &Diagnostic) -> Group<'_> {
    let title = level(diagnostic.severity).primary_title(paragraph(&diagnostic.message));
    let mut group = Group::with_title(title.id(diagnostic.code.to_string()));
    for (index, excerpt) in diagnostic.excerpts.iter().enumerate() {
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        group = group.elements(place(excerpt, kind));
    }
    let notes = diagnostic.notes.iter().map(|note| Level::NOTE.message(paragraph(note)));
    let help = diagnostic.help.iter().map(|help| Level::HELP.message(paragraph(help)));
    group.elements(notes.chain(help))
}

/// A text of several lines, such as a list or a diff, limited to a readable length.
fn paragraph(text: &str) -> Cow<'_, str> {
    const MOST_LINES: usize = 500;
    const LONGEST_LINE: usize = 2000;
    let text = text.trim_end();
    let lines = text.split('\n').count();
    if lines <= MOST_LINES && text.len() <= LONGEST_LINE {
        return visible(text);
    }
    let shown = text.split('\n').take(MOST_LINES).map(|line| match line.char_indices().nth(LONGEST_LINE) {
        None => visible(line),
        Some((end, _)) => format!("{}…", visible(line.get(..end).unwrap_or_default())).into(),
    });
    let mut shown = shown.collect::<Vec<_>>().join("\n");
    if lines > MOST_LINES {
        shown.push_str(&format!("\n… and {} more lines", lines - MOST_LINES));
    }
    shown.into()
}

fn place(excerpt: &Excerpt, kind: AnnotationKind) -> Vec<Element<'_>> {
    let Window { text, first_line, column, mark } = Window::new(&excerpt.source.text, excerpt.span.clone());
    let label = (!excerpt.label.is_empty()).then(|| visible_line(&excerpt.label));
    let snippet = Snippet::source(text).line_start(first_line).annotation(kind.span(mark).label(label));
    let name = visible_line(&excerpt.source.name);
    match column {
        None => vec![snippet.path(name).into()],
        Some(column) => vec![Origin::path(name).line(first_line).char_column(column).into(), snippet.into()],
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

#[cfg(test)]
mod tests;
