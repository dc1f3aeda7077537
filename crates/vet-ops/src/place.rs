//! Where an operation works, and with what.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use vet_fetch::cargo::CargoMetadata;
use vet_fetch::crates_io::RegistryEnvironment;
use vet_fetch::http::{Client, HttpEnvironment, HttpSettings};
use vet_fetch::project::{NetworkConfiguration, Project};
use vet_graph::filter::GraphFilter;
use vet_store::settings::Levels;
use vet_store::{Date, Diagnostic};

/// The surroundings of an operation: everything that it does not find out itself.
#[derive(Clone, Debug)]
pub struct Place {
    /// The folder that paths are relative to.
    pub current_folder: PathBuf,
    /// The manifest, if the user named one.
    pub manifest_path: Option<PathBuf>,
    /// The folder of the store, if the user named one.
    pub store_path: Option<PathBuf>,
    /// The folder of cargo's downloads and configuration.
    pub cargo_home: Option<PathBuf>,
    /// The folder of our cache. Need not exist.
    pub cache_folder: PathBuf,
    /// The cargo to ask where cargo must be asked.
    pub cargo: OsString,
    /// Further arguments for cargo.
    pub cargo_arguments: Vec<String>,
    /// The features of members that are on.
    pub features: Features,
    /// Which part of the graph is looked at.
    pub filters: Vec<GraphFilter>,
    /// Whether the store must be in canonical form and up to date.
    pub locked: bool,
    /// Whether cargo must not use the network.
    pub frozen: bool,
    /// Whether the store is left as it is, and only told how it would change.
    pub dry_run: bool,
    /// Whether a check fails where it would only warn that it may have missed something.
    pub strict: bool,
    /// What of the settings of the project does not count.
    pub overrides: SettingOverrides,
    /// The day that counts as today.
    pub today: Date,
    /// What the environment says about the network.
    pub http: HttpEnvironment,
    /// What the environment says about registries.
    pub registries: RegistryEnvironment,
}

/// What the command line says in place of `vet.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingOverrides {
    /// The targets that the project is built for, if the user named some.
    pub targets: Option<TargetOverride>,
    /// Levels of warnings.
    pub levels: Levels,
}

/// The targets that the user named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetOverride {
    /// All there are, whatever the file says.
    All,
    /// These. Not empty.
    Only(Vec<String>),
}

/// The features of the workspace's members that are on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Features {
    /// All of them.
    pub all: bool,
    /// The default ones.
    pub default: bool,
    /// These.
    pub named: Vec<String>,
}

impl Place {
    /// Finds the project.
    ///
    /// # Errors
    ///
    /// There is none, or its manifests cannot be read.
    pub fn project(&self) -> Result<Project, Vec<Diagnostic>> {
        Project::find(&self.current_folder, self.manifest_path.as_deref(), self.cargo_home.as_deref())
    }

    pub(crate) fn cargo_home(&self) -> Option<&Path> {
        self.cargo_home.as_deref()
    }

    /// A client that reaches the network as cargo does.
    pub(crate) fn client(&self, network: &NetworkConfiguration) -> Result<Client, Diagnostic> {
        let of_machine = HttpSettings::of_machine(network, &self.http);
        Client::new(HttpSettings {
            cache_folder: Some(self.cache_folder.clone()),
            offline: of_machine.offline || self.frozen,
            ..of_machine
        })
    }

    pub(crate) fn cargo_metadata(&self) -> CargoMetadata {
        CargoMetadata {
            cargo: self.cargo.clone(),
            current_folder: self.current_folder.clone(),
            manifest_path: self.manifest_path.clone(),
            features: self.features.named.clone(),
            all_features: self.features.all,
            default_features: self.features.default,
            frozen: self.frozen,
            arguments: self.cargo_arguments.clone(),
        }
    }
}
