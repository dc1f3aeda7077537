//! `cargo vet`: checks that all third-party packages of a project are vetted.

use std::process::ExitCode;

fn main() -> ExitCode {
    cargo_vet::install_panic_hook();
    cargo_vet::run().into()
}
