//! `cargo vet`: are all third-party packages of a project vetted?

use std::process::ExitCode;

fn main() -> ExitCode {
    cargo_vet::install_panic_hook();
    cargo_vet::run().into()
}
