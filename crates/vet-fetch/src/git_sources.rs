//! The sources of packages from git, from cargo's checkouts.
//!
//! A checkout contains more files than the package. `cargo package --list` says which files belong
//! to the package, without creating it. It runs outside the user's checkout, so that it uses
//! neither that configuration nor the repository's.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use semver::Version;
use vet_diagnostics::wording::shown;
use vet_diagnostics::{Code, Diagnostic};
use vet_project::outside::Outside;
use vet_project::permissions::is_executable;
use vet_project::program::{self, LIMITS_OF_CARGO};
use vet_project::regular_file::{LARGEST_ARCHIVE, read_file_up_to};
use vet_source::{File, Tree};
use vet_store::version::GitRev;

use crate::published::checkouts;

/// Files that cargo adds to a package or keeps in a checkout. They are not part of a review.
const NOT_COUNTED: [&str; 3] = ["Cargo.lock", ".cargo_vcs_info.json", ".cargo-ok"];

/// How to ask cargo which files belong to a package.
#[derive(Clone, Copy, Debug)]
pub struct CargoToList<'a> {
    /// The program, as the user names it.
    pub cargo: &'a OsStr,
    /// Where to run it.
    pub outside: &'a Outside,
    /// A home without configuration of the checkout, if there is a home.
    pub cargo_home: Option<&'a Path>,
    /// Whether the network must not be used.
    pub offline: bool,
}

/// A package in the checkout of a revision.
#[derive(Clone, Debug)]
pub struct GitSources {
    name: String,
    version: Version,
    /// The root of the checkout.
    checkout: PathBuf,
    folder: PathBuf,
}

impl GitSources {
    /// Finds a package of the dependency graph by its name and revision.
    ///
    /// # Errors
    ///
    /// Cargo has not checked out the revision, or it does not contain the package.
    pub fn find(
        cargo_home: Option<&Path>,
        name: &str,
        version: &Version,
        revision: &GitRev,
    ) -> Result<Self, Diagnostic> {
        // Cargo writes it in lower case.
        let revision = revision.as_str().to_ascii_lowercase();
        let checkouts: Vec<PathBuf> =
            cargo_home.into_iter().flat_map(|home| checkouts::states(home, &revision)).collect();
        let found = checkouts
            .iter()
            .find_map(|checkout| Some((checkout, checkouts::package_folder(checkout, name, version)?)));
        match found {
            Some((checkout, folder)) => Ok(GitSources {
                name: name.to_owned(),
                version: version.clone(),
                checkout: checkout.clone(),
                folder,
            }),
            None => Err(not_found(name, version, &revision, checkouts.first().map(PathBuf::as_path))),
        }
    }

    /// The folder of the package in the checkout, as it is in the repository, for people to read.
    /// It belongs to cargo and must not be changed.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The files of the package. The manifest is the one in the repository, and is also included as
    /// `Cargo.toml.orig`.
    ///
    /// # Errors
    ///
    /// Cargo cannot list the files, or one cannot be read.
    pub fn tree(&self, cargo: CargoToList<'_>) -> Result<Tree, Diagnostic> {
        let mut files = Vec::new();
        let mut left = LARGEST_ARCHIVE;
        for path in self.list(cargo)? {
            // The checkout has the manifest before cargo rewrites it.
            let at = if path == "Cargo.toml.orig" { "Cargo.toml" } else { path.as_str() };
            if NOT_COUNTED.contains(&at) {
                continue;
            }
            if let Some(file) = self.read(at, left)? {
                left = left.saturating_sub(file.bytes.len() as u64);
                files.push((path, file));
            }
        }
        Ok(Tree::new(files))
    }

    /// A file; `None` if it does not exist, for example if the licence of a workspace is used for
    /// the package. A link counts as its target, but nothing outside the checkout is part of the
    /// revision.
    fn read(&self, path: &str, largest: u64) -> Result<Option<File>, Diagnostic> {
        let place = self.folder.join(path);
        let is_inside = || Some(place.canonicalize().ok()?.starts_with(self.checkout.canonicalize().ok()?));
        if is_inside() != Some(true) {
            return Ok(None);
        }
        let bytes = read_file_up_to(&place, largest).map_err(|error| {
            Diagnostic::error(
                Code::NoCheckout,
                format!("`{}` of {} cannot be read", shown(path), self.shown()),
            )
            .note(format!("`{}`: {error}", place.display()))
            .help("remove the checkout, and run `cargo fetch`")
        })?;
        Ok(Some(File { bytes: bytes.into(), is_executable: is_executable(&place) }))
    }

    /// The paths of the files, separated by `/`.
    fn list(&self, to_list: CargoToList<'_>) -> Result<Vec<String>, Diagnostic> {
        let CargoToList { cargo, outside, cargo_home, offline } = to_list;
        let manifest = outside.absolute(&self.folder.join("Cargo.toml"));
        let mut command = outside.command(cargo, "cargo");
        command.args(["package", "--list", "--allow-dirty", "--manifest-path"]).arg(&manifest);
        if let Some(home) = cargo_home {
            command.env("CARGO_HOME", outside.absolute(home));
        }
        if offline {
            command.arg("--offline");
        }
        let failed = || {
            let message = format!("cargo cannot list the files of {}", self.shown());
            Diagnostic::error(Code::NoCheckout, message).note(format!(
                "the command was `{} package --list --allow-dirty --manifest-path {}`",
                Path::new(&outside.program(cargo, "cargo")).display(),
                manifest.display()
            ))
        };
        let output = program::run(&mut command, LIMITS_OF_CARGO).map_err(|error| {
            failed().note(error.to_string()).help("the variable CARGO names the cargo to run")
        })?;
        if !output.status.success() {
            return Err(failed().note(output.stderr.trim().to_owned()));
        }
        let list = String::from_utf8(output.stdout).map_err(|error| failed().note(error.to_string()))?;
        let paths = list.lines().map(|line| line.replace(std::path::MAIN_SEPARATOR, "/"));
        Ok(paths.filter(|path| is_inside(path)).collect())
    }

    fn shown(&self) -> String {
        format!("`{}` {}", shown(&self.name), self.version)
    }
}

/// Whether a path stays inside the folder.
fn is_inside(path: &str) -> bool {
    path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

fn not_found(name: &str, version: &Version, revision: &str, checkout: Option<&Path>) -> Diagnostic {
    let package = format!("`{}` {version}", shown(name));
    match checkout {
        None => {
            let message = format!("no checkout of the revision {revision}, which {package} comes from");
            Diagnostic::error(Code::NoCheckout, message).help(
                "run `cargo fetch` to check out the revisions in Cargo.lock; other revisions are not available",
            )
        }
        Some(checkout) => {
            let message = format!("{package} is not in the checkout of the revision {revision}");
            Diagnostic::error(Code::NoCheckout, message)
                .note(format!("the checkout is `{}`", checkout.display()))
                .help("check the name and the revision; if they are right, remove the checkout, and run `cargo fetch`")
        }
    }
}
