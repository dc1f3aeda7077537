//! `Cargo.toml`, as far as it shapes the dependency graph.
//!
//! This module reads a single manifest. [`crate::workspace`] decides what it means together with
//! other manifests. Keys that do not affect the graph are ignored. What only cargo understands,
//! such as unstable features, is listed in [`Manifest::unusual`] and left to cargo.

mod dependencies;
mod feature_resolver;
mod replacements;
mod store_path;

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vet_diagnostics::{Code, Diagnostic, Source};

use crate::platform::Condition;
use feature_resolver::feature_resolver;
use store_path::vet_table;

pub use feature_resolver::FeatureResolver;
pub use store_path::{FoundVetTable, VetTable};

/// The relevant parts of a `Cargo.toml`.
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
    /// `[patch.*]`; only used in the root of a workspace.
    pub patches: Vec<Patch>,
    /// `[replace]`; only used in the root of a workspace.
    pub replacements: Vec<Replacement>,
    /// Which version of cargo's resolver selects features; only used in the root of a workspace.
    pub feature_resolver: FeatureResolver,
    /// The parts that only cargo understands, in words that complete "because of …".
    pub unusual: Vec<String>,
    /// Those of `unusual` that make cargo build for other targets than the requested ones.
    pub other_targets: Vec<String>,
}

/// An entry of `[patch.*]`.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The patched source: `crates-io`, the name of another registry, or the address of a source.
    pub patched: String,
    /// The key in the table.
    pub key: String,
    /// What cargo uses instead.
    pub specification: Specification,
}

/// An entry of `[replace]`: what cargo uses instead of one version of a package from crates.io.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The name of the package and of its replacement.
    pub package: String,
    /// The version of the package and of its replacement.
    pub version: semver::Version,
    /// The origin of the replacement: a folder or a git repository.
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
    /// The folder of the workspace's root, if `package.workspace` names it; relative to the
    /// manifest.
    pub workspace: Option<String>,
    /// Whether and where it has a library.
    pub library: Library,
    /// Whether the library is a procedural macro, which the compiler loads.
    pub is_proc_macro: bool,
    /// The native library that the package links to. Only one package may link to it.
    pub links: Option<String>,
    /// `package.description`
    pub description: TextField,
    /// `package.repository`
    pub repository: TextField,
    /// `package.metadata.vet`
    pub vet: FoundVetTable,
}

/// A text that a package states or inherits from its workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextField {
    /// The text, if the manifest has one.
    Stated(Option<String>),
    /// The text of the workspace.
    Inherited,
}

/// `package.version`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionField {
    /// The stated version, or `0.0.0` if there is none.
    Stated(semver::Version),
    /// The version of the workspace; the range is where the manifest says so.
    Inherited(Range<usize>),
}

/// Whether a package has a library that other packages can depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// Yes: `[lib]` says so.
    Declared,
    /// Only if there is a file `src/lib.rs`.
    Inferred,
    /// No, even if there is such a file.
    None,
}

/// `[workspace]`
#[derive(Clone, Debug)]
pub struct WorkspaceTable {
    /// The folders of members, with wildcards; `None` if the list is missing.
    pub members: Option<Vec<Spanned<String>>>,
    /// The folders inside the workspace that are not members.
    pub exclude: Vec<String>,
    /// The folders of the members that cargo builds by default, with wildcards.
    pub default_members: Option<Vec<String>>,
    /// `workspace.dependencies`, by key.
    pub dependencies: BTreeMap<String, Specification>,
    /// `workspace.package.version`
    pub version: Option<semver::Version>,
    /// `workspace.package.description`
    pub description: Option<String>,
    /// `workspace.package.repository`
    pub repository: Option<String>,
    /// `workspace.metadata.vet`
    pub vet: FoundVetTable,
    /// The folders that `exclude` and `members` name, computed when first needed.
    pub(crate) places: OnceLock<(HashSet<PathBuf>, HashSet<PathBuf>)>,
}

/// What needs a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DependencyKind {
    /// The library or program.
    Normal,
    /// The build script.
    Build,
    /// Tests, examples and benchmarks.
    Development,
}

