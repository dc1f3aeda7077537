//! Registries in cargo's configuration: their places, and which source replaces which.

mod providers;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::de::DeTable;
use vet_diagnostics::Source;
use vet_graph::lock_file::LockedPackage;
use vet_graph::workspace::normal;

use tame_index::{CRATES_IO_HTTP_INDEX, CRATES_IO_INDEX};

use crate::Token;
use crate::regular_file::read_file;

pub use providers::Provider;
use providers::Providers;

/// The name of crates.io in cargo's configuration.
pub const CRATES_IO: &str = "crates-io";

/// The places of registries, and access to them. If several files have a setting, the nearest file
/// counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryConfiguration {
    places: RegistryPlaces,
    tokens: BTreeMap<String, Token>,
    providers: Providers,
}

/// The places of registries: the tables `source` and `registries`, without secrets. If several
/// files have a setting, the nearest file counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryPlaces {
    sources: BTreeMap<String, SourceConfiguration>,
    indexes: BTreeMap<String, String>,
}

/// `[source.*]`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceConfiguration {
    /// `replace-with`: the name of the source or registry that replaces this one.
    pub replace_with: Option<String>,
    /// `registry`: the address of the index.
    pub registry: Option<String>,
    /// `directory`: a folder with vendored sources.
    pub directory: Option<PathBuf>,
    /// `local-registry`: a folder with archives and an index.
    pub local_registry: Option<PathBuf>,
    /// `git`: the address of a repository.
    pub git: Option<String>,
}

/// The folders of vendored sources that replace other sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendoredSources {
    /// The folders.
    pub folders: Vec<PathBuf>,
    is_for_crates_io: bool,
    is_for_registries: bool,
    is_for_repositories: bool,
}

/// The error that `replace-with` leads back to a source that it has passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplacedByItself(pub String);

impl SourceConfiguration {
    /// Whether the source only has packages: it is a folder or a git repository, not a registry on
    /// a server.
    pub fn only_packages(&self) -> bool {
        self.is_on_disk() || self.git.is_some()
    }

    /// Whether the source is a folder on this machine.
    pub fn is_on_disk(&self) -> bool {
        self.directory.is_some() || self.local_registry.is_some()
    }
}

impl RegistryPlaces {
    /// Adds the settings of a file, unless a nearer file has them. Values of the wrong type are
    /// ignored; cargo reports them. Relative paths start at `base`.
    pub fn add(&mut self, document: &DeTable<'_>, base: &Path) {
        for (name, table) in tables(document, "source") {
            let text = |key: &str| table.get(key)?.get_ref().as_str().map(str::to_owned);
            let path = |key: &str| text(key).map(|path| normal(&base.join(path)));
            let source = self.sources.entry(name.to_owned()).or_default();
            source.replace_with = source.replace_with.take().or_else(|| text("replace-with"));
            source.registry = source.registry.take().or_else(|| text("registry"));
            source.directory = source.directory.take().or_else(|| path("directory"));
            source.local_registry = source.local_registry.take().or_else(|| path("local-registry"));
            source.git = source.git.take().or_else(|| text("git"));
        }
        for (name, table) in tables(document, "registries") {
            if let Some(index) = table.get("index").and_then(|index| index.get_ref().as_str()) {
                self.indexes.entry(name.to_owned()).or_insert(index.to_owned());
            }
        }
    }

    /// `[source.NAME]`
    pub fn source(&self, name: &str) -> Option<&SourceConfiguration> {
        self.sources.get(name)
    }

    /// All `[source.NAME]`.
    pub fn sources(&self) -> impl Iterator<Item = &SourceConfiguration> {
        self.sources.values()
    }

    /// `registries.NAME.index`
    pub fn index(&self, name: &str) -> Option<&str> {
        self.indexes.get(name).map(String::as_str)
    }

    /// All `registries.NAME.index`.
    pub fn indexes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.indexes.iter().map(|(name, index)| (name.as_str(), index.as_str()))
    }

    /// The addresses of all registries.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        let of_sources = self.sources.values().filter_map(|source| source.registry.as_deref());
        of_sources.chain(self.indexes.values().map(String::as_str))
    }

    /// The name of the source that finally replaces a source; its own name if nothing does.
    pub fn replacement<'n>(&'n self, name: &'n str) -> Result<&'n str, ReplacedByItself> {
        let mut name = name;
        let mut passed = BTreeSet::new();
        while let Some(next) = self.source(name).and_then(|source| source.replace_with.as_deref()) {
            if !passed.insert(name) {
                return Err(ReplacedByItself(name.to_owned()));
            }
            name = next;
        }
        Ok(name)
    }

    /// A source that is replaced by itself in the end, if there is one.
    pub fn circle(&self) -> Option<ReplacedByItself> {
        self.sources.keys().find_map(|name| self.replacement(name).err())
    }

    /// Whether a source is part of the chain from another source to its replacement.
    pub fn is_on_the_way(&self, from: &str, source: &str) -> bool {
        let mut passed = BTreeSet::new();
        let mut name = from;
        while passed.insert(name) {
            match self.source(name).and_then(|source| source.replace_with.as_deref()) {
                Some(next) => name = next,
                None => break,
            }
        }
        passed.contains(source)
    }

    /// The folders of vendored sources that replace something, and what they replace.
    pub fn vendored(&self) -> VendoredSources {
        let mut vendored = VendoredSources::default();
        for (name, source) in self.sources.iter().filter(|(_, source)| source.replace_with.is_some()) {
            let used = self.replacement(name).ok().and_then(|used| self.source(used));
            let Some(folder) = used.and_then(|used| used.directory.as_ref()) else { continue };
            if !vendored.folders.contains(folder) {
                vendored.folders.push(folder.clone());
            }
            vendored.is_for_crates_io |= name == CRATES_IO;
            vendored.is_for_repositories |= source.git.is_some();
            vendored.is_for_registries |= name != CRATES_IO && source.git.is_none();
        }
        vendored
    }
}

