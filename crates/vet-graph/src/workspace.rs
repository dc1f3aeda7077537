//! The local packages: the members of a workspace, and the folders that they depend on.

use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path, PathBuf};

use toml::Spanned;
use vet_diagnostics::{Code, Diagnostic};

use crate::declared::Terms;
use crate::graph::About;
use crate::manifest::{
    Declaration, DependencyKind, Features, GitOrigin, Library, Manifest, Origin, Patch, Replacement,
    TextField, VersionField, WorkspaceTable,
};

/// A workspace, as described by its manifests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workspace {
    /// The members and the packages in folders that they depend on.
    pub packages: Vec<LocalPackage>,
    /// Patches: those of cargo's configuration, sorted by key, and then those of the root manifest.
    /// Cargo lists unused patches in this order.
    pub patches: Vec<LocalPatch>,
    /// Replacements of single versions in the root manifest.
    pub replacements: Vec<LocalReplacement>,
    /// The addresses of the registries' indexes, by the names in cargo's configuration.
    pub registries: BTreeMap<String, String>,
}

/// A package in a local folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPackage {
    /// The name.
    pub name: String,
    /// The version.
    pub version: semver::Version,
    /// The folder of the manifest: absolute, without `.` and `..`.
    pub folder: PathBuf,
    /// Whether it is a member of the workspace.
    pub is_member: bool,
    /// Whether other packages can depend on it. `None`: versions of cargo differ, and the checkout
    /// may choose one.
    pub is_library: Option<bool>,
    /// What it says about itself.
    pub about: About,
    /// Whether its library is a procedural macro, which the compiler loads.
    pub is_proc_macro: bool,
    /// The native library that it links to. Only one package may link to it.
    pub links: Option<String>,
    /// What each of its features turns on.
    pub features: Features,
    /// Its dependencies, of every kind and target.
    pub dependencies: Vec<LocalDependency>,
    /// Why cargo builds for other targets than the requested ones, in words that complete "because
    /// of …".
    pub other_targets: Vec<String>,
}

/// A dependency of a local package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalDependency {
    /// What needs it.
    pub kind: DependencyKind,
    /// Under which conditions it counts, and with which features.
    pub terms: Terms,
    /// The name of the package.
    pub package: String,
    /// The accepted versions; `None` for any.
    pub requirement: Option<semver::VersionReq>,
    /// The origin.
    pub origin: LocalOrigin,
}

/// The stated origin of a package. Paths of folders are absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalOrigin {
    /// crates.io.
    CratesIo,
    /// The registry that cargo's configuration knows by this name.
    Registry(String),
    /// The registry whose index has this address.
    Index(String),
    /// A git repository.
    Git(GitOrigin),
    /// A folder: absolute, without `.` and `..`.
    Path(PathBuf),
}

/// A patch: what cargo uses instead of packages with a certain name from a certain source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPatch {
    /// The patched source: `crates-io`, the name of another registry, or an address.
    pub patched: String,
    /// The key in the table.
    pub key: String,
    /// The name of the package.
    pub package: String,
    /// The accepted versions; `None` for any.
    pub requirement: Option<semver::VersionReq>,
    /// The origin of the replacement.
    pub origin: LocalOrigin,
}

/// A replacement: what cargo uses instead of one version of a package from crates.io.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalReplacement {
    /// The name of the package and of its replacement.
    pub package: String,
    /// The version of the package and of its replacement.
    pub version: semver::Version,
    /// The origin of the replacement.
    pub origin: LocalOrigin,
}

/// The root of a workspace, from which its members inherit.
#[derive(Clone, Copy, Debug)]
pub struct Root<'a> {
    /// The folder: absolute, without `.` and `..`.
    pub folder: &'a Path,
    /// `[workspace]`
    pub table: &'a WorkspaceTable,
}

impl Root<'_> {
    /// Whether `exclude` keeps a folder from being a member. If `members` names the folder without
    /// wildcards, the folder is a member anyway.
    pub fn excludes(&self, folder: &Path) -> bool {
        let places = |paths: &mut dyn Iterator<Item = &String>| -> HashSet<PathBuf> {
            paths.map(|path| normal(&self.folder.join(path))).collect()
        };
        // There may be many packages and long lists, so the sets are built once. A table always
        // belongs to one folder.
        let (excluded, named) = self.table.places.get_or_init(|| {
            let mut members = self.table.members.iter().flatten().map(Spanned::get_ref);
            (places(&mut self.table.exclude.iter()), places(&mut members))
        });
        let is_below = |places: &HashSet<PathBuf>| folder.ancestors().any(|above| places.contains(above));
        is_below(excluded) && !is_below(named)
    }
}

