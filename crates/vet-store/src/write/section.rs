//! Writes tables and their fields, in two layouts: lines below a header, or an inline table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::write::Accounts;
use crate::write::toml::{Key, array_fits, push_array, push_array_value, push_string, width};

/// The only key whose table is written inline if it is short enough, wherever the key appears.
const INLINE_KEY: &str = "dependency-criteria";

/// The maximum width of a line `dependency-criteria = {...}`, in characters.
const WIDEST_INLINE: usize = 120;

/// Writes the fields of one table, in order.
pub(super) struct Fields<'o, 'a> {
    out: &'o mut String,
    layout: Layout<'a>,
    empty: bool,
}

#[derive(Clone, Copy)]
enum Layout<'a> {
    /// One line for each field. Account numbers get a comment.
    Lines(&'a Accounts),
    /// All fields on one line, between braces.
    Inline,
}

impl Fields<'_, '_> {
    fn begin(&mut self, key: &str) {
        if let Layout::Inline = self.layout
            && !self.empty
        {
            self.out.push_str(", ");
        }
        self.empty = false;
        Key(key).push(self.out);
        self.out.push_str(" = ");
    }

    fn end(&mut self) {
        if let Layout::Lines(_) = self.layout {
            self.out.push('\n');
        }
    }

    pub(super) fn string(&mut self, key: &str, value: &str) {
        self.begin(key);
        push_string(self.out, value);
        self.end();
    }

    pub(super) fn optional_string(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.string(key, value);
        }
    }

    /// Writes a value whose text needs no escapes.
    pub(super) fn plain(&mut self, key: &str, value: impl std::fmt::Display) {
        self.begin(key);
        let _ = write!(self.out, "\"{value}\"");
        self.end();
    }

    pub(super) fn boolean(&mut self, key: &str, value: bool) {
        self.begin(key);
        let _ = write!(self.out, "{value}");
        self.end();
    }

    /// Writes an account number, with a comment that names the account if the name is known and the
    /// layout allows comments.
    pub(super) fn account(&mut self, key: &str, id: u64) {
        self.number(key, id);
        if let Layout::Lines(accounts) = self.layout
            && let Some(hint) = accounts.hint(id)
        {
            self.out.push_str(" # ");
            self.out.push_str(hint);
        }
        self.end();
    }

    /// Writes an account number without the name.
    pub(super) fn bare_account(&mut self, key: &str, id: u64) {
        self.number(key, id);
        self.end();
    }

    fn number(&mut self, key: &str, number: u64) {
        self.begin(key);
        let _ = write!(self.out, "{number}");
    }

    /// Writes a list. A list of one string is written as that string.
    pub(super) fn list(&mut self, key: &str, list: &[String]) {
        match list {
            [only] => self.string(key, only),
            _ => self.array(key, list),
        }
    }

    /// Writes a list as an array, even if it has one string.
    pub(super) fn array(&mut self, key: &str, list: &[String]) {
        self.begin(key);
        match self.layout {
            Layout::Inline => push_array(self.out, list),
            Layout::Lines(_) => push_array_value(self.out, key, list),
        }
        self.end();
    }

    pub(super) fn optional_list(&mut self, key: &str, list: &[String]) {
        if !list.is_empty() {
            self.list(key, list);
        }
    }

    /// Writes a table of lists inline. Below a header, it is written only if it is short enough.
    /// Returns whether it was written.
    pub(super) fn lists_in_braces(&mut self, key: &str, lists: &BTreeMap<String, Vec<String>>) -> bool {
        if lists.is_empty() {
            return true;
        }
        let mut text = String::new();
        in_braces(&mut text, |fields| fields.all_lists(lists));
        let fits = match self.layout {
            Layout::Inline => true,
            Layout::Lines(_) => key == INLINE_KEY && width(key, &text) <= WIDEST_INLINE,
        };
        if fits {
            self.begin(key);
            self.out.push_str(&text);
            self.end();
        }
        fits
    }

    pub(super) fn all_lists(&mut self, lists: &BTreeMap<String, Vec<String>>) {
        for (key, list) in lists {
            self.list(key, list);
        }
    }

    /// Writes a table of arrays of entries as an inline table.
    pub(super) fn entries_in_braces<T: TomlEntry>(&mut self, key: &str, entries: &BTreeMap<String, Vec<T>>) {
        self.begin(key);
        in_braces(self.out, |fields| {
            for (name, entries) in entries.iter().filter(|(_, entries)| !entries.is_empty()) {
                fields.begin(name);
                fields.out.push_str(&one_line_array(&elements(entries)));
            }
        });
    }

    /// Writes an inline table.
    pub(super) fn braces(&mut self, key: &str, write: impl FnOnce(&mut Fields<'_, '_>)) {
        self.begin(key);
        in_braces(self.out, write);
    }
}

