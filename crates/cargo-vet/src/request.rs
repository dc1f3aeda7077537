//! The validated request: the second stage of the command line.
//!
//! The arguments are combined with the environment and the clock here, once. The commands use
//! nothing else.

use std::ffi::OsString;
use std::path::PathBuf;

use vet_diagnostics::Diagnostic;
use vet_fetch::http::HttpEnvironment;
use vet_graph::GraphFilter;
use vet_ops::context::SettingOverrides;
use vet_ops::reading::{Mode, Subject};
use vet_project::RegistryEnvironment;
use vet_store::version::VersionRange;
use vet_store::{Date, Version};

use crate::programs::nested_shell::NestedShell;
use chrono::{DateTime, Utc};

use crate::args::{
    self, ColorChoice, GlobalArgs, OutputFormat, RegenerateCommand, UsageError, Verbosity, VetArgs,
};
use crate::args::{Certify, Depth, Gc, NextArgs, Renew, Trust};
use crate::env_vars::{ColorEnvironment, Environment};

mod filters;
mod overrides;

/// One run of the tool.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) settings: Settings,
    pub(crate) streams: Streams,
    pub(crate) command: Command,
}

/// Settings that apply to every command.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) project: Project,
    /// The store folder, if the user named one; relative to the current folder.
    pub(crate) store_path: Option<PathBuf>,
    pub(crate) network: Network,
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
    /// The cache folder. It may not exist.
    pub(crate) cache_dir: PathBuf,
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
pub(crate) enum Network {
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
}

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    Check,
    Suggest,
    Init,
    Inspect { subject: Subject, mode: Option<Mode> },
    Diff(Diff),
    Status,
    Certify(Certify),
    Next(NextArgs),
    Import(Import),
    Trust(Trust),
    RegenerateExemptions,
    RegenerateImports,
    RegenerateAuditAsCratesIo,
    RegenerateUnpublished,
    AddExemption(AddExemption),
    RecordViolation(RecordViolation),
    Fmt,
    Prune(Prune),
    Aggregate { sources: PathBuf },
    ExplainAudit(ExplainAudit),
    Settings,
    DumpGraph { depth: Depth },
    Gc(Gc),
    Renew(Renew),
    Explain { code: Option<String> },
    Completions { shell: clap_complete::Shell },
    Man { about: Box<clap::Command> },
    HelpMarkdown,
}

/// Changes to read.
#[derive(Debug)]
pub(crate) struct Diff {
    pub(crate) subject: Subject,
    /// Where to read; by default where the user last read.
    pub(crate) mode: Option<Mode>,
    /// The program that shows them, instead of a mode. Without a name, the one that git uses.
    pub(crate) tool: Option<Option<String>>,
}

/// A project whose audits to use.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) name: String,
    /// If empty, the URLs from the audit registry.
    pub(crate) urls: Vec<String>,
}

/// What to explain.
#[derive(Debug)]
pub(crate) struct ExplainAudit {
    pub(crate) package: String,
    /// By default the version in use.
    pub(crate) version: Option<Version>,
    pub(crate) criterion: String,
}

/// An exemption to add.
#[derive(Debug)]
pub(crate) struct AddExemption {
    pub(crate) package: String,
    pub(crate) version: Version,
    /// If empty, the default criteria of the store.
    pub(crate) criteria: Vec<String>,
    pub(crate) notes: Option<String>,
    pub(crate) suggest: bool,
    /// Whether to accept a package that is not a third-party dependency.
    pub(crate) force: bool,
}

/// A violation to record.
#[derive(Debug)]
pub(crate) struct RecordViolation {
    pub(crate) package: String,
    pub(crate) versions: VersionRange,
    /// If empty, the default criteria of the store.
    pub(crate) criteria: Vec<String>,
    /// If empty, git's user.
    pub(crate) who: Vec<String>,
    pub(crate) notes: Option<String>,
    /// Whether to accept a package that is not a third-party dependency.
    pub(crate) force: bool,
}

/// What to remove if nothing needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prune {
    pub(crate) imports: bool,
    pub(crate) exemptions: bool,
    pub(crate) audits: bool,
    /// Whether to remove also what is needed only by packages that the settings leave out.
    pub(crate) unbuilt: bool,
}

