//! The arguments after the name of a command.
//!
//! The options of [`GlobalArgs`] are accepted before and after a command's name. They are defined
//! at each level, not as clap's "global" arguments, because clap silently prefers one side if both
//! give a value.
//!
//! A level is defined only when its command is used or described: defining all levels takes longer
//! than a small check.

use clap::error::Error;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::GlobalArgs;
use super::global::GLOBAL_OPTIONS;

/// A command's own arguments, and the global options that stand after its name.
#[derive(Debug)]
pub(crate) struct Level<T> {
    pub(crate) own: T,
    pub(crate) global: GlobalArgs,
}

impl<T: Args> Args for Level<T> {
    fn augment_args(command: Command) -> Command {
        command.defer(define::<T>)
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(define::<T>)
    }
}

impl<T: Args> FromArgMatches for Level<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Ok(Level { own: T::from_arg_matches(matches)?, global: GlobalArgs::from_arg_matches(matches)? })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.own.update_from_arg_matches(matches)?;
        self.global.update_from_arg_matches(matches)
    }
}

/// Global options are hidden in the short help, so that the command's own options are easy to find.
fn define<T: Args>(command: Command) -> Command {
    GlobalArgs::augment_args(T::augment_args(command))
        .mut_args(|arg| {
            let is_global = arg.get_help_heading() == Some(GLOBAL_OPTIONS);
            arg.hide_short_help(is_global)
        })
        .after_help("All commands take the global options that `cargo vet -h` lists.")
}
