//! The command line as typed.
//!
//! The parser, the help, the manual page, the completions and the Markdown manual are generated
//! from one definition. The result is only parsed; [`crate::request`] combines it with the
//! environment.
//!
//! The options of [`GlobalArgs`] are accepted before and after a command's name. They are defined
//! at each level, not as clap's "global" arguments, because clap silently prefers one side if both
//! give a value.

use clap::error::{Error, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::args::{GlobalArgs, UsageError};
use crate::commands::command::{Action, Facts};
use crate::commands::entry::{CommandEntry, with_help_option};
use crate::commands::{self, ALL};

#[cfg(test)]
mod compatibility_tests;
mod help;

/// The version of this tool, and that of the original whose files and commands it has.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (compatible with cargo-vet 0.10.3)");

/// Supply-chain security for Rust
#[derive(Parser)]
#[command(name = "cargo", bin_name = "cargo", version = VERSION, arg_required_else_help = true, max_term_width = 100)]
#[command(display_name = "cargo-vet")]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) cargo: CargoCommand,
}

/// What cargo calls: `cargo vet …` runs `cargo-vet vet …`.
#[derive(Subcommand)]
pub(crate) enum CargoCommand {
    Vet(VetArgs),
}

/// Supply-chain security for Rust
///
/// Checks that every third-party package of a project was audited by people that you trust. Without
/// a command, `check` runs.
#[derive(Args)]
#[command(version = VERSION, disable_version_flag = true, display_name = "cargo-vet")]
#[command(override_usage = "cargo vet [OPTIONS] [COMMAND]")]
#[command(after_long_help = "\
Examples:
  cargo vet init                           Start using cargo vet in a project
  cargo vet                                Check the project
  cargo vet suggest                        See what to audit next
  cargo vet next                           Audit what is suggested, step by step
  cargo vet inspect serde 1.0.200          Read the code of a package
  cargo vet certify serde 1.0.200          Record that you audited it")]
pub(crate) struct VetArgs {
    #[command(subcommand)]
    pub(crate) chosen: Option<Chosen>,

    #[command(flatten)]
    pub(crate) global: GlobalArgs,
}

/// The complete definition.
pub(crate) fn definition() -> clap::Command {
    CommandLine::command().mut_subcommand("vet", |vet| with_help_option(vet).arg(version_option()))
}

/// Clap's own option would be in the short help, too, for which there is no room.
fn version_option() -> Arg {
    let option = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    option.help("Print version").hide_short_help(true)
}

/// The definition for the parser, whose help lists the commands in groups.
pub(crate) fn parser() -> clap::Command {
    definition().mut_subcommand("vet", help::in_groups)
}

/// The definition of a command, such as `["regenerate", "exemptions"]`.
pub(crate) fn definition_of(path: &[&str]) -> clap::Command {
    let mut command = definition();
    command.build();
    for name in ["vet"].iter().chain(path) {
        // The names come from the definitions. If one were unknown, this would be its parent.
        let Some(found) = command.find_subcommand(name) else { break };
        command = found.clone();
    }
    command
}

/// The chosen command, and the options after its name.
pub(crate) struct Chosen {
    /// The names that lead to the command.
    pub(crate) path: Vec<&'static str>,
    /// The options of each level below `vet`, outermost first.
    pub(crate) global: Vec<GlobalArgs>,
    pub(crate) facts: Facts,
    pub(crate) action: Result<Action, UsageError>,
}

impl Chosen {
    /// The command that runs if none is named.
    pub(crate) fn by_default() -> Self {
        let (facts, action) = commands::default();
        Chosen { path: vec![], global: vec![], facts, action }
    }
}

impl Subcommand for Chosen {
    fn augment_subcommands(command: clap::Command) -> clap::Command {
        command.subcommands(ALL.iter().map(CommandEntry::definition))
    }

    fn augment_subcommands_for_update(command: clap::Command) -> clap::Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        ALL.iter().any(|entry| entry.facts.name == name)
    }
}

impl FromArgMatches for Chosen {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let (mut path, mut global) = (Vec::new(), Vec::new());
        let (mut entries, mut matches) = (ALL, matches);
        while let Some((name, below)) = matches.subcommand() {
            let Some(entry) = entries.iter().find(|entry| entry.facts.name == name) else { break };
            path.push(entry.facts.name);
            global.push(GlobalArgs::from_arg_matches(below)?);
            if entry.below.is_empty() {
                let action = entry.action(below)?;
                return Ok(Chosen { path, global, facts: entry.facts, action });
            }
            (entries, matches) = (entry.below, below);
        }
        Err(clap::Error::new(ErrorKind::MissingSubcommand))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
