//! Writes `audits.toml`, and the sections of `imports.lock` that have the same form.

use std::cmp::Ordering;

use crate::entries::{AuditEntry, AuditKind, CriteriaEntry, PublisherId, TrustedEntry, WildcardEntry};
use crate::files::AuditsFile;
use crate::write::section::{self, Fields, TomlEntry};
use crate::write::{Accounts, begin, header};

/// Returns the canonical text of `audits.toml`.
pub fn write_audits(file: &AuditsFile, accounts: &Accounts) -> String {
    let mut out = begin(header::AUDITS);
    push(&mut out, "", file, accounts);
    out
}

/// Returns the canonical text of merged audits files, without a comment at the top and without the
/// names of accounts.
pub fn write_aggregate(file: &AuditsFile) -> String {
    let mut out = String::new();
    push(&mut out, "", file, &Accounts::UNKNOWN);
    out
}

/// Appends all tables. The name of each table gets the `prefix`.
pub(super) fn push(out: &mut String, prefix: &str, file: &AuditsFile, accounts: &Accounts) {
    let path = |table: &str| format!("{prefix}{table}");

    let criteria = path("criteria");
    let inlined = section::inline_element(out, &criteria, &file.criteria, |entry| {
        let mut text = String::new();
        section::in_braces(&mut text, |fields| entry.write(fields));
        text
    });
    for (name, entry) in section::remaining(&file.criteria, inlined) {
        section::header(out, &criteria, Some(name));
        section::lines(out, accounts, |fields| entry.write(fields));
    }

    section::entries(out, &path("wildcard-audits"), &file.wildcard_audits, accounts);
    if !section::entries(out, &path("audits"), &file.audits, accounts) {
        section::header(out, &path("audits"), None);
    }
    section::entries(out, &path("trusted"), &file.trusted, accounts);
}

/// Formats the whole content as an inline table.
pub(super) fn in_braces(file: &AuditsFile) -> String {
    let mut text = String::new();
    section::in_braces(&mut text, |fields| {
        if !file.criteria.is_empty() {
            fields.braces("criteria", |fields| {
                for (name, entry) in &file.criteria {
                    fields.braces(name, |fields| entry.write(fields));
                }
            });
        }
        if file.wildcard_audits.values().any(|entries| !entries.is_empty()) {
            fields.entries_in_braces("wildcard-audits", &file.wildcard_audits);
        }
        fields.entries_in_braces("audits", &file.audits);
        if file.trusted.values().any(|entries| !entries.is_empty()) {
            fields.entries_in_braces("trusted", &file.trusted);
        }
    });
    text
}

impl CriteriaEntry {
    fn write(&self, fields: &mut Fields<'_, '_>) {
        fields.optional_string("description", self.description.as_deref());
        fields.optional_string("description-url", self.description_url.as_deref());
        fields.optional_list("implies", &self.implies);
        fields.optional_list("aggregated-from", &self.aggregated_from);
    }
}

impl TomlEntry for AuditEntry {
    fn write(&self, fields: &mut Fields<'_, '_>) {
        fields.optional_list("who", &self.who);
        fields.list("criteria", &self.criteria);
        match &self.kind {
            AuditKind::Full(version) => fields.plain("version", version),
            AuditKind::Delta { from, to } => fields.plain("delta", format_args!("{from} -> {to}")),
            AuditKind::Violation(range) => fields.plain("violation", range),
        }
        if !self.importable {
            fields.boolean("importable", false);
        }
        fields.optional_string("notes", self.notes.as_deref());
        fields.optional_list("aggregated-from", &self.aggregated_from);
    }

    fn order(&self, other: &Self) -> Ordering {
        self.canonical_cmp(other)
    }
}

impl TomlEntry for WildcardEntry {
    fn write(&self, fields: &mut Fields<'_, '_>) {
        fields.optional_list("who", &self.who);
        fields.list("criteria", &self.criteria);
        publisher(fields, &self.publisher);
        fields.plain("start", self.start);
        fields.plain("end", self.end);
        if let Some(renew) = self.renew {
            fields.boolean("renew", renew);
        }
        fields.optional_string("notes", self.notes.as_deref());
        fields.optional_list("aggregated-from", &self.aggregated_from);
    }

    fn order(&self, other: &Self) -> Ordering {
        self.canonical_cmp(other)
    }
}

impl TomlEntry for TrustedEntry {
    fn write(&self, fields: &mut Fields<'_, '_>) {
        fields.list("criteria", &self.criteria);
        publisher(fields, &self.publisher);
        fields.plain("start", self.start);
        fields.plain("end", self.end);
        fields.optional_string("notes", self.notes.as_deref());
        fields.optional_list("aggregated-from", &self.aggregated_from);
    }

    fn order(&self, other: &Self) -> Ordering {
        self.canonical_cmp(other)
    }
}

fn publisher(fields: &mut Fields<'_, '_>, publisher: &PublisherId) {
    match publisher {
        PublisherId::User(id) => fields.account("user-id", *id),
        PublisherId::TrustedPublisher(signature) => fields.string("trusted-publisher", signature),
    }
}
