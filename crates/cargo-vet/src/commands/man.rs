//! `man`: prints a manual page, in roff.

use clap::Args;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Reads, TEXT, Writes};
use crate::args::{UsageError, is_global};

/// Print a manual page, in roff
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet man | man -l -                 Read the page of cargo vet
  cargo vet man regenerate exemptions > cargo-vet-regenerate-exemptions.1")]
pub(crate) struct ManCommand {
    /// Command to describe [default: cargo vet itself]
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

impl Command for ManCommand {
    const FACTS: Facts = Facts {
        name: "man",
        group: Group::Help,
        is_common: false,
        reads: Reads::Nothing,
        writes: Writes::Nothing,
        network: NetworkUse::Nothing,
        dry_run: DryRun::NEEDLESS,
        strict: false,
        formats: TEXT,
    };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::describe(move |definition| page(definition, &self.command)))
    }
}

/// The page of a command. Below `vet`, it omits the global options, which are on the page of `vet`.
fn page(mut cargo: clap::Command, command: &[String]) -> Result<Vec<u8>, UsageError> {
    cargo.build();
    let mut about = &cargo;
    for name in std::iter::once("vet").chain(command.iter().map(String::as_str)) {
        about = about.find_subcommand(name).ok_or_else(|| UsageError::unknown_command(name))?;
    }
    let mut about = about.clone();
    let usage = about.render_usage().to_string();
    about = about.override_usage(usage.trim_start_matches("Usage:").trim_start().to_owned());
    if about.get_name() != "vet" {
        about = about.mut_args(|arg| {
            let is_hidden = arg.is_hide_set() || is_global(&arg);
            arg.hide(is_hidden)
        });
    }
    let mut page = Vec::new();
    // Writing to memory does not fail.
    let _ = clap_mangen::Man::new(about)
        .source(concat!("cargo-vet ", env!("CARGO_PKG_VERSION")))
        .manual("cargo vet manual")
        .render(&mut page);
    Ok(page)
}
