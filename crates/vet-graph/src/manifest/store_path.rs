//! Reads `metadata.vet`: where the store of audits is.
//!
//! Only the manifests of the project are asked for it, so its problems are kept with the answer and
//! do not make other manifests invalid. Unknown keys are ignored.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vet_diagnostics::{Code, Diagnostic, Source};

/// A table of a manifest that says where the store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VetTable {
    /// The manifest.
    pub manifest: Arc<Source>,
    /// The position of the table in the manifest.
    pub span: Range<usize>,
    /// The path, if the table has one, relative to the folder of the manifest.
    pub path: Option<PathBuf>,
}

/// The table, if there is one, or all its values that have the wrong type.
pub type FoundVetTable = Result<Option<VetTable>, Vec<Diagnostic>>;

/// Reads `metadata.vet` of `[package]` or `[workspace]`. `name` is the name of that table.
pub(super) fn vet_table(manifest: &Arc<Source>, name: &str, above: &DeTable<'_>) -> FoundVetTable {
    let metadata = above.get("metadata").and_then(|metadata| metadata.get_ref().as_table());
    let Some(value) = metadata.and_then(|metadata| metadata.get("vet")) else { return Ok(None) };

    let name = format!("{name}.metadata.vet");
    let wrong = |what: &str, value: &Spanned<DeValue<'_>>, expected: &str| {
        Diagnostic::error(Code::BadVetMetadata, format!("`{what}` must be {expected}"))
            .at(manifest, value.span(), format!("expected {expected}"))
            .help("write `store = { path = \"…\" }`, with the path relative to this manifest")
    };
    let Some(table) = value.get_ref().as_table() else { return Err(vec![wrong(&name, value, "a table")]) };
    let mut problems = Vec::new();
    if let Some(version) = table.get("version") {
        let is_count = match version.get_ref() {
            DeValue::Integer(integer) => u64::from_str_radix(integer.as_str(), integer.radix()).is_ok(),
            _ => false,
        };
        if !is_count {
            problems.push(wrong(&format!("{name}.version"), version, "a whole number"));
        }
    }
    let mut path = None;
    if let Some(store) = table.get("store") {
        match store.get_ref().as_table() {
            None => problems.push(wrong(&format!("{name}.store"), store, "a table")),
            Some(store) => match store.get("path").map(|path| (path, path.get_ref().as_str())) {
                None => {}
                Some((_, Some(text))) => path = Some(PathBuf::from(text)),
                Some((value, None)) => {
                    problems.push(wrong(&format!("{name}.store.path"), value, "a string"));
                }
            },
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Some(VetTable { manifest: Arc::clone(manifest), span: value.span(), path }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Manifest;

    const PACKAGE: &str = "package.name = 'p'\n";

    fn of_package(text: &str) -> FoundVetTable {
        Manifest::parse(&Source::new("Cargo.toml", text)).unwrap().package.unwrap().vet
    }

    fn problems(text: &str) -> Vec<String> {
        let problems = of_package(&format!("{PACKAGE}{text}")).unwrap_err();
        problems
            .iter()
            .map(|problem| {
                let excerpt = &problem.excerpts[0];
                format!("{}: {}", problem.message, excerpt.source.text.get(excerpt.span.clone()).unwrap())
            })
            .collect()
    }

    #[test]
    fn tables_are_read() {
        let cases = [
            ("", None),
            ("package.metadata = 3", None),
            ("package.metadata.vet = {}", Some(None)),
            ("package.metadata.vet = { version = 7, other = 1, store.x = 1 }", Some(None)),
            ("package.metadata.vet.store.path = 'a/b'", Some(Some("a/b"))),
            ("package.metadata.\"\\u0076et\".store.path = 'a'", Some(Some("a"))),
            ("[workspace.metadata.vet]\nstore = { path = 'a' }", None),
        ];
        for (text, expected) in cases {
            let path = of_package(&format!("{PACKAGE}{text}")).unwrap().map(|table| table.path);
            assert_eq!(path, expected.map(|path| path.map(PathBuf::from)), "{text}");
        }
        let workspace = "[workspace.metadata.vet]\nstore = { path = 'a' }";
        let workspace = Manifest::parse(&Source::new("Cargo.toml", workspace)).unwrap().workspace.unwrap();
        assert_eq!(workspace.vet.unwrap().unwrap().path, Some(PathBuf::from("a")));
    }

    /// As in the original, which takes the table from cargo.
    #[test]
    fn the_old_name_of_the_package_counts() {
        let table = of_package("[project]\nname = 'p'\n[project.metadata.vet.store]\npath = 'a'").unwrap();
        assert_eq!(table.unwrap().path, Some(PathBuf::from("a")));
        let both = "[package]\nname = 'p'\n[project.metadata.vet.store]\npath = 'a'";
        assert_eq!(of_package(both), Ok(None));
    }

    #[test]
    fn wrong_types_are_found_all_at_once() {
        assert_eq!(problems("package.metadata.vet = 3"), ["`package.metadata.vet` must be a table: 3"]);
        assert_eq!(
            problems("[package.metadata.vet]\nversion = -1\nstore = { path = 3 }"),
            [
                "`package.metadata.vet.version` must be a whole number: -1",
                "`package.metadata.vet.store.path` must be a string: 3",
            ]
        );
        assert_eq!(
            problems("[package.metadata.vet]\nversion = '1'\nstore = 'here'"),
            [
                "`package.metadata.vet.version` must be a whole number: '1'",
                "`package.metadata.vet.store` must be a table: 'here'",
            ]
        );
    }
}
