//! The registries that the user's configuration knows.

use std::path::Path;

use vet_project::{RegistryConfiguration, RegistryEnvironment};

use crate::crates_io::CratesIo;
use crate::http::Client;

/// What is needed to ask the index of any source that a lock file names.
#[derive(Clone, Copy, Debug)]
pub struct Registries<'r> {
    /// What cargo's configuration says.
    pub configuration: &'r RegistryConfiguration,
    /// What the environment says.
    pub environment: &'r RegistryEnvironment,
    /// The folder that may hold tokens.
    pub cargo_home: Option<&'r Path>,
    /// Where answers are kept. Need not exist.
    pub cache_folder: &'r Path,
}

impl Registries<'_> {
    /// What stands for the index of a source; nothing if the user's configuration has none for it.
    pub(super) fn index_key(&self, source: &str) -> Option<String> {
        CratesIo::key_of_source(self, source)
    }

    /// The registry of a source.
    pub(super) fn registry<'c>(&self, client: &'c Client, source: &str) -> CratesIo<'c> {
        CratesIo::of_source(client, self, source)
    }
}
