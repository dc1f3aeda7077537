//! Reads the text of a store file into values.
//!
//! The code walks the tree that the TOML parser returns, instead of using derived deserialization.
//! So it reports everything that is wrong with a file at once, each problem with its place.

mod audits;
mod config;
mod fields;
#[cfg(test)]
mod from_pieces_tests;
mod imports;
mod peer;
mod pieces;
mod registry;
mod scalars;
mod settings;
#[cfg(test)]
mod settings_schema_tests;
mod syntax;

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use crate::read::audits::parse_audits;
pub(crate) use crate::read::audits::parse_audits_and_criteria;
pub use crate::read::config::parse_config;
pub(crate) use crate::read::fields::known;
pub use crate::read::imports::parse_imports;
pub use crate::read::peer::{PeerFile, Skipped, SkippedEntry, SkippedKind, parse_peer};
pub use crate::read::pieces::{TomlPiece, toml_pieces};
pub use crate::read::registry::parse_registry;
pub(crate) use crate::read::scalars::{policy_key, publisher_id, store_publisher};
pub use crate::read::settings::parse_settings;

use vet_diagnostics::{Code, Diagnostic, Source, wording};

use crate::files::ByCrate;
use crate::read::fields::{Fields, Place, type_of};

/// The readable content of a file, and everything that is wrong with the file.
#[derive(Clone, Debug)]
pub struct Parsed<T> {
    /// The content. Entries that cannot be read are missing.
    pub value: T,
    /// The problems, in no particular order. If there are any, use `value` only to look for more
    /// problems.
    pub problems: Vec<Diagnostic>,
}

impl<T> Parsed<T> {
    /// Returns the content of a valid file.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong with the file.
    pub fn into_result(self) -> Result<T, Vec<Diagnostic>> {
        if self.problems.is_empty() { Ok(self.value) } else { Err(self.problems) }
    }
}

/// Parses a TOML file that is not part of a store. Returns its tree and what is wrong with its
/// syntax.
///
/// There is no tree if it would not mean what the file says: the file is not TOML, or it contains
/// merge conflict markers. Merge conflict markers are then the only finding. Duplicate keys are
/// reported, and the tree has one of them.
pub fn toml_document(source: &Arc<Source>) -> (Option<DeTable<'_>>, Vec<Diagnostic>) {
    let (reader, document) = Reader::document(source);
    (document, reader.finish(()).problems)
}

/// Collects the problems of one file.
struct Reader {
    source: Arc<Source>,
    problems: Vec<Diagnostic>,
    unreported: usize,
}

/// The limit on reported problems of one file, or of the store as a whole. Further ones are only
/// counted, because showing one takes time proportional to the size of the file.
pub const MOST_PROBLEMS: usize = 100;

impl Reader {
    /// Parses a text. Returns a reader with the syntax errors, and the tree if the text is TOML.
    fn document(source: &Arc<Source>) -> (Self, Option<DeTable<'_>>) {
        let (document, errors) = DeTable::parse_recoverable(&source.text);
        let mut reader = Reader::new(source);
        let readable = syntax::report(&mut reader, &errors);
        (reader, readable.then(|| document.into_inner()))
    }

    /// Creates a reader without problems.
    fn new(source: &Arc<Source>) -> Self {
        Reader { source: Arc::clone(source), problems: Vec::new(), unreported: 0 }
    }

    /// Returns the number of problems found so far.
    fn found(&self) -> usize {
        self.problems.len() + self.unreported
    }

    /// Whether further problems are only counted.
    fn is_full(&self) -> bool {
        self.problems.len() >= MOST_PROBLEMS
    }

    fn push(&mut self, problem: Diagnostic) {
        if self.is_full() {
            self.unreported += 1;
        } else {
            self.problems.push(problem);
        }
    }

    fn problem(
        &mut self,
        code: Code,
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) {
        let problem = Diagnostic::error(code, message).at(&self.source, span, label);
        self.push(problem);
    }

    fn finish<T>(mut self, value: T) -> Parsed<T> {
        if self.unreported > 0
            && let Some(last) = self.problems.last_mut()
        {
            last.notes.push(wording::not_shown(
                self.unreported,
                "problem of this file",
                "problems of this file",
            ));
        }
        Parsed { value, problems: self.problems }
    }

    /// Returns an optional table. A value of another type is a problem.
    fn table<'t>(
        &mut self,
        parent: &'t DeTable<'t>,
        key: &str,
        place: Place<'_>,
    ) -> Option<(&'t DeTable<'t>, Range<usize>)> {
        let value = parent.get(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some((table, value.span())),
            other => {
                let message = format!("`{place}` must be a table, not {}", type_of(other));
                self.problem(Code::WrongType, value.span(), message, "expected a table");
                None
            }
        }
    }

    /// Iterates over the tables inside a table, such as `[criteria.<name>]`, each with its name.
    fn tables<'t>(
        &mut self,
        parent: &'t DeTable<'t>,
        place: Place<'t>,
        mut read: impl FnMut(&'t str, &mut Fields<'_, 't>),
    ) {
        let Some((table, _)) = self.table(parent, place.table, place) else { return };
        for (name, value) in table {
            let name = name.get_ref().as_ref();
            let place = place.child(name);
            match value.get_ref() {
                DeValue::Table(table) => read(name, &mut Fields::new(self, table, value.span(), place)),
                other => {
                    let message = format!("`{place}` must be a table, not {}", type_of(other));
                    self.problem(Code::WrongType, value.span(), message, "expected a table");
                }
            }
        }
    }

    /// Reads the entries of a table of arrays of tables, such as `[[audits.<crate>]]`.
    fn entries<'t, T>(
        &mut self,
        parent: &'t DeTable<'t>,
        place: Place<'t>,
        mut read: impl FnMut(&mut Fields<'_, 't>) -> Option<T>,
    ) -> ByCrate<T> {
        let mut all = ByCrate::new();
        let Some((table, _)) = self.table(parent, place.table, place) else { return all };
        for (name, value) in table {
            let name = name.get_ref();
            let place = place.entry(name);
            let DeValue::Array(array) = value.get_ref() else {
                self.not_an_array(value, place);
                continue;
            };
            let mut entries = Vec::with_capacity(array.len());
            for value in array {
                let DeValue::Table(table) = value.get_ref() else {
                    let message =
                        format!("an entry of `{place}` must be a table, not {}", type_of(value.get_ref()));
                    self.problem(Code::WrongType, value.span(), message, "expected a table");
                    continue;
                };
                entries.extend(read(&mut Fields::new(self, table, value.span(), place)));
            }
            all.insert(name.to_string(), entries);
        }
        all
    }

    fn not_an_array(&mut self, value: &Spanned<DeValue<'_>>, place: Place<'_>) {
        let message = format!("`{place}` must be an array of tables, not {}", type_of(value.get_ref()));
        let mut problem = Diagnostic::error(Code::WrongType, message).at(
            &self.source,
            value.span(),
            "expected an array of tables",
        );
        if value.get_ref().is_table() {
            problem = problem.help(format!("write the header in double brackets: `{place}`"));
        }
        self.push(problem);
    }
}
