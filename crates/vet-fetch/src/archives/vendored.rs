//! Vendored sources: a folder with the files of a package, and a list of their checksums.
//!
//! When cargo vendors, it leaves files out, and newer versions rewrite manifests. The list
//! describes what cargo wrote, and the archive's checksum in it is only a claim. So vendored
//! sources are used only if nothing else is available, and are marked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use vet_diagnostics::wording::shown;
use vet_diagnostics::{Code, Diagnostic};
use vet_project::permissions::is_executable;
use vet_project::regular_file::{LARGEST_ARCHIVE, read_file, read_file_up_to};
use vet_source::{File, Tree};

use super::WantedArchive;
use vet_project::sha256::sha256;

/// The content of `.cargo-checksum.json`.
#[derive(Deserialize)]
struct List {
    /// The checksums of files, by path.
    files: BTreeMap<String, String>,
    /// The checksum of the archive.
    package: Option<String>,
}

/// The folder of a package that claims to be vendored from the archive with this checksum.
pub(super) fn find(folders: &[PathBuf], wanted: &WantedArchive, checksum: &str) -> Option<PathBuf> {
    let WantedArchive { name, version, .. } = wanted;
    let names = [format!("{name}-{version}"), name.clone()];
    let mut candidates = folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
    candidates.find(|folder| list(folder).is_some_and(|list| list.package.as_deref() == Some(checksum)))
}

/// The listed files, all of which must match the list. Other files in the folder are ignored.
/// `package` names the package in messages.
pub(super) fn tree(package: &str, folder: &Path) -> Result<Tree, Diagnostic> {
    let problem = |code: Code, path: &str, what: &str| {
        let message = format!("`{}` of the vendored {package} {what}", shown(path));
        Diagnostic::error(code, message)
            .note(format!("the folder is `{}`", folder.display()))
            .help("run `cargo vendor` again")
    };
    let Some(list) = list(folder) else {
        return Err(problem(Code::NoArchive, ".cargo-checksum.json", "cannot be read"));
    };
    let mut left = LARGEST_ARCHIVE;
    let file = |(path, checksum): (String, String)| {
        if !is_inside(&path) {
            return Err(problem(Code::BadArchive, &path, "is outside its folder"));
        }
        let place = folder.join(&path);
        let bytes = read_file_up_to(&place, left)
            .map_err(|error| problem(Code::NoArchive, &path, "cannot be read").note(error.to_string()))?;
        left = left.saturating_sub(bytes.len() as u64);
        let found = sha256(&bytes);
        if found != checksum {
            return Err(problem(Code::WrongChecksum, &path, "has a wrong checksum")
                .note(format!("it has {found}"))
                .note(format!("`.cargo-checksum.json` says {}", shown(&checksum))));
        }
        Ok((path, File { bytes: bytes.into(), is_executable: is_executable(&place) }))
    };
    Ok(Tree::new(list.files.into_iter().map(file).collect::<Result<Vec<_>, _>>()?))
}

fn list(folder: &Path) -> Option<List> {
    serde_json::from_slice(&read_file(&folder.join(".cargo-checksum.json")).ok()?).ok()
}

/// Whether a path stays inside the folder.
fn is_inside(path: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', ':', '\0']);
    path.split('/').all(is_part)
}
