//! `diff` on this machine: the changes between two versions.

use vet_source::{Comparison, Diff, Tree};

use crate::audit::reading::Reading;
use crate::audit::trees::trees;
use crate::fetched_store::Network;
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::Report;
use crate::search::crate_sources::comparison;

/// Two versions of a crate.
#[derive(Debug)]
pub struct BothVersions {
    old: Tree,
    new: Tree,
    kind: Comparison,
}

impl BothVersions {
    /// The differences, without files that cargo adds to a package and that no dependent uses.
    pub fn diff(&self) -> Diff<'_> {
        let mut diff = vet_source::diff(&self.old, &self.new, self.kind);
        diff.files.retain(|file| file.counts);
        diff.only_line_ends.retain(|path| self.kind.counts(path));
        diff
    }
}

/// Fetches both versions. If only one is to be read, it is compared with an empty tree.
///
/// # Errors
///
/// The sources are unavailable.
pub fn both_versions(
    context: &Context,
    network: Network<'_>,
    reading: &Reading,
    observer: &dyn Observer,
) -> Report<BothVersions> {
    Report::of(observer, &reading.levels, |run| {
        let mut trees = trees(context, network, reading, run)?.into_iter().rev();
        let (new, old) = (trees.next().unwrap_or_default(), trees.next().unwrap_or_default());
        Ok(BothVersions { old, new, kind: comparison(reading.subject.versions()) })
    })
}
