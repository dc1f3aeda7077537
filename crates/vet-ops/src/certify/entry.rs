//! The entries that are added to a store.

use vet_resolver::{Explanation, explain};
use vet_store::entries::{AuditEntry, AuditKind, Publisher, WildcardEntry};
use vet_store::{Criteria, Date, Store, Version, wording};

use crate::publishers::name_of;

/// An entry that is to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// An audit of a version, or of changes.
    Audit(AuditEntry),
    /// An audit of whatever somebody publishes.
    Wildcard {
        /// The entry.
        entry: WildcardEntry,
        /// Whom it names.
        publisher: Publisher,
    },
}

/// What an entry is about, before it is known which criteria are met, and according to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    Full(Version),
    Delta { from: Version, to: Version },
    Wildcard { publisher: Publisher, start: Date, end: Date, renew: Option<bool> },
}

impl Claim {
    pub(super) fn entry(&self, who: Vec<String>, criteria: Vec<String>, notes: Option<String>) -> Entry {
        let audit = |kind: AuditKind| {
            let importable = is_importable(&kind);
            let (who, criteria, notes) = (who.clone(), criteria.clone(), notes.clone());
            let aggregated_from = Vec::new();
            Entry::Audit(AuditEntry { who, criteria, kind, importable, notes, aggregated_from, fresh: false })
        };
        match self {
            Claim::Full(version) => audit(AuditKind::Full(version.clone())),
            Claim::Delta { from, to } => audit(AuditKind::Delta { from: from.clone(), to: to.clone() }),
            Claim::Wildcard { publisher, start, end, renew } => Entry::Wildcard {
                entry: WildcardEntry {
                    who,
                    criteria,
                    publisher: publisher.id(),
                    start: *start,
                    end: *end,
                    renew: *renew,
                    notes,
                    aggregated_from: Vec::new(),
                    fresh: false,
                },
                publisher: publisher.clone(),
            },
        }
    }
}

/// Revisions of git mean nothing to other projects.
fn is_importable(kind: &AuditKind) -> bool {
    match kind {
        AuditKind::Full(version) => version.git_rev.is_none(),
        AuditKind::Delta { from, to } => from.git_rev.is_none() && to.git_rev.is_none(),
        AuditKind::Violation(_) => true,
    }
}

impl Entry {
    /// What is met.
    pub fn criteria(&self) -> &[String] {
        match self {
            Entry::Audit(entry) => &entry.criteria,
            Entry::Wildcard { entry, .. } => &entry.criteria,
        }
    }

    /// The auditors.
    pub fn who(&self) -> &[String] {
        match self {
            Entry::Audit(entry) => &entry.who,
            Entry::Wildcard { entry, .. } => &entry.who,
        }
    }

    fn notes(&self) -> Option<&String> {
        match self {
            Entry::Audit(entry) => entry.notes.as_ref(),
            Entry::Wildcard { entry, .. } => entry.notes.as_ref(),
        }
    }

    /// What it is about: `serde:1.0.0`, `serde:1.0.0 -> 1.0.1` or `serde:* published by dtolnay`, fit to be shown.
    pub(super) fn title(&self, name: &str) -> String {
        let name = wording::shown(name);
        match self {
            Entry::Audit(entry) => match &entry.kind {
                AuditKind::Full(version) => format!("{name}:{version}"),
                AuditKind::Delta { from, to } => format!("{name}:{from} -> {to}"),
                AuditKind::Violation(range) => format!("{name}:{range}"),
            },
            Entry::Wildcard { publisher, .. } => format!("{name}:* published by {}", name_of(publisher)),
        }
    }

    /// Adds it to what the store says about a crate.
    pub(super) fn add_to(&self, store: &mut Store, name: &str) {
        let name = name.to_owned();
        match self {
            Entry::Audit(entry) => store.audits.audits.entry(name).or_default().push(entry.clone()),
            Entry::Wildcard { entry, .. } => {
                store.audits.wildcard_audits.entry(name).or_default().push(entry.clone());
            }
        }
    }

