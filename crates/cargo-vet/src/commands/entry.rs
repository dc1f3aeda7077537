//! An entry of the list of commands: how clap defines and reads the command.

use clap::error::Error;
use clap::{Arg, ArgAction, ArgMatches, Args};

use super::command::{Action, Command, DryRun, Facts, NetworkUse, Reads, Targets, Writes};
use crate::args::{GRAPH_OPTIONS, GlobalArgs, OUTPUT_OPTIONS, PROJECT_OPTIONS, UsageError, is_global};

/// A command in the list of all commands.
pub(crate) struct CommandEntry {
    pub(crate) facts: Facts,
    /// The commands below it. If there are any, one of them must be named.
    pub(crate) below: &'static [CommandEntry],
    define: fn(clap::Command) -> clap::Command,
    read: fn(&ArgMatches) -> Result<Result<Action, UsageError>, Error>,
}

impl CommandEntry {
    pub(crate) const fn of<C: Command>() -> Self {
        CommandEntry::above::<C>(&[])
    }

    /// A command that has commands below it.
    pub(crate) const fn above<C: Command>(below: &'static [CommandEntry]) -> Self {
        CommandEntry { facts: C::FACTS, below, define: define::<C>, read: read::<C> }
    }

    /// The definition for clap.
    pub(crate) fn definition(&self) -> clap::Command {
        (self.define)(clap::Command::new(self.facts.name))
            .subcommands(self.below.iter().map(CommandEntry::definition))
    }

    /// What the arguments ask for.
    ///
    /// # Errors
    ///
    /// The outer error is clap's and means that the definition is inconsistent.
    pub(crate) fn action(&self, matches: &ArgMatches) -> Result<Result<Action, UsageError>, Error> {
        (self.read)(matches)
    }
}

fn read<C: Command>(matches: &ArgMatches) -> Result<Result<Action, UsageError>, Error> {
    Ok(C::from_arg_matches(matches)?.action())
}

/// The global options of a command are defined only when it is used or described: defining all of
/// them takes longer than a small check.
fn define<C: Command>(command: clap::Command) -> clap::Command {
    with_help_option(C::augment_args(command)).defer(define_global::<C>)
}

/// Hides global options in the short help, so that the command's own options are easy to find, and
/// those that do not apply to the command also in the long help.
fn define_global<C: Command>(command: clap::Command) -> clap::Command {
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string);
    let about = about.unwrap_or_default();
    GlobalArgs::augment_args(command).long_about(format!("{about}\n\n{}", C::FACTS.sentences())).mut_args(
        |argument| {
            if !is_global(&argument) {
                return argument;
            }
            let is_hidden = argument.is_hide_set() || !applies(&argument, &C::FACTS);
            let is_important = argument.get_id() == "locked" && C::FACTS.writes == Writes::StoreUnlessLocked;
            argument.hide_short_help(!is_important).hide(is_hidden)
        },
    )
}

/// Adds `-h` and `--help`. Clap's own does not say that `-h` leaves options out.
pub(crate) fn with_help_option(command: clap::Command) -> clap::Command {
    let option = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    let option = option.help("Print help (all options: --help)").long_help("Print help (a summary: -h)");
    command.disable_help_flag(true).arg(option)
}

/// Whether a global option makes a difference to a command.
fn applies(option: &Arg, facts: &Facts) -> bool {
    let has_project = facts.reads != Reads::Nothing;
    let is_about_itself =
        !has_project && facts.writes == Writes::Nothing && facts.network == NetworkUse::Nothing;
    match (option.get_id().as_str(), option.get_help_heading()) {
        ("dry_run", _) => facts.dry_run == DryRun::Supported,
        ("strict", _) => facts.strict,
        ("target", _) => matches!(facts.targets(), Targets::Any | Targets::IfLocked),
        ("cache_dir", _) => !is_about_itself,
        (_, Some(PROJECT_OPTIONS | GRAPH_OPTIONS)) => has_project,
        (_, Some(OUTPUT_OPTIONS)) => true,
        _ => !is_about_itself,
    }
}