impl Command {
    /// Whether the command may change the store, or remove something.
    fn changes_something(&self) -> bool {
        match self {
            Command::Check
            | Command::Init
            | Command::Certify(_)
            | Command::Next(_)
            | Command::Import(_)
            | Command::Trust(_)
            | Command::RegenerateExemptions
            | Command::RegenerateImports
            | Command::RegenerateAuditAsCratesIo
            | Command::RegenerateUnpublished
            | Command::AddExemption(_)
            | Command::RecordViolation(_)
            | Command::Fmt
            | Command::Prune(_)
            | Command::Gc(_)
            | Command::Renew(_) => true,
            Command::Suggest
            | Command::Inspect { .. }
            | Command::Diff(_)
            | Command::Status
            | Command::Aggregate { .. }
            | Command::ExplainAudit(_)
            | Command::Settings
            | Command::DumpGraph { .. }
            | Command::Explain { .. }
            | Command::Completions { .. }
            | Command::Man { .. }
            | Command::HelpMarkdown => false,
        }
    }
}

impl Settings {
    /// Today's date, in UTC.
    pub(crate) fn today(&self) -> Date {
        self.now.date_naive()
    }
}

impl Request {
    /// Validates the parsed arguments.
    ///
    /// # Errors
    ///
    /// Arguments that do not fit together, or an invalid value.
    pub(crate) fn new(
        args: VetArgs,
        environment: Environment,
        clock: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let Split { path, inner, command } = split(args.command);
        let usage = |error: UsageError| Refusal::Usage(error.into_clap(&path));
        let global = inner.into_iter().try_fold(args.global, GlobalArgs::join).map_err(usage)?;
        let command = command.map_err(usage)?;
        if global.strict && !matches!(command, Command::Check) {
            return Err(usage(UsageError::not_for("--strict", &path.join(" "))));
        }
        if global.dry_run && matches!(command, Command::Next(_)) {
            return Err(usage(UsageError::dry_run_of_next()));
        }
        if global.dry_run && !command.changes_something() {
            return Err(usage(UsageError::not_for("--dry-run", &path.join(" "))));
        }
        let streams = Streams::new(&global, environment.colors.clone());
        let filters = filters::read(&global.filter_graph).map_err(Refusal::Value)?;
        let network = Network::new(&global).map_err(usage)?;
        let overrides = overrides::read(&global, &command, network, usage)?;
        let settings = Settings::new(global, filters, network, overrides, environment, clock);
        Ok(Request { settings, streams, command })
    }
}

/// Why a command line is refused.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The arguments do not fit together, or ask for help. Ready to print.
    Usage(clap::Error),
    /// The value of an argument has its own syntax and is invalid.
    Value(Diagnostic),
}

impl Settings {
    fn new(
        global: GlobalArgs,
        filters: Vec<GraphFilter>,
        network: Network,
        overrides: SettingOverrides,
        environment: Environment,
        clock: DateTime<Utc>,
    ) -> Self {
        let separators = |letter: char| letter == ',' || letter.is_whitespace();
        let features = global.features.iter().flat_map(|list| list.split(separators));
        let features = features.filter(|feature| !feature.is_empty()).map(str::to_owned).collect();
        let mut registries = environment.registries;
        registries.accept(global.accept_mirror);
        Settings {
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
            cache_dir: global.cache_dir.unwrap_or(environment.cache_dir),
            cargo_home: environment.cargo_home,
            http: environment.http,
            registries,
            shell: environment.shell,
            inspected: environment.inspected,
            now: global.current_time.unwrap_or(clock),
        }
    }
}

impl Network {
    fn new(global: &GlobalArgs) -> Result<Self, UsageError> {
        match (global.locked, global.frozen) {
            (true, true) => Ok(Network::Frozen),
            (true, false) => Ok(Network::Locked),
            (false, true) => Err(UsageError::needs("--frozen", "--locked")),
            (false, false) => Ok(Network::Open),
        }
    }
}

impl Streams {
    fn new(global: &GlobalArgs, color_environment: ColorEnvironment) -> Self {
        Streams {
            format: global.output_format.unwrap_or_default(),
            output_file: global.output_file.clone(),
            log_file: global.log_file.clone(),
            verbosity: global.verbose.unwrap_or_default(),
            quiet: global.quiet,
            color: global.color.unwrap_or_default(),
            color_environment,
        }
    }
}

/// The parts of a command.
struct Split {
    /// The names that lead to the command, for the usage text.
    path: Vec<&'static str>,
    /// The options of each level below `vet`, outermost first.
    inner: Vec<GlobalArgs>,
    command: Result<Command, UsageError>,
}

impl Split {
    fn new(name: &'static str, global: GlobalArgs, command: Command) -> Self {
        Split { path: vec![name], inner: vec![global], command: Ok(command) }
    }
}

