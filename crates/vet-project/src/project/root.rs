//! Finds the workspace of a manifest by cargo's rules.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use vet_diagnostics::{Code, Diagnostic};
use vet_graph::workspace::{Root, normal};

use super::{MANIFEST, ManifestInFolder, Shown};

/// The manifest in a folder or the nearest one above it.
pub(super) fn nearest_manifest(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(MANIFEST)).find(|path| path.exists())
}

/// A function that reads a manifest. Many packages can be below the same manifests, which it then
/// reads once.
pub(super) type Read<'r> = dyn FnMut(&Path) -> Result<Arc<ManifestInFolder>, Vec<Diagnostic>> + 'r;

/// The root of the workspace that a manifest belongs to; `None` if it is the manifest itself, with
/// or without a workspace.
pub(super) fn find(
    found: &ManifestInFolder,
    cargo_home: Option<&Path>,
    show: Shown<'_>,
    read: &mut Read<'_>,
) -> Result<Option<Arc<ManifestInFolder>>, Vec<Diagnostic>> {
    if found.manifest.workspace.is_some() {
        return Ok(None);
    }
    let pointer = found.manifest.package.as_ref().and_then(|package| package.workspace.as_deref());
    if let Some(pointer) = pointer {
        return pointed_at(&found.folder, pointer, show, read).map(Some);
    }
    // Packages in cargo's own folders do not belong to a workspace that contains these folders.
    let is_outside = |folder: &&Path| Some(*folder) != cargo_home && !folder.ends_with("target/package");
    let mut above = found.folder.ancestors().take_while(is_outside);
    above.next();
    for folder in above {
        let path = folder.join(MANIFEST);
        if !path.exists() {
            continue;
        }
        let candidate = read(&path)?;
        if let Some(table) = &candidate.manifest.workspace {
            let root = Root { folder: &candidate.folder, table };
            if !root.excludes(&found.folder) {
                return Ok(Some(candidate));
            }
        } else if let Some(package) = &candidate.manifest.package
            && let Some(pointer) = &package.workspace
        {
            return pointed_at(folder, pointer, show, read).map(Some);
        }
    }
    Ok(None)
}

fn pointed_at(
    folder: &Path,
    pointer: &str,
    show: Shown<'_>,
    read: &mut Read<'_>,
) -> Result<Arc<ManifestInFolder>, Vec<Diagnostic>> {
    let path = normal(&folder.join(pointer)).join(MANIFEST);
    if !path.exists() {
        let message = format!(
            "the package in {} names `{pointer}` as the root of its workspace, where there is no Cargo.toml",
            show.folder(folder)
        );
        return Err(vec![Diagnostic::error(Code::BadManifest, message)]);
    }
    read(&path)
}
