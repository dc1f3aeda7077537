//! Reads `audits.toml`, and the sections of `imports.lock` that have the same form.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::de::DeTable;
use vet_diagnostics::{Code, Diagnostic, Source};

use crate::entries::{AuditEntry, AuditKind, CriteriaEntry, PublisherId, TrustedEntry, WildcardEntry};
use crate::files::{AuditsFile, ByCrate};
use crate::read::fields::{Fields, Place, known};
use crate::read::pieces::{Brackets, Header, TomlPiece, is_blank, toml_pieces};
use crate::read::{Parsed, Reader, scalars};
use crate::version::VersionRange;

/// Reads `audits.toml`.
pub fn parse_audits(source: &Arc<Source>) -> Parsed<AuditsFile> {
    parse_audits_and_criteria(source).0
}

/// Reads `audits.toml`. Also returns whether the result has all criteria that the file defines.
pub(crate) fn parse_audits_and_criteria(source: &Arc<Source>) -> (Parsed<AuditsFile>, bool) {
    match from_pieces(source, toml_pieces(&source.text)) {
        Some(value) => (Parsed { value, problems: Vec::new() }, true),
        None => whole(source),
    }
}

/// Reads a file in pieces. Returns `None` if the result might differ from reading the whole file,
/// or if anything is wrong.
pub(super) fn from_pieces<'t>(
    source: &Arc<Source>,
    pieces: impl Iterator<Item = Option<TomlPiece<'t>>>,
) -> Option<AuditsFile> {
    let mut reader = Reader::new(source);
    let mut file = AuditsFile::default();
    let (mut has_audits, mut has_empty_table) = (false, false);
    for (index, piece) in pieces.enumerate() {
        let piece = piece?;
        if index == 0 && !piece.content.is_empty() {
            return None;
        }
        for (header, body) in piece.headers() {
            match Header::parse(header)?.parts() {
                (Brackets::One, ["audits"]) if is_blank(body) && !has_empty_table => {
                    (has_audits, has_empty_table) = (true, true);
                }
                (Brackets::Two, ["audits", _]) => has_audits = true,
                (Brackets::Two, ["wildcard-audits" | "trusted", _]) | (Brackets::One, ["criteria", _]) => {}
                _ => return None,
            }
        }
        file.take_over(tables(&mut reader, &piece.content, None))?;
    }
    (has_audits && reader.found() == 0).then_some(file)
}

pub(super) fn whole(source: &Arc<Source>) -> (Parsed<AuditsFile>, bool) {
    let (mut reader, document) = Reader::document(source);
    let Some(document) = &document else { return (reader.finish(AuditsFile::default()), false) };
    let before = reader.found();
    let criteria = criteria(&mut reader, document, None);
    let all_known = reader.found() == before;
    let value = AuditsFile { criteria, ..entries(&mut reader, document, None) };
    require_audits(&mut reader, document, 0..0, None);
    (reader.finish(value), all_known)
}

/// Reads the section of an import, which has the form of `audits.toml`.
pub(super) fn section<'t>(
    reader: &mut Reader,
    table: &'t DeTable<'t>,
    span: Range<usize>,
    import: &'t str,
) -> AuditsFile {
    let file = tables(reader, table, Some(import));
    require_audits(reader, table, span, Some(import));
    file
}

/// The same as [`section`], for a part of a section. The part may lack tables that others have.
pub(super) fn tables_of_import<'t>(
    reader: &mut Reader,
    table: &'t DeTable<'t>,
    _: Range<usize>,
    import: &'t str,
) -> AuditsFile {
    tables(reader, table, Some(import))
}

/// Reads those tables of `audits.toml` that are present.
fn tables<'t>(reader: &mut Reader, table: &'t DeTable<'t>, import: Option<&'t str>) -> AuditsFile {
    let criteria = criteria(reader, table, import);
    AuditsFile { criteria, ..entries(reader, table, import) }
}

impl AuditsFile {
    /// Adds the content of another piece of the same file. Returns `None` if the two clash.
    pub(super) fn take_over(&mut self, other: AuditsFile) -> Option<()> {
        extend(&mut self.wildcard_audits, other.wildcard_audits);
        extend(&mut self.audits, other.audits);
        extend(&mut self.trusted, other.trusted);
        for (name, entry) in other.criteria {
            if self.criteria.insert(name, entry).is_some() {
                return None;
            }
        }
        Some(())
    }
}

/// Appends entries.
pub(super) fn extend<T>(all: &mut ByCrate<T>, more: ByCrate<T>) {
    for (name, entries) in more {
        all.entry(name).or_default().extend(entries);
    }
}

/// Reads everything except the criteria.
fn entries<'t>(reader: &mut Reader, table: &'t DeTable<'t>, import: Option<&'t str>) -> AuditsFile {
    AuditsFile {
        criteria: BTreeMap::new(),
        wildcard_audits: reader.entries(table, Place::table(import, "wildcard-audits"), wildcard),
        audits: reader.entries(table, Place::table(import, "audits"), audit),
        trusted: reader.entries(table, Place::table(import, "trusted"), trusted),
    }
}

