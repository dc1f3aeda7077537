//! Writes the canonical text of `vet.toml`.
//!
//! Users edit the file, so its comments stay. Tables, keys and arrays get one order and one
//! spelling. Each comment stays with its neighbour: the entry that it follows on the same line,
//! else the entry below it, or the end of its table or array. A comment that an empty line
//! separates from the header below belongs to the table above.

mod comments;

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vet_diagnostics::{Diagnostic, Source};

use crate::read::{known, parse_settings};
use crate::write::toml::{Key, array_fits, push_array, push_string};

/// Returns the canonical text of `vet.toml`. It differs from the given text only in white space,
/// order and spelling.
///
/// # Errors
///
/// Returns everything that is wrong with the file.
pub fn format_settings(source: &Arc<Source>) -> Result<String, Vec<Diagnostic>> {
    parse_settings(source).into_result()?;
    let document = DeTable::parse_recoverable(&source.text).0.into_inner();
    let mut file = File::of(&document, &source.text);
    comments::distribute(&mut file, &source.text);
    Ok(file.text())
}

/// A file, in canonical order.
#[derive(Default)]
struct File {
    /// The comments above everything else, followed by an empty line.
    head: Vec<Comment>,
    sections: Vec<Section>,
}

/// A table, or the keys before the first table.
#[derive(Default)]
struct Section {
    /// The name in the header. Empty for the keys before the first table.
    name: &'static str,
    /// The place of the header, if there is one.
    header: Option<Range<usize>>,
    around: Around,
    entries: Vec<SettingEntry>,
    /// The comments below the last entry.
    end: Vec<Comment>,
}

/// A key and its value.
struct SettingEntry {
    key: String,
    /// From the start of the key to the end of the value.
    span: Range<usize>,
    around: Around,
    value: Value,
}

enum Value {
    /// A value that is ready to be written.
    Plain(String),
    Array {
        elements: Vec<Element>,
        /// The comments below the last element.
        end: Vec<Comment>,
    },
}

struct Element {
    text: String,
    span: Range<usize>,
    around: Around,
}

/// The comments that belong to something.
#[derive(Default)]
struct Around {
    above: Vec<Comment>,
    /// The comment behind it on the same line.
    behind: Option<String>,
}

impl Around {
    fn is_empty(&self) -> bool {
        self.above.is_empty() && self.behind.is_none()
    }
}

struct Comment {
    text: String,
    /// Whether there is an empty line above it.
    is_set_apart: bool,
}

impl File {
    fn of(document: &DeTable<'_>, text: &str) -> Self {
        let section = |name, value: Option<&Spanned<DeValue<'_>>>, order| {
            let table = value?.get_ref().as_table()?;
            // The span of a table without its own header is the place of something else.
            let header = value.map(Spanned::span).filter(|span| is_header(text, span, name));
            Some(Section { name, header, entries: entries(table, order), ..Section::default() })
        };
        let graph = document.get("graph");
        let features = graph.and_then(|value| value.get_ref().as_table()?.get("features"));
        let top = Section { entries: entries(document, known::SETTINGS_FILE), ..Section::default() };
        let tables = [
            section("graph", graph, known::GRAPH),
            section("graph.features", features, &[]),
            section("diagnostics", document.get("diagnostics"), &[]),
        ];
        File { head: Vec::new(), sections: [Some(top)].into_iter().chain(tables).flatten().collect() }
    }

    fn text(&self) -> String {
        let mut out = String::new();
        push_comments(&mut out, &self.head, "");
        for section in &self.sections {
            section.push(&mut out);
        }
        out
    }
}

/// Whether the text has the header of a table at this place, in any spelling.
fn is_header(text: &str, span: &Range<usize>, name: &str) -> bool {
    let header = text.get(span.clone()).unwrap_or_default();
    let dots = |text: &str| text.matches('.').count();
    header.starts_with('[') && dots(header) == dots(name)
}

/// Returns the entries of a table that are not tables, in a given order of keys, and the others by
/// name.
fn entries(table: &DeTable<'_>, order: &[&str]) -> Vec<SettingEntry> {
    let mut entries: Vec<SettingEntry> = Vec::new();
    for (key, value) in table {
        let (name, value_span) = (key.get_ref().to_string(), value.span());
        let value = match value.get_ref() {
            DeValue::Table(_) => continue,
            DeValue::Array(array) => {
                Value::Array { elements: array.iter().map(element).collect(), end: Vec::new() }
            }
            other => Value::Plain(plain(other)),
        };
        let span = key.span().start.min(value_span.start)..value_span.end;
        entries.push(SettingEntry { key: name, span, around: Around::default(), value });
    }
    let rank = |entry: &SettingEntry| order.iter().position(|key| *key == entry.key);
    entries.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.key.cmp(&b.key)));
    entries
}