/// An entry of one of the dependency tables.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// The key in the table: the name of the package unless it is renamed.
    pub key: String,
    /// The kind of its table.
    pub kind: DependencyKind,
    /// Whether it is needed only if a feature turns it on.
    pub optional: bool,
    /// `default-features`, if present.
    pub default_features: Option<bool>,
    /// The requested features.
    pub features: Vec<String>,
    /// The target or the `cfg(…)` of the table; `None` in tables for every target.
    pub condition: Option<Arc<Condition>>,
    /// The package; `None` if it is inherited from the workspace.
    pub specification: Option<Specification>,
    /// The position of the key.
    pub span: Range<usize>,
}

/// Describes which package a dependency means.
#[derive(Clone, Debug)]
pub struct Specification {
    /// The name of the package.
    pub package: String,
    /// The accepted versions; `None` for any.
    pub requirement: Option<semver::VersionReq>,
    /// The origin of the package.
    pub origin: Origin,
    /// `default-features`, if present; only used in `workspace.dependencies`.
    pub default_features: Option<bool>,
    /// The requested features; only used in `workspace.dependencies`.
    pub features: Vec<String>,
}

/// The stated origin of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// crates.io.
    CratesIo,
    /// The registry that cargo's configuration knows by this name.
    Registry(String),
    /// The registry whose index has this address.
    Index(String),
    /// A git repository.
    Git(GitOrigin),
    /// A folder, relative to the manifest.
    Path(String),
}

/// A git repository and the requested state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitOrigin {
    /// The address.
    pub url: String,
    /// The branch, the tag or the revision; `None` for the default branch.
    pub reference: Option<(GitReference, String)>,
}

/// The ways to name a state of a git repository.
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
    /// The way that a key of a manifest stands for.
    pub fn from_key(key: &str) -> Option<Self> {
        [GitReference::Branch, GitReference::Tag, GitReference::Revision]
            .into_iter()
            .find(|one| one.key() == key)
    }

    /// The key in manifests and in sources.
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
    /// Parses a manifest.
    ///
    /// # Errors
    ///
    /// All problems with the text.
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
            feature_resolver: feature_resolver(&document),
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

/// Parses the patches of a manifest, or of a file of cargo's configuration.
///
/// # Errors
///
/// All problems with the patches.
pub fn parse_patches(source: &Arc<Source>) -> Result<Vec<Patch>, Vec<Diagnostic>> {
    let (document, problems) = vet_store::toml_document(source);
    let Some(document) = document else { return Err(problems) };
    let mut reader = Reader { source, problems, unusual: Vec::new(), other_targets: Vec::new() };
    let patches = patches(&mut reader, &document);
    if reader.problems.is_empty() { Ok(patches) } else { Err(reader.problems) }
}

/// Adapts the help of a finding: this tool does not format manifests.
fn way_out(problem: Diagnostic) -> Diagnostic {
    match problem.code {
        Code::MergeConflict => {
            problem.help("keep what is needed from both sides, and remove the marker lines")
        }
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

    /// Parses a condition. An invalid condition makes cargo fail as well.
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
        let is_proc_macro = lib.is_some_and(|lib| self.is_proc_macro(lib));
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
            vet: vet_table(self.source, "package", table),
        })
    }

    /// Whether a library is a macro. Only cargo knows which of two spellings counts, and which
    /// other fields say so.
    fn is_proc_macro(&mut self, lib: &DeTable<'_>) -> bool {
        for (key, old) in [("proc-macro", "proc_macro"), ("crate-type", "crate_type")] {
            if lib.contains_key(key) && lib.contains_key(old) {
                self.unusual.push(format!("both `{key}` and `{old}` of a library"));
            }
        }
        let by_type = ["crate-type", "crate_type"].iter().any(|key| {
            let types = self.strings(lib, key).unwrap_or_default();
            types.iter().any(|one| one.get_ref() == "proc-macro")
        });
        if by_type {
            self.unusual.push("the `crate-type` of a macro".to_owned());
        }
        by_type || self.flag(lib, "proc-macro").or_else(|| self.flag(lib, "proc_macro")) == Some(true)
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
            dependencies: BTreeMap::new(),
            version: None,
            description: None,
            repository: None,
            vet: vet_table(self.source, "workspace", table),
            places: OnceLock::new(),
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
