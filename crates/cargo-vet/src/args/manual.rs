//! The arguments of `completions`, `man` and `help-markdown`.

use clap::Args;
use clap_complete::Shell;

use super::{UsageError, definition};

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet completions zsh > ~/.zfunc/_cargo-vet
                                           Completes `cargo vet …` through cargo's own completions
  cargo vet completions bash > ~/.local/share/bash-completion/completions/cargo-vet
                                           Completes `cargo-vet vet …`")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet man | man -l -                 Read the page of cargo vet
  cargo vet man regenerate exemptions > cargo-vet-regenerate-exemptions.1")]
pub(crate) struct ManArgs {
    /// Command that the page is about [default: cargo vet itself]
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

impl ManArgs {
    /// The definition of the command that the page describes.
    pub(crate) fn validate(self) -> Result<clap::Command, UsageError> {
        let mut cargo = definition();
        cargo.build();
        let mut command = &cargo;
        for name in std::iter::once("vet").chain(self.command.iter().map(String::as_str)) {
            command = command.find_subcommand(name).ok_or_else(|| UsageError::unknown_command(name))?;
        }
        Ok(command.clone())
    }
}
