//! What cargo's configuration says of registries: which there are, and what is used in place of which.

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

/// Where registries are, and how to open them. Of several files that say something, the nearest one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryConfiguration {
    places: RegistryPlaces,
    tokens: BTreeMap<String, Token>,
    providers: Providers,
}

/// Where registries are: the tables `source` and `registries`, without anything secret. Of several files that say
/// something, the nearest one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryPlaces {
    sources: BTreeMap<String, SourceConfiguration>,
    indexes: BTreeMap<String, String>,
}

/// `[source.*]`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceConfiguration {
    /// `replace-with`: the name of the source or registry that is used in its place.
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

/// The folders of vendored sources that cargo uses in place of something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendoredSources {
    /// The folders.
    pub folders: Vec<PathBuf>,
    is_for_crates_io: bool,
    is_for_registries: bool,
    is_for_repositories: bool,
}

/// `replace-with` leads back to a source that it has passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplacedByItself(pub String);

impl SourceConfiguration {
    /// It holds packages, and no more.
    pub fn only_packages(&self) -> bool {
        self.is_on_disk() || self.git.is_some()
    }

    /// It is a folder on this machine.
    pub fn is_on_disk(&self) -> bool {
        self.directory.is_some() || self.local_registry.is_some()
    }
}

impl RegistryPlaces {
    /// Adds what a file says, where no nearer one did. Values of the wrong type are for cargo to complain about.
    ///
    /// Paths start at `base`.
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

    /// The name of what is used in place of a source in the end: its own, if nothing is.
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

    /// Whether a source is on the way from another one to what is used in its place.
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

    /// The folders of vendored sources that are used in place of something, and of what.
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
    /// Whether cargo takes a package from there. Where one of several registries or repositories is replaced, all may be.
    pub fn may_replace(&self, package: &LockedPackage) -> bool {
        match package.registry() {
            Some(_) if package.is_from_crates_io() => self.is_for_crates_io || self.is_for_registries,
            Some(_) => self.is_for_registries,
            None => package.source.is_some() && self.is_for_repositories,
        }
    }
}

impl RegistryConfiguration {
    /// What `cargo login` has written in cargo's home. A file that cannot be read says nothing.
    pub fn of_credentials(cargo_home: &Path) -> Self {
        let mut configuration = RegistryConfiguration::default();
        // The name without an ending is the older one, and wins.
        let names = ["credentials", "credentials.toml"];
        let bytes = names.iter().find_map(|name| read_file(&cargo_home.join(name)).ok());
        if let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok())
            && let (Some(document), _) = vet_store::toml_document(&Source::new("credentials", text))
        {
            configuration.add(&document, cargo_home);
        }
        configuration
    }

    /// Adds what a file says, where no nearer one did. Values of the wrong type are for cargo to complain about.
    ///
    /// Paths start at `base`.
    pub fn add(&mut self, document: &DeTable<'_>, base: &Path) {
        self.places.add(document, base);
        self.providers.add(document, base);
        for (name, table) in tables(document, "registries") {
            if let Some(token) = table.get("token").and_then(|token| token.get_ref().as_str()) {
                self.tokens.entry(name.to_owned()).or_insert(Token::new(token.to_owned()));
            }
        }
    }

    /// Where the registries are.
    pub fn places(&self) -> &RegistryPlaces {
        &self.places
    }

    /// Who knows tokens that stand in no file.
    pub fn providers(&self) -> &Providers {
        &self.providers
    }

    /// Puts an index in the place of crates.io.
    pub fn replace_crates_io(&mut self, index: String) {
        // No name of cargo's configuration has a blank.
        const ACCEPTED: &str = "accepted mirror";
        self.places.sources.entry(CRATES_IO.to_owned()).or_default().replace_with = Some(ACCEPTED.to_owned());
        let source = SourceConfiguration { registry: Some(index), ..SourceConfiguration::default() };
        self.places.sources.insert(ACCEPTED.to_owned(), source);
    }

    /// The keys that hold something secret, or name a program that knows it.
    pub fn secrets(&self) -> impl Iterator<Item = String> {
        let tokens = self.tokens.keys().map(|name| format!("registries.{name}.token"));
        tokens.chain(self.providers.keys())
    }

    /// Whether anything is known of a registry by its name.
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

/// The tables inside of a table.
fn tables<'t>(document: &'t DeTable<'_>, key: &str) -> impl Iterator<Item = (&'t str, &'t DeTable<'t>)> {
    let outer = document.get(key).and_then(|value| value.get_ref().as_table());
    outer
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((&**name.get_ref(), value.get_ref().as_table()?)))
}
/// Whether two addresses are that of the same index. The ways in which cargo writes one are the same; those that it tells
/// apart are not.
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
