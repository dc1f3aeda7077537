//! Reads the fields of one table.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vet_diagnostics::{Code, Diagnostic, wording};

use crate::entries::Date;
use crate::read::{Reader, scalars};
use crate::version::Version;
use crate::write::Key;

/// The fields of each table, in the order in which they are written.
pub(crate) mod known {
    pub(crate) const AUDITS_FILE: &[&str] = &["criteria", "wildcard-audits", "audits", "trusted"];
    pub(crate) const CRITERIA: &[&str] = &["description", "description-url", "implies", "aggregated-from"];
    pub(crate) const AUDIT: &[&str] =
        &["who", "criteria", "version", "delta", "violation", "importable", "notes", "aggregated-from"];
    pub(crate) const WILDCARD: &[&str] = &[
        "who",
        "criteria",
        "user-id",
        "trusted-publisher",
        "start",
        "end",
        "renew",
        "notes",
        "aggregated-from",
    ];
    pub(crate) const TRUSTED: &[&str] =
        &["criteria", "user-id", "trusted-publisher", "start", "end", "notes", "aggregated-from"];
    pub(crate) const CONFIG_FILE: &[&str] =
        &["default-criteria", "cargo-vet", "imports", "policy", "exemptions", "unaudited"];
    pub(crate) const CARGO_VET: &[&str] = &["version"];
    pub(crate) const IMPORT: &[&str] = &["url", "exclude", "criteria-map"];
    pub(crate) const POLICY: &[&str] =
        &["audit-as-crates-io", "criteria", "dev-criteria", "dependency-criteria", "notes"];
    pub(crate) const EXEMPTION: &[&str] = &["version", "criteria", "suggest", "notes"];
    pub(crate) const IMPORTS_FILE: &[&str] = &["unpublished", "publisher", "audits"];
    pub(crate) const UNPUBLISHED: &[&str] = &["version", "audited_as"];
    pub(crate) const PUBLISHER: &[&str] =
        &["version", "when", "user-id", "user-login", "user-name", "trusted-publisher"];
    pub(crate) const SETTINGS_FILE: &[&str] = &["version", "graph", "diagnostics"];
    pub(crate) const GRAPH: &[&str] =
        &["targets", "hosts", "unset-cfg", "exclude-dev", "members", "exclude-members", "features"];
    pub(crate) const TARGET: &[&str] = &["triple", "like", "features"];
}

/// The place of a table in its file, shown as its header: `[[audits.peer.audits.serde]]`.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The import whose section of `imports.lock` has the table.
    pub(super) import: Option<&'a str>,
    /// The table, such as `audits`.
    pub(super) table: &'static str,
    /// The name below the table: a crate, a criterion, an import.
    pub(super) name: Option<&'a str>,
    /// Whether the name can have several entries.
    pub(super) is_array: bool,
}

impl<'a> Place<'a> {
    /// Creates the place of the top level of a file.
    pub(super) fn file(name: &'a str) -> Self {
        Place { import: None, table: "", name: Some(name), is_array: false }
    }

    pub(super) fn table(import: Option<&'a str>, table: &'static str) -> Self {
        Place { import, table, name: None, is_array: false }
    }

    /// Returns the place of the table of this name inside the table.
    pub(super) fn child(self, name: &'a str) -> Self {
        Place { name: Some(name), ..self }
    }

    /// Returns the place of the array of tables of this name inside the table.
    pub(super) fn entry(self, name: &'a str) -> Self {
        Place { name: Some(name), is_array: true, ..self }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let ("", Some(name)) = (self.table, self.name) {
            return f.write_str(name);
        }
        let (open, close) = if self.is_array { ("[[", "]]") } else { ("[", "]") };
        f.write_str(open)?;
        if let Some(import) = self.import {
            write!(f, "audits.{}.", wording::shown(&Key(import).to_string()))?;
        }
        f.write_str(self.table)?;
        if let Some(name) = self.name {
            write!(f, ".{}", wording::shown(&Key(name).to_string()))?;
        }
        f.write_str(close)
    }
}

