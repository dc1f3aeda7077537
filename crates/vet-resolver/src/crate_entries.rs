//! All entries of a store about one crate.

use std::collections::HashMap;

use vet_store::Store;
use vet_store::entries::{
    AuditEntry, AuditKind, Exemption, PublisherEntry, TrustedEntry, UnpublishedEntry, WildcardEntry,
};
use vet_store::fetched::{FreshOfCrate, FreshOfPeer};
use vet_store::files::{AuditsFile, ByCrate};

/// The entries of a store that are about one crate.
#[derive(Clone, Debug)]
pub(crate) struct CrateEntries<'s> {
    /// The entries of this project.
    pub(crate) local: Claims<'s>,
    /// The entries of its peers, by name of the import. Peers without entries are left out.
    pub(crate) imported: Vec<Claims<'s>>,
    pub(crate) exemptions: &'s [Exemption],
    pub(crate) releases: &'s [PublisherEntry],
    pub(crate) fresh_releases: FreshOfCrate<'s>,
    pub(crate) unpublished: &'s [UnpublishedEntry],
    pub(crate) fresh_unpublished: FreshOfCrate<'s>,
}

/// The entries of one audits file that are about one crate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claims<'s> {
    /// Position of the peer among the imports, by name; 0 for this project.
    pub(crate) import: usize,
    pub(crate) audits: &'s [AuditEntry],
    pub(crate) fresh_audits: FreshOfCrate<'s>,
    pub(crate) wildcard_audits: &'s [WildcardEntry],
    pub(crate) fresh_wildcard_audits: FreshOfCrate<'s>,
    pub(crate) trusted: &'s [TrustedEntry],
}

/// The file of a peer, and which of its entries are fresh.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerEntries<'s> {
    pub(crate) file: &'s AuditsFile,
    pub(crate) fresh: Option<&'s FreshOfPeer>,
}

/// The files of peers, by name of the import, with an index of the crates that they have entries
/// about. The index keeps many crates and many peers fast.
#[derive(Clone, Debug)]
pub(crate) struct Peers<'s> {
    files: Vec<PeerEntries<'s>>,
    /// Positions of peers, ascending.
    by_crate: HashMap<&'s str, Vec<usize>>,
}

impl<'s> Peers<'s> {
    pub(crate) fn new(store: &'s Store) -> Self {
        let files: Vec<PeerEntries<'_>> = files(store).collect();
        let mut by_crate: HashMap<&str, Vec<usize>> = HashMap::new();
        for (import, PeerEntries { file, .. }) in files.iter().enumerate() {
            for name in file.audits.keys().chain(file.wildcard_audits.keys()) {
                let peers = by_crate.entry(name).or_default();
                if peers.last() != Some(&import) {
                    peers.push(import);
                }
            }
        }
        Peers { files, by_crate }
    }

    /// Returns the file of a peer.
    pub(crate) fn file(&self, import: usize) -> Option<PeerEntries<'s>> {
        self.files.get(import).copied()
    }

    /// Iterates over the peers with entries about a crate, with their files.
    pub(crate) fn about(&self, name: &str) -> impl Iterator<Item = (usize, PeerEntries<'s>)> {
        let peers = self.by_crate.get(name).map_or(&[][..], Vec::as_slice);
        peers.iter().filter_map(|&import| Some((import, self.file(import)?)))
    }
}

impl<'s> CrateEntries<'s> {
    /// Collects all entries about one crate.
    pub(crate) fn of(store: &'s Store, name: &str) -> Self {
        Self::with(store, files(store).enumerate(), name)
    }

    /// The same as [`of`](Self::of), for callers that look at many crates.
    pub(crate) fn among(store: &'s Store, peers: &Peers<'s>, name: &str) -> Self {
        Self::with(store, peers.about(name), name)
    }

    fn with(store: &'s Store, files: impl Iterator<Item = (usize, PeerEntries<'s>)>, name: &str) -> Self {
        let imported = files.map(|(import, file)| Claims::of(file, import, name));
        CrateEntries {
            local: Claims::of(PeerEntries { file: &store.audits, fresh: None }, 0, name),
            imported: imported.filter(|claims| !claims.is_empty()).collect(),
            exemptions: list(&store.config.exemptions, name),
            releases: list(&store.imports.publisher, name),
            fresh_releases: store.fetched.publisher.of(name),
            unpublished: list(&store.imports.unpublished, name),
            fresh_unpublished: store.fetched.unpublished.of(name),
        }
    }
}

impl CrateEntries<'_> {
    /// Whether there is a violation.
    pub(crate) fn has_violation(&self) -> bool {
        let mut audits = self.imported.iter().chain([&self.local]).flat_map(|claims| claims.audits);
        audits.any(|audit| matches!(audit.kind, AuditKind::Violation(_)))
    }
}

impl<'s> Claims<'s> {
    pub(crate) fn of(PeerEntries { file, fresh }: PeerEntries<'s>, import: usize, name: &str) -> Self {
        Claims {
            import,
            audits: list(&file.audits, name),
            fresh_audits: fresh.map(|fresh| fresh.audits.of(name)).unwrap_or_default(),
            wildcard_audits: list(&file.wildcard_audits, name),
            fresh_wildcard_audits: fresh.map(|fresh| fresh.wildcard_audits.of(name)).unwrap_or_default(),
            trusted: list(&file.trusted, name),
        }
    }

    fn is_empty(&self) -> bool {
        self.audits.is_empty() && self.wildcard_audits.is_empty()
    }
}

/// The files of all peers, in the order of their names.
fn files(store: &Store) -> impl Iterator<Item = PeerEntries<'_>> {
    store.imports.audits.iter().map(|(name, file)| PeerEntries { file, fresh: store.fetched.peer(name) })
}

fn list<'s, T>(entries: &'s ByCrate<T>, name: &str) -> &'s [T] {
    entries.get(name).map_or(&[], Vec::as_slice)
}
