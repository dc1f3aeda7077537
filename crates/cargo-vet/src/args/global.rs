//! The global options, which are accepted before and after a command's name.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Arg, Args, ValueEnum};

use super::UsageError;

/// The heading of options that say where project and store are.
pub(crate) const PROJECT_OPTIONS: &str = "Project Options";
/// The heading of options that shape the dependency graph.
pub(crate) const GRAPH_OPTIONS: &str = "Graph Options";
const CHECK_OPTIONS: &str = "Check Options";
const NETWORK_OPTIONS: &str = "Network Options";
/// The heading of options about answers and the log.
pub(crate) const OUTPUT_OPTIONS: &str = "Output Options";

/// Whether an argument is one of these options.
pub(crate) fn is_global(argument: &Arg) -> bool {
    let headings = [PROJECT_OPTIONS, GRAPH_OPTIONS, CHECK_OPTIONS, NETWORK_OPTIONS, OUTPUT_OPTIONS];
    argument.get_help_heading().is_some_and(|heading| headings.contains(&heading))
}

// Not a doc comment: clap would use it as the description of every command.
#[derive(Args, Clone, Debug, Default, PartialEq)]
pub(crate) struct GlobalArgs {
    /// Do not fetch imports and publishers
    ///
    /// The answer then follows from Cargo.lock, the manifests and the store alone, as continuous
    /// integration needs it. The files of the store must be in canonical form.
    #[arg(long, help_heading = CHECK_OPTIONS)]
    pub(crate) locked: bool,

    /// Do not use the network at all; needs --locked
    #[arg(long, help_heading = CHECK_OPTIONS)]
    pub(crate) frozen: bool,

    /// Show how the store would change, and leave it as it is
    ///
    /// Everything else is done as usual, checks and downloads included. The answer is then a patch
    /// in the form that `git apply` and `patch -p1` understand, or a list of patches with
    /// `--output-format json`. `check` and `renew` have an answer already, so they show the patch
    /// on stderr. `gc` lists what it would delete. Commands that change neither the store nor the
    /// cache refuse the option.
    #[arg(long, help_heading = CHECK_OPTIONS)]
    pub(crate) dry_run: bool,

    /// Fail if the check may have missed something
    ///
    /// Without it, `check` only warns in these cases: a peer or crates.io cannot be reached. With
    /// `--locked`: an import was changed since it was locked; a package of this project has the
    /// name of a crate that the store knows from crates.io, and no policy says which one it is;
    /// peers reported a violation that is not locked.
    #[arg(long, help_heading = CHECK_OPTIONS)]
    pub(crate) strict: bool,

    /// Do not show warnings with this code, such as VET0803
    ///
    /// May be repeated, like `--warn` and `--deny`. All three override `vet.toml`.
    #[arg(long, value_name = "CODE", help_heading = CHECK_OPTIONS)]
    pub(crate) allow: Vec<String>,

    /// Show warnings with this code, which is the default
    #[arg(long, value_name = "CODE", help_heading = CHECK_OPTIONS)]
    pub(crate) warn: Vec<String>,

    /// Turn warnings with this code into errors
    ///
    /// The command then fails, and writes nothing if the warning comes before that.
    #[arg(long, value_name = "CODE", help_heading = CHECK_OPTIONS)]
    pub(crate) deny: Vec<String>,

    /// Accepted for compatibility; has no effect
    #[arg(long, help_heading = CHECK_OPTIONS)]
    pub(crate) no_minimize_exemptions: bool,

    /// Time to use as the current time, such as 2026-11-23T12:00:00Z
    #[arg(long, value_name = "CURRENT_TIME", hide = true, help_heading = CHECK_OPTIONS)]
    pub(crate) current_time: Option<DateTime<Utc>>,

    /// Cargo.toml of the project
    ///
    /// By default the one that cargo finds: in the current folder or the nearest one above it.
    #[arg(long, value_name = "PATH", help_heading = PROJECT_OPTIONS)]
    pub(crate) manifest_path: Option<PathBuf>,

    /// Folder of the store
    ///
    /// By default the folder in `metadata.vet.store.path` of Cargo.toml, or else the folder
    /// `supply-chain` of the workspace. A relative path starts at the current folder.
    #[arg(long, value_name = "STORE_PATH", help_heading = PROJECT_OPTIONS)]
    pub(crate) store_path: Option<PathBuf>,

