//! `help-markdown`: prints the help of all commands as one page of Markdown.

use clap::Args;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Reads, TEXT, Writes};
use crate::args::UsageError;
use crate::manual;

/// Print the help of all commands as one page of Markdown
#[derive(Args, Debug)]
#[command(hide = true)]
pub(crate) struct HelpMarkdownCommand {}

impl Command for HelpMarkdownCommand {
    const FACTS: Facts = Facts {
        name: "help-markdown",
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
        Ok(Action::describe(|definition| Ok(manual::markdown(definition).into_bytes())))
    }
}