fn element(value: &Spanned<DeValue<'_>>) -> Element {
    let text = match value.get_ref() {
        DeValue::Table(table) => target(table),
        other => plain(other),
    };
    Element { text, span: value.span(), around: Around::default() }
}

/// Formats a target. A target with only a triple needs no table.
fn target(table: &DeTable<'_>) -> String {
    let triple = table.get("triple").map(|triple| plain(triple.get_ref())).unwrap_or_default();
    let features = table.get("features").and_then(|features| features.get_ref().as_array());
    let features: Vec<String> = features
        .into_iter()
        .flatten()
        .filter_map(|name| name.get_ref().as_str().map(str::to_owned))
        .collect();
    let like = table.get("like").map(|like| plain(like.get_ref()));
    if features.is_empty() && like.is_none() {
        return triple;
    }
    let mut out = format!("{{ triple = {triple}");
    if let Some(like) = like {
        out.push_str(&format!(", like = {like}"));
    }
    if !features.is_empty() {
        out.push_str(", features = ");
        push_array(&mut out, &features);
    }
    out.push_str(" }");
    out
}

fn plain(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => {
            let mut out = String::new();
            push_string(&mut out, text);
            out
        }
        DeValue::Integer(integer) => {
            let number = i64::from_str_radix(integer.as_str(), integer.radix());
            number.map_or_else(|_| integer.as_str().to_owned(), |number| number.to_string())
        }
        DeValue::Boolean(flag) => flag.to_string(),
        // No setting has a value of another type.
        _ => String::new(),
    }
}

impl Section {
    fn push(&self, out: &mut String) {
        if self.entries.is_empty() && self.around.is_empty() && self.end.is_empty() {
            return;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        if !self.name.is_empty() {
            push_comments(out, &self.around.above, "");
            out.push_str(&format!("[{}]", self.name));
            push_end(out, self.around.behind.as_deref());
        }
        let mut is_first = true;
        for entry in &self.entries {
            entry.push(out, is_first);
            is_first = false;
        }
        push_below(out, &self.end, "", is_first);
    }
}

impl SettingEntry {
    fn push(&self, out: &mut String, is_first: bool) {
        push_below(out, &self.around.above, "", is_first);
        out.push_str(&format!("{} = ", Key(&self.key)));
        match &self.value {
            Value::Plain(text) => out.push_str(text),
            Value::Array { elements, end } => self.push_array(out, elements, end),
        }
        push_end(out, self.around.behind.as_deref());
    }

    /// Appends an array: on one line if it is not too wide and has no comments inside, else with
    /// one line for each element.
    fn push_array(&self, out: &mut String, elements: &[Element], end: &[Comment]) {
        const INDENT: &str = "    ";
        let texts: Vec<&str> = elements.iter().map(|element| element.text.as_str()).collect();
        let line = format!("[{}]", texts.join(", "));
        let has_comments = !end.is_empty() || elements.iter().any(|element| !element.around.is_empty());
        if !has_comments && array_fits(&self.key, &line) {
            out.push_str(&line);
            return;
        }
        out.push_str("[\n");
        let mut is_first = true;
        for element in elements {
            push_below(out, &element.around.above, INDENT, is_first);
            out.push_str(&format!("{INDENT}{},", element.text));
            push_end(out, element.around.behind.as_deref());
            is_first = false;
        }
        push_below(out, end, INDENT, is_first);
        out.push(']');
    }
}

/// Ends a line, with a comment if there is one.
fn push_end(out: &mut String, comment: Option<&str>) {
    if let Some(comment) = comment {
        out.push(' ');
        out.push_str(comment);
    }
    out.push('\n');
}

/// Appends comments below something, or at the beginning of a table or array.
fn push_below(out: &mut String, comments: &[Comment], indent: &str, is_first: bool) {
    if !is_first && comments.first().is_some_and(|comment| comment.is_set_apart) {
        out.push('\n');
    }
    push_comments(out, comments, indent);
}

/// Appends comments, with the empty lines between them.
fn push_comments(out: &mut String, comments: &[Comment], indent: &str) {
    for (index, comment) in comments.iter().enumerate() {
        if index > 0 && comment.is_set_apart {
            out.push('\n');
        }
        out.push_str(&format!("{indent}{}\n", comment.text));
    }
}