fn split(command: Option<args::Command>) -> Split {
    use args::Command as Typed;
    let Some(command) = command else {
        return Split { path: vec![], inner: vec![], command: Ok(Command::Check) };
    };
    match command {
        Typed::Check(args) => Split::new("check", args.global, Command::Check),
        Typed::Suggest(args) => Split::new("suggest", args.global, Command::Suggest),
        Typed::Init(args) => Split::new("init", args.global, Command::Init),
        Typed::Inspect(args) => Split::new(
            "inspect",
            args.global,
            Command::Inspect {
                subject: Subject { package: args.own.package, from: None, to: args.own.version },
                mode: args.own.mode,
            },
        ),
        Typed::Diff(args) => Split::new(
            "diff",
            args.global,
            Command::Diff(Diff {
                subject: Subject {
                    package: args.own.package,
                    from: Some(args.own.version1),
                    to: args.own.version2,
                },
                mode: args.own.mode,
                tool: args.own.tool.map(|tool| Some(tool).filter(|tool| !tool.is_empty())),
            }),
        ),
        Typed::Status(args) => Split::new("status", args.global, Command::Status),
        Typed::Certify(args) => Split {
            path: vec!["certify"],
            inner: vec![args.global],
            command: args.own.validate().map(Command::Certify),
        },
        Typed::Next(args) => Split::new("next", args.global, Command::Next(args.own)),
        Typed::Import(args) => Split::new(
            "import",
            args.global,
            Command::Import(Import { name: args.own.name, urls: args.own.url }),
        ),
        Typed::Trust(args) => Split {
            path: vec!["trust"],
            inner: vec![args.global],
            command: args.own.validate().map(Command::Trust),
        },
        Typed::Regenerate(args) => {
            let (name, inner, command) = match args.own.command {
                RegenerateCommand::Exemptions(args) => {
                    ("exemptions", args.global, Command::RegenerateExemptions)
                }
                RegenerateCommand::Imports(args) => ("imports", args.global, Command::RegenerateImports),
                RegenerateCommand::AuditAsCratesIo(args) => {
                    ("audit-as-crates-io", args.global, Command::RegenerateAuditAsCratesIo)
                }
                RegenerateCommand::Unpublished(args) => {
                    ("unpublished", args.global, Command::RegenerateUnpublished)
                }
            };
            Split { path: vec!["regenerate", name], inner: vec![args.global, inner], command: Ok(command) }
        }
        Typed::AddExemption(args) => Split::new(
            "add-exemption",
            args.global,
            Command::AddExemption(AddExemption {
                package: args.own.package,
                version: args.own.version,
                criteria: args.own.criteria,
                notes: args.own.notes,
                suggest: !args.own.no_suggest,
                force: args.own.force,
            }),
        ),
        Typed::RecordViolation(args) => Split::new(
            "record-violation",
            args.global,
            Command::RecordViolation(RecordViolation {
                package: args.own.package,
                versions: args.own.versions,
                criteria: args.own.criteria,
                who: args.own.who,
                notes: args.own.notes,
                force: args.own.force,
            }),
        ),
        Typed::Fmt(args) => Split::new("fmt", args.global, Command::Fmt),
        Typed::Prune(args) => {
            let prune = Prune {
                imports: !args.own.no_imports,
                exemptions: !args.own.no_exemptions,
                audits: !args.own.no_audits,
                unbuilt: args.own.unbuilt,
            };
            Split::new("prune", args.global, Command::Prune(prune))
        }
        Typed::Aggregate(args) => {
            Split::new("aggregate", args.global, Command::Aggregate { sources: args.own.sources })
        }
        Typed::ExplainAudit(args) => Split::new(
            "explain-audit",
            args.global,
            Command::ExplainAudit(ExplainAudit {
                package: args.own.package,
                version: args.own.version,
                criterion: args.own.criteria,
            }),
        ),
        Typed::Settings(args) => Split::new("settings", args.global, Command::Settings),
        Typed::DumpGraph(args) => {
            Split::new("dump-graph", args.global, Command::DumpGraph { depth: args.own.depth })
        }
        Typed::Gc(args) => Split::new("gc", args.global, Command::Gc(args.own.validate())),
        Typed::Renew(args) => Split {
            path: vec!["renew"],
            inner: vec![args.global],
            command: args.own.validate().map(Command::Renew),
        },
        Typed::Explain(args) => Split::new("explain", args.global, Command::Explain { code: args.own.code }),
        Typed::Completions(args) => {
            Split::new("completions", args.global, Command::Completions { shell: args.own.shell })
        }
        Typed::Man(args) => Split {
            path: vec!["man"],
            inner: vec![args.global],
            command: args.own.validate().map(|about| Command::Man { about: Box::new(about) }),
        },
        Typed::HelpMarkdown(args) => Split::new("help-markdown", args.global, Command::HelpMarkdown),
    }
}

#[cfg(test)]
mod tests;