impl LocalPackage {
    /// Builds a local package from a manifest in `folder`.
    ///
    /// `root` is the workspace that it may inherit from. `has_library_file` returns whether there
    /// is a `src/lib.rs`. The result is `None` if the manifest is virtual.
    ///
    /// # Errors
    ///
    /// The manifest inherits something that is missing.
    pub fn new(
        manifest: &Manifest,
        folder: &Path,
        root: Option<Root<'_>>,
        is_member: bool,
        has_library_file: impl FnOnce() -> bool,
    ) -> Result<Option<Self>, Vec<Diagnostic>> {
        let Some(package) = &manifest.package else { return Ok(None) };
        let mut problems = Vec::new();
        let version = match &package.version {
            VersionField::Stated(version) => version.clone(),
            VersionField::Inherited(span) => match root.and_then(|root| root.table.version.clone()) {
                Some(version) => version,
                None => {
                    let message =
                        format!("`{}` inherits its version, but the workspace has none", package.name);
                    problems.push(
                        Diagnostic::error(Code::BadManifest, message)
                            .at(&manifest.source, span.clone(), "inherited")
                            .help("set `version` in `[workspace.package]`, or write the version here"),
                    );
                    semver::Version::new(0, 0, 0)
                }
            },
        };
        let mut dependencies = Vec::with_capacity(manifest.dependencies.len());
        for declaration in &manifest.dependencies {
            match dependency(declaration, folder, root) {
                Some(dependency) => dependencies.push(dependency),
                None => {
                    let key = &declaration.key;
                    let message =
                        format!("`{key}` is inherited, but the workspace does not have it as a dependency");
                    problems.push(
                        Diagnostic::error(Code::BadManifest, message)
                            .at(&manifest.source, declaration.span.clone(), "inherited")
                            .help(format!("add `{key}` to `[workspace.dependencies]`")),
                    );
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let is_library = match package.library {
            Library::Declared => Some(true),
            Library::Inferred => Some(has_library_file()),
            // Cargo before version 1.83 takes the file for a library all the same.
            Library::None if has_library_file() => None,
            Library::None => Some(false),
        };
        Ok(Some(LocalPackage {
            name: package.name.clone(),
            version,
            folder: folder.to_owned(),
            is_member,
            is_library,
            about: About::Known {
                description: text(&package.description, root, |table| &table.description),
                repository: text(&package.repository, root, |table| &table.repository),
            },
            is_proc_macro: package.is_proc_macro,
            links: package.links.clone(),
            features: manifest.features.clone(),
            dependencies,
            other_targets: manifest.other_targets.clone(),
        }))
    }

    /// The folders that the package depends on. Development dependencies count for members only.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        let counts =
            |dependency: &&LocalDependency| self.is_member || dependency.kind != DependencyKind::Development;
        self.dependencies.iter().filter(counts).filter_map(|dependency| dependency.origin.folder())
    }
}

fn text(
    field: &TextField,
    root: Option<Root<'_>>,
    of: impl Fn(&WorkspaceTable) -> &Option<String>,
) -> Option<String> {
    match field {
        TextField::Stated(text) => text.clone(),
        TextField::Inherited => root.and_then(|root| of(root.table).clone()),
    }
}

fn dependency(declaration: &Declaration, folder: &Path, root: Option<Root<'_>>) -> Option<LocalDependency> {
    let (specification, base, inherited) = match &declaration.specification {
        Some(specification) => (specification, folder, None),
        None => {
            let root = root?;
            let inherited = root.table.dependencies.get(&declaration.key)?;
            (inherited, root.folder, Some(inherited))
        }
    };
    Some(LocalDependency {
        kind: declaration.kind,
        terms: Terms::new(declaration, inherited),
        package: specification.package.clone(),
        requirement: specification.requirement.clone(),
        origin: LocalOrigin::new(&specification.origin, base),
    })
}

impl LocalPatch {
    /// Builds a patch from an entry of `[patch]`. Paths in it are relative to `base`.
    pub fn new(patch: &Patch, base: &Path) -> Self {
        let Patch { patched, key, specification } = patch;
        LocalPatch {
            patched: patched.clone(),
            key: key.clone(),
            package: specification.package.clone(),
            requirement: specification.requirement.clone(),
            origin: LocalOrigin::new(&specification.origin, base),
        }
    }
}

impl LocalReplacement {
    /// Builds a replacement from an entry of `[replace]`. Paths in it are relative to `base`.
    pub fn new(replacement: &Replacement, base: &Path) -> Self {
        let Replacement { package, version, origin } = replacement;
        LocalReplacement {
            package: package.clone(),
            version: version.clone(),
            origin: LocalOrigin::new(origin, base),
        }
    }
}

impl LocalOrigin {
    fn new(origin: &Origin, base: &Path) -> Self {
        match origin {
            Origin::CratesIo => LocalOrigin::CratesIo,
            Origin::Registry(name) => LocalOrigin::Registry(name.clone()),
            Origin::Index(address) => LocalOrigin::Index(address.clone()),
            Origin::Git(git) => LocalOrigin::Git(git.clone()),
            Origin::Path(path) => LocalOrigin::Path(normal(&base.join(path))),
        }
    }

    /// The folder, if the origin is one.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            LocalOrigin::Path(path) => Some(path),
            _ => None,
        }
    }
}

/// A path without `.` and `..`, computed like in cargo: without following links.
pub fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                // The parent of the root is the root.
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}
