//! The registries in the user's configuration.

use std::path::Path;

use crate::cache::Cache;

use vet_project::{RegistryConfiguration, RegistryEnvironment};

use super::CratesIo;
use crate::http::Client;

/// What is needed to ask the index of any source in a lock file.
#[derive(Clone, Copy, Debug)]
pub struct Registries<'r> {
    /// Cargo's configuration.
    pub configuration: &'r RegistryConfiguration,
    /// The registry settings of the environment.
    pub environment: &'r RegistryEnvironment,
    /// Cargo's home, which may contain tokens.
    pub cargo_home: Option<&'r Path>,
    /// Where answers are cached.
    pub cache: &'r Cache,
}

impl Registries<'_> {
    /// The key of the index of a source; `None` if the user's configuration has none.
    pub(crate) fn index_key(&self, source: &str) -> Option<String> {
        CratesIo::key_of_source(self, source)
    }

    /// The registry of a source.
    pub(crate) fn registry<'c>(&self, client: &'c Client, source: &str) -> CratesIo<'c> {
        CratesIo::of_source(client, self, source)
    }
}
