//! What the environment says of registries.

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::http::Token;

/// Addresses and tokens of registries, in place of those in cargo's configuration.
#[derive(Clone, Debug, Default)]
pub struct RegistryEnvironment {
    indexes: BTreeMap<String, String>,
    tokens: BTreeMap<String, Token>,
}

impl RegistryEnvironment {
    /// The variables that count, where NAME is that of a registry.
    pub const VARIABLES: &[&str] = &["CARGO_REGISTRIES_NAME_INDEX", "CARGO_REGISTRIES_NAME_TOKEN"];

    /// Picks the variables that count. Empty ones count as not set.
    pub fn read(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut environment = RegistryEnvironment::default();
        for (variable, value) in variables {
            let (Ok(variable), Ok(value)) = (variable.into_string(), value.into_string()) else { continue };
            let Some(rest) = variable.strip_prefix("CARGO_REGISTRIES_").filter(|_| !value.is_empty()) else {
                continue;
            };
            if let Some(name) = rest.strip_suffix("_INDEX") {
                environment.indexes.insert(name.to_owned(), value);
            } else if let Some(name) = rest.strip_suffix("_TOKEN") {
                environment.tokens.insert(name.to_owned(), Token::new(value));
            }
        }
        environment
    }

    /// The address of the index of a registry.
    pub(super) fn index(&self, name: &str) -> Option<&str> {
        self.indexes.get(&in_variable(name)).map(String::as_str)
    }

    /// The token for a registry.
    pub(super) fn token(&self, name: &str) -> Option<&Token> {
        self.tokens.get(&in_variable(name))
    }
}

/// The name of a registry inside of that of a variable.
pub(super) fn in_variable(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}