    /// Folder of the cache
    ///
    /// By default the folder `cargo-vet-rs` among the user's caches. It may be deleted at any time.
    #[arg(long, value_name = "CACHE_DIR", help_heading = PROJECT_OPTIONS)]
    pub(crate) cache_dir: Option<PathBuf>,

    /// Do not enable all features
    ///
    /// By default the graph is the one that cargo builds with `--all-features`, because that is all
    /// the code that the project can use.
    #[arg(long, help_heading = GRAPH_OPTIONS)]
    pub(crate) no_all_features: bool,

    /// Do not enable the feature `default`
    #[arg(long, help_heading = GRAPH_OPTIONS)]
    pub(crate) no_default_features: bool,

    /// Features to enable, separated by spaces or commas
    ///
    /// May be repeated.
    #[arg(long, value_name = "FEATURES", help_heading = GRAPH_OPTIONS)]
    pub(crate) features: Vec<String>,

    /// Check for this target, instead of those in `vet.toml`
    ///
    /// The name of a target that rustc knows, or the path of a target specification; may be
    /// repeated. `all` means all targets. Commands that write use the targets in `vet.toml`, so
    /// that all users write the same store.
    #[arg(long, value_name = "TRIPLE", help_heading = GRAPH_OPTIONS)]
    pub(crate) target: Vec<String>,

    /// Use only a part of the dependency graph
    ///
    /// Example: --filter-graph 'exclude(any(is_dev_only(true), name(serde)))'
    ///
    /// A filter is `include(QUERY)` or `exclude(QUERY)`. The option may be
    /// repeated. The workspace members that pass all filters are kept, and
    /// all packages that can be reached from them through packages that pass.
    ///
    /// A query is one of
    ///
    /// * `any(QUERY, …)`, `all(QUERY, …)`, `not(QUERY)`
    /// * `name(NAME)`: the package has this name
    /// * `version(VERSION)`: the package has this version
    /// * `is_root(BOOL)`: no other package needs it, except for development
    /// * `is_workspace_member(BOOL)`: it is a member of the workspace
    /// * `is_third_party(BOOL)`: it comes from crates.io
    /// * `is_dev_only(BOOL)`: it is only needed for development
    ///
    /// where BOOL is `true` or `false`. The properties are those in the whole
    /// graph.
    #[arg(long, value_name = "FILTER_GRAPH", verbatim_doc_comment, help_heading = GRAPH_OPTIONS)]
    pub(crate) filter_graph: Vec<String>,

    /// Argument for `cargo metadata`; may be repeated
    ///
    /// Example: --cargo-arg=-Zbindeps
    #[arg(long, value_name = "CARGO_ARG", help_heading = GRAPH_OPTIONS)]
    pub(crate) cargo_arg: Vec<String>,

    /// Ask git's credential helpers about the URLs of peers
    #[arg(long, help_heading = NETWORK_OPTIONS)]
    pub(crate) use_git_credentials: bool,

    /// Do not look for helpful imports in the audit registry
    #[arg(long, help_heading = NETWORK_OPTIONS)]
    pub(crate) no_registry_suggestions: bool,

    /// Mirror of crates.io that the checkout may name
    ///
    /// The index of a registry, such as `sparse+https://mirror.example/`; may be repeated. If
    /// cargo's configuration in the checkout replaces crates.io with this index, it is trusted like
    /// one that the user configured. Any other mirror that only the checkout names proves nothing.
    /// The variable CARGO_VET_ACCEPT_MIRROR does the same.
    #[arg(long, value_name = "INDEX", help_heading = NETWORK_OPTIONS)]
    pub(crate) accept_mirror: Vec<String>,

    /// How much to log about the run [default: warn]
    ///
    /// `off` silences errors too: only the exit status remains. The log goes to stderr.
    #[arg(long, value_name = "VERBOSE", help_heading = OUTPUT_OPTIONS)]
    pub(crate) verbose: Option<Verbosity>,

    /// Do not report what a command changed
    ///
    /// Warnings and errors are still shown. See `--verbose` to silence those.
    #[arg(long, short, help_heading = OUTPUT_OPTIONS)]
    pub(crate) quiet: bool,

    /// When to use colours [default: auto]
    ///
    /// `auto` follows the terminal and the variables NO_COLOR, CLICOLOR, CLICOLOR_FORCE and TERM.
    /// Files and JSON are never coloured.
    #[arg(long, value_name = "WHEN", help_heading = OUTPUT_OPTIONS)]
    pub(crate) color: Option<ColorChoice>,

