//! Where the index of crates.io is, or that of the mirror which cargo uses in its place.
//!
//! No address stands here: that of crates.io itself comes from a library which the whole field uses, that of a mirror
//! from cargo's configuration.

use std::collections::BTreeSet;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use tame_index::{CRATES_IO_HTTP_INDEX, CRATES_IO_INDEX};
use vet_store::diagnostic::{Code, Diagnostic};

use super::environment::RegistryEnvironment;
use crate::http::{Token, without_credentials};
use crate::project::RegistryConfiguration;

/// The name of crates.io in cargo's configuration.
const CRATES_IO: &str = "crates-io";

/// An index that can be asked, and who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Location {
    /// As cargo writes it: with `sparse+` before the URL, and a slash at the end.
    index: String,
    /// The name of the registry in cargo's configuration.
    registry: Option<String>,
    /// The token for the registry.
    token: Option<Token>,
}

impl Location {
    /// Follows cargo's configuration from crates.io to what is used in its place.
    ///
    /// # Errors
    ///
    /// Something is used that has no index which can be asked.
    pub(super) fn find(
        configuration: &RegistryConfiguration,
        environment: &RegistryEnvironment,
        cargo_home: Option<&Path>,
    ) -> Result<Self, Diagnostic> {
        let named = replacement(configuration)?;
        let source = configuration.source(named);
        let of_registry = || environment.index(named).or_else(|| configuration.index(named));
        let index = match source.and_then(|source| source.registry.as_deref()).or_else(of_registry) {
            _ if named == CRATES_IO => CRATES_IO_HTTP_INDEX,
            Some(index) => index,
            // What is at hand are packages. Who published them is known to crates.io only.
            None if source.is_some_and(|source| source.only_packages) => CRATES_IO_HTTP_INDEX,
            None => return Err(undefined(named)),
        };
        let mut location = Location { index: sparse(index)?, registry: None, token: None };
        if !location.is_official() {
            location.name(named, configuration, environment, cargo_home);
        }
        Ok(location)
    }

    /// Finds name and token of a mirror: those of the registry with the same index.
    fn name(
        &mut self,
        named: &str,
        configuration: &RegistryConfiguration,
        environment: &RegistryEnvironment,
        cargo_home: Option<&Path>,
    ) {
        let has_index = |index: &str| sparse(index).is_ok_and(|index| index == self.index);
        let is_it = |name: &str, index: &str| has_index(environment.index(name).unwrap_or(index));
        let registry = match configuration.index(named).or_else(|| environment.index(named)) {
            Some(index) if is_it(named, index) => Some(named),
            _ => configuration.indexes().find(|(name, index)| is_it(name, index)).map(|(name, _)| name),
        };
        let Some(registry) = registry else { return };
        let of_credentials = || {
            let credentials = RegistryConfiguration::of_credentials(cargo_home?);
            credentials.token(registry).cloned()
        };
        self.token = environment
            .token(registry)
            .cloned()
            .or_else(of_credentials)
            .or_else(|| configuration.token(registry).cloned());
        self.registry = Some(registry.to_owned());
    }

    /// Whether this is crates.io itself.
    pub(super) fn is_official(&self) -> bool {
        self.index == CRATES_IO_HTTP_INDEX
    }

    /// The token for the registry.
    pub(super) fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    /// The URL of a file in the index.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.index.strip_prefix("sparse+").unwrap_or(&self.index))
    }

    /// The address as cargo writes it.
    pub(super) fn cargo_index(&self) -> &str {
        &self.index
    }

    /// The address without credentials, for people.
    pub(super) fn shown(&self) -> String {
        without_credentials(&self.url(""))
    }

    /// What stands for this index in the names of files: what is known of one must not be taken for another.
    pub(super) fn key(&self) -> String {
        let digest = Sha256::digest(self.shown().as_bytes());
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// How to give the registry a token.
    pub(super) fn way_to_a_token(&self) -> String {
        match &self.registry {
            Some(name) => format!(
                "run `cargo login --registry {name}`; a token is taken from `credentials.toml` in cargo's home, from \
                 `registries.{name}.token`, or from CARGO_REGISTRIES_{}_TOKEN",
                super::environment::in_variable(name)
            ),
            None => "name the index in `[registries]` of cargo's configuration, and run `cargo login --registry` with \
                     that name"
                .to_owned(),
        }
    }
}

/// The name of what is used in place of crates.io in the end.
fn replacement(configuration: &RegistryConfiguration) -> Result<&str, Diagnostic> {
    let mut name = CRATES_IO;
    let mut passed = BTreeSet::new();
    while let Some(next) = configuration.source(name).and_then(|source| source.replace_with.as_deref()) {
        if !passed.insert(name) {
            let message = format!("cargo's configuration replaces the source `{name}` by itself");
            return Err(Diagnostic::error(Code::NoRegistry, message)
                .help("look at `replace-with` in the tables `[source.*]`"));
        }
        name = next;
    }
    Ok(name)
}

/// The address of an index in one form, if it can be asked over HTTP.
fn sparse(index: &str) -> Result<String, Diagnostic> {
    let is_of_crates_io = |index: &str| index.trim_end_matches('/') == CRATES_IO_INDEX.trim_end_matches('/');
    if is_of_crates_io(index.strip_prefix("registry+").unwrap_or(index)) {
        return Ok(CRATES_IO_HTTP_INDEX.to_owned());
    }
    if index.starts_with("sparse+http://") || index.starts_with("sparse+https://") {
        return Ok(format!("{}/", index.trim_end_matches('/')));
    }
    let message =
        format!("crates are looked up in `{}`, which is not a sparse index", without_credentials(index));
    Err(Diagnostic::error(Code::NoRegistry, message)
        .note("cargo's configuration says to use it in place of crates.io")
        .help(
            "use the address of the sparse index of the same registry, which starts with `sparse+https://`",
        ))
}

fn undefined(name: &str) -> Diagnostic {
    let message =
        format!("cargo's configuration replaces crates.io by `{name}`, and does not say where that is");
    Diagnostic::error(Code::NoRegistry, message)
        .help(format!("add `[source.{name}]` with a `registry`, or `[registries.{name}]` with an `index`"))
}
