//! `Cargo.toml`, as far as it shapes the dependency graph.
//!
//! What a manifest says is read here; what it means beside other manifests is decided in [`crate::workspace`]. Keys that
//! play no part are not looked at. What cargo alone understands, such as unstable features, is listed as
//! [`Manifest::unusual`], and left to cargo.

mod dependencies;
mod replacements;

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vet_diagnostics::{Code, Diagnostic, Source};

use crate::platform::Condition;

/// What is needed of a `Cargo.toml`.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The text, for findings about it.
    pub source: Arc<Source>,
    /// `[package]`; a virtual manifest has none.
    pub package: Option<PackageTable>,
    /// `[workspace]`, if this is the root of one.
    pub workspace: Option<WorkspaceTable>,
    /// All dependencies, of every kind and target.
    pub dependencies: Vec<Declaration>,
    /// `[features]`: what each feature turns on.
    pub features: Features,
    /// `[patch.*]`; counts in the root of a workspace only.
    pub patches: Vec<Patch>,
    /// `[replace]`; counts in the root of a workspace only.
    pub replacements: Vec<Replacement>,
    /// What is written here that only cargo understands, in words that complete "because of …".
    pub unusual: Vec<String>,
    /// What of that makes cargo build for other targets than it is asked for.
    pub other_targets: Vec<String>,
}

/// An entry of `[patch.*]`.
#[derive(Clone, Debug)]
pub struct Patch {
    /// What is patched: `crates-io`, the name of another registry, or the address of a source.
    pub patched: String,
    /// The key in the table.
    pub key: String,
    /// What is used instead.
    pub specification: Specification,
}

/// An entry of `[replace]`: what is used in place of one version of a package from crates.io.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The name, which both have.
    pub package: String,
    /// The version, which both have.
    pub version: semver::Version,
    /// Where the replacement comes from: a folder, or a git repository.
    pub origin: Origin,
}

/// What each feature turns on: other features, `dep:key`, `key/feature` or `key?/feature`.
pub type Features = BTreeMap<String, Vec<String>>;

/// `[package]`
#[derive(Clone, Debug)]
pub struct PackageTable {
    /// The name.
    pub name: String,
    /// The version.
    pub version: VersionField,
    /// The folder of the workspace's root, if `package.workspace` names it; relative to the manifest.
    pub workspace: Option<String>,
    /// Where the library is, if there is one.
    pub library: Library,
    /// Whether the library is a macro, which the compiler loads.
    pub is_proc_macro: bool,
    /// The native library that the package links to, which only one package may.
    pub links: Option<String>,
    /// `package.description`
    pub description: TextField,
    /// `package.repository`
    pub repository: TextField,
}

/// A text that a package states, or has from its workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextField {
    /// As written, if it is.
    Stated(Option<String>),
    /// The text of the workspace.
    Inherited,
}

/// `package.version`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionField {
    /// As written, or `0.0.0` where nothing is.
    Stated(semver::Version),
    /// The version of the workspace.
    Inherited(Range<usize>),
}

/// Whether a package has a library that others can depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// `[lib]` says so.
    Declared,
    /// If there is a file `src/lib.rs`.
    Inferred,
    /// Not even then.
    None,
}

/// `[workspace]`
#[derive(Clone, Debug, Default)]
pub struct WorkspaceTable {
    /// Folders of members, with wildcards; `None` if there is no such list.
    pub members: Option<Vec<Spanned<String>>>,
    /// Folders that are no members although they lie inside.
    pub exclude: Vec<String>,
    /// Folders of the members that cargo builds where it is not told which, with wildcards.
    pub default_members: Option<Vec<String>>,
    /// `workspace.dependencies`, by key.
    pub dependencies: BTreeMap<String, Specification>,
    /// `workspace.package.version`
    pub version: Option<semver::Version>,
    /// `workspace.package.description`
    pub description: Option<String>,
    /// `workspace.package.repository`
    pub repository: Option<String>,
    /// The folders that `exclude` and `members` name, once they are needed.
    pub(crate) places: OnceLock<(HashSet<PathBuf>, HashSet<PathBuf>)>,
}

/// When a dependency is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DependencyKind {
    /// To run what is built.
    Normal,
    /// By the build script.
    Build,
    /// By tests, examples and benchmarks.
    Development,
}

