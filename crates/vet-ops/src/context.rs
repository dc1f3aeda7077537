//! Where an operation works, and with what.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use vet_diagnostics::{Code, Diagnostic, Levels, Severity, Source};
use vet_fetch::cache_folder::{check_cargo_home, check_place};
use vet_fetch::git;
use vet_fetch::http::{Client, HttpEnvironment, HttpSettings};
use vet_graph::filter::GraphFilter;
use vet_graph::workspace::Workspace;
use vet_project::cargo::CargoMetadata;
use vet_project::outside::{Outside, home_for_cargo};
use vet_project::store_folder::StoreFolder;
use vet_project::{CargoConfiguration, NetworkConfiguration, Project, RegistryEnvironment, Told};
use vet_store::Date;

/// The surroundings of an operation: everything that it does not find out itself.
#[derive(Clone, Debug)]
pub struct Context {
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
    /// Whether cargo is still worth asking.
    pub unfetched: Unfetched,
    /// What cargo has accepted already.
    pub accepted: Accepted,
}

/// That cargo could not fetch a source in this run. It tries for long, so it is not asked a second time. The next run asks
/// again: what cargo would say then is not known.
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

/// The last checkout that cargo accepted in this run, with all settings that lead to other sources. A check may read the same
/// checkout several times.
#[derive(Clone, Debug, Default)]
pub struct Accepted(Arc<Mutex<Option<Checkout>>>);

/// What of a checkout decides whether cargo accepts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkout {
    /// The lock file.
    pub(crate) lock_file: Arc<Source>,
    /// The manifests.
    pub(crate) workspace: Workspace,
    /// The settings that cargo was told, as `KEY=VALUE`.
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

/// The first of some findings, where one is enough to say why cargo cannot be asked.
pub(crate) fn first_of(problems: Vec<Diagnostic>) -> Diagnostic {
    let problem = problems.into_iter().next();
    problem.unwrap_or_else(|| Diagnostic::error(Code::CargoFailed, "cargo cannot be asked"))
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

impl Context {
    /// Finds the project.
    ///
    /// # Errors
    ///
    /// There is none, or its manifests cannot be read; or others may have filled the cache, or cargo's.
    pub fn project(&self) -> Result<Project, Vec<Diagnostic>> {
        let project =
            Project::find(&self.current_folder, self.manifest_path.as_deref(), self.cargo_home.as_deref())?;
        let checkout = project.checkout();
        let absolute = |folder: &Path| self.current_folder.join(folder);
        let cache = check_place(&absolute(&self.cache_folder), checkout);
        let home = self.cargo_home().map(|home| check_cargo_home(&absolute(home), checkout));
        let problems: Vec<Diagnostic> =
            [cache, home.unwrap_or(Ok(()))].into_iter().filter_map(Result::err).collect();
        if problems.is_empty() { Ok(project) } else { Err(problems) }
    }

    /// The folder of the store of a project, and a doubt about it if the checkout decides where that is.
    ///
    /// # Errors
    ///
    /// The manifests say something that makes no sense. With `--strict`, the checkout decides.
    pub(crate) fn store_folder(
        &self,
        project: &Project,
    ) -> Result<(StoreFolder, Option<Diagnostic>), Vec<Diagnostic>> {
        let folder = project.store_folder(self.store_path.as_deref())?;
        match project.doubt_about_store(self.store_path.as_deref(), &folder) {
            Some(doubt) if self.strict => Err(vec![Diagnostic { severity: Severity::Error, ..doubt }]),
            doubt => Ok((folder, doubt)),
        }
    }

    pub(crate) fn cargo_home(&self) -> Option<&Path> {
        self.cargo_home.as_deref()
    }

    /// A client that reaches the network as cargo does.
    pub(crate) fn client(&self, network: &NetworkConfiguration) -> Result<Client, Diagnostic> {
        let of_machine = HttpSettings::of_machine(network, &self.http, git::proxy);
        Client::new(HttpSettings {
            cache_folder: Some(self.cache_folder.clone()),
            offline: of_machine.offline || self.frozen,
            ..of_machine
        })
    }

    /// Where programs run.
    pub(crate) fn outside(&self, project: &Project) -> Outside {
        Outside::of_process(project.checkout(), &self.current_folder)
    }

    /// The home in which cargo finds its downloads, and no configuration of the checkout.
    pub(crate) fn home_for_cargo(&self, project: &Project) -> Result<Option<PathBuf>, Diagnostic> {
        let absolute = |folder: &Path| self.current_folder.join(folder);
        let home = self.cargo_home().map(absolute);
        let home = home.map(|home| home_for_cargo(&home, project.checkout(), &absolute(&self.cache_folder)));
        home.transpose().map_err(|error| {
            Diagnostic::error(
                Code::CacheInCheckout,
                "cargo's home is inside of the checkout and has a configuration",
            )
            .note(format!("no other home can be made in the cache: {error}"))
            .help("set CARGO_HOME to a folder outside of the repository")
        })
    }

    /// How cargo is asked about a project, and how much of the checkout's configuration it is told. `addresses` are those of
    /// registries that manifests and `Cargo.lock` name.
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
