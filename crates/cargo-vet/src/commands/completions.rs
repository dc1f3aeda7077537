//! `completions`: prints a script that completes command lines.

use clap::Args;
use clap_complete::Shell;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Reads, TEXT, Writes};
use crate::args::UsageError;

/// The name of the binary, which shells complete.
const BINARY: &str = "cargo-vet";

/// Print a script that completes commands in a shell
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet completions zsh > ~/.zfunc/_cargo-vet
      Completes `cargo vet …` through cargo's own completions
  cargo vet completions bash \\
      > ~/.local/share/bash-completion/completions/cargo-vet
      Completes `cargo-vet vet …`")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Command for Completions {
    const FACTS: Facts = Facts {
        name: "completions",
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
        Ok(Action::describe(move |definition| Ok(script(definition, self.shell))))
    }
}

/// For zsh, cargo's own completions call `_cargo-vet` with the words from `vet` on, so the script
/// completes `cargo vet …`. Other shells have no such hook; there it completes `cargo-vet vet …`.
fn script(cargo: clap::Command, shell: Shell) -> Vec<u8> {
    let mut command = match (shell, cargo.find_subcommand("vet")) {
        (Shell::Zsh, Some(vet)) => vet.clone(),
        _ => cargo,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, BINARY, &mut script);
    script
}
