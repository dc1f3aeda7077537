//! `completions`: prints a script that completes command lines, and completes them for it.

use std::ffi::OsString;
use std::fmt::Write as _;

use clap::Args;
use clap_complete::Shell;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Reads, TEXT, Writes};
use crate::args::UsageError;
use crate::completion::{Completion, complete};

/// Print a script that completes commands in a shell
///
/// The script completes `cargo vet …` and `cargo-vet vet …`. It calls this program, so you need
/// not generate it again after an update.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  source <(cargo vet completions bash)
      For bash, in ~/.bashrc
  cargo vet completions zsh > ~/.zfunc/_cargo-vet
      For zsh, into a folder in $fpath
  cargo vet completions fish > ~/.config/fish/conf.d/cargo-vet.fish
      For fish")]
pub(crate) struct CompletionsCommand {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,

    /// Complete the last of these words
    #[arg(long, hide = true)]
    complete: bool,

    /// The words of a command line
    #[arg(value_name = "WORD", hide = true, last = true)]
    words: Vec<OsString>,
}

impl Command for CompletionsCommand {
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
        Ok(Action::describe(move |mut definition| {
            if !self.complete {
                return Ok(script(definition, self.shell));
            }
            definition.build();
            let words: Vec<String> =
                self.words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
            Ok(lines(complete(&definition, &words)).into_bytes())
        }))
    }
}

/// A line for each candidate: the word, a tab, and what it means. The shell completes files itself.
fn lines(completion: Completion) -> String {
    match completion {
        Completion::Files => ":files\n".to_owned(),
        Completion::Words(words) => words.iter().fold(String::new(), |mut lines, (word, help)| {
            let _ = writeln!(lines, "{word}\t{help}");
            lines
        }),
    }
}

fn script(cargo: clap::Command, shell: Shell) -> Vec<u8> {
    /// The name of the binary.
    const BINARY: &str = "cargo-vet";
    match shell {
        Shell::Bash => include_bytes!("../../completions/cargo-vet.bash").to_vec(),
        Shell::Zsh => include_bytes!("../../completions/cargo-vet.zsh").to_vec(),
        Shell::Fish => include_bytes!("../../completions/cargo-vet.fish").to_vec(),
        // These complete `cargo-vet vet …`.
        other => {
            let mut script = Vec::new();
            clap_complete::generate(other, &mut cargo.clone(), BINARY, &mut script);
            script
        }
    }
}
