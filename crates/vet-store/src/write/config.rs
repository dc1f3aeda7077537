//! Writes `config.toml`.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::entries::Exemption;
use crate::files::{ConfigFile, ImportConfig, Policies, Policy, StoreVersion};
use crate::write::section::{self, Fields, TomlEntry};
use crate::write::toml::Key;
use crate::write::{Accounts, begin, header};

/// Returns the canonical text of `config.toml`. The text states the version of the format that this
/// tool writes, whatever version the value has.
pub fn write_config(file: &ConfigFile) -> String {
    let mut out = begin(header::CONFIG);
    let write = |fields: &mut Fields<'_, '_>| fields.string("default-criteria", &file.default_criteria);
    if file.default_criteria != ConfigFile::DEFAULT_CRITERIA {
        out.push('\n');
        section::lines(&mut out, &Accounts::UNKNOWN, write);
    }
    section::header(&mut out, "cargo-vet", None);
    section::lines(&mut out, &Accounts::UNKNOWN, |fields| fields.plain("version", StoreVersion::CURRENT));
    imports(&mut out, &file.imports);
    policies(&mut out, &file.policy);
    section::entries(&mut out, "exemptions", &file.exemptions, &Accounts::UNKNOWN);
    out
}

fn imports(out: &mut String, imports: &BTreeMap<String, ImportConfig>) {
    let inlined = section::inline_element(out, "imports", imports, |import| {
        let mut text = String::new();
        section::in_braces(&mut text, |fields| {
            import.write(fields);
            fields.lists_in_braces("criteria-map", &import.criteria_map);
        });
        text
    });
    for (name, import) in section::remaining(imports, inlined) {
        section::header(out, "imports", Some(name));
        section::lines(out, &Accounts::UNKNOWN, |fields| import.write(fields));
        if !import.criteria_map.is_empty() {
            section::header(out, &format!("imports.{}.criteria-map", Key(name)), None);
            section::lines(out, &Accounts::UNKNOWN, |fields| fields.all_lists(&import.criteria_map));
        }
    }
}

impl ImportConfig {
    fn write(&self, fields: &mut Fields<'_, '_>) {
        fields.list("url", &self.url);
        // Unlike other lists, this one is an array even if it has one element.
        if !self.exclude.is_empty() {
            fields.array("exclude", &self.exclude);
        }
    }
}

fn policies(out: &mut String, policies: &Policies) {
    let by_key: BTreeMap<String, &Policy> = policies
        .iter()
        .map(|(name, version, policy)| match version {
            Some(version) => (format!("{name}:{version}"), policy),
            None => (name.to_owned(), policy),
        })
        .collect();
    let inlined = section::inline_element(out, "policy", &by_key, |policy| {
        let mut text = String::new();
        section::in_braces(&mut text, |fields| {
            policy.write(fields);
        });
        text
    });
    for (key, policy) in section::remaining(&by_key, inlined) {
        let before = out.len();
        section::header(out, "policy", Some(key));
        let after_header = out.len();
        let mut complete = true;
        section::lines(out, &Accounts::UNKNOWN, |fields| complete = policy.write(fields));
        if complete {
            continue;
        }
        if out.len() == after_header {
            out.truncate(before);
        }
        section::header(out, &format!("policy.{}.dependency-criteria", Key(key)), None);
        section::lines(out, &Accounts::UNKNOWN, |fields| fields.all_lists(&policy.dependency_criteria));
    }
}

impl Policy {
    /// Writes the fields. Returns whether the dependency criteria were among them.
    fn write(&self, fields: &mut Fields<'_, '_>) -> bool {
        if let Some(flag) = self.audit_as_crates_io {
            fields.boolean("audit-as-crates-io", flag);
        }
        if let Some(list) = &self.criteria {
            fields.list("criteria", list);
        }
        if let Some(list) = &self.dev_criteria {
            fields.list("dev-criteria", list);
        }
        let complete = fields.lists_in_braces("dependency-criteria", &self.dependency_criteria);
        fields.optional_string("notes", self.notes.as_deref());
        complete
    }
}

impl TomlEntry for Exemption {
    fn write(&self, fields: &mut Fields<'_, '_>) {
        fields.plain("version", &self.version);
        fields.list("criteria", &self.criteria);
        if !self.suggest {
            fields.boolean("suggest", false);
        }
        fields.optional_string("notes", self.notes.as_deref());
    }

    fn order(&self, other: &Self) -> Ordering {
        self.canonical_cmp(other)
    }
}
