//! `prune`: removes what nothing relies on.

use vet_resolver::{Goal, UpdateMode};

use crate::fetched_store::Network;
use crate::operation::changes::Changes;
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::Report;
use crate::update::{LeftOutPackages, update_store};

/// What to remove if nothing relies on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prune {
    /// Imported entries.
    pub imports: bool,
    /// Exemptions. They are also narrowed to the criteria that are needed.
    pub exemptions: bool,
    /// Audits of this project that peers cannot import.
    pub audits: bool,
    /// Whether to remove also those entries that are needed only by packages which the settings
    /// leave out.
    pub unbuilt: bool,
}

/// Removes what nothing relies on. Packages that are left out of the graph keep their entries,
/// unless `unbuilt` is set. Crates that do not meet their requirements keep all entries. Without a
/// network, only locked entries can be relied on.
///
/// # Errors
///
/// The project or the store cannot be read, or the store cannot be written.
pub fn prune(
    context: &Context,
    network: Option<Network<'_>>,
    what: Prune,
    observer: &dyn Observer,
) -> Report<Changes> {
    Report::of(observer, &context.overrides.levels, |run| {
        let mode = UpdateMode {
            // Exemptions that stay in any case can be used.
            goal: if what.exemptions { Goal::Replace } else { Goal::Keep },
            prune_exemptions: what.exemptions,
            prune_audits: what.audits,
            prune_imports: what.imports,
        };
        let left_out = if what.unbuilt { LeftOutPackages::Forgotten } else { LeftOutPackages::Kept };
        update_store(context, network, mode, left_out, run)
    })
}
