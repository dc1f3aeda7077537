//! From the text of a store file to values.
//!
//! A file is read by hand from the tree that the TOML parser gives, instead of by derived decoding, so that everything
//! that is wrong with it comes out in one go, each problem with its place.

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

use vet_diagnostics::{Code, Diagnostic, Source};

use crate::files::ByCrate;
use crate::read::fields::{Fields, Place, type_of};

/// What could be read of a file, and everything that is wrong with it.
#[derive(Clone, Debug)]
pub struct Parsed<T> {
    /// The content. Entries that cannot be read are missing.
    pub value: T,
    /// What is wrong, in no particular order. If this is not empty, `value` is of no use but to look for more.
    pub problems: Vec<Diagnostic>,
}

impl<T> Parsed<T> {
    /// The content of a file that nothing is wrong with.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the file.
    pub fn into_result(self) -> Result<T, Vec<Diagnostic>> {
        if self.problems.is_empty() { Ok(self.value) } else { Err(self.problems) }
    }
}

/// The tree of a TOML file that is not part of a store, and what is wrong with its syntax.
///
/// A file whose tree would not mean what it says has none: it is not TOML, or holds the marks of an unfinished merge,
/// which is then the only finding. Keys that stand twice are reported, and the tree has one of them.
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

/// More problems than this in one file are counted only.
const MOST_PROBLEMS: usize = 100;

impl Reader {
    /// The tree of a text, if it is TOML, and the reader that knows what is wrong with it.
    fn document(source: &Arc<Source>) -> (Self, Option<DeTable<'_>>) {
        let (document, errors) = DeTable::parse_recoverable(&source.text);
        let mut reader = Reader::new(source);
        let readable = syntax::report(&mut reader, &errors);
        (reader, readable.then(|| document.into_inner()))
    }

    /// A reader that has found nothing wrong yet.
    fn new(source: &Arc<Source>) -> Self {
        Reader { source: Arc::clone(source), problems: Vec::new(), unreported: 0 }
    }

    /// How many problems were found so far.
    fn found(&self) -> usize {
        self.problems.len() + self.unreported
    }

    /// Whether further problems are counted only.
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
            last.notes.push(format!("{} more problems of this file are not shown", self.unreported));
        }
        Parsed { value, problems: self.problems }
    }

    /// A table that the file may have. What stands for the table and is none is a problem.
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

    /// The tables inside a table, such as `[criteria.<name>]`, each by its name.
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

    /// The entries of a table of arrays of tables, such as `[[audits.<crate>]]`.
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
