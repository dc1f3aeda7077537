//! Commands, or ways to use them, that this version does not have.

use vet_store::{Code, Diagnostic};

/// A command that has to fetch something. `what` completes the sentence "it needs the network to …".
pub(crate) fn needs_network(command: &str, what: &str) -> Diagnostic {
    Diagnostic::error(Code::NeedsNetwork, format!("`cargo vet {command}` needs the network to {what}"))
        .note(format!("cargo-vet {} cannot do that yet", env!("CARGO_PKG_VERSION")))
}
