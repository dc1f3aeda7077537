//! What a command is: its arguments, facts about it, and what it does.
//!
//! Each command states its facts in its own file. Everything that depends on them is derived: which
//! options it takes, where the help lists it, and whether it may run with `--locked`.

use clap::Args;
use vet_diagnostics::{Code, Diagnostic};

use crate::args::{OutputFormat, UsageError};
use crate::exit_status::ExitStatus;
use crate::failure::Failure;
use crate::options::{NetworkAccess, Options};
use crate::printer::Printer;

/// The result of a command: an exit status after it has answered, or why it failed.
pub(crate) type Outcome = Result<ExitStatus, Failure>;

/// A command. The type holds its arguments as typed; its doc comment is the help.
pub(crate) trait Command: Args {
    /// What the command is, and what it may do.
    const FACTS: Facts;

    /// What the arguments ask for.
    ///
    /// # Errors
    ///
    /// Arguments that do not fit together in a way that clap cannot express.
    fn action(self) -> Result<Action, UsageError>;
}

/// What a command does with its arguments.
pub(crate) enum Action {
    /// Runs an operation and shows its outcome.
    Run(Run),
    /// Answers with a text about the command line itself.
    Describe(Describe),
}

/// Runs an operation and shows its outcome.
pub(crate) type Run = Box<dyn FnOnce(&Options, &Printer) -> Outcome>;

/// Describes the command line, whose definition it gets.
pub(crate) type Describe = Box<dyn FnOnce(clap::Command) -> Result<Vec<u8>, UsageError>>;

impl Action {
    /// Runs a function.
    pub(crate) fn run(run: impl FnOnce(&Options, &Printer) -> Outcome + 'static) -> Self {
        Action::Run(Box::new(run))
    }

    /// Describes the command line.
    pub(crate) fn describe(
        describe: impl FnOnce(clap::Command) -> Result<Vec<u8>, UsageError> + 'static,
    ) -> Self {
        Action::Describe(Box::new(describe))
    }
}

/// What a command is, and what it may do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// The name on the command line.
    pub(crate) name: &'static str,
    /// Where the help lists it.
    pub(crate) group: Group,
    /// Whether the short help of `cargo vet` says what it does.
    pub(crate) is_common: bool,
    pub(crate) reads: Reads,
    pub(crate) writes: Writes,
    pub(crate) network: NetworkUse,
    pub(crate) dry_run: DryRun,
    /// Whether it takes `--strict`.
    pub(crate) strict: bool,
    /// The formats of its answer. Errors have all formats.
    pub(crate) formats: &'static [OutputFormat],
}

/// Answers for people only.
pub(crate) const TEXT: &[OutputFormat] = &[OutputFormat::Human];

/// Answers for people and for programs.
pub(crate) const TEXT_AND_JSON: &[OutputFormat] = &[OutputFormat::Human, OutputFormat::Json];

/// A heading of the list of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Check,
    Audit,
    Share,
    Maintain,
    Help,
}

impl Group {
    pub(crate) const ALL: [Group; 5] =
        [Group::Check, Group::Audit, Group::Share, Group::Maintain, Group::Help];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Group::Check => "Check",
            Group::Audit => "Audit",
            Group::Share => "Share",
            Group::Maintain => "Maintain",
            Group::Help => "Help",
        }
    }
}

/// What a command reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Nothing of a project.
    Nothing,
    /// The project. Options that limit the dependency graph to targets do not apply.
    Project,
    /// The dependency graph, or the settings that shape it.
    Graph,
}

/// What a command changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writes {
    Nothing,
    Store,
    /// The store, but not with `--locked`.
    StoreUnlessLocked,
    Cache,
}

/// What a command uses the network for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NetworkUse {
    Nothing,
    /// With `--locked`, the command works without the network.
    UnlessLocked,
    /// Downloads whose checksums are known, also with `--locked`.
    UnlessFrozen,
    /// The command refuses `--locked`, because of this: `cargo vet NAME …`.
    RefusesLocked(&'static str),
    /// The command refuses `--frozen`, because of this: `cargo vet NAME …`.
    RefusesFrozen(&'static str),
}

/// Whether a command can show what it would change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DryRun {
    Supported,
    /// It refuses `--dry-run`, because of this: the command …
    Refused(&'static str),
}

impl DryRun {
    /// For commands that change nothing.
    pub(crate) const NEEDLESS: DryRun = DryRun::Refused("changes nothing");
}

impl Facts {
    /// The facts in sentences, for the help.
    pub(crate) fn sentences(&self) -> String {
        let mut sentences = Vec::new();
        if self.reads == Reads::Nothing {
            sentences.push("Needs no project.");
        }
        sentences.push(match self.writes {
            Writes::Nothing => "Changes nothing.",
            Writes::Store => "Changes the store.",
            Writes::StoreUnlessLocked => "Changes the store, except with --locked.",
            Writes::Cache => "Changes the cache.",
        });
        match self.network {
            NetworkUse::Nothing => {}
            NetworkUse::UnlessLocked => sentences.push("Uses the network, except with --locked."),
            NetworkUse::UnlessFrozen => {
                sentences.push("Uses the network, except with --locked --frozen.");
            }
            NetworkUse::RefusesLocked(_) | NetworkUse::RefusesFrozen(_) => {
                sentences.push("Needs the network.");
            }
        }
        if self.formats.contains(&OutputFormat::Json) {
            sentences.push("Answers in JSON with --output-format json.");
        }
        sentences.join(" ")
    }

    /// Checks that the command can work with the network that it may use.
    ///
    /// # Errors
    ///
    /// It needs more, and why.
    pub(crate) fn check_network(&self, access: NetworkAccess) -> Result<(), Diagnostic> {
        let (code, reason, option) = match (self.network, access) {
            (NetworkUse::RefusesLocked(reason), NetworkAccess::Locked | NetworkAccess::Frozen) => {
                (Code::NeedsNetwork, reason, "--locked")
            }
            (NetworkUse::RefusesFrozen(reason), NetworkAccess::Frozen) => (Code::Offline, reason, "--frozen"),
            _ => return Ok(()),
        };
        let message = format!("`cargo vet {}` {reason}", self.name);
        Err(Diagnostic::error(code, message).help(format!("leave out `{option}`")))
    }

    /// Whether the command takes `--target`, and if not, why not. All users who write a store must
    /// use the same targets, so commands that write use those of the settings.
    pub(crate) fn targets(&self) -> Targets {
        match (self.reads, self.writes) {
            (Reads::Graph, Writes::Nothing) => Targets::Any,
            (Reads::Graph, Writes::StoreUnlessLocked) => Targets::IfLocked,
            (_, Writes::Store | Writes::StoreUnlessLocked) => Targets::OfSettings,
            (_, Writes::Nothing | Writes::Cache) => Targets::Irrelevant,
        }
    }
}

/// Which targets a command uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Targets {
    /// Those that the command line names, or else those of the settings.
    Any,
    /// As `Any` with `--locked`, otherwise as `OfSettings`.
    IfLocked,
    /// Those of the settings only.
    OfSettings,
    /// None.
    Irrelevant,
}
