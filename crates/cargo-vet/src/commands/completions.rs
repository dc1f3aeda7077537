//! `completions`: prints a script that completes command lines.

use clap_complete::Shell;

use super::Outcome;
use crate::ExitStatus;
use crate::args::definition;
use crate::printer::Printer;

/// The name of the binary, which shells complete.
const BINARY: &str = "cargo-vet";

/// For zsh, cargo's own completions call `_cargo-vet` with the words from `vet` on, so the script
/// completes `cargo vet …`. Other shells have no such hook; there it completes `cargo-vet vet …`.
pub(crate) fn run(shell: Shell, printer: &Printer) -> Outcome {
    let cargo = definition();
    let mut command = match (shell, cargo.find_subcommand("vet")) {
        (Shell::Zsh, Some(vet)) => vet.clone(),
        _ => cargo,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, BINARY, &mut script);
    printer.answer(script);
    Ok(ExitStatus::Success)
}