/// Reports an error if the `audits` table is missing. An empty table is enough.
fn require_audits(reader: &mut Reader, table: &DeTable<'_>, span: Range<usize>, import: Option<&str>) {
    if !table.contains_key("audits") {
        let place = Place::table(import, "audits");
        let owner = match import {
            Some(import) => format!("`{}`", Place::table(None, "audits").child(import)),
            None => reader.source.name.clone(),
        };
        let problem = Diagnostic::error(Code::MissingField, format!("{owner} has no `audits` table"))
            .at(&reader.source, span, "`audits` is missing")
            .help(format!("if there are no audits, add an empty table: `{place}`"));
        reader.push(problem);
    }
}

fn criteria<'t>(
    reader: &mut Reader,
    parent: &'t DeTable<'t>,
    import: Option<&'t str>,
) -> BTreeMap<String, CriteriaEntry> {
    let mut all = BTreeMap::new();
    reader.tables(parent, Place::table(import, "criteria"), |name, fields| {
        all.insert(name.to_owned(), criterion(fields));
    });
    all
}

pub(super) fn criterion(fields: &mut Fields<'_, '_>) -> CriteriaEntry {
    fields.reject_unknown(known::CRITERIA);
    CriteriaEntry {
        description: fields.string("description"),
        description_url: fields.string("description-url"),
        implies: fields.strings("implies").unwrap_or_default(),
        aggregated_from: fields.strings("aggregated-from").unwrap_or_default(),
    }
}

pub(super) fn audit(fields: &mut Fields<'_, '_>) -> Option<AuditEntry> {
    fields.reject_unknown(known::AUDIT);
    let who = fields.strings("who").unwrap_or_default();
    let criteria = fields.strings("criteria").unwrap_or_default();
    let kind = audit_kind(fields);
    let importable = fields.boolean("importable").unwrap_or(true);
    let notes = fields.string("notes");
    let aggregated_from = fields.strings("aggregated-from").unwrap_or_default();
    Some(AuditEntry { who, criteria, kind: kind?, importable, notes, aggregated_from })
}

fn audit_kind(fields: &mut Fields<'_, '_>) -> Option<AuditKind> {
    const KINDS: [&str; 3] = ["version", "delta", "violation"];
    let given: Vec<&str> = KINDS.into_iter().filter(|kind| fields.table.contains_key(*kind)).collect();
    match given.as_slice() {
        ["version"] => fields.version("version").map(AuditKind::Full),
        ["delta"] => {
            let (text, span) = fields.str("delta")?;
            fields.parsed("delta", span, scalars::delta(text), "two versions such as `1.2.3 -> 1.2.4`")
        }
        ["violation"] => {
            let (text, span) = fields.str("violation")?;
            let range = text.parse::<VersionRange>();
            fields
                .parsed("violation", span, range, "a version requirement such as `>=1.2, <1.2.5`")
                .map(AuditKind::Violation)
        }
        [] => {
            let message = format!("`{}` has none of `version`, `delta` and `violation`", fields.place);
            fields.reader.problem(
                Code::AuditKindConflict,
                fields.span.clone(),
                message,
                "one of them is missing",
            );
            None
        }
        several => {
            let message = format!(
                "`{}` has {}, but it can have only one of them",
                fields.place,
                vet_diagnostics::wording::list(several.iter().copied(), "and")
            );
            let mut problem = Diagnostic::error(Code::AuditKindConflict, message);
            for kind in several {
                let span = fields.table.get_key_value(*kind).map(|(key, _)| key.span()).unwrap_or_default();
                problem = problem.at(&fields.reader.source, span, "");
            }
            fields.reader.push(problem.help("write one entry for each"));
            None
        }
    }
}

pub(super) fn wildcard(fields: &mut Fields<'_, '_>) -> Option<WildcardEntry> {
    let who = fields.strings("who").unwrap_or_default();
    let criteria = fields.required("criteria", Fields::strings);
    let publisher = publisher(fields);
    let start = fields.required("start", Fields::date);
    let end = fields.required("end", Fields::date);
    let renew = fields.boolean("renew");
    let notes = fields.string("notes");
    let aggregated_from = fields.strings("aggregated-from").unwrap_or_default();
    Some(WildcardEntry {
        who,
        criteria: criteria?,
        publisher: publisher?,
        start: start?,
        end: end?,
        renew,
        notes,
        aggregated_from,
    })
}

pub(super) fn trusted(fields: &mut Fields<'_, '_>) -> Option<TrustedEntry> {
    let criteria = fields.required("criteria", Fields::strings);
    let publisher = publisher(fields);
    let start = fields.required("start", Fields::date);
    let end = fields.required("end", Fields::date);
    let notes = fields.string("notes");
    let aggregated_from = fields.strings("aggregated-from").unwrap_or_default();
    Some(TrustedEntry {
        criteria: criteria?,
        publisher: publisher?,
        start: start?,
        end: end?,
        notes,
        aggregated_from,
    })
}

fn publisher(fields: &mut Fields<'_, '_>) -> Option<PublisherId> {
    let publisher = scalars::publisher_id(fields.table);
    if publisher.is_none() {
        fields.no_publisher(&["user-id", "trusted-publisher"]);
    }
    publisher
}
