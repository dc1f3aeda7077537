//! The arguments of `next`.

use clap::Args;
use vet_ops::reading::{Command, Mode};

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet next                                Start with the smallest audit
  cargo vet next --mode local                   Read on this machine
  cargo vet next --criteria safe-to-deploy      Do not ask which criteria are met")]
pub(crate) struct NextArgs {
    /// Where to read: local, diff.rs or sourcegraph
    ///
    /// By default the mode that was last asked for, of `inspect` for whole versions and of `diff` for changes. Git
    /// versions are always read locally.
    #[arg(long, value_name = "MODE", value_parser = modes)]
    pub(crate) mode: Option<Modes>,

    /// Criterion that is met by all that is certified; may be repeated, or be a list with commas
    #[arg(long, value_name = "CRITERIA")]
    pub(crate) criteria: Vec<String>,

    /// Name of the auditor; may be repeated [default: name and address from git]
    #[arg(long, value_name = "WHO")]
    pub(crate) who: Vec<String>,
}

/// Where to read, for each of the two commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Modes {
    pub(crate) inspect: Mode,
    pub(crate) diff: Mode,
}

/// Parses a mode that both commands have. URL templates are not accepted, because the commands have
/// different placeholders.
fn modes(text: &str) -> Result<Modes, String> {
    let both = (Mode::read(text, Command::Inspect), Mode::read(text, Command::Diff));
    match both {
        (Ok(inspect), Ok(diff)) if !text.starts_with("custom_url=") => Ok(Modes { inspect, diff }),
        _ => {
            Err("the modes for whole versions and for changes are local, diff.rs and sourcegraph".to_owned())
        }
    }
}
