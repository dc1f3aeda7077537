//! Registries in the environment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use crate::Token;
use crate::project::Provider;

/// Addresses and tokens of registries. They take precedence over those in cargo's configuration.
#[derive(Clone, Debug, Default)]
pub struct RegistryEnvironment {
    indexes: BTreeMap<String, String>,
    tokens: BTreeMap<String, Token>,
    providers: BTreeMap<String, Provider>,
    global_providers: Vec<Provider>,
    accepted: Vec<String>,
}

impl RegistryEnvironment {
    /// The variable with indexes, separated by spaces, that may replace crates.io if the checkout
    /// says so.
    pub const ACCEPTED: &str = "CARGO_VET_ACCEPT_MIRROR";

    /// The variables that are read; NAME stands for the name of a registry.
    pub const VARIABLES: &[&str] = &[
        "CARGO_REGISTRIES_NAME_INDEX",
        "CARGO_REGISTRIES_NAME_TOKEN",
        "CARGO_REGISTRIES_NAME_CREDENTIAL_PROVIDER",
        "CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS",
        Self::ACCEPTED,
    ];

    /// Selects the relevant variables. Empty variables count as unset.
    pub fn read(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut environment = RegistryEnvironment::default();
        for (variable, value) in variables {
            let (Ok(variable), Ok(value)) = (variable.into_string(), value.into_string()) else { continue };
            // Paths are relative to the current folder, as in every program.
            if variable == "CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS" {
                let words = value.split_whitespace();
                environment
                    .global_providers
                    .extend(words.filter_map(|word| Provider::from_words(word, Path::new(""))));
            }
            if variable == Self::ACCEPTED {
                environment.accept(value.split_whitespace().map(str::to_owned));
            }
            let Some(rest) = variable.strip_prefix("CARGO_REGISTRIES_").filter(|_| !value.is_empty()) else {
                continue;
            };
            if let Some(name) = rest.strip_suffix("_INDEX") {
                environment.indexes.insert(name.to_owned(), value);
            } else if let Some(name) = rest.strip_suffix("_TOKEN") {
                environment.tokens.insert(name.to_owned(), Token::new(value));
            } else if let Some(name) = rest.strip_suffix("_CREDENTIAL_PROVIDER")
                && let Some(provider) = Provider::from_words(&value, Path::new(""))
            {
                environment.providers.insert(name.to_owned(), provider);
            }
        }
        environment
    }

    /// Accepts indexes as replacements of crates.io if the checkout says so.
    pub fn accept(&mut self, mirrors: impl IntoIterator<Item = String>) {
        self.accepted.extend(mirrors);
    }

    /// Whether an index may replace crates.io.
    pub fn accepts(&self, mirror: &str) -> bool {
        self.accepted.iter().any(|accepted| crate::same_index(accepted, mirror))
    }

    /// The addresses of all registries.
    pub fn indexes(&self) -> impl Iterator<Item = &str> {
        self.indexes.values().map(String::as_str)
    }

    /// Whether a variable is about a registry with this name.
    pub fn knows(&self, name: &str) -> bool {
        let name = in_variable(name);
        self.indexes.contains_key(&name)
            || self.tokens.contains_key(&name)
            || self.providers.contains_key(&name)
    }

    /// The address of the index of a registry.
    pub fn index(&self, name: &str) -> Option<&str> {
        self.indexes.get(&in_variable(name)).map(String::as_str)
    }

    /// The registry with a matching index, by the name that cargo derives from the variable.
    pub fn registry_with(&self, has_index: impl Fn(&str) -> bool) -> Option<String> {
        let mut indexes = self.indexes.iter();
        indexes.find(|(_, index)| has_index(index)).map(|(name, _)| name.to_lowercase())
    }

    /// The program that knows the token of a registry.
    pub fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers.get(&in_variable(name))
    }

    /// The programs that know tokens, in addition to the configured ones. The last one is asked
    /// first.
    pub fn global_providers(&self) -> &[Provider] {
        &self.global_providers
    }

    /// The token for a registry.
    pub fn token(&self, name: &str) -> Option<&Token> {
        self.tokens.get(&in_variable(name))
    }
}

/// The form of a registry's name in the names of variables.
pub fn in_variable(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}