impl VendoredSources {
    /// Whether cargo may take a package from there. If one of several registries or repositories is
    /// replaced, this counts for all of them.
    pub fn may_replace(&self, package: &LockedPackage) -> bool {
        match package.registry() {
            Some(_) if package.is_from_crates_io() => self.is_for_crates_io || self.is_for_registries,
            Some(_) => self.is_for_registries,
            None => package.source.is_some() && self.is_for_repositories,
        }
    }
}

impl RegistryConfiguration {
    /// The content of the credentials that `cargo login` writes in cargo's home. A file that cannot
    /// be read counts as empty.
    pub fn of_credentials(cargo_home: &Path) -> Self {
        let mut configuration = RegistryConfiguration::default();
        // The name without an extension is the older one and takes precedence.
        let names = ["credentials", "credentials.toml"];
        let bytes = names.iter().find_map(|name| read_file(&cargo_home.join(name)).ok());
        if let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok())
            && let (Some(document), _) = vet_store::toml_document(&Source::new("credentials", text))
        {
            configuration.add(&document, cargo_home);
        }
        configuration
    }

    /// Adds the settings of a file, unless a nearer file has them. Values of the wrong type are
    /// ignored; cargo reports them. Relative paths start at `base`.
    pub fn add(&mut self, document: &DeTable<'_>, base: &Path) {
        self.places.add(document, base);
        self.providers.add(document, base);
        for (name, table) in tables(document, "registries") {
            if let Some(token) = table.get("token").and_then(|token| token.get_ref().as_str()) {
                self.tokens.entry(name.to_owned()).or_insert(Token::new(token.to_owned()));
            }
        }
    }

    /// The places of the registries.
    pub fn places(&self) -> &RegistryPlaces {
        &self.places
    }

    /// The programs that know tokens.
    pub fn providers(&self) -> &Providers {
        &self.providers
    }

    /// Replaces crates.io by an index.
    pub fn replace_crates_io(&mut self, index: String) {
        // Names in cargo's configuration contain no spaces.
        const ACCEPTED: &str = "accepted mirror";
        self.places.sources.entry(CRATES_IO.to_owned()).or_default().replace_with = Some(ACCEPTED.to_owned());
        let source = SourceConfiguration { registry: Some(index), ..SourceConfiguration::default() };
        self.places.sources.insert(ACCEPTED.to_owned(), source);
    }

    /// The keys that contain a secret, or name a program that knows one.
    pub fn secrets(&self) -> impl Iterator<Item = String> {
        let tokens = self.tokens.keys().map(|name| format!("registries.{name}.token"));
        tokens.chain(self.providers.keys())
    }

    /// Whether a registry with this name is configured.
    pub fn knows(&self, name: &str) -> bool {
        self.places.index(name).is_some()
            || self.tokens.contains_key(name)
            || self.providers.of_registry(name).is_some()
    }

    /// `registries.NAME.token`
    pub fn token(&self, name: &str) -> Option<&Token> {
        self.tokens.get(name)
    }
}

/// The tables in a table.
fn tables<'t>(document: &'t DeTable<'_>, key: &str) -> impl Iterator<Item = (&'t str, &'t DeTable<'t>)> {
    let outer = document.get(key).and_then(|value| value.get_ref().as_table());
    outer
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((&**name.get_ref(), value.get_ref().as_table()?)))
}
/// Whether two addresses belong to the same index. Different spellings that cargo uses for one
/// index are equal. Addresses that cargo distinguishes are not.
pub fn same_index(a: &str, b: &str) -> bool {
    let plain = |index: &str| {
        let index = index.strip_prefix("registry+").unwrap_or(index);
        match index.trim_end_matches('/') {
            of_crates_io if of_crates_io == CRATES_IO_INDEX.trim_end_matches('/') => {
                CRATES_IO_HTTP_INDEX.trim_end_matches('/').to_owned()
            }
            index => index.to_owned(),
        }
    };
    plain(a) == plain(b)
}
