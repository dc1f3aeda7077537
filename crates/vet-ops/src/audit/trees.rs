//! The sources of the versions to read, from this machine or from the registry.

use std::cell::Cell;

use vet_diagnostics::{Code, Diagnostic, Problems};
use vet_fetch::archives::{ArchiveEvent, Archives, WantedArchive};
use vet_fetch::http::FetchEvent;
use vet_graph::PackageSource;
use vet_source::Tree;

use crate::audit::reading::Reading;
use crate::fetched_store::Network;
use crate::fetched_store::peer_files::tell;
use crate::operation::context::Context;
use crate::operation::events::{Event, Stage};
use crate::operation::report::Run;
use crate::search::crate_sources::git_tree;

/// The files of each version to read. They match the checksum in `Cargo.lock` or the index, or else
/// the revision in `Cargo.lock`.
///
/// # Errors
///
/// Some sources are unavailable.
pub(crate) fn trees(
    context: &Context,
    network: Network<'_>,
    reading: &Reading,
    run: &Run<'_>,
) -> Result<Vec<Tree>, Problems> {
    let Reading { subject, lock, sources, .. } = reading;
    let in_lock_file = |problem: Diagnostic, wanted: Option<&WantedArchive>| match (problem.code, wanted) {
        (Code::WrongChecksum, Some(wanted)) => {
            let locked = lock.number_of(&wanted.name, &wanted.version, &PackageSource::CratesIo);
            lock.mark(problem, locked.as_slice(), "locked with this checksum")
        }
        _ => problem,
    };
    let (name, versions) = (subject.package.as_str(), subject.versions().collect::<Vec<_>>());
    let mut found: Vec<Option<Result<Tree, Diagnostic>>> =
        versions.iter().map(|version| git_tree(context, network, sources, name, version)).collect();
    let missing: Vec<usize> =
        found.iter().enumerate().filter(|(_, tree)| tree.is_none()).map(|(index, _)| index).collect();
    let published = missing.iter().filter_map(|index| versions.get(*index));
    let wanted: Vec<WantedArchive> = published
        .map(|version| WantedArchive {
            name: name.to_owned(),
            version: version.semver.clone(),
            checksum: lock.checksum(name, &version.semver).map(str::to_owned),
        })
        .collect();
    let (done, total) = (Cell::new(0), Cell::new(0));
    let report = |event: ArchiveEvent<'_>| match event {
        ArchiveEvent::Missing(number) => total.set(number),
        ArchiveEvent::Download { event, .. } => {
            if let FetchEvent::Finished = event {
                done.set(done.get() + 1);
            }
            let (done, total) = (done.get(), total.get());
            run.notice(Event::Progress { stage: Stage::Packages, done, total });
            tell(event, run);
        }
    };
    Archives::new(network.crates_io, sources.clone()).bring(&wanted, &report, &mut |index, package| {
        let place = missing.get(index).and_then(|index| found.get_mut(*index));
        if let Some(place) = place {
            let tree = package.and_then(|package| package.tree());
            *place = Some(tree.map_err(|problem| in_lock_file(problem, wanted.get(index))));
        }
    });
    let (mut trees, mut problems) = (Vec::new(), Vec::new());
    for tree in found.into_iter().flatten() {
        match tree {
            Ok(tree) => trees.push(tree),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(trees) } else { Err(problems.into()) }
}
