//! Packages in the campaign's own form, and the text of their manifests.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A dependency, as a manifest declares it.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// The key in the manifest.
    pub key: String,
    /// The name of the package.
    pub package: String,
    /// The version requirement; empty for none.
    pub requirement: String,
    /// `dependencies`, `build-dependencies` or `dev-dependencies`.
    pub kind: Kind,
    /// The condition, without quotes.
    pub target: Option<String>,
    /// Whether it is needed only if a feature turns it on.
    pub optional: bool,
    /// The requested features.
    pub features: Vec<String>,
    /// Whether the default features are requested.
    pub default_features: bool,
    /// Further keys for the origin, such as `git = "…"`.
    pub origin: Vec<(String, String)>,
}

/// The kind of a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// For the library and the binaries.
    Normal,
    /// For the build script.
    Build,
    /// For tests.
    Dev,
}

impl Kind {
    fn table(self) -> &'static str {
        match self {
            Kind::Normal => "dependencies",
            Kind::Build => "build-dependencies",
            Kind::Dev => "dev-dependencies",
        }
    }

    pub(crate) fn of_index(self) -> &'static str {
        match self {
            Kind::Normal => "normal",
            Kind::Build => "build",
            Kind::Dev => "dev",
        }
    }
}

impl Dependency {
    /// A simple dependency on a published crate.
    pub fn new(package: &str, requirement: &str) -> Self {
        Dependency {
            key: package.to_owned(),
            package: package.to_owned(),
            requirement: requirement.to_owned(),
            kind: Kind::Normal,
            target: None,
            optional: false,
            features: Vec::new(),
            default_features: true,
            origin: Vec::new(),
        }
    }

    /// Adds a key such as `path`.
    #[must_use]
    pub fn from(mut self, key: &str, value: &str) -> Self {
        self.origin.push((key.to_owned(), value.to_owned()));
        self
    }

    fn table(&self) -> String {
        match &self.target {
            Some(target) => format!("target.'{target}'.{}", self.kind.table()),
            None => self.kind.table().to_owned(),
        }
    }

    /// The line in a manifest.
    pub fn line(&self) -> String {
        let mut parts = Vec::new();
        if !self.requirement.is_empty() {
            parts.push(format!("version = \"{}\"", self.requirement));
        }
        if self.key != self.package {
            parts.push(format!("package = \"{}\"", self.package));
        }
        for (key, value) in &self.origin {
            parts.push(format!("{key} = \"{value}\""));
        }
        if self.optional {
            parts.push("optional = true".to_owned());
        }
        if !self.default_features {
            parts.push("default-features = false".to_owned());
        }
        if !self.features.is_empty() {
            parts.push(format!("features = {:?}", self.features));
        }
        format!("{} = {{ {} }}", self.key, parts.join(", "))
    }
}

/// What a package builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// A library.
    Plain,
    /// A procedural macro.
    Macro,
    /// A binary without a library.
    None,
}

/// A package, from which a manifest is written.
#[derive(Clone, Debug)]
pub struct Package {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The edition.
    pub edition: String,
    /// What it builds.
    pub library: Library,
    /// The native library that it links to.
    pub links: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The dependencies.
    pub dependencies: Vec<Dependency>,
    /// The features.
    pub features: BTreeMap<String, Vec<String>>,
}

impl Package {
    /// A package with a library and no dependencies.
    pub fn new(name: &str, version: &str) -> Self {
        Package {
            name: name.to_owned(),
            version: version.to_owned(),
            edition: "2021".to_owned(),
            library: Library::Plain,
            links: None,
            description: None,
            dependencies: Vec::new(),
            features: BTreeMap::new(),
        }
    }

    /// The text of `Cargo.toml`, with `more` at the end.
    pub fn manifest(&self, more: &str) -> String {
        let mut text = format!(
            "[package]\nname = \"{}\"\nversion = \"{}\"\nedition = \"{}\"\n",
            self.name, self.version, self.edition
        );
        for (key, value) in [("description", &self.description), ("links", &self.links)] {
            if let Some(value) = value {
                writeln!(text, "{key} = \"{value}\"").unwrap();
            }
        }
        if self.library == Library::Macro {
            text += "\n[lib]\nproc-macro = true\n";
        }
        let mut tables: BTreeMap<String, Vec<&Dependency>> = BTreeMap::new();
        for dependency in &self.dependencies {
            tables.entry(dependency.table()).or_default().push(dependency);
        }
        for (table, dependencies) in tables {
            writeln!(text, "\n[{table}]").unwrap();
            for dependency in dependencies {
                writeln!(text, "{}", dependency.line()).unwrap();
            }
        }
        if !self.features.is_empty() {
            text += "\n[features]\n";
            for (feature, enables) in &self.features {
                writeln!(text, "{feature} = {enables:?}").unwrap();
            }
        }
        if !more.is_empty() {
            text += "\n";
            text += more;
        }
        text
    }

    /// The files of the package, by path in its folder.
    pub fn files(&self, more: &str) -> Vec<(String, String)> {
        let mut files = vec![("Cargo.toml".to_owned(), self.manifest(more))];
        match self.library {
            Library::None => files.push(("src/main.rs".to_owned(), "fn main() {}\n".to_owned())),
            _ => files.push(("src/lib.rs".to_owned(), format!("//! {} {}\n", self.name, self.version))),
        }
        if self.links.is_some() || self.dependencies.iter().any(|one| one.kind == Kind::Build) {
            files.push(("build.rs".to_owned(), "fn main() {}\n".to_owned()));
        }
        files
    }
}
