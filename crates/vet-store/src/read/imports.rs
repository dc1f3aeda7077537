//! `imports.lock`.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Code, Source};
use crate::entries::{PublisherEntry, UnpublishedEntry};
use crate::files::{AuditsFile, ImportsFile};
use crate::read::fields::{Fields, Place, type_of};
use crate::read::{Parsed, Reader, audits, scalars};

/// Reads `imports.lock`.
pub fn parse_imports(source: &Arc<Source>) -> Parsed<ImportsFile> {
    let (mut reader, document) = Reader::document(source);
    let Some(document) = &document else { return reader.finish(ImportsFile::default()) };
    let value = ImportsFile {
        unpublished: reader.entries(document, Place::table(None, "unpublished"), unpublished),
        publisher: reader.entries(document, Place::table(None, "publisher"), publisher),
        audits: sections(&mut reader, document),
    };
    reader.finish(value)
}

fn sections(reader: &mut Reader, document: &DeTable<'_>) -> BTreeMap<String, AuditsFile> {
    let place = Place::table(None, "audits");
    let mut all = BTreeMap::new();
    let Some((table, _)) = reader.table(document, "audits", place) else { return all };
    for (name, value) in table {
        let name = name.get_ref();
        match value.get_ref() {
            DeValue::Table(table) => {
                all.insert(name.to_string(), audits::section(reader, table, value.span(), name));
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
    Some(UnpublishedEntry {
        version: version?,
        audited_as: audited_as?,
        fresh: false,
        still_unpublished: false,
    })
}

fn publisher(fields: &mut Fields<'_, '_>) -> Option<PublisherEntry> {
    let version = fields.required("version", Fields::version);
    let when = fields.required("when", Fields::date);
    let publisher = scalars::store_publisher(fields.table);
    if publisher.is_none() {
        fields.no_publisher(&["user-id", "user-login", "user-name", "trusted-publisher"]);
    }
    Some(PublisherEntry { version: version?, when: when?, publisher: publisher?, fresh: false })
}
