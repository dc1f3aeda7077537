//! Finds the store of a workspace.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vet_diagnostics::{Code, Diagnostic, Source};

/// The default folder of a store.
pub(crate) const DEFAULT: &str = "supply-chain";

/// The two tables of a manifest that may say where the store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VetTableOf {
    /// `[workspace.metadata.vet]`
    Workspace,
    /// `[package.metadata.vet]`
    Package,
}

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

/// Everything that may say where the store is.
#[derive(Clone, Copy, Debug)]
pub struct StorePath<'a> {
    /// The folder of the workspace.
    pub workspace: &'a Path,
    /// The table in the manifest of the workspace.
    pub workspace_table: Option<&'a VetTable>,
    /// The folder of the root package's manifest, and the table in it.
    pub package_table: Option<(&'a Path, &'a VetTable)>,
    /// The path on the command line, relative to the current directory.
    pub argument: Option<&'a Path>,
}

/// Decides where the store is. The command line takes precedence over manifests, and these over
/// `supply-chain` in the workspace.
///
/// # Errors
///
/// Both manifests have a table. This is refused even if the command line makes the tables
/// irrelevant.
pub fn find(store: StorePath<'_>) -> Result<PathBuf, Diagnostic> {
    let table = match (store.workspace_table, store.package_table) {
        (Some(workspace), Some((_, package))) => return Err(two_tables(workspace, package)),
        (Some(table), None) => Some((store.workspace, table)),
        (None, table) => table,
    };
    let from_table = table.and_then(|(folder, table)| Some(folder.join(table.path.as_ref()?)));
    let argument = store.argument.map(Path::to_owned);
    Ok(argument.or(from_table).unwrap_or_else(|| store.workspace.join(DEFAULT)))
}

/// Reads one of the tables of a manifest; `None` if the manifest does not have it. Unknown keys are
/// ignored, and so are parts of the manifest that are not valid TOML.
///
/// # Errors
///
/// All values in the table that have the wrong type.
pub fn vet_table(manifest: &Arc<Source>, of: VetTableOf) -> Result<Option<VetTable>, Vec<Diagnostic>> {
    if !may_name(&manifest.text, "vet") {
        return Ok(None);
    }
    let root = DeTable::parse_recoverable(&manifest.text).0.into_inner();
    let (name, above) = match of {
        VetTableOf::Workspace => ("workspace.metadata.vet", "workspace"),
        VetTableOf::Package => ("package.metadata.vet", "package"),
    };
    let metadata = table_in(&root, above).and_then(|table| table_in(table, "metadata"));
    let Some(value) = metadata.and_then(|metadata| metadata.get("vet")) else { return Ok(None) };

    let wrong = |what: &str, value: &Spanned<DeValue<'_>>, expected: &str| {
        Diagnostic::error(Code::BadVetMetadata, format!("`{what}` must be {expected}"))
            .at(manifest, value.span(), format!("expected {expected}"))
            .help("write `store = { path = \"…\" }`, with the path relative to this manifest")
    };
    let Some(table) = value.get_ref().as_table() else { return Err(vec![wrong(name, value, "a table")]) };
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

/// Whether a TOML text may contain a key. This avoids parsing most texts without it. A key can be
/// written with escapes in many ways; only numeric escapes stand for letters.
fn may_name(text: &str, key: &str) -> bool {
    text.contains(key) || ["\\u", "\\U", "\\x"].iter().any(|escape| text.contains(escape))
}

fn table_in<'t, 'a>(table: &'t DeTable<'a>, key: &str) -> Option<&'t DeTable<'a>> {
    table.get(key)?.get_ref().as_table()
}

fn two_tables(workspace: &VetTable, package: &VetTable) -> Diagnostic {
    Diagnostic::error(Code::BadVetMetadata, "both the workspace and the package say where the store is")
        .at(&package.manifest, package.span.clone(), "the package's")
        .at(&workspace.manifest, workspace.span.clone(), "the workspace's")
        .help("remove one of `[workspace.metadata.vet]` and `[package.metadata.vet]`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str, of: VetTableOf) -> Option<VetTable> {
        vet_table(&Source::new("Cargo.toml", text), of).unwrap()
    }

    fn problems(text: &str) -> Vec<String> {
        let problems = vet_table(&Source::new("Cargo.toml", text), VetTableOf::Package).unwrap_err();
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
            ("[package]\nmetadata = 3", None),
            ("[package.metadata]\nvet = {}", Some(None)),
            (
                "[package.metadata.vet]\nversion = 7\nother = 1\n[package.metadata.vet.store]\nx = 1",
                Some(None),
            ),
            ("package.metadata.vet.store.path = 'a/b'", Some(Some("a/b"))),
            ("[workspace.metadata.vet]\nstore = { path = 'a' }", None),
        ];
        for (text, expected) in cases {
            let path = table(text, VetTableOf::Package).map(|table| table.path);
            assert_eq!(path, expected.map(|path| path.map(PathBuf::from)), "{text}");
        }
        let workspace = table("[workspace.metadata.vet]\nstore = { path = 'a' }", VetTableOf::Workspace);
        assert_eq!(workspace.unwrap().path, Some(PathBuf::from("a")));
    }

    #[test]
    fn wrong_types_are_found_all_at_once() {
        assert_eq!(problems("[package.metadata]\nvet = 3"), ["`package.metadata.vet` must be a table: 3"]);
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

    #[test]
    fn the_nearest_says_where_the_store_is() {
        let set = table("package.metadata.vet.store.path = '../audits'", VetTableOf::Package).unwrap();
        let unset = table("package.metadata.vet = {}", VetTableOf::Package).unwrap();
        let workspace = Path::new("/w");
        let at = |workspace_table, package_table, argument: Option<&str>| {
            find(StorePath { workspace, workspace_table, package_table, argument: argument.map(Path::new) })
        };
        let member = Path::new("/w/member");
        assert_eq!(at(None, None, None), Ok(PathBuf::from("/w/supply-chain")));
        assert_eq!(at(Some(&set), None, None), Ok(PathBuf::from("/w/../audits")));
        assert_eq!(at(None, Some((member, &set)), None), Ok(PathBuf::from("/w/member/../audits")));
        assert_eq!(at(None, Some((member, &unset)), None), Ok(PathBuf::from("/w/supply-chain")));
        assert_eq!(at(Some(&set), None, Some("here")), Ok(PathBuf::from("here")));
        let problem = at(Some(&unset), Some((member, &unset)), Some("here")).unwrap_err();
        assert_eq!(problem.code, Code::BadVetMetadata);
    }
}
