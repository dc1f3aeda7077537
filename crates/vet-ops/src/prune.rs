//! `prune`: without what nothing relies on.

use vet_diagnostics::Diagnostic;
use vet_resolver::{Goal, UpdateMode};

use crate::changes::Changes;
use crate::context::Context;
use crate::events::Observer;
use crate::fetched_store::Network;
use crate::regenerate::{LeftOutPackages, update_store};

/// What is removed if nothing relies on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prune {
    /// Imported entries.
    pub imports: bool,
    /// Exemptions, which are also narrowed to what is needed of them.
    pub exemptions: bool,
    /// Audits of this project that peers cannot import.
    pub audits: bool,
    /// Of all these also what only packages rely on that settings leave out.
    pub unbuilt: bool,
}

/// Removes what nothing relies on. What is left out of the graph counts as relying on something, unless that is to go too. Crates that do not meet their requirements keep what they have. Without a network, what
/// is locked is all there is to rely on.
///
/// # Errors
///
/// The project or the store cannot be read, or the store cannot be written.
pub fn prune(
    context: &Context,
    network: Option<Network<'_>>,
    what: Prune,
    observer: &dyn Observer,
) -> Result<Changes, Vec<Diagnostic>> {
    let mode = UpdateMode {
        // Exemptions that stay in any case may as well be used.
        goal: if what.exemptions { Goal::Replace } else { Goal::Keep },
        prune_exemptions: what.exemptions,
        prune_audits: what.audits,
        prune_imports: what.imports,
    };
    let left_out = if what.unbuilt { LeftOutPackages::Forgotten } else { LeftOutPackages::Kept };
    update_store(context, network, mode, left_out, observer)
}
