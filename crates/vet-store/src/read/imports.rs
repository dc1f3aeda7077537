//! Reads `imports.lock`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};
use vet_diagnostics::{Code, Source};

use crate::entries::{PublisherEntry, UnpublishedEntry};
use crate::files::{AuditsFile, ImportsFile};
use crate::read::fields::{Fields, Place, type_of};
use crate::read::pieces::{Brackets, Header, TomlPiece, is_blank, toml_pieces};
use crate::read::{Parsed, Reader, audits, scalars};

/// Reads `imports.lock`.
pub fn parse_imports(source: &Arc<Source>) -> Parsed<ImportsFile> {
    match from_pieces(source, toml_pieces(&source.text)) {
        Some(value) => Parsed { value, problems: Vec::new() },
        None => whole(source),
    }
}

/// Reads a file in pieces. Returns `None` if the result might differ from reading the whole file,
/// or if anything is wrong.
pub(super) fn from_pieces<'t>(
    source: &Arc<Source>,
    pieces: impl Iterator<Item = Option<TomlPiece<'t>>>,
) -> Option<ImportsFile> {
    let mut reader = Reader::new(source);
    let mut file = ImportsFile::default();
    // The imports that have audits, and those that have an empty table of audits.
    let (mut with_audits, mut with_empty_table) = (BTreeSet::new(), BTreeSet::new());
    for (index, piece) in pieces.enumerate() {
        let piece = piece?;
        if index == 0 && !piece.content.is_empty() {
            return None;
        }
        for (header, body) in piece.headers() {
            match Header::parse(header)?.parts() {
                (Brackets::One, ["audits", import, "audits"])
                    if is_blank(body) && with_empty_table.insert(*import) =>
                {
                    with_audits.insert(*import);
                }
                (Brackets::Two, ["audits", import, "audits", _]) => {
                    with_audits.insert(*import);
                }
                (Brackets::Two, ["unpublished" | "publisher", _])
                | (Brackets::Two, ["audits", _, "wildcard-audits" | "trusted", _])
                | (Brackets::One, ["audits", _, "criteria", _]) => {}
                _ => return None,
            }
        }
        let read = tables(&mut reader, &piece.content, audits::tables_of_import);
        audits::extend(&mut file.unpublished, read.unpublished);
        audits::extend(&mut file.publisher, read.publisher);
        for (import, section) in read.audits {
            file.audits.entry(import).or_default().take_over(section)?;
        }
    }
    let all_have_audits = file.audits.keys().all(|import| with_audits.contains(import.as_str()));
    (all_have_audits && reader.found() == 0).then_some(file)
}

pub(super) fn whole(source: &Arc<Source>) -> Parsed<ImportsFile> {
    let (mut reader, document) = Reader::document(source);
    let Some(document) = &document else { return reader.finish(ImportsFile::default()) };
    let value = tables(&mut reader, document, audits::section);
    reader.finish(value)
}

/// Reads all tables. `section` reads the section of an import.
fn tables<'t>(reader: &mut Reader, document: &'t DeTable<'t>, section: ReadSection<'t>) -> ImportsFile {
    ImportsFile {
        unpublished: reader.entries(document, Place::table(None, "unpublished"), unpublished),
        publisher: reader.entries(document, Place::table(None, "publisher"), publisher),
        audits: sections(reader, document, section),
    }
}

/// A function that reads the section of an import, given the place of its header.
type ReadSection<'t> = fn(&mut Reader, &'t DeTable<'t>, Range<usize>, &'t str) -> AuditsFile;

fn sections<'t>(
    reader: &mut Reader,
    document: &'t DeTable<'t>,
    section: ReadSection<'t>,
) -> BTreeMap<String, AuditsFile> {
    let place = Place::table(None, "audits");
    let mut all = BTreeMap::new();
    let Some((table, _)) = reader.table(document, "audits", place) else { return all };
    for (name, value) in table {
        let name = name.get_ref();
        match value.get_ref() {
            DeValue::Table(table) => {
                all.insert(name.to_string(), section(reader, table, value.span(), name));
            }
            other => {
                let message = format!("`{}` must be a table, not {}", place.child(name), type_of(other));
                reader.problem(Code::WrongType, value.span(), message, "expected a table");
            }
        }
    }
    all
}

fn unpublished(fields: &mut Fields<'_, '_>) -> Option<UnpublishedEntry> {
    let version = fields.required("version", Fields::version);
    let audited_as = fields.required("audited_as", Fields::version);
    Some(UnpublishedEntry { version: version?, audited_as: audited_as? })
}

fn publisher(fields: &mut Fields<'_, '_>) -> Option<PublisherEntry> {
    let version = fields.required("version", Fields::version);
    let when = fields.required("when", Fields::date);
    let publisher = scalars::store_publisher(fields.table);
    if publisher.is_none() {
        fields.no_publisher(&["user-id", "user-login", "user-name", "trusted-publisher"]);
    }
    Some(PublisherEntry { version: version?, when: when?, publisher: publisher? })
}
