//! The packages whose manifests are at hand: the members of a workspace, and the folders that they depend on.

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

/// A workspace, as far as its manifests tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workspace {
    /// The members, and the packages in folders that they depend on.
    pub packages: Vec<LocalPackage>,
    /// What is used in place of other packages: patches of cargo's configuration, in the order of their keys, and then those
    /// of the root manifest. Cargo lists those that are not used in this order.
    pub patches: Vec<LocalPatch>,
    /// What is used in place of single versions, according to the root manifest.
    pub replacements: Vec<LocalReplacement>,
    /// The addresses of the indexes of registries, by the names that cargo's configuration gives them.
    pub registries: BTreeMap<String, String>,
}

/// A package whose manifest is at hand.
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
    /// Whether others can depend on it.
    pub is_library: bool,
    /// What it says about itself.
    pub about: About,
    /// Whether its library is a macro, which the compiler loads.
    pub is_proc_macro: bool,
    /// The native library that it links to, which only one package may.
    pub links: Option<String>,
    /// What each of its features turns on.
    pub features: Features,
    /// Its dependencies, of every kind and target.
    pub dependencies: Vec<LocalDependency>,
    /// What makes cargo build for other targets than it is asked for.
    pub other_targets: Vec<String>,
}

/// A dependency of a package whose manifest is at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalDependency {
    /// When it is needed.
    pub kind: DependencyKind,
    /// Under which conditions, and with which features.
    pub terms: Terms,
    /// The name of the package.
    pub package: String,
    /// The versions that will do; `None` is any.
    pub requirement: Option<semver::VersionReq>,
    /// Where it comes from.
    pub origin: LocalOrigin,
}

/// Where a package is said to come from, with folders from the root of the file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalOrigin {
    /// crates.io.
    CratesIo,
    /// The registry that cargo's configuration knows by this name.
    Registry(String),
    /// The registry with the index at this address.
    Index(String),
    /// A git repository.
    Git(GitOrigin),
    /// A folder: absolute, without `.` and `..`.
    Path(PathBuf),
}

/// What is used in place of packages of a name that come from a certain source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPatch {
    /// The source: `crates-io`, the name of another registry, or an address.
    pub patched: String,
    /// The key in the table.
    pub key: String,
    /// The name of the package.
    pub package: String,
    /// The versions that will do; `None` is any.
    pub requirement: Option<semver::VersionReq>,
    /// Where the replacement comes from.
    pub origin: LocalOrigin,
}

/// What is used in place of one version of a package from crates.io.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalReplacement {
    /// The name, which both have.
    pub package: String,
    /// The version, which both have.
    pub version: semver::Version,
    /// Where the replacement comes from.
    pub origin: LocalOrigin,
}

/// The root of a workspace, which its members inherit from.
#[derive(Clone, Copy, Debug)]
pub struct Root<'a> {
    /// The folder: absolute, without `.` and `..`.
    pub folder: &'a Path,
    /// `[workspace]`
    pub table: &'a WorkspaceTable,
}

impl Root<'_> {
    /// Whether `exclude` keeps a folder from being a member. A folder that `members` names without wildcards is one all
    /// the same.
    pub fn excludes(&self, folder: &Path) -> bool {
        let places = |paths: &mut dyn Iterator<Item = &String>| -> HashSet<PathBuf> {
            paths.map(|path| normal(&self.folder.join(path))).collect()
        };
        // There may be many packages, and long lists. A table is that of one folder.
        let (excluded, named) = self.table.places.get_or_init(|| {
            let mut members = self.table.members.iter().flatten().map(Spanned::get_ref);
            (places(&mut self.table.exclude.iter()), places(&mut members))
        });
        let is_below = |places: &HashSet<PathBuf>| folder.ancestors().any(|above| places.contains(above));
        is_below(excluded) && !is_below(named)
    }
}

impl LocalPackage {
    /// Puts a manifest in its place.
    ///
    /// `root` is the workspace that it may inherit from; `has_library_file` tells whether there is a `src/lib.rs`.
    /// `None` if the manifest is virtual.
    ///
    /// # Errors
    ///
    /// Something is inherited that is not there.
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
            Library::Declared => true,
            Library::Inferred => has_library_file(),
            Library::None => false,
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

    /// The folders that the package depends on. Development counts for members only, as everywhere.
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
    /// Puts an entry of `[patch]` in its place: paths in it are relative to `base`.
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
    /// Puts an entry of `[replace]` in its place: paths in it are relative to `base`.
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

    /// The folder, if it is one.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            LocalOrigin::Path(path) => Some(path),
            _ => None,
        }
    }
}

/// A path without `.` and `..`, as cargo reads paths: links are not followed.
pub fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                // Above the root there is the root again.
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}