/// A table with known fields, which are read one by one.
pub(super) struct Fields<'r, 't> {
    pub(super) reader: &'r mut Reader,
    pub(super) table: &'t DeTable<'t>,
    /// The span of the header, or of the whole table if it has no header.
    pub(super) span: Range<usize>,
    pub(super) place: Place<'t>,
}

impl<'r, 't> Fields<'r, 't> {
    pub(super) fn new(
        reader: &'r mut Reader,
        table: &'t DeTable<'t>,
        span: Range<usize>,
        place: Place<'t>,
    ) -> Self {
        Fields { reader, table, span, place }
    }

    /// Reads a mandatory field.
    pub(super) fn required<T>(&mut self, key: &str, read: fn(&mut Self, &str) -> Option<T>) -> Option<T> {
        if self.table.contains_key(key) {
            return read(self, key);
        }
        self.missing(key);
        None
    }

    pub(super) fn missing(&mut self, key: &str) {
        let message = format!("`{}` has no `{key}`", self.place);
        self.reader.problem(Code::MissingField, self.span.clone(), message, format!("`{key}` is missing"));
    }

    /// Reports every field that is not in `known`.
    pub(super) fn reject_unknown(&mut self, known: &[&str]) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if known.contains(&name) {
                continue;
            }
            let message = format!("`{}` has an unknown field `{}`", self.place, wording::shown(name));
            let listed = format!("the fields are {}", wording::list(known.iter().copied(), "and"));
            let help = match wording::nearest(name, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`? {listed}"),
                None => listed,
            };
            let problem = Diagnostic::error(Code::UnknownField, message)
                .at(&self.reader.source, key.span(), "unknown field")
                .help(help);
            self.reader.push(problem);
        }
    }

    /// Reports that the fields of these names do not identify a publisher.
    pub(super) fn no_publisher(&mut self, names: &[&str]) {
        let mut reported = false;
        for &name in names {
            let Some(value) = self.table.get(name) else { continue };
            match (name, value.get_ref()) {
                ("user-id", DeValue::Integer(_)) => {
                    if scalars::user_id(self.table).is_none() {
                        let message = format!("`user-id` in `{}` is not an account number", self.place);
                        let label = format!("expected a number from 0 to {}", i64::MAX);
                        self.reader.problem(Code::InvalidValue, value.span(), message, label);
                        reported = true;
                    }
                }
                ("user-id", _) => {
                    self.wrong_type::<()>(name, value, "an integer");
                    reported = true;
                }
                (_, DeValue::String(_)) => {}
                _ => {
                    self.wrong_type::<()>(name, value, "a string");
                    reported = true;
                }
            }
        }
        if reported {
            return;
        }
        if self.table.contains_key("user-id") {
            self.missing("user-login");
            return;
        }
        let message = format!("`{}` has neither `user-id` nor `trusted-publisher`", self.place);
        self.reader.problem(Code::MissingField, self.span.clone(), message, "the publisher is missing");
    }

    /// Returns the place of the key of this table inside a table of the document.
    pub(super) fn key_span(&self, document: &DeTable<'_>, table: &str, key: &str) -> Range<usize> {
        let parent = document.get(table).and_then(|value| value.get_ref().as_table());
        let entry = parent.and_then(|parent| parent.get_key_value(key));
        entry.map_or_else(|| self.span.clone(), |(key, _)| key.span())
    }

    pub(super) fn string(&mut self, key: &str) -> Option<String> {
        self.str(key).map(|(text, _)| text.to_owned())
    }

    pub(super) fn boolean(&mut self, key: &str) -> Option<bool> {
        let value = self.table.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => self.wrong_type(key, value, "`true` or `false`"),
        }
    }

    /// Reads a string, or an array of strings.
    pub(super) fn strings(&mut self, key: &str) -> Option<Vec<String>> {
        let value = self.table.get(key)?;
        self.string_list(key, value)
    }

    pub(super) fn string_list(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Vec<String>> {
        match value.get_ref() {
            DeValue::String(text) => Some(vec![text.to_string()]),
            DeValue::Array(_) => self.elements(key, value, "a string or an array of strings"),
            _ => self.wrong_type(key, value, "a string or an array of strings"),
        }
    }

    /// Reads an array of strings. A single string is an error.
    pub(super) fn string_array(&mut self, key: &str) -> Option<Vec<String>> {
        let value = self.table.get(key)?;
        self.elements(key, value, "an array of strings")
    }

    fn elements(&mut self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) -> Option<Vec<String>> {
        let DeValue::Array(array) = value.get_ref() else { return self.wrong_type(key, value, expected) };
        let mut list = Vec::with_capacity(array.len());
        for element in array {
            match element.get_ref() {
                DeValue::String(text) => list.push(text.to_string()),
                other => {
                    let (key, found) = (wording::shown(key), type_of(other));
                    let message =
                        format!("`{key}` in `{}` must contain only strings, not {found}", self.place);
                    self.reader.problem(Code::WrongType, element.span(), message, "expected a string");
                }
            }
        }
        Some(list)
    }

    /// Reads a table of string lists, such as `criteria-map`.
    pub(super) fn string_lists(
        &mut self,
        key: &str,
    ) -> Option<std::collections::BTreeMap<String, Vec<String>>> {
        let value = self.table.get(key)?;
        let DeValue::Table(table) = value.get_ref() else { return self.wrong_type(key, value, "a table") };
        let mut lists = std::collections::BTreeMap::new();
        for (name, value) in table {
            let name = name.get_ref();
            if let Some(list) = self.string_list(name, value) {
                lists.insert(name.to_string(), list);
            }
        }
        Some(lists)
    }

    /// Reads a version, with or without a git revision.
    pub(super) fn version(&mut self, key: &str) -> Option<Version> {
        let (text, span) = self.str(key)?;
        let version = text.parse::<Version>().map_err(|error| scalars::version_fault(&error));
        self.parsed(key, span, version, "a version such as `1.2.3`")
    }

    /// Reads a calendar day.
    pub(super) fn date(&mut self, key: &str) -> Option<Date> {
        let value = self.table.get(key)?;
        if let DeValue::Datetime(date) = value.get_ref() {
            let message = format!("`{key}` in `{}` must be a string, not a date without quotes", self.place);
            let mut problem = Diagnostic::error(Code::WrongType, message).at(
                &self.reader.source,
                value.span(),
                "expected a string",
            );
            if let Some(day) = date.date {
                problem = problem.help(format!("put it in quotes: `{key} = \"{day}\"`"));
            }
            self.reader.push(problem);
            return None;
        }
        let (text, span) = self.str(key)?;
        self.parsed(key, span, scalars::date(text), "a day such as `2026-01-31`")
    }

    /// Reads a string and its place.
    pub(super) fn str(&mut self, key: &str) -> Option<(&'t str, Range<usize>)> {
        let value = self.table.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some((text.as_ref(), value.span())),
            _ => self.wrong_type(key, value, "a string"),
        }
    }

    /// Returns the result of parsing a text, or reports what the text should have been.
    pub(super) fn parsed<T, E: fmt::Display>(
        &mut self,
        key: &str,
        span: Range<usize>,
        result: Result<T, E>,
        expected: &str,
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                let message = format!("`{key}` in `{}` is not {expected}", self.place);
                self.reader.problem(Code::InvalidValue, span, message, wording::shown(&error.to_string()));
                None
            }
        }
    }

    pub(super) fn wrong_type<T>(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        expected: &str,
    ) -> Option<T> {
        let (key, found) = (wording::shown(key), type_of(value.get_ref()));
        let message = format!("`{key}` in `{}` must be {expected}, not {found}", self.place);
        self.reader.problem(Code::WrongType, value.span(), message, format!("expected {expected}"));
        None
    }
}

/// Returns the type of a value, with its article.
pub(super) fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a floating-point number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
