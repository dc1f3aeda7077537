//! The files of a workspace: manifests, `Cargo.lock` and cargo's configuration.
//!
//! Files are found as cargo finds them. If this module does not support something, it notes the
//! reason in [`ProjectFiles::left_to_cargo`], and the caller has to ask cargo.

mod build_settings;
mod checkout;
mod configuration;
mod configuration_files;
mod for_cargo;
mod members;
mod members_configuration;
mod neighbours;
mod of_checkout;
mod registries;
mod registry_environment;
mod root;
mod store_place;
mod token;
mod whereabouts;
mod wildcards;

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use vet_diagnostics::{Code, Diagnostic, Source};
use vet_graph::Manifest;
use vet_graph::manifest::FeatureResolver;
use vet_graph::workspace::{LocalPatch, LocalReplacement, Workspace, normal};

use crate::regular_file::{LARGEST_TEXT, read_file_as};
use crate::store_folder::{StoreFolder, StorePath, find};
use crate::text_file;

pub use build_settings::{BuildSettings, StatedTarget};
pub use checkout::{Checkout, Origin};
pub use configuration::{CargoConfiguration, NetworkConfiguration};
pub use for_cargo::{Redirection, SettingsForCargo, Told};
pub use neighbours::{Neighbour, other_lock_files};
pub use of_checkout::accept;
pub use registries::{
    CRATES_IO, Provider, RegistryConfiguration, RegistryPlaces, ReplacedByItself, SourceConfiguration,
    VendoredSources, same_index,
};
pub use registry_environment::{RegistryEnvironment, in_variable};
pub use token::Token;
pub use whereabouts::{OwnFolders, Whereabouts};

/// The place of a project, and its two most important manifests.
#[derive(Clone, Debug)]
pub struct Project {
    /// The current folder. Paths are shown relative to it.
    current_folder: PathBuf,
    /// The manifest that the user named, or the nearest one.
    manifest: ManifestInFolder,
    /// The manifest of the workspace, if it is another one.
    root: Option<ManifestInFolder>,
    checkout: Checkout,
}

/// A manifest and its folder.
#[derive(Clone, Debug)]
struct ManifestInFolder {
    folder: PathBuf,
    manifest: Manifest,
}

/// Everything from which the dependency graph is built, except `Cargo.lock`.
#[derive(Clone, Debug)]
pub struct ProjectFiles {
    /// The members, the packages in folders that they depend on, and patches.
    pub workspace: Workspace,
    /// Why these files are not sufficient, in words that complete "because of …".
    pub left_to_cargo: Vec<String>,
    /// Cargo's configuration.
    pub configuration: CargoConfiguration,
}

impl Project {
    /// Finds the project of a folder, or of a manifest that the user names. Both paths are as the
    /// user wrote them.
    ///
    /// # Errors
    ///
    /// There is no project, or its manifests cannot be read.
    pub fn find(
        current_folder: &Path,
        manifest_path: Option<&Path>,
        cargo_home: Option<&Path>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let show = Shown { current_folder };
        let path = match manifest_path {
            Some(path) => named(current_folder, path)?,
            None => root::nearest_manifest(current_folder).ok_or_else(|| no_manifest(current_folder))?,
        };
        let manifest = ManifestInFolder::read(&path, show)?;
        let root = root::find(&manifest, cargo_home, show, &mut |path| {
            ManifestInFolder::read(path, show).map(Arc::new)
        })?;
        let root = root.map(Arc::unwrap_or_clone);
        let workspace = root.as_ref().unwrap_or(&manifest);
        let checkout = Checkout::around(&workspace.folder, &manifest.folder, current_folder);
        Ok(Project { current_folder: current_folder.to_owned(), manifest, root, checkout })
    }

    /// The checkout of the project.
    pub fn checkout(&self) -> &Checkout {
        &self.checkout
    }

    fn root(&self) -> &ManifestInFolder {
        self.root.as_ref().unwrap_or(&self.manifest)
    }

    /// The manifest that the user named, or the nearest one.
    pub fn manifest_path(&self) -> PathBuf {
        self.manifest.folder.join(MANIFEST)
    }

    /// The folder of the workspace.
    pub fn root_folder(&self) -> &Path {
        &self.root().folder
    }