    /// Whether the store has it.
    pub(super) fn is_in(&self, store: &Store, name: &str) -> bool {
        match self {
            Entry::Audit(entry) => store.audits.audits.get(name).is_some_and(|all| all.contains(entry)),
            Entry::Wildcard { entry, .. } => {
                store.audits.wildcard_audits.get(name).is_some_and(|all| all.contains(entry))
            }
        }
    }

    /// Entries of this project about the same that meet the criteria too.
    pub(super) fn covered_by(&self, store: &Store, criteria: &Criteria, name: &str) -> Vec<Entry> {
        let wanted = criteria.set(self.criteria());
        let covers = |names: &[String]| criteria.set(names).contains_all(&wanted);
        match self {
            Entry::Audit(new) => {
                let all = store.audits.audits.get(name).into_iter().flatten();
                let same = all.filter(|old| old.kind == new.kind && covers(&old.criteria));
                same.cloned().map(Entry::Audit).collect()
            }
            Entry::Wildcard { entry: new, publisher } => {
                let all = store.audits.wildcard_audits.get(name).into_iter().flatten();
                let same = all.filter(|old| {
                    let is_within = old.start <= new.start && new.end <= old.end;
                    let ends_alike = new.renew.is_none() || old.renew == new.renew;
                    old.publisher == new.publisher && is_within && ends_alike && covers(&old.criteria)
                });
                let entry = |entry: &WildcardEntry| Entry::Wildcard {
                    entry: entry.clone(),
                    publisher: publisher.clone(),
                };
                same.map(entry).collect()
            }
        }
    }

    /// Whether this says nothing that another entry about the same does not say.
    pub(super) fn adds_nothing_to(&self, old: &Entry) -> bool {
        let is_named = |name: &String| old.who().contains(name);
        self.who().iter().all(is_named) && (self.notes().is_none() || self.notes() == old.notes())
    }
}

/// Why two audits are not made one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotMerged {
    /// There is none to be continued, or this does not continue any.
    NoReason,
    /// Statements about the crate contradict each other.
    Conflict,
}

/// One audit in place of an audit that leads to a git revision, and the new one that goes on from there. `store` is what
/// there was before.
///
/// A revision is of no use once the next one is in use; so there would be a chain of audits that grows with each.
pub(super) fn merged(
    store: &Store,
    criteria: &Criteria,
    name: &str,
    new: &AuditEntry,
) -> Result<AuditEntry, NotMerged> {
    let AuditKind::Delta { from, to } = &new.kind else { return Err(NotMerged::NoReason) };
    if from.git_rev.is_none() {
        return Err(NotMerged::NoReason);
    }
    for old in store.audits.audits.get(name).into_iter().flatten() {
        if old.importable || old.criteria != new.criteria {
            continue;
        }
        let kind = match &old.kind {
            AuditKind::Full(version) if version == from => AuditKind::Full(to.clone()),
            AuditKind::Delta { from: start, to: end } if end == from => {
                if !is_certified(store, criteria, name, start, &old.criteria)? {
                    continue;
                }
                AuditKind::Delta { from: start.clone(), to: to.clone() }
            }
            _ => continue,
        };
        let mut who: Vec<String> = old.who.iter().filter(|name| !new.who.contains(name)).cloned().collect();
        who.extend(new.who.iter().cloned());
        let notes = match (&old.notes, &new.notes) {
            (Some(old), Some(new)) => Some(format!("{old}\n{new}")),
            (old, new) => old.clone().or_else(|| new.clone()),
        };
        let importable = is_importable(&kind);
        return Ok(AuditEntry { who, kind, notes, importable, ..new.clone() });
    }
    Err(NotMerged::NoReason)
}

/// Whether a version meets all of some criteria.
fn is_certified(
    store: &Store,
    criteria: &Criteria,
    name: &str,
    version: &Version,
    names: &[String],
) -> Result<bool, NotMerged> {
    for criterion in criteria.minimal(&criteria.set(names)) {
        match explain(store, criteria, name, version, criterion) {
            Explanation::Certified(_) => {}
            Explanation::NotCertified(_) => return Ok(false),
            Explanation::Conflicts(_) => return Err(NotMerged::Conflict),
        }
    }
    Ok(true)
}
