//! The sources of packages from git, in the checkouts that cargo made.
//!
//! A checkout has more files than the package that would be made of it. Which ones belong to it, cargo says: `cargo package
//! --list` without making one. It runs outside of the user's checkout, so that it goes by no configuration of that one or of
//! the repository.

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

/// What cargo adds to a package, or keeps in a checkout, and nobody reads.
const NOT_COUNTED: [&str; 3] = ["Cargo.lock", ".cargo_vcs_info.json", ".cargo-ok"];

/// How cargo is asked which files belong to a package.
#[derive(Clone, Copy, Debug)]
pub struct CargoToList<'a> {
    /// The program, as the user names it.
    pub cargo: &'a OsStr,
    /// Where to run it.
    pub outside: &'a Outside,
    /// The home in which it finds no configuration of the checkout, if there is a home.
    pub cargo_home: Option<&'a Path>,
    /// The network must not be used.
    pub offline: bool,
}

/// A package in the checkout of a revision.
#[derive(Clone, Debug)]
pub struct GitSources {
    name: String,
    version: Version,
    /// The whole checkout.
    checkout: PathBuf,
    folder: PathBuf,
}

impl GitSources {
    /// Finds a package of the dependency graph, from which come its name and its revision.
    ///
    /// # Errors
    ///
    /// Cargo has not checked the revision out, or the package is not there.
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

    /// Where the package is in the checkout: as it is in the repository, for people to read. It is cargo's, and must not be
    /// changed.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The files of the package that would be made of it, with the manifest as it is in the repository, also as
    /// `Cargo.toml.orig`.
    ///
    /// # Errors
    ///
    /// Cargo cannot say which files these are, or one cannot be read.
    pub fn tree(&self, cargo: CargoToList<'_>) -> Result<Tree, Diagnostic> {
        let mut files = Vec::new();
        let mut left = LARGEST_ARCHIVE;
        for path in self.list(cargo)? {
            // What is at hand is the manifest before cargo writes it anew.
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

    /// A file; nothing if there is none, as where the licence of a workspace stands for that of the package. A link counts
    /// as what it leads to, but nothing outside of the checkout is part of the revision.
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

    /// The paths of the files, with `/` between their parts.
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
            let message = format!("cargo cannot say which files belong to {}", self.shown());
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

/// Whether a path leads nowhere else.
fn is_inside(path: &str) -> bool {
    path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

fn not_found(name: &str, version: &Version, revision: &str, checkout: Option<&Path>) -> Diagnostic {
    let package = format!("`{}` {version}", shown(name));
    match checkout {
        None => {
            let message =
                format!("there is no checkout of the revision {revision}, which {package} comes from");
            Diagnostic::error(Code::NoCheckout, message).help(
                "run `cargo fetch`, which checks out what Cargo.lock names; other revisions cannot be had",
            )
        }
        Some(checkout) => {
            let message = format!("{package} is not in the checkout of the revision {revision}");
            Diagnostic::error(Code::NoCheckout, message)
                .note(format!("the checkout is `{}`", checkout.display()))
                .help("look at the name and the revision; if they are right, remove the checkout, and run `cargo fetch`")
        }
    }
}
