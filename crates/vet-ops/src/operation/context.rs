//! The environment of an operation.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use vet_diagnostics::{Code, Diagnostic, Levels, Problems, Severity, Source};
use vet_fetch::cache::{Cache, check_cargo_home, check_place};
use vet_fetch::git;
use vet_fetch::http::{Client, HttpEnvironment, HttpSettings};
use vet_fetch::run_log::RunLog;
use vet_graph::filter::GraphFilter;
use vet_graph::workspace::Workspace;
use vet_project::cargo::CargoMetadata;
use vet_project::outside::{Outside, home_for_cargo};
use vet_project::state::State;
use vet_project::store_folder::StoreFolder;
use vet_project::{CargoConfiguration, NetworkConfiguration, Project, RegistryEnvironment, Told};
use vet_store::Date;

/// The environment of an operation: everything that it does not find out itself.
#[derive(Clone, Debug)]
pub struct Context {
    /// The folder that paths are relative to.
    pub current_folder: PathBuf,
    /// The manifest, if the user named one.
    pub manifest_path: Option<PathBuf>,
    /// The folder of the store, if the user named one.
    pub store_path: Option<PathBuf>,
    /// Cargo's home: its downloads and configuration.
    pub cargo_home: Option<PathBuf>,
    /// The cache of this tool.
    pub cache: Cache,
    /// What the user would not want to lose.
    pub state: State,
    /// The cargo program.
    pub cargo: OsString,
    /// Further arguments for cargo.
    pub cargo_arguments: Vec<String>,
    /// The enabled features of members.
    pub features: Features,
    /// Which part of the graph is checked.
    pub filters: Vec<GraphFilter>,
    /// Whether the store must be in canonical form and up to date.
    pub locked: bool,
    /// Whether cargo must not use the network.
    pub frozen: bool,
    /// Whether to report changes of the store instead of writing them.
    pub dry_run: bool,
    /// Whether a check fails if it may have missed something, instead of warning.
    pub strict: bool,
    /// Settings of the project that the command line overrides.
    pub overrides: SettingOverrides,
    /// Today's date.
    pub today: Date,
    /// The network configuration from the environment.
    pub http: HttpEnvironment,
    /// The registry configuration from the environment.
    pub registries: RegistryEnvironment,
    /// Where to tell what is fetched.
    pub log: RunLog,
    /// Whether cargo could not fetch a source in this run.
    pub unfetched: Unfetched,
    /// The checkout that cargo has accepted in this run.
    pub accepted: Accepted,
}

/// Records that cargo could not fetch a source in this run. Cargo retries for a long time, so it is
/// not asked a second time. The next run asks again, because cargo's answer may differ then.
#[derive(Clone, Debug, Default)]
pub struct Unfetched(Arc<OnceLock<Diagnostic>>);

impl Unfetched {
    pub(crate) fn note(&self, problem: &Diagnostic) {
        let _ = self.0.set(problem.clone());
    }

    pub(crate) fn problem(&self) -> Option<&Diagnostic> {
        self.0.get()
    }
}

/// The last checkout that cargo accepted in this run, with all settings that redirect sources. A
/// check may read the same checkout several times.
#[derive(Clone, Debug, Default)]
pub struct Accepted(Arc<Mutex<Option<Checkout>>>);

/// The parts of a checkout that decide whether cargo accepts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkout {
    /// The lock file.
    pub(crate) lock_file: Arc<Source>,
    /// The manifests.
    pub(crate) workspace: Workspace,
    /// The settings passed to cargo, as `KEY=VALUE`.
    pub(crate) configuration: Vec<String>,
}

impl Accepted {
    pub(crate) fn note(&self, checkout: Checkout) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(checkout);
    }

    pub(crate) fn is(&self, checkout: &Checkout) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(checkout)
    }
}

/// The first finding. One is enough to explain why cargo cannot be asked.
pub(crate) fn first_of(problems: Problems) -> Diagnostic {
    let problem = problems.into_iter().next();
    problem.unwrap_or_else(|| Diagnostic::error(Code::CargoFailed, "cannot run cargo"))
}

/// What the command line overrides in `vet.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingOverrides {
    /// The targets that the user named, if any.
    pub targets: Option<TargetOverride>,
    /// Levels of warnings.
    pub levels: Levels,
}

