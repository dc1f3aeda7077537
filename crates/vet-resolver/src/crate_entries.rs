//! Everything that a store says about one crate.

use vet_store::Store;
use vet_store::entries::{
    AuditEntry, Exemption, PublisherEntry, TrustedEntry, UnpublishedEntry, WildcardEntry,
};
use vet_store::files::{AuditsFile, ByCrate};

/// The entries of a store that are about one crate.
#[derive(Clone, Debug)]
pub(crate) struct CrateEntries<'s> {
    /// What this project found out.
    pub(crate) local: Claims<'s>,
    /// What its peers found out, in the order of the names of the imports; peers that say nothing are left out.
    pub(crate) imported: Vec<Claims<'s>>,
    pub(crate) exemptions: &'s [Exemption],
    pub(crate) releases: &'s [PublisherEntry],
    pub(crate) unpublished: &'s [UnpublishedEntry],
}

/// The entries of one audits file that are about one crate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claims<'s> {
    /// Position of the peer among the imports, by name; 0 for this project.
    pub(crate) import: usize,
    pub(crate) audits: &'s [AuditEntry],
    pub(crate) wildcard_audits: &'s [WildcardEntry],
    pub(crate) trusted: &'s [TrustedEntry],
}

impl<'s> CrateEntries<'s> {
    pub(crate) fn of(store: &'s Store, name: &str) -> Self {
        let imports = store.imports.audits.values().enumerate();
        let imported = imports.map(|(import, file)| Claims::of(file, import, name));
        CrateEntries {
            local: Claims::of(&store.audits, 0, name),
            imported: imported.filter(|claims| !claims.is_empty()).collect(),
            exemptions: list(&store.config.exemptions, name),
            releases: list(&store.imports.publisher, name),
            unpublished: list(&store.imports.unpublished, name),
        }
    }
}

impl<'s> Claims<'s> {
    fn of(file: &'s AuditsFile, import: usize, name: &str) -> Self {
        Claims {
            import,
            audits: list(&file.audits, name),
            wildcard_audits: list(&file.wildcard_audits, name),
            trusted: list(&file.trusted, name),
        }
    }

    fn is_empty(&self) -> bool {
        self.audits.is_empty() && self.wildcard_audits.is_empty()
    }
}

fn list<'s, T>(entries: &'s ByCrate<T>, name: &str) -> &'s [T] {
    entries.get(name).map_or(&[], Vec::as_slice)
}