/// An entry of one of the dependency tables.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// The key in the table: the name of the package unless it is renamed.
    pub key: String,
    /// Which table it stands in.
    pub kind: DependencyKind,
    /// Whether a feature has to ask for it.
    pub optional: bool,
    /// `default-features`, if it is written.
    pub default_features: Option<bool>,
    /// The features that are asked for.
    pub features: Vec<String>,
    /// The target or the `cfg(…)` of the table, as written and as it is read; `None` in tables for every target.
    pub condition: Option<Arc<Condition>>,
    /// What it is; `None` if the workspace says so.
    pub specification: Option<Specification>,
    /// Where the key stands.
    pub span: Range<usize>,
}

/// Which package is meant.
#[derive(Clone, Debug)]
pub struct Specification {
    /// The name of the package.
    pub package: String,
    /// The versions that will do; `None` is any.
    pub requirement: Option<semver::VersionReq>,
    /// Where the package comes from.
    pub origin: Origin,
    /// `default-features`, if it is written; counts in `workspace.dependencies`.
    pub default_features: Option<bool>,
    /// The features that are asked for; count in `workspace.dependencies`.
    pub features: Vec<String>,
}

/// Where a package is said to come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// crates.io.
    CratesIo,
    /// The registry that cargo's configuration knows by this name.
    Registry(String),
    /// The registry with the index at this address.
    Index(String),
    /// A git repository.
    Git(GitOrigin),
    /// A folder, relative to the manifest.
    Path(String),
}

/// A git repository, and what of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitOrigin {
    /// The address.
    pub url: String,
    /// The branch, the tag or the revision; the default branch if not given.
    pub reference: Option<(GitReference, String)>,
}

/// What names a state of a git repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GitReference {
    /// `branch`
    Branch,
    /// `tag`
    Tag,
    /// `rev`
    Revision,
}

impl GitReference {
    /// What is written under a key.
    pub fn from_key(key: &str) -> Option<Self> {
        [GitReference::Branch, GitReference::Tag, GitReference::Revision]
            .into_iter()
            .find(|one| one.key() == key)
    }

    /// The key under which it is written, in manifests and in sources.
    pub fn key(self) -> &'static str {
        match self {
            GitReference::Branch => "branch",
            GitReference::Tag => "tag",
            GitReference::Revision => "rev",
        }
    }
}

const DEPENDENCY_TABLES: [(&str, &str, DependencyKind); 3] = [
    ("dependencies", "dependencies", DependencyKind::Normal),
    ("build-dependencies", "build_dependencies", DependencyKind::Build),
    ("dev-dependencies", "dev_dependencies", DependencyKind::Development),
];

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn parse(source: &Arc<Source>) -> Result<Self, Vec<Diagnostic>> {
        let (document, problems) = vet_store::toml_document(source);
        let Some(document) = document else { return Err(problems.into_iter().map(way_out).collect()) };
        let mut reader = Reader { source, problems, unusual: Vec::new(), other_targets: Vec::new() };
        let mut manifest = Manifest {
            source: Arc::clone(source),
            package: None,
            workspace: None,
            dependencies: Vec::new(),
            features: Features::new(),
            patches: Vec::new(),
            replacements: Vec::new(),
            unusual: Vec::new(),
            other_targets: Vec::new(),
        };
        let package = reader.table(&document, "package").or_else(|| reader.table(&document, "project"));
        if let Some(package) = package {
            manifest.package = reader.package(package, document.get("lib"));
        }
        manifest.workspace = reader.table(&document, "workspace").map(|table| reader.workspace(table));
        reader.dependencies(&document, None, &mut manifest.dependencies);
        if let Some(targets) = reader.table(&document, "target") {
            for (key, target) in targets {
                if let Some(target) = reader.as_table(target, "a target") {
                    let condition = reader.condition(key);
                    reader.dependencies(target, condition.as_ref(), &mut manifest.dependencies);
                }
            }
        }
        if let Some(features) = reader.table(&document, "features") {
            for (key, _) in features {
                let turned_on = reader.strings(features, key.get_ref()).unwrap_or_default();
                let turned_on = turned_on.into_iter().map(Spanned::into_inner).collect();
                manifest.features.insert(key.get_ref().to_string(), turned_on);
            }
        }
        manifest.patches = patches(&mut reader, &document);
        manifest.replacements = reader.replacements(&document);
        if package.is_none() && manifest.workspace.is_none() && reader.problems.is_empty() {
            let message = format!("{} is neither a package nor a workspace", source.name);
            reader.problems.push(
                Diagnostic::error(Code::BadManifest, message)
                    .help("add a table `[package]` or `[workspace]`"),
            );
        }
        manifest.other_targets = std::mem::take(&mut reader.other_targets);
        manifest.unusual = std::mem::take(&mut reader.unusual);
        if reader.problems.is_empty() { Ok(manifest) } else { Err(reader.problems) }
    }
}

