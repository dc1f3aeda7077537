//! What cargo's configuration says of registries: which there are, and what is used in place of which.

mod providers;

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::DeTable;
use vet_store::diagnostic::Source;

use crate::http::Token;
use crate::regular_file::read_file;

pub(crate) use providers::Provider;
use providers::Providers;

/// The tables `source` and `registries`. Of several files that say something, the nearest one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryConfiguration {
    sources: BTreeMap<String, SourceConfiguration>,
    indexes: BTreeMap<String, String>,
    tokens: BTreeMap<String, Token>,
    providers: Providers,
}

/// `[source.*]`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SourceConfiguration {
    /// `replace-with`: the name of the source or registry that is used in its place.
    pub(crate) replace_with: Option<String>,
    /// `registry`: the address of the index.
    pub(crate) registry: Option<String>,
    /// It is a folder on this machine, or a git repository. These hold packages, and no more.
    pub(crate) only_packages: bool,
}

impl RegistryConfiguration {
    /// What `cargo login` has written in cargo's home. A file that cannot be read says nothing.
    pub(crate) fn of_credentials(cargo_home: &Path) -> Self {
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
    pub(super) fn add(&mut self, document: &DeTable<'_>, base: &Path) {
        self.providers.add(document, base);
        for (name, table) in tables(document, "source") {
            let text = |key: &str| table.get(key)?.get_ref().as_str().map(str::to_owned);
            let source = self.sources.entry(name.to_owned()).or_default();
            source.replace_with = source.replace_with.take().or_else(|| text("replace-with"));
            source.registry = source.registry.take().or_else(|| text("registry"));
            source.only_packages |=
                ["directory", "local-registry", "git"].iter().any(|key| text(key).is_some());
        }
        for (name, table) in tables(document, "registries") {
            let text = |key: &str| table.get(key)?.get_ref().as_str().map(str::to_owned);
            if let Some(index) = text("index") {
                self.indexes.entry(name.to_owned()).or_insert(index);
            }
            if let Some(token) = text("token") {
                self.tokens.entry(name.to_owned()).or_insert(Token::new(token));
            }
        }
    }

    /// `[source.NAME]`
    pub(crate) fn source(&self, name: &str) -> Option<&SourceConfiguration> {
        self.sources.get(name)
    }

    /// `registries.NAME.index`
    pub(crate) fn index(&self, name: &str) -> Option<&str> {
        self.indexes.get(name).map(String::as_str)
    }

    /// All `registries.NAME.index`.
    pub(crate) fn indexes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.indexes.iter().map(|(name, index)| (name.as_str(), index.as_str()))
    }

    /// Who knows tokens that stand in no file.
    pub(crate) fn providers(&self) -> &Providers {
        &self.providers
    }

    /// `registries.NAME.token`
    pub(crate) fn token(&self, name: &str) -> Option<&Token> {
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