    /// The folder of the store, which may not exist. `argument` is the path on the command line.
    ///
    /// # Errors
    ///
    /// The manifests contain invalid values.
    pub fn store_folder(&self, argument: Option<&Path>) -> Result<StoreFolder, Vec<Diagnostic>> {
        let root = self.root();
        let of_workspace = match &root.manifest.workspace {
            Some(workspace) => workspace.vet.clone()?,
            None => None,
        };
        let of_package = match &self.manifest.manifest.package {
            Some(package) => package.vet.clone()?,
            None => None,
        };
        let folder = self.manifest.folder.as_path();
        let path = find(StorePath {
            workspace: &root.folder,
            workspace_table: of_workspace.as_ref(),
            package_table: of_package.as_ref().map(|table| (folder, table)),
            argument,
        })
        .map_err(|problem| vec![problem])?;
        let path = self.current_folder.join(path);
        let shown = self.shown().path(&path);
        Ok(StoreFolder::new(path, shown))
    }

    /// The path of a folder as a patch names it, with slashes. It is relative to the current folder
    /// if that contains the folder, otherwise to the workspace. A patch cannot name files outside
    /// of the folder in which it is applied.
    pub fn path_in_patch(&self, folder: &Path) -> String {
        let folder = normal(folder);
        let above = [normal(&self.current_folder), normal(&self.root().folder)];
        let below = above.iter().find_map(|above| folder.strip_prefix(above).ok());
        let names = below.unwrap_or(&folder).components().filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_string_lossy()),
            _ => None,
        });
        names.collect::<Vec<_>>().join("/")
    }

    /// Reads `Cargo.lock`.
    ///
    /// # Errors
    ///
    /// The file does not exist or cannot be read.
    pub fn lock_file(&self) -> Result<Arc<Source>, Vec<Diagnostic>> {
        let show = self.shown();
        let root = self.root();
        let path = root.folder.join("Cargo.lock");
        if !path.exists() {
            let message = format!("could not find Cargo.lock in {}", show.folder(&root.folder));
            let problem = Diagnostic::error(Code::NoLockFile, message).help(
                "run `cargo generate-lockfile`, and commit the file so that all users check the same versions",
            );
            return Err(vec![problem]);
        }
        read_text(&path, show)
    }

    /// Reads cargo's configuration.
    pub fn configuration(&self, cargo_home: Option<&Path>) -> CargoConfiguration {
        CargoConfiguration::read(&self.current_folder, cargo_home, &self.checkout, self.shown())
    }

    /// Reads everything from which the dependency graph is built, except `Cargo.lock`.
    ///
    /// # Errors
    ///
    /// A file cannot be read or is invalid.
    pub fn read(&self, cargo_home: Option<&Path>) -> Result<ProjectFiles, Vec<Diagnostic>> {
        let show = self.shown();
        let mut left_to_cargo = Vec::new();
        let configuration = self.configuration(cargo_home);
        if !configuration.unreadable.is_empty() {
            return Err(configuration.unreadable);
        }
        left_to_cargo.extend(configuration.left_to_cargo.iter().cloned());
        let root = self.root();
        let of_manifest = root.manifest.patches.iter().map(|patch| LocalPatch::new(patch, &root.folder));
        // Cargo merges the tables of its configuration.
        let mut patches = configuration.patches.clone();
        patches.sort_by(|one, other| (&one.patched, &one.key).cmp(&(&other.patched, &other.key)));
        patches.extend(of_manifest);
        let replacements = root.manifest.replacements.iter();
        let replacements: Vec<LocalReplacement> =
            replacements.map(|replacement| LocalReplacement::new(replacement, &root.folder)).collect();
        let packages = members::read(root, &patches, &replacements, cargo_home, show, &mut left_to_cargo)?;
        let is_member =
            |folder: &Path| packages.iter().any(|package| package.is_member && package.folder == folder);
        if !is_member(&self.manifest.folder) && self.manifest.folder != root.folder {
            let shown = show.path(&self.manifest.folder);
            left_to_cargo
                .push(format!("the package `{shown}`, which is inside a workspace but not a member of it"));
        }
        let indexes = configuration.effective.indexes();
        let registries = indexes.map(|(name, index)| (name.to_owned(), index.to_owned())).collect();
        let workspace = Workspace { packages, patches, replacements, registries };
        Ok(ProjectFiles { workspace, left_to_cargo, configuration })
    }

    /// Whether cargo applies `--no-default-features` to the packages that it builds. With version 1
    /// of the resolver it applies only to the package in the current folder, so the other packages
    /// are built with their default features.
    pub fn default_features_can_be_off(&self) -> bool {
        self.root().manifest.feature_resolver == FeatureResolver::Later
    }

    /// Reads a file of the checkout.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is not a regular file, is too large, or is not UTF-8.
    pub fn read_file(&self, path: &Path) -> Result<Arc<Source>, Vec<Diagnostic>> {
        read_text(path, self.shown())
    }

    /// Reads the settings of the checkout for building its code: in the folders from the current
    /// one upwards and in those of the packages, because cargo can run in any of them.
    pub fn build_settings(&self, workspace: &Workspace, cargo_home: Option<&Path>) -> BuildSettings {
        let root = self.root_folder();
        let packages = workspace.packages.iter().map(|package| package.folder.as_path());
        let mut folders = BTreeSet::new();
        for folder in packages.chain([root, &self.current_folder]) {
            for folder in folder.ancestors() {
                if !folders.insert(folder.to_owned()) {
                    break;
                }
            }
        }
        let is_of_home = |path: &Path| cargo_home.is_some_and(|home| path.starts_with(home));
        BuildSettings::read(&folders, &|path| !is_of_home(path), self.shown())
    }

    /// Whether the manifests name the package in a folder for `cargo build` in the folder of the
    /// workspace without further arguments. If they name no package, cargo builds all members.
    pub fn is_named_to_be_built(&self, folder: &Path) -> bool {
        let root = self.root();
        match root.manifest.workspace.as_ref().and_then(|table| table.default_members.as_ref()) {
            Some(patterns) => patterns.iter().any(|pattern| {
                let full = normal(&root.folder.join(pattern));
                // A pattern with too many matches might match this folder too.
                let matches = || wildcards::expand(&full, &root.folder, wildcards::MOST_STEPS);
                full == folder
                    || matches().map_or(true, |folders| folders.iter().any(|one| normal(one) == folder))
            }),
            None => root.manifest.package.is_some() && root.folder == folder,
        }
    }

    fn shown(&self) -> Shown<'_> {
        Shown { current_folder: &self.current_folder }
    }
}

