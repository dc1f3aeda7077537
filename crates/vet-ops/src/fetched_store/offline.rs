//! A project and its store, before anything is fetched, and the packages that have to be asked
//! about.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use vet_graph::{Graph, Package, PackageSource};
use vet_store::files::AuditsFile;
use vet_store::{Criteria, Date, Store};

use crate::session::Session;

/// A project and its store, before anything is fetched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offline<'a> {
    /// The graph without what the settings leave out. Only packages in it are looked up.
    pub(crate) graph: &'a Graph,
    /// The graph including what the settings leave out. Entries that are locked for these packages
    /// stay.
    pub(crate) whole: &'a Graph,
    pub(crate) store: &'a Store,
    pub(crate) criteria: &'a Criteria,
    /// The folder of the store.
    pub(crate) folder: &'a Path,
    pub(crate) today: Date,
}

impl<'a> Offline<'a> {
    /// The project and the store of a session.
    pub(crate) fn of(session: &'a Session<'_>) -> Self {
        Offline {
            graph: &session.graph,
            whole: session.whole(),
            store: &session.loaded.store,
            criteria: &session.loaded.criteria,
            folder: session.folder(),
            today: session.context.today,
        }
    }
}

/// The packages that need audits.
pub(super) fn third_party(graph: &Graph) -> impl Iterator<Item = Package<'_>> {
    graph.packages().filter(Package::is_third_party)
}

/// Packages that are audited as the crates.io crate of their name but have another source. Code
/// from git is not included: an auditor compares it with the published code in a delta audit.
pub(super) fn audited_as_published(graph: &Graph) -> impl Iterator<Item = Package<'_>> {
    third_party(graph)
        .filter(|package| *package.source() != PackageSource::CratesIo && package.version().git_rev.is_none())
}

/// Third-party crates of a graph with entries that name a publisher.
pub(super) fn crates_with_publishers<'a>(
    graph: &'a Graph,
    own: &AuditsFile,
    peers: &BTreeMap<String, AuditsFile>,
) -> BTreeSet<&'a str> {
    let matters = |name: &str| {
        own.wildcard_audits.contains_key(name)
            || own.trusted.contains_key(name)
            || peers.values().any(|peer| peer.wildcard_audits.contains_key(name))
    };
    third_party(graph).map(|package| package.name()).filter(|name| matters(name)).collect()
}