/// An entry of an array of tables.
pub(super) trait TomlEntry {
    /// Writes the fields, in canonical order.
    fn write(&self, fields: &mut Fields<'_, '_>);

    /// Compares two entries of one crate for the canonical order.
    fn order(&self, other: &Self) -> std::cmp::Ordering;
}

/// Appends the lines of a table, one for each field.
pub(super) fn lines(out: &mut String, accounts: &Accounts, write: impl FnOnce(&mut Fields<'_, '_>)) {
    write(&mut Fields { out, layout: Layout::Lines(accounts), empty: true });
}

/// Appends an inline table.
pub(super) fn in_braces(out: &mut String, write: impl FnOnce(&mut Fields<'_, '_>)) {
    out.push('{');
    let start = out.len();
    write(&mut Fields { out, layout: Layout::Inline, empty: true });
    if out.len() > start {
        out.insert(start, ' ');
        out.push(' ');
    }
    out.push('}');
}

/// Appends an empty line and a table header. The path is written unchanged. The name after it is
/// escaped as a key.
pub(super) fn header(out: &mut String, path: &str, name: Option<&str>) {
    let _ = match name {
        Some(name) => writeln!(out, "\n[{path}.{}]", Key(name)),
        None => writeln!(out, "\n[{path}]"),
    };
}

/// Appends the header of a table and its element `dependency-criteria`, if the table has that
/// element and its inline text is short enough. Returns whether it did, so that the element is not
/// written again.
///
/// `text` returns the inline text of the element.
pub(super) fn inline_element<T>(
    out: &mut String,
    path: &str,
    table: &BTreeMap<String, T>,
    text: impl FnOnce(&T) -> String,
) -> bool {
    let Some(text) = table.get(INLINE_KEY).map(text) else { return false };
    let fits = width(INLINE_KEY, &text) <= WIDEST_INLINE;
    if fits {
        header(out, path, None);
        let _ = writeln!(out, "{INLINE_KEY} = {text}");
    }
    fits
}

/// Iterates over the elements of a table that [`inline_element`] has not written.
pub(super) fn remaining<T>(
    table: &BTreeMap<String, T>,
    inlined: bool,
) -> impl Iterator<Item = (&String, &T)> {
    table.iter().filter(move |(name, _)| !(inlined && *name == INLINE_KEY))
}

/// Appends a table of arrays of tables. Returns whether anything was written.
pub(super) fn entries<T: TomlEntry>(
    out: &mut String,
    path: &str,
    table: &BTreeMap<String, Vec<T>>,
    accounts: &Accounts,
) -> bool {
    let start = out.len();
    let inlined = inline_entries(out, path, table);
    for (name, entries) in remaining(table, inlined) {
        let header = format!("\n[[{path}.{}]]\n", Key(name));
        for entry in sorted(entries) {
            out.push_str(&header);
            lines(out, accounts, |fields| entry.write(fields));
        }
    }
    out.len() > start
}

/// Does the same as [`inline_element`], for an array of tables.
fn inline_entries<T: TomlEntry>(out: &mut String, path: &str, table: &BTreeMap<String, Vec<T>>) -> bool {
    let Some(entries) = table.get(INLINE_KEY).filter(|entries| !entries.is_empty()) else { return false };
    let elements = elements(entries);
    let array = one_line_array(&elements);
    if width(INLINE_KEY, &array) > WIDEST_INLINE {
        return false;
    }
    header(out, path, None);
    let _ = write!(out, "{INLINE_KEY} = ");
    if array_fits(INLINE_KEY, &array) {
        out.push_str(&array);
    } else {
        out.push_str("[\n");
        for element in elements {
            let _ = writeln!(out, "    {element},");
        }
        out.push(']');
    }
    out.push('\n');
    true
}

fn elements<T: TomlEntry>(entries: &[T]) -> Vec<String> {
    let element = |entry: &T| {
        let mut text = String::new();
        in_braces(&mut text, |fields| entry.write(fields));
        text
    };
    sorted(entries).map(element).collect()
}

fn one_line_array(elements: &[String]) -> String {
    format!("[{}]", elements.join(", "))
}

/// Iterates over the entries in canonical order. Equal entries keep their order.
fn sorted<T: TomlEntry>(entries: &[T]) -> impl Iterator<Item = &T> {
    let mut order: Vec<&T> = entries.iter().collect();
    if !order.is_sorted_by(|a, b| a.order(b).is_le()) {
        order.sort_by(|a, b| a.order(b));
    }
    order.into_iter()
}