const MANIFEST: &str = "Cargo.toml";

impl ManifestInFolder {
    fn read(path: &Path, show: Shown<'_>) -> Result<Self, Vec<Diagnostic>> {
        Self::read_as(path, fs::metadata(path), show)
    }

    /// Like [`read`](Self::read), for a file whose metadata is already known.
    fn read_as(
        path: &Path,
        metadata: io::Result<Metadata>,
        show: Shown<'_>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let manifest = Manifest::parse(&read_text_as(path, metadata, show)?)?;
        Ok(ManifestInFolder { folder: path.parent().unwrap_or(path).to_owned(), manifest })
    }
}

/// Shows paths as the user would write them.
#[derive(Clone, Copy, Debug)]
struct Shown<'a> {
    current_folder: &'a Path,
}

impl Shown<'_> {
    fn path(self, path: &Path) -> String {
        let shown = path.strip_prefix(self.current_folder).unwrap_or(path);
        shown.display().to_string()
    }

    /// A folder as part of a sentence.
    fn folder(self, path: &Path) -> String {
        match path == self.current_folder {
            true => "the current folder".to_owned(),
            false => format!("`{}`", self.path(path)),
        }
    }
}

fn read_text(path: &Path, show: Shown<'_>) -> Result<Arc<Source>, Vec<Diagnostic>> {
    read_text_as(path, fs::metadata(path), show)
}

fn read_text_as(
    path: &Path,
    metadata: io::Result<Metadata>,
    show: Shown<'_>,
) -> Result<Arc<Source>, Vec<Diagnostic>> {
    text_file::decoded(
        metadata.and_then(|metadata| read_file_as(path, &metadata, LARGEST_TEXT)),
        &show.path(path),
    )
}

/// The path of the manifest that the user names.
fn named(current_folder: &Path, path: &Path) -> Result<PathBuf, Vec<Diagnostic>> {
    let full = normal(&current_folder.join(path));
    let problem = |message: String| vec![Diagnostic::error(Code::NoManifest, message)];
    if full.file_name().is_none_or(|name| name != MANIFEST) {
        let message = format!("`{}` is not the path of a Cargo.toml", path.display());
        return Err(problem(message)
            .into_iter()
            .map(|problem| problem.help("`--manifest-path` names the file itself, not its folder"))
            .collect());
    }
    if !full.exists() {
        return Err(problem(format!("there is no `{}`", path.display())));
    }
    Ok(full)
}

fn no_manifest(current_folder: &Path) -> Vec<Diagnostic> {
    let message = format!("could not find Cargo.toml in `{}` or a folder above it", current_folder.display());
    vec![
        Diagnostic::error(Code::NoManifest, message)
            .help("change into a project, or name its manifest with `--manifest-path`"),
    ]
}