/// The targets that the user named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetOverride {
    /// All targets, whatever the file says.
    All,
    /// These targets. Not empty.
    Only(Vec<String>),
}

/// The enabled features of the workspace's members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Features {
    /// All features.
    pub all: bool,
    /// The default features.
    pub default: bool,
    /// The named features.
    pub named: Vec<String>,
}

impl Context {
    /// Finds the project.
    ///
    /// # Errors
    ///
    /// There is no project, its manifests cannot be read, or other users can write to the cache or
    /// to cargo's home.
    pub fn project(&self) -> Result<Project, Problems> {
        let project =
            Project::find(&self.current_folder, self.manifest_path.as_deref(), self.cargo_home.as_deref())?;
        let checkout = project.checkout();
        let absolute = |folder: &Path| self.current_folder.join(folder);
        let cache = check_place("cache", &absolute(self.cache.folder()), checkout);
        let state = check_place("state folder", &absolute(self.state.folder()), checkout);
        let home = self.cargo_home().map(|home| check_cargo_home(&absolute(home), checkout));
        let problems: Vec<Diagnostic> =
            [cache, state, home.unwrap_or(Ok(()))].into_iter().filter_map(Result::err).collect();
        if problems.is_empty() { Ok(project) } else { Err(problems.into()) }
    }

    /// The store folder of a project, and a warning if the checkout decides where it is.
    ///
    /// # Errors
    ///
    /// The manifests are invalid. With `--strict`, also if the checkout decides where the store is.
    pub(crate) fn store_folder(
        &self,
        project: &Project,
    ) -> Result<(StoreFolder, Option<Diagnostic>), Problems> {
        let folder = project.store_folder(self.store_path.as_deref())?;
        match project.doubt_about_store(self.store_path.as_deref(), &folder) {
            Some(doubt) if self.strict => {
                Err(Problems::from(Diagnostic { severity: Severity::Error, ..doubt }))
            }
            doubt => Ok((folder, doubt)),
        }
    }

    pub(crate) fn cargo_home(&self) -> Option<&Path> {
        self.cargo_home.as_deref()
    }

    /// A client that reaches the network in the same way as cargo.
    pub(crate) fn client(&self, network: &NetworkConfiguration) -> Result<Client, Diagnostic> {
        let of_machine = HttpSettings::of_machine(network, &self.http, git::proxy);
        Client::new(HttpSettings {
            cache: Some(self.cache.clone()),
            offline: of_machine.offline || self.frozen,
            log: self.log.clone(),
            ..of_machine
        })
    }

    /// The environment that programs run in.
    pub(crate) fn outside(&self, project: &Project) -> Outside {
        Outside::of_process(project.checkout(), &self.current_folder)
    }

    /// A cargo home with cargo's downloads and without configuration of the checkout.
    pub(crate) fn home_for_cargo(&self, project: &Project) -> Result<Option<PathBuf>, Diagnostic> {
        let absolute = |folder: &Path| self.current_folder.join(folder);
        let home = self.cargo_home().map(absolute);
        let home = home.map(|home| home_for_cargo(&home, project.checkout(), &absolute(self.cache.folder())));
        home.transpose().map_err(|error| {
            Diagnostic::error(
                Code::CacheInCheckout,
                "cargo's home is inside the checkout and contains a configuration",
            )
            .note(format!("could not create another home in the cache: {error}"))
            .help("set CARGO_HOME to a folder outside the repository")
        })
    }

    /// How to run `cargo metadata` for a project, and which configuration of the checkout to pass.
    /// `addresses` are the registries that manifests and `Cargo.lock` name.
    pub(crate) fn cargo_metadata(
        &self,
        project: &Project,
        configuration: &CargoConfiguration,
        told: Told,
        addresses: &BTreeSet<String>,
    ) -> Result<CargoMetadata, Diagnostic> {
        Ok(CargoMetadata {
            cargo: self.cargo.clone(),
            outside: self.outside(project),
            manifest_path: project.manifest_path(),
            configuration: configuration.arguments_for_cargo(told, addresses, &self.registries),
            cargo_home: self.home_for_cargo(project)?,
            features: self.features.named.clone(),
            all_features: self.features.all,
            default_features: self.features.default,
            frozen: self.frozen,
            arguments: self.cargo_arguments.clone(),
        })
    }
}