/// The patches of a manifest, or of a file of cargo's configuration.
///
/// # Errors
///
/// Everything that is wrong with them.
pub fn parse_patches(source: &Arc<Source>) -> Result<Vec<Patch>, Vec<Diagnostic>> {
    let (document, problems) = vet_store::toml_document(source);
    let Some(document) = document else { return Err(problems) };
    let mut reader = Reader { source, problems, unusual: Vec::new(), other_targets: Vec::new() };
    let patches = patches(&mut reader, &document);
    if reader.problems.is_empty() { Ok(patches) } else { Err(reader.problems) }
}

/// A manifest is not brought into form by us.
fn way_out(problem: Diagnostic) -> Diagnostic {
    match problem.code {
        Code::MergeConflict => problem.help("keep what is needed of both sides, and remove the marker lines"),
        _ => problem,
    }
}

fn patches(reader: &mut Reader<'_>, document: &DeTable<'_>) -> Vec<Patch> {
    let mut patches = Vec::new();
    let Some(table) = reader.table(document, "patch") else { return patches };
    for (patched, packages) in table {
        let Some(packages) = reader.as_table(packages, "a table of patches") else { continue };
        for (key, value) in packages {
            let specification = reader.specification(key.get_ref(), value);
            patches.extend(specification.map(|specification| Patch {
                patched: patched.get_ref().to_string(),
                key: key.get_ref().to_string(),
                specification,
            }));
        }
    }
    patches
}

struct Reader<'s> {
    source: &'s Arc<Source>,
    problems: Vec<Diagnostic>,
    unusual: Vec<String>,
    other_targets: Vec<String>,
}

