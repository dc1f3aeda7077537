//! Writes what was certified, and updates the rest of the store.

use std::collections::BTreeSet;

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_resolver::{Resolver, Verdict};
use vet_store::entries::{AuditEntry, AuditKind, Exemption, PublisherEntry, WildcardEntry};
use vet_store::files::AuditsFile;
use vet_store::{Criteria, Store, Version};

use super::contradictions;
use super::entry::{Entry, NotMerged, merged};
use crate::changes::Changes;
use crate::check::PackageName;
use crate::events::{Event, Observer};
use crate::fetched_store::{self, Network, NewTexts, Offline, WhenDown};
use crate::regenerate::with_new_entries;
use crate::session::Session;
use crate::withdrawn::warn_of_next_locked;

/// An entry about a crate, ready to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct New {
    pub(super) name: String,
    pub(super) entry: Entry,
    /// Whether to record it even if it says nothing new.
    pub(super) again: bool,
}

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
    pub entry: Entry,
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
    pub package: PackageName,
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
    pub package: PackageName,
    /// The criteria that it should meet and does not, in minimal form; empty if it is only
    /// exempted.
    pub missing: Vec<String>,
}

/// Adds entries to the store that was read, if the store has not changed.
pub(super) fn record(
    session: &Session<'_>,
    network: Option<Network<'_>>,
    new: &[New],
    merges: bool,
    observer: &dyn Observer,
) -> Result<CertifyOutcome, Vec<Diagnostic>> {
    let criteria = &session.loaded.criteria;
    let before = &session.loaded.store;
    let mut recorded = Vec::new();
    let mut store = before.clone();
    for New { name, entry, again } in new {
        let old = entry.covered_by(before, criteria, name);
        let known = old.iter().find(|old| entry.adds_nothing_to(old)).filter(|_| !again);
        if known.is_none() {
            warn_of_others(entry, name, &old, *again, observer);
            entry.add_to(&mut store, name);
        }
        let fate = if known.is_some() { Fate::KnownBefore } else { Fate::Added };
        let entry = known.unwrap_or(entry).clone();
        recorded.push(Recorded { name: name.clone(), entry, fate });
    }
    let names: BTreeSet<&str> = new.iter().map(|one| one.name.as_str()).collect();
    if recorded.iter().all(|one| one.fate == Fate::KnownBefore) {
        let left = left(session, before, &names);
        let changes = Changes::none(session.context);
        return Ok(CertifyOutcome { left, changes, exemptions: Vec::new(), imported: Vec::new(), recorded });
    }
    let mut fetched = match network {
        None => store,
        Some(network) => {
            let offline = Offline { store: &store, ..session.offline() };
            fetched_store::fetch(offline, network, WhenDown::UseLocked, NewTexts::Refuse, observer)?.store
        }
    };
    if merges {
        merge(&mut fetched, before, criteria, &mut recorded, observer);
    }
    let audits = recorded.iter().filter(|one| one.fate != Fate::KnownBefore);
    let audits = audits.map(|one| (one.name.as_str(), &one.entry));
    for warning in contradictions::warnings(audits, session, &fetched) {
        observer.notice(Event::Finding(warning));
    }
    let after = with_new_entries(session, &fetched, &names);
    warn_of_next_locked(session, &after, observer);
    let changes = session.replace(after.clone(), observer)?;
    for one in recorded.iter_mut().filter(|one| one.fate != Fate::KnownBefore) {
        if !one.entry.is_in(&after, &one.name) {
            one.fate = Fate::NotKept;
            observer.notice(Event::Finding(not_kept(one)));
        }
    }
    Ok(CertifyOutcome {
        exemptions: changed_exemptions(before, &after, &names),
        imported: imported(before, &after, &names),
        left: left(session, &after, &names),
        recorded,
        changes,
    })
}

fn not_kept(one: &Recorded) -> Diagnostic {
    let (title, name) = (one.entry.title(&one.name), wording::shown(&one.name));
    let message = format!("the audit of `{title}` was not kept, because no package in use needs it");
    Diagnostic::warning(Code::AuditNotKept, message)
        .note("an audit of a git revision is of no use to other projects; so it is kept only while it is needed here")
        .help(format!("see what `{name}` needs with `cargo vet suggest`"))
}

/// Reports that others have audited the same. The audit is recorded anyway.
fn warn_of_others(entry: &Entry, name: &str, old: &[Entry], again: bool, observer: &dyn Observer) {
    if again {
        // The user was already asked about it.
        return;
    }
    let Some(old) = old.first() else { return };
    let who = wording::list(old.who().iter().map(String::as_str), "and");
    let by = if who.is_empty() { String::new() } else { format!(" by {who}") };
    let title = entry.title(name);
    let message = format!("`{title}` was audited before{by}; this audit is recorded besides");
    observer.notice(Event::Finding(Diagnostic::warning(Code::AuditedAlready, message)));
}

/// Merges each audit with the one that it continues.
fn merge(
    fetched: &mut Store,
    before: &Store,
    criteria: &Criteria,
    recorded: &mut [Recorded],
    observer: &dyn Observer,
) {
    let continues = |one: &Recorded| match &one.entry {
        Entry::Audit(AuditEntry { kind: AuditKind::Delta { from, .. }, .. }) => from.git_rev.is_some(),
        _ => false,
    };
    let added = recorded.iter_mut().filter(|one| one.fate == Fate::Added && continues(one));
    // The whole store without the new entry.
    let mut known: Option<Store> = None;
    for one in added {
        let Entry::Audit(entry) = &one.entry else { continue };
        let known = known.get_or_insert_with(|| Store { audits: before.audits.clone(), ..fetched.clone() });
        match merged(known, criteria, &one.name, entry) {
            Ok(merged) => {
                let entries = fetched.audits.audits.entry(one.name.clone()).or_default();
                if let Some(new) = entries.iter_mut().rev().find(|other| *other == entry) {
                    *new = merged.clone();
                }
                one.entry = Entry::Audit(merged);
                one.fate = Fate::Merged;
            }
            Err(NotMerged::NoReason) => {}
            Err(NotMerged::Conflict) => {
                let name = wording::shown(&one.name);
                let message = format!(
                    "statements about `{name}` contradict each other, so audits of it are not merged"
                );
                let warning = Diagnostic::warning(Code::NotMerged, message).help("see `cargo vet check`");
                observer.notice(Event::Finding(warning));
            }
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
                    package: PackageName { name: (*name).to_owned(), version: old.version },
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
        Some(Left { package: PackageName { name: package.name().to_owned(), version }, missing })
    });
    left.collect()
}
