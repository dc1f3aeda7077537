//! The credential providers in cargo's configuration: programs that know tokens.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::tables;

/// A program that knows tokens, or the name of a provider that is built into cargo, with its
/// arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The name as configured, for messages.
    pub name: String,
    /// The name, or the path if it contains a slash.
    pub program: String,
    /// The arguments.
    pub arguments: Vec<String>,
}

/// `registries.NAME.credential-provider`, `registry.global-credential-providers` and
/// `[credential-alias]`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Providers {
    of_registries: BTreeMap<String, Provider>,
    global: Vec<Provider>,
    aliases: BTreeMap<String, Provider>,
}

impl Provider {
    /// Parses words separated by spaces: the program and its arguments. A path with a slash is
    /// relative to `base`.
    pub fn from_words(text: &str, base: &Path) -> Option<Self> {
        Self::from_list(text.split_whitespace().map(str::to_owned), base)
    }

    fn from_list(words: impl IntoIterator<Item = String>, base: &Path) -> Option<Self> {
        let mut words = words.into_iter();
        let name = words.next().filter(|name| !name.is_empty())?;
        let is_path = name.contains('/') || (cfg!(windows) && name.contains('\\'));
        let program = match is_path {
            true => base.join(&name).to_string_lossy().into_owned(),
            false => name.clone(),
        };
        Some(Provider { name, program, arguments: words.collect() })
    }

    fn from_value(value: &DeValue<'_>, base: &Path) -> Option<Self> {
        match (value.as_str(), value.as_array()) {
            (Some(text), _) => Self::from_words(text, base),
            (None, Some(list)) => {
                let words: Option<Vec<String>> =
                    list.iter().map(|word| word.get_ref().as_str().map(str::to_owned)).collect();
                Self::from_list(words?, base)
            }
            (None, None) => None,
        }
    }
}

impl Providers {
    /// Adds the settings of a file, unless a nearer file has them.
    pub fn add(&mut self, document: &DeTable<'_>, base: &Path) {
        for (name, table) in tables(document, "registries") {
            let value = table.get("credential-provider").map(toml::Spanned::get_ref);
            if let Some(provider) = value.and_then(|value| Provider::from_value(value, base)) {
                self.of_registries.entry(name.to_owned()).or_insert(provider);
            }
        }
        let table = |name: &str| document.get(name).and_then(|value| value.get_ref().as_table());
        let list = table("registry").and_then(|table| table.get("global-credential-providers"));
        let list =
            list.and_then(|value| value.get_ref().as_array()).into_iter().flat_map(|array| array.iter());
        let global = list.filter_map(|value| Provider::from_words(value.get_ref().as_str()?, base));
        // Lists are joined. Elements of nearer files come later.
        self.global.splice(0..0, global.collect::<Vec<_>>());
        for (name, value) in table("credential-alias").into_iter().flatten() {
            if let Some(provider) = Provider::from_value(value.get_ref(), base) {
                self.aliases.entry(name.get_ref().to_string()).or_insert(provider);
            }
        }
    }

    /// The keys that name programs.
    pub fn keys(&self) -> impl Iterator<Item = String> {
        let own = self.of_registries.keys().map(|name| format!("registries.{name}.credential-provider"));
        own.chain((!self.global.is_empty()).then(|| "registry.global-credential-providers".to_owned()))
    }

    /// The provider of a registry.
    pub fn of_registry(&self, name: &str) -> Option<&Provider> {
        self.of_registries.get(name)
    }

    /// The providers for all registries. The last one is asked first.
    pub fn global(&self) -> &[Provider] {
        &self.global
    }

    /// Resolves an alias. The names of providers that are built into cargo always mean these.
    pub fn resolved(&self, provider: &Provider) -> Provider {
        let alias = self.aliases.get(&provider.name);
        let is_alias = provider.arguments.is_empty() && !provider.name.starts_with("cargo:");
        alias.filter(|_| is_alias).unwrap_or(provider).clone()
    }
}
