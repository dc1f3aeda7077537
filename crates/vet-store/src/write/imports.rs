//! Writes `imports.lock`.

use std::cmp::Ordering;

use crate::entries::{Publisher, PublisherEntry, UnpublishedEntry};
use crate::files::ImportsFile;
use crate::write::section::{self, Fields, TomlEntry};
use crate::write::toml::Key;
use crate::write::{Accounts, audits, begin, header};

/// Returns the canonical text of `imports.lock`.
pub fn write_imports(file: &ImportsFile) -> String {
    let accounts = Accounts::from_imports(file);
    let mut out = begin(header::IMPORTS);
    section::entries(&mut out, "unpublished", &file.unpublished, &accounts);
    section::entries(&mut out, "publisher", &file.publisher, &accounts);
    let inlined = section::inline_element(&mut out, "audits", &file.audits, audits::in_braces);
    for (name, section) in section::remaining(&file.audits, inlined) {
        audits::push(&mut out, &format!("audits.{}.", Key(name)), section, &accounts);
    }
    out
}

impl TomlEntry for UnpublishedEntry {
    fn write(&self, fields: &mut Fields<'_, '_>) {
        fields.plain("version", &self.version);
        fields.plain("audited_as", &self.audited_as);
    }

    fn order(&self, other: &Self) -> Ordering {
        self.canonical_cmp(other)
    }
}

impl TomlEntry for PublisherEntry {
    fn write(&self, fields: &mut Fields<'_, '_>) {
        fields.plain("version", &self.version);
        fields.plain("when", self.when);
        match &self.publisher {
            Publisher::User { id, login, name } => {
                fields.bare_account("user-id", *id);
                fields.string("user-login", login);
                fields.optional_string("user-name", name.as_deref());
            }
            Publisher::TrustedPublisher(signature) => fields.string("trusted-publisher", signature),
        }
    }

    fn order(&self, other: &Self) -> Ordering {
        self.canonical_cmp(other)
    }
}
