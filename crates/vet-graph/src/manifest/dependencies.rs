//! Reads the dependencies of a manifest: their terms and their origins.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{
    DEPENDENCY_TABLES, Declaration, DependencyKind, GitOrigin, GitReference, Origin, Reader, Specification,
};
use crate::platform::Condition;

impl Reader<'_> {
    pub(super) fn dependencies(
        &mut self,
        parent: &DeTable<'_>,
        condition: Option<&Arc<Condition>>,
        declarations: &mut Vec<Declaration>,
    ) {
        for (key, old_key, kind) in DEPENDENCY_TABLES {
            let table = self.table(parent, key).or_else(|| self.table(parent, old_key));
            for (key, value) in table.into_iter().flatten() {
                let declaration = self.declaration(key, value, kind);
                let condition = condition.map(Arc::clone);
                declarations.extend(declaration.map(|one| Declaration { condition, ..one }));
            }
        }
    }

    fn declaration(
        &mut self,
        key: &Spanned<toml::de::DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        kind: DependencyKind,
    ) -> Option<Declaration> {
        let name = key.get_ref();
        let table = value.get_ref().as_table();
        let inherited = table.and_then(|table| self.flag(table, "workspace")) == Some(true);
        let optional = table.and_then(|table| self.flag(table, "optional")) == Some(true);
        let (default_features, features) = match table {
            Some(table) => self.asked_for(table),
            None => (None, Vec::new()),
        };
        let specification = if inherited { None } else { Some(self.specification(name, value)?) };
        Some(Declaration {
            key: name.to_string(),
            kind,
            optional,
            default_features,
            features,
            condition: None,
            specification,
            span: key.span(),
        })
    }

    /// The requested features of a dependency: whether the default features, and which others.
    fn asked_for(&mut self, table: &DeTable<'_>) -> (Option<bool>, Vec<String>) {
        let default = self.flag(table, "default-features").or_else(|| self.flag(table, "default_features"));
        let features = self.strings(table, "features").unwrap_or_default();
        (default, features.into_iter().map(Spanned::into_inner).collect())
    }

    /// The package that the value of a key in a dependency table means.
    pub(super) fn specification(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Specification> {
        let table = match value.get_ref() {
            DeValue::String(text) => {
                return Some(Specification {
                    package: key.to_owned(),
                    requirement: self.requirement(key, text),
                    origin: Origin::CratesIo,
                    default_features: None,
                    features: Vec::new(),
                });
            }
            DeValue::Table(table) => table,
            _ => {
                self.expected(&format!("the dependency `{key}`"), "a version or a table", value.span());
                return None;
            }
        };
        for unstable in ["artifact", "base"] {
            if table.contains_key(unstable) {
                let reason = format!("`{unstable}` in the dependency `{key}`");
                if unstable == "artifact" {
                    self.other_targets.push(reason.clone());
                }
                self.unusual.push(reason);
            }
        }
        let package = self.string(table, "package").map_or(key, |(name, _)| name).to_owned();
        let requirement = self.string(table, "version").and_then(|(text, _)| self.requirement(key, text));
        let origin = if let Some((url, _)) = self.string(table, "git") {
            let named = [GitReference::Branch, GitReference::Tag, GitReference::Revision].into_iter();
            let reference = named
                .filter_map(|reference| {
                    self.string(table, reference.key()).map(|(name, _)| (reference, name.to_owned()))
                })
                .next();
            Origin::Git(GitOrigin { url: url.to_owned(), reference })
        } else if let Some((path, _)) = self.string(table, "path") {
            Origin::Path(path.to_owned())
        } else if let Some((name, _)) = self.string(table, "registry") {
            // Cargo's name for crates.io.
            if name == "crates-io" { Origin::CratesIo } else { Origin::Registry(name.to_owned()) }
        } else if let Some((address, _)) = self.string(table, "registry-index") {
            Origin::Index(address.to_owned())
        } else {
            Origin::CratesIo
        };
        let (default_features, features) = self.asked_for(table);
        Some(Specification { package, requirement, origin, default_features, features })
    }

    /// Parses a version requirement. Requirements that are not valid today are left to cargo, which
    /// knows the old forms.
    fn requirement(&mut self, key: &str, text: &str) -> Option<semver::VersionReq> {
        let parsed = semver::VersionReq::parse(text);
        if parsed.is_err() {
            self.unusual.push(format!("the version `{text}` of the dependency `{key}`"));
        }
        parsed.ok()
    }
}
