//! Options that apply to every command, combined with the environment and the clock.

use std::ffi::OsString;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::ValueEnum as _;
use vet_fetch::cache::Cache;
use vet_fetch::http::HttpEnvironment;
use vet_graph::GraphFilter;
use vet_ops::operation::context::SettingOverrides;
use vet_project::RegistryEnvironment;
use vet_store::Date;

use crate::args::{ColorChoice, GlobalArgs, OutputFormat, UsageError, Verbosity};
use crate::env_vars::{ColorEnvironment, Environment, ProgressEnvironment, TerminalEnvironment};
use crate::programs::nested_shell::NestedShell;

/// What applies to every command.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) project: Project,
    /// The store folder, if the user named one; relative to the current folder.
    pub(crate) store_path: Option<PathBuf>,
    pub(crate) network: NetworkAccess,
    /// Whether to leave the store unchanged, and for `gc` the cache.
    pub(crate) dry_run: bool,
    /// Whether a check fails if it may have missed something, instead of warning.
    pub(crate) strict: bool,
    /// Settings of the project that the command line overrides.
    pub(crate) overrides: SettingOverrides,
    /// Whether to ask git's credential helpers before downloads.
    pub(crate) use_git_credentials: bool,
    /// Whether to look for hints in the audit registry.
    pub(crate) registry_suggestions: bool,
    /// The cache. Its folder may not exist.
    pub(crate) cache: Cache,
    /// The state folder. It may not exist.
    pub(crate) state_dir: PathBuf,
    /// Cargo's home, if a home folder is known. It may not exist.
    pub(crate) cargo_home: Option<PathBuf>,
    /// The network settings of the environment.
    pub(crate) http: HttpEnvironment,
    /// The registry settings of the environment.
    pub(crate) registries: RegistryEnvironment,
    /// The user's shell, if there is one.
    pub(crate) shell: Option<NestedShell>,
    /// The subject that is inspected in the current shell, if `inspect` opened it.
    pub(crate) inspected: Option<String>,
    /// The current time.
    pub(crate) now: DateTime<Utc>,
}

/// The project, and the part of its dependency graph that is checked.
#[derive(Debug)]
pub(crate) struct Project {
    /// The path of Cargo.toml, if the user named one; relative to the current folder.
    pub(crate) manifest_path: Option<PathBuf>,
    pub(crate) features: Features,
    /// A package must pass all filters.
    pub(crate) filters: Vec<GraphFilter>,
    /// The cargo program.
    pub(crate) cargo: OsString,
    /// Arguments for `cargo metadata`.
    pub(crate) cargo_args: Vec<String>,
}

/// The enabled features of the workspace's members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Features {
    pub(crate) all: bool,
    pub(crate) default: bool,
    /// Further features. Duplicates are not removed.
    pub(crate) named: Vec<String>,
}

/// What may be downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NetworkAccess {
    /// Everything.
    Open,
    /// Nothing about imports and publishers (`--locked`).
    Locked,
    /// Nothing (`--locked --frozen`).
    Frozen,
}

/// Where the answer and the notes go, and their format.
#[derive(Debug)]
pub(crate) struct Streams {
    pub(crate) format: OutputFormat,
    pub(crate) output_file: Option<PathBuf>,
    pub(crate) log_file: Option<PathBuf>,
    pub(crate) verbosity: Verbosity,
    pub(crate) quiet: bool,
    pub(crate) color: ColorChoice,
    pub(crate) color_environment: ColorEnvironment,
    pub(crate) progress: ProgressEnvironment,
}

impl Options {
    pub(crate) fn new(
        global: GlobalArgs,
        filters: Vec<GraphFilter>,
        network: NetworkAccess,
        overrides: SettingOverrides,
        environment: Environment,
        clock: DateTime<Utc>,
    ) -> Self {
        let separators = |letter: char| letter == ',' || letter.is_whitespace();
        let features = global.features.iter().flat_map(|list| list.split(separators));
        let features = features.filter(|feature| !feature.is_empty()).map(str::to_owned).collect();
        let mut registries = environment.registries;
        registries.accept(global.accept_mirror);
        Options {
            project: Project {
                manifest_path: global.manifest_path,
                features: Features {
                    all: !global.no_all_features,
                    default: !global.no_default_features,
                    named: features,
                },
                filters,
                cargo: environment.cargo.unwrap_or_else(|| "cargo".into()),
                cargo_args: global.cargo_arg,
            },
            store_path: global.store_path,
            network,
            dry_run: global.dry_run,
            strict: global.strict,
            overrides,
            use_git_credentials: global.use_git_credentials,
            registry_suggestions: !global.no_registry_suggestions,
            cache: Cache::new(global.cache_dir.unwrap_or(environment.cache_dir)),
            state_dir: environment.state_dir,
            cargo_home: environment.cargo_home,
            http: environment.http,
            registries,
            shell: environment.shell,
            inspected: environment.inspected,
            now: global.current_time.unwrap_or(clock),
        }
    }
}

impl NetworkAccess {
    pub(crate) fn new(global: &GlobalArgs) -> Result<Self, UsageError> {
        match (global.locked, global.frozen) {
            (true, true) => Ok(NetworkAccess::Frozen),
            (true, false) => Ok(NetworkAccess::Locked),
            (false, true) => Err(UsageError::needs("--frozen", "--locked")),
            (false, false) => Ok(NetworkAccess::Open),
        }
    }
}

impl Streams {
    /// # Errors
    ///
    /// Variables of cargo are invalid or contradict each other.
    pub(crate) fn new(
        global: &GlobalArgs,
        colors: ColorEnvironment,
        terminal: &TerminalEnvironment,
    ) -> Result<Self, UsageError> {
        if terminal.quiet && terminal.verbose {
            return Err(UsageError::quiet_and_verbose());
        }
        Ok(Streams {
            format: global.output_format.unwrap_or_default(),
            output_file: global.output_file.clone(),
            log_file: global.log_file.clone(),
            verbosity: global.verbose.unwrap_or(match terminal.verbose && !global.quiet {
                true => Verbosity::Info,
                false => Verbosity::default(),
            }),
            quiet: global.quiet || terminal.quiet && global.verbose.is_none(),
            color: match (global.color, &colors.cargo) {
                (Some(choice), _) => choice,
                (None, None) => ColorChoice::default(),
                (None, Some(text)) => {
                    ColorChoice::from_str(text, false).map_err(|_| UsageError::bad_color(text))?
                }
            },
            color_environment: colors,
            progress: terminal.progress,
        })
    }
}

impl Options {
    /// Today's date, in UTC.
    pub(crate) fn today(&self) -> Date {
        self.now.date_naive()
    }
}