    /// Write the answer to this file instead of stdout
    ///
    /// The file is written once the answer is complete. If the command fails, the file keeps its
    /// content.
    #[arg(long, value_name = "OUTPUT_FILE", help_heading = OUTPUT_OPTIONS)]
    pub(crate) output_file: Option<PathBuf>,

    /// Write the log to this file instead of stderr
    ///
    /// Errors on the command line itself still go to stderr.
    #[arg(long, value_name = "LOG_FILE", help_heading = OUTPUT_OPTIONS)]
    pub(crate) log_file: Option<PathBuf>,

    /// Format of the answer [default: human]
    ///
    /// Errors of every command have a form in JSON, which replaces the answer.
    #[arg(long, value_name = "OUTPUT_FORMAT", help_heading = OUTPUT_OPTIONS)]
    pub(crate) output_format: Option<OutputFormat>,
}

/// How much the log contains. Each level includes those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Verbosity {
    /// Nothing, not even why the command failed
    Off,
    /// Why the command failed
    Error,
    /// Also warnings, and what the command changed
    #[default]
    Warn,
    /// Also what the command does
    Info,
    /// Also requests, what the cache had, and times
    Debug,
    /// Also each step of a request
    Trace,
}

/// The form of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// Text for people
    #[default]
    Human,
    /// JSON for programs
    Json,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless the environment says otherwise
    #[default]
    Auto,
    /// In every stream that is not a file
    Always,
    /// Nowhere
    Never,
}

impl GlobalArgs {
    /// Joins the options before a command's name (`self`) with those after it.
    ///
    /// Flags are combined and lists are concatenated. An option with a single value must not occur
    /// on both sides, because either value could be meant.
    pub(crate) fn join(self, inner: GlobalArgs) -> Result<GlobalArgs, UsageError> {
        Ok(GlobalArgs {
            manifest_path: once("--manifest-path <PATH>", self.manifest_path, inner.manifest_path)?,
            store_path: once("--store-path <STORE_PATH>", self.store_path, inner.store_path)?,
            no_all_features: self.no_all_features || inner.no_all_features,
            no_default_features: self.no_default_features || inner.no_default_features,
            features: joined(self.features, inner.features),
            locked: self.locked || inner.locked,
            frozen: self.frozen || inner.frozen,
            dry_run: self.dry_run || inner.dry_run,
            strict: self.strict || inner.strict,
            use_git_credentials: self.use_git_credentials || inner.use_git_credentials,
            no_minimize_exemptions: self.no_minimize_exemptions || inner.no_minimize_exemptions,
            no_registry_suggestions: self.no_registry_suggestions || inner.no_registry_suggestions,
            verbose: once("--verbose <VERBOSE>", self.verbose, inner.verbose)?,
            quiet: self.quiet || inner.quiet,
            color: once("--color <WHEN>", self.color, inner.color)?,
            output_file: once("--output-file <OUTPUT_FILE>", self.output_file, inner.output_file)?,
            log_file: once("--log-file <LOG_FILE>", self.log_file, inner.log_file)?,
            output_format: once("--output-format <OUTPUT_FORMAT>", self.output_format, inner.output_format)?,
            cache_dir: once("--cache-dir <CACHE_DIR>", self.cache_dir, inner.cache_dir)?,
            current_time: once("--current-time <CURRENT_TIME>", self.current_time, inner.current_time)?,
            filter_graph: joined(self.filter_graph, inner.filter_graph),
            target: joined(self.target, inner.target),
            allow: joined(self.allow, inner.allow),
            warn: joined(self.warn, inner.warn),
            deny: joined(self.deny, inner.deny),
            accept_mirror: joined(self.accept_mirror, inner.accept_mirror),
            cargo_arg: joined(self.cargo_arg, inner.cargo_arg),
        })
    }
}

fn once<T>(option: &str, outer: Option<T>, inner: Option<T>) -> Result<Option<T>, UsageError> {
    match (outer, inner) {
        (Some(_), Some(_)) => Err(UsageError::repeated(option)),
        (outer, inner) => Ok(outer.or(inner)),
    }
}

fn joined(mut outer: Vec<String>, inner: Vec<String>) -> Vec<String> {
    outer.extend(inner);
    outer
}
