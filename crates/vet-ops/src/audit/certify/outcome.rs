//! What `certify` recorded, and the consequences.

use std::collections::BTreeSet;

use vet_resolver::{Resolver, Verdict};
use vet_store::entries::{AuditEntry, Exemption, PublisherEntry, WildcardEntry};
use vet_store::files::AuditsFile;
use vet_store::{Store, Version};

use super::entry::NewEntry;
use crate::evaluation::outcome::PackageId;
use crate::operation::changes::Changes;
use crate::session::Session;

/// What was recorded, and the consequences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertifyOutcome {
    /// The audits.
    pub recorded: Vec<Recorded>,
    /// Exemptions of the same crates that are no longer needed, or only for fewer criteria.
    pub exemptions: Vec<ChangedExemption>,
    /// Entries that were imported for the same crates.
    pub imported: Vec<Imported>,
    /// Packages in use of the same crates that still lack an audit or are exempted.
    pub left: Vec<Left>,
    /// What changed in the store.
    pub changes: Changes,
}

/// An audit, and whether it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The crate.
    pub name: String,
    /// The entry in the store; if it was not kept, the requested entry.
    pub entry: NewEntry,
    /// Whether it was recorded.
    pub fate: Fate,
}

/// Whether an audit was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was added.
    Added,
    /// It was added, merged with the audit that it continues.
    Merged,
    /// The store contains it already, so nothing was added.
    KnownBefore,
    /// Nothing needs it and other projects cannot use it, so it was not kept.
    NotKept,
}

/// An exemption that was needed before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedExemption {
    /// The package.
    pub package: PackageId,
    /// The exempted criteria before.
    pub before: Vec<String>,
    /// The exempted criteria now; empty if the exemption was removed.
    pub after: Vec<String>,
}

/// An entry that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The crate.
    pub name: String,
    /// The name of the import; `None` for facts from crates.io.
    pub peer: Option<String>,
    /// The content of the entry.
    pub what: ImportedEntry,
}

/// The content of an imported entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportedEntry {
    /// An audit.
    Audit(AuditEntry),
    /// A wildcard audit.
    Wildcard(WildcardEntry),
    /// The publisher of a version.
    Release(PublisherEntry),
}

/// A package in use that is not audited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The package.
    pub package: PackageId,
    /// The criteria that it should meet and does not, in minimal form; empty if it is only
    /// exempted.
    pub missing: Vec<String>,
}

impl CertifyOutcome {
    /// The outcome for these crates, given the store before and after.
    pub(super) fn of(
        recorded: Vec<Recorded>,
        session: &Session<'_>,
        after: &Store,
        names: &BTreeSet<&str>,
        changes: Changes,
    ) -> Self {
        let before = &session.loaded.store;
        CertifyOutcome {
            exemptions: changed_exemptions(before, after, names),
            imported: imported(before, after, names),
            left: left(session, after, names),
            recorded,
            changes,
        }
    }
}

fn changed_exemptions(before: &Store, after: &Store, names: &BTreeSet<&str>) -> Vec<ChangedExemption> {
    let mut changed = Vec::new();
    for name in names {
        let entries = |store: &Store| store.config.exemptions.get(*name).cloned().unwrap_or_default();
        let mut left: Vec<Exemption> = entries(after);
        for old in entries(before) {
            let is_same = |new: &Exemption| new.version == old.version && new.notes == old.notes;
            let now = left.iter().position(is_same).map(|position| left.remove(position).criteria);
            if now.as_ref() != Some(&old.criteria) {
                changed.push(ChangedExemption {
                    package: PackageId { name: (*name).to_owned(), version: old.version },
                    before: old.criteria,
                    after: now.unwrap_or_default(),
                });
            }
        }
    }
    changed
}

fn imported(before: &Store, after: &Store, names: &BTreeSet<&str>) -> Vec<Imported> {
    let none = AuditsFile::default();
    let mut imported = Vec::new();
    for name in names {
        let name = *name;
        for (peer, new) in &after.imports.audits {
            let old = before.imports.audits.get(peer).unwrap_or(&none);
            let audits = added(&old.audits, &new.audits, name).map(ImportedEntry::Audit);
            let wildcards =
                added(&old.wildcard_audits, &new.wildcard_audits, name).map(ImportedEntry::Wildcard);
            let of_peer = audits.chain(wildcards);
            imported.extend(of_peer.map(|what| Imported {
                name: name.to_owned(),
                peer: Some(peer.clone()),
                what,
            }));
        }
        let releases =
            added(&before.imports.publisher, &after.imports.publisher, name).map(ImportedEntry::Release);
        imported.extend(releases.map(|what| Imported { name: name.to_owned(), peer: None, what }));
    }
    imported
}

/// The entries about a crate that are new.
fn added<'a, T: Clone + PartialEq>(
    before: &'a vet_store::files::ByCrate<T>,
    after: &'a vet_store::files::ByCrate<T>,
    name: &str,
) -> impl Iterator<Item = T> + use<'a, T> {
    let old: &[T] = before.get(name).map_or(&[], Vec::as_slice);
    after.get(name).into_iter().flatten().filter(move |entry| !old.contains(entry)).cloned()
}

/// What is left to audit for some crates.
fn left(session: &Session<'_>, store: &Store, names: &BTreeSet<&str>) -> Vec<Left> {
    let (graph, criteria) = (session.view(), &session.loaded.criteria);
    let resolver = Resolver::new(graph, store, criteria);
    let verdicts = resolver.decide().verdicts.into_iter();
    let left = verdicts.filter_map(|(ix, verdict)| {
        let package = graph.package(ix).filter(|package| names.contains(package.name()))?;
        let missing = match verdict {
            Verdict::Unvetted(missing) => criteria.minimal_names(&missing),
            Verdict::Exempted | Verdict::PartiallyAudited => Vec::new(),
            Verdict::FullyAudited | Verdict::Violation => return None,
        };
        let version: Version = package.version().clone();
        Some(Left { package: PackageId { name: package.name().to_owned(), version }, missing })
    });
    left.collect()
}
