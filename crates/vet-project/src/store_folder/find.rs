//! Finds the store of a workspace.

use std::path::{Path, PathBuf};

use vet_diagnostics::{Code, Diagnostic};
use vet_graph::manifest::VetTable;

/// The default folder of a store.
pub(crate) const DEFAULT: &str = "supply-chain";

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

fn two_tables(workspace: &VetTable, package: &VetTable) -> Diagnostic {
    Diagnostic::error(Code::BadVetMetadata, "both the workspace and the package say where the store is")
        .at(&package.manifest, package.span.clone(), "the package's")
        .at(&workspace.manifest, workspace.span.clone(), "the workspace's")
        .help("remove one of `[workspace.metadata.vet]` and `[package.metadata.vet]`")
}

#[cfg(test)]
mod tests {
    use vet_diagnostics::Source;

    use super::*;

    fn table(path: Option<&str>) -> VetTable {
        VetTable { manifest: Source::new("Cargo.toml", ""), span: 0..0, path: path.map(PathBuf::from) }
    }

    #[test]
    fn the_nearest_says_where_the_store_is() {
        let set = table(Some("../audits"));
        let unset = table(None);
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