impl Reader<'_> {
    fn problem(&mut self, span: Range<usize>, message: impl Into<String>, label: impl Into<String>) {
        self.problems.push(Diagnostic::error(Code::BadManifest, message).at(self.source, span, label));
    }

    fn expected(&mut self, what: &str, kind: &str, span: Range<usize>) {
        self.problem(span, format!("{what} must be {kind}"), format!("expected {kind}"));
    }

    fn table<'t, 'a>(&mut self, parent: &'t DeTable<'a>, key: &str) -> Option<&'t DeTable<'a>> {
        let value = parent.get(key)?;
        self.as_table(value, &format!("`{key}`"))
    }

    fn as_table<'t, 'a>(&mut self, value: &'t Spanned<DeValue<'a>>, what: &str) -> Option<&'t DeTable<'a>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.expected(what, "a table", value.span());
        }
        table
    }

    fn string<'t>(&mut self, parent: &'t DeTable<'_>, key: &str) -> Option<(&'t str, Range<usize>)> {
        let value = parent.get(key)?;
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.expected(&format!("`{key}`"), "a string", value.span());
        }
        Some((text?, value.span()))
    }

    fn strings(&mut self, parent: &DeTable<'_>, key: &str) -> Option<Vec<Spanned<String>>> {
        let value = parent.get(key)?;
        let Some(array) = value.get_ref().as_array() else {
            self.expected(&format!("`{key}`"), "an array of strings", value.span());
            return None;
        };
        let mut strings = Vec::with_capacity(array.len());
        for element in array {
            match element.get_ref().as_str() {
                Some(text) => strings.push(Spanned::new(element.span(), text.to_owned())),
                None => self.expected(&format!("an element of `{key}`"), "a string", element.span()),
            }
        }
        Some(strings)
    }

    fn texts(&mut self, parent: &DeTable<'_>, key: &str) -> Option<Vec<String>> {
        Some(self.strings(parent, key)?.into_iter().map(Spanned::into_inner).collect())
    }

    fn flag(&mut self, parent: &DeTable<'_>, key: &str) -> Option<bool> {
        let value = parent.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.expected(&format!("`{key}`"), "`true` or `false`", value.span());
        }
        flag
    }

    /// A condition that makes no sense ends cargo as well.
    fn condition(&mut self, key: &Spanned<toml::de::DeString<'_>>) -> Option<Arc<Condition>> {
        match key.get_ref().parse::<Condition>() {
            Ok(condition) => Some(Arc::new(condition)),
            Err(problem) => {
                self.problem(key.span(), problem.to_string(), "neither a target nor a `cfg(…)`");
                None
            }
        }
    }

    fn package(&mut self, table: &DeTable<'_>, lib: Option<&Spanned<DeValue<'_>>>) -> Option<PackageTable> {
        let has_lib_table = lib.is_some();
        let lib = lib.and_then(|lib| lib.get_ref().as_table());
        let is_proc_macro = lib.is_some_and(|lib| {
            self.flag(lib, "proc-macro").or_else(|| self.flag(lib, "proc_macro")) == Some(true)
                || ["crate-type", "crate_type"].iter().any(|key| {
                    let types = self.strings(lib, key).unwrap_or_default();
                    types.iter().any(|one| one.get_ref() == "proc-macro")
                })
        });
        let name = self.string(table, "name").map(|(name, _)| name.to_owned());
        if name.is_none() && !table.contains_key("name") {
            let end = self.source.text.find("[package]").map_or(0..0, |start| start..start + 9);
            self.problem(end, format!("{} has a package without a name", self.source.name), "no `name`");
        }
        for unstable in ["default-target", "forced-target"] {
            if table.contains_key(unstable) {
                let reason = format!("`{unstable}` of the package `{}`", name.as_deref().unwrap_or_default());
                self.other_targets.push(reason.clone());
                self.unusual.push(reason);
            }
        }
        let library = match (has_lib_table, self.flag(table, "autolib")) {
            (true, _) => Library::Declared,
            (false, Some(false)) => Library::None,
            (false, _) => Library::Inferred,
        };
        Some(PackageTable {
            name: name?,
            version: self.version_field(table)?,
            workspace: self.string(table, "workspace").map(|(path, _)| path.to_owned()),
            library,
            is_proc_macro,
            links: self.string(table, "links").map(|(name, _)| name.to_owned()),
            description: self.text_field(table, "description"),
            repository: self.text_field(table, "repository"),
        })
    }

    fn text_field(&mut self, table: &DeTable<'_>, key: &str) -> TextField {
        match table.get(key).map(Spanned::get_ref) {
            Some(DeValue::Table(inherited)) if self.flag(inherited, "workspace") == Some(true) => {
                TextField::Inherited
            }
            _ => TextField::Stated(self.string(table, key).map(|(text, _)| text.to_owned())),
        }
    }

    fn version_field(&mut self, table: &DeTable<'_>) -> Option<VersionField> {
        let Some(value) = table.get("version") else {
            return Some(VersionField::Stated(semver::Version::new(0, 0, 0)));
        };
        match value.get_ref() {
            DeValue::Table(inherited) if self.flag(inherited, "workspace") == Some(true) => {
                Some(VersionField::Inherited(value.span()))
            }
            DeValue::String(text) => self.version(text, value.span()).map(VersionField::Stated),
            _ => {
                self.expected("`version`", "a version, or `{ workspace = true }`", value.span());
                None
            }
        }
    }

    fn version(&mut self, text: &str, span: Range<usize>) -> Option<semver::Version> {
        match semver::Version::parse(text.trim()) {
            Ok(version) => Some(version),
            Err(error) => {
                self.problem(span, format!("`{text}` is not a version: {error}"), "not a version");
                None
            }
        }
    }

    fn workspace(&mut self, table: &DeTable<'_>) -> WorkspaceTable {
        let mut workspace = WorkspaceTable {
            members: self.strings(table, "members"),
            exclude: self.texts(table, "exclude").unwrap_or_default(),
            default_members: self.texts(table, "default-members"),
            ..WorkspaceTable::default()
        };
        if let Some(package) = self.table(table, "package") {
            workspace.version =
                self.string(package, "version").and_then(|(text, span)| self.version(text, span));
            workspace.description = self.string(package, "description").map(|(text, _)| text.to_owned());
            workspace.repository = self.string(package, "repository").map(|(text, _)| text.to_owned());
        }
        if let Some(dependencies) = self.table(table, "dependencies") {
            for (key, value) in dependencies {
                let key = key.get_ref();
                if let Some(specification) = self.specification(key, value) {
                    workspace.dependencies.insert(key.to_string(), specification);
                }
            }
        }
        workspace
    }
}
