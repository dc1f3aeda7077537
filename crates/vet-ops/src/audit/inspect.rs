//! `inspect` on this machine: unpacks the source of a version into a folder.

use std::path::PathBuf;

use vet_diagnostics::Problems;
use vet_fetch::sources::unpack;

use crate::audit::reading::Reading;
use crate::audit::trees::trees;
use crate::fetched_store::Network;
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::Report;

/// Unpacks the requested source into the cache. Returns a read-only folder for each version.
///
/// # Errors
///
/// The source is unavailable, or cannot be written.
pub fn folders(
    context: &Context,
    network: Network<'_>,
    reading: &Reading,
    observer: &dyn Observer,
) -> Report<Vec<PathBuf>> {
    Report::of(observer, &reading.levels, |run| {
        let trees = trees(context, network, reading, run)?;
        let Reading { subject, .. } = reading;
        let each = subject.versions().zip(&trees);
        let unpacked = each.map(|(version, tree)| unpack(&context.cache, &subject.package, version, tree));
        unpacked.collect::<Result<_, _>>().map_err(Problems::from)
    })
}
