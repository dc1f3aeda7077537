//! The entries that are added to a store.

use vet_diagnostics::wording;
use vet_store::entries::{AuditEntry, AuditKind, Publisher, WildcardEntry};
use vet_store::{Criteria, Date, Store};

use crate::fetched_store::publishers::name_of;

/// An entry to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewEntry {
    /// A full audit or a delta audit.
    Audit(AuditEntry),
    /// A wildcard audit.
    Wildcard {
        /// The entry.
        entry: WildcardEntry,
        /// The publisher that it names.
        publisher: Publisher,
    },
}

/// Whether other projects can import an audit. Git revisions mean nothing to them.
pub(super) fn is_importable(kind: &AuditKind) -> bool {
    match kind {
        AuditKind::Full(version) => version.git_rev.is_none(),
        AuditKind::Delta { from, to } => from.git_rev.is_none() && to.git_rev.is_none(),
        AuditKind::Violation(_) => true,
    }
}

impl NewEntry {
    /// An audit without criteria, auditors and notes.
    pub(super) fn of_audit(kind: AuditKind) -> Self {
        NewEntry::Audit(AuditEntry {
            who: Vec::new(),
            criteria: Vec::new(),
            importable: is_importable(&kind),
            kind,
            notes: None,
            aggregated_from: Vec::new(),
        })
    }

    /// A wildcard audit without criteria, auditors and notes.
    pub(super) fn of_wildcard(publisher: Publisher, start: Date, end: Date, renew: Option<bool>) -> Self {
        let entry = WildcardEntry {
            who: Vec::new(),
            criteria: Vec::new(),
            publisher: publisher.id(),
            start,
            end,
            renew,
            notes: None,
            aggregated_from: Vec::new(),
        };
        NewEntry::Wildcard { entry, publisher }
    }

    pub(super) fn set_criteria(&mut self, names: Vec<String>) {
        match self {
            NewEntry::Audit(entry) => entry.criteria = names,
            NewEntry::Wildcard { entry, .. } => entry.criteria = names,
        }
    }

    pub(super) fn set_who(&mut self, names: Vec<String>) {
        match self {
            NewEntry::Audit(entry) => entry.who = names,
            NewEntry::Wildcard { entry, .. } => entry.who = names,
        }
    }

    pub(super) fn set_notes(&mut self, notes: Option<String>) {
        match self {
            NewEntry::Audit(entry) => entry.notes = notes,
            NewEntry::Wildcard { entry, .. } => entry.notes = notes,
        }
    }

    /// The criteria that are met.
    pub fn criteria(&self) -> &[String] {
        match self {
            NewEntry::Audit(entry) => &entry.criteria,
            NewEntry::Wildcard { entry, .. } => &entry.criteria,
        }
    }

    /// The auditors.
    pub fn who(&self) -> &[String] {
        match self {
            NewEntry::Audit(entry) => &entry.who,
            NewEntry::Wildcard { entry, .. } => &entry.who,
        }
    }

    fn notes(&self) -> Option<&String> {
        match self {
            NewEntry::Audit(entry) => entry.notes.as_ref(),
            NewEntry::Wildcard { entry, .. } => entry.notes.as_ref(),
        }
    }

    /// The subject: `serde:1.0.0`, `serde:1.0.0 -> 1.0.1` or `serde:* published by dtolnay`. Safe
    /// to print.
    pub(super) fn title(&self, name: &str) -> String {
        let name = wording::shown(name);
        match self {
            NewEntry::Audit(entry) => match &entry.kind {
                AuditKind::Full(version) => format!("{name}:{version}"),
                AuditKind::Delta { from, to } => format!("{name}:{from} -> {to}"),
                AuditKind::Violation(range) => format!("{name}:{range}"),
            },
            NewEntry::Wildcard { publisher, .. } => format!("{name}:* published by {}", name_of(publisher)),
        }
    }

    /// Adds the entry to a store.
    pub(super) fn add_to(&self, store: &mut Store, name: &str) {
        let name = name.to_owned();
        match self {
            NewEntry::Audit(entry) => store.audits.audits.entry(name).or_default().push(entry.clone()),
            NewEntry::Wildcard { entry, .. } => {
                store.audits.wildcard_audits.entry(name).or_default().push(entry.clone());
            }
        }
    }

    /// Whether the store contains the entry.
    pub(super) fn is_in(&self, store: &Store, name: &str) -> bool {
        match self {
            NewEntry::Audit(entry) => store.audits.audits.get(name).is_some_and(|all| all.contains(entry)),
            NewEntry::Wildcard { entry, .. } => {
                store.audits.wildcard_audits.get(name).is_some_and(|all| all.contains(entry))
            }
        }
    }

    /// Entries of this project about the same subject that meet the criteria too.
    pub(super) fn covered_by(&self, store: &Store, criteria: &Criteria, name: &str) -> Vec<NewEntry> {
        let wanted = criteria.set(self.criteria());
        let covers = |names: &[String]| criteria.set(names).contains_all(&wanted);
        match self {
            NewEntry::Audit(new) => {
                let all = store.audits.audits.get(name).into_iter().flatten();
                let same = all.filter(|old| old.kind == new.kind && covers(&old.criteria));
                same.cloned().map(NewEntry::Audit).collect()
            }
            NewEntry::Wildcard { entry: new, publisher } => {
                let all = store.audits.wildcard_audits.get(name).into_iter().flatten();
                let same = all.filter(|old| {
                    let is_within = old.start <= new.start && new.end <= old.end;
                    let ends_alike = new.renew.is_none() || old.renew == new.renew;
                    old.publisher == new.publisher && is_within && ends_alike && covers(&old.criteria)
                });
                let entry = |entry: &WildcardEntry| NewEntry::Wildcard {
                    entry: entry.clone(),
                    publisher: publisher.clone(),
                };
                same.map(entry).collect()
            }
        }
    }

    /// Whether the entry says nothing beyond `old`, an entry about the same subject.
    pub(super) fn adds_nothing_to(&self, old: &NewEntry) -> bool {
        let is_named = |name: &String| old.who().contains(name);
        self.who().iter().all(is_named) && (self.notes().is_none() || self.notes() == old.notes())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use vet_testing::{statements, version};

    use super::*;

    /// An audit by Bob with a note, such as `1@git:1 -> 1@git:2: safe-to-deploy`.
    pub(in crate::audit::certify) fn audit(text: &str) -> AuditEntry {
        let (versions, criteria) = text.split_once(": ").unwrap();
        let mut entry = NewEntry::of_audit(match versions.split_once(" -> ") {
            Some((from, to)) => AuditKind::Delta { from: version(from), to: version(to) },
            None => AuditKind::Full(version(versions)),
        });
        entry.set_criteria(criteria.split(", ").map(str::to_owned).collect());
        entry.set_who(vec!["Bob".to_owned()]);
        entry.set_notes(Some("New.".to_owned()));
        match entry {
            NewEntry::Audit(entry) => entry,
            NewEntry::Wildcard { .. } => panic!("{text}"),
        }
    }

    #[test]
    fn what_says_nothing_new_is_known() {
        let mut loaded = statements("audit lib 1: D # Old.\naudit lib 1 -> 2: R");
        loaded.store.audits.audits.get_mut("lib").unwrap().iter_mut().for_each(|audit| {
            audit.who = vec!["Ann".to_owned(), "Bob".to_owned()];
        });
        for (new, who, notes, covered, known) in [
            ("1: safe-to-deploy", "Bob", None, true, true),
            ("1: safe-to-run", "Bob", None, true, true),
            ("1: safe-to-run", "Bob", Some("Old."), true, true),
            ("1: safe-to-run", "Bob", Some("New."), true, false),
            ("1: safe-to-run", "Eve", None, true, false),
            ("1 -> 2: safe-to-run", "Ann", None, true, true),
            ("1 -> 2: safe-to-deploy", "Ann", None, false, false),
            ("2: safe-to-run", "Ann", None, false, false),
        ] {
            let entry =
                AuditEntry { who: vec![who.to_owned()], notes: notes.map(str::to_owned), ..audit(new) };
            let entry = NewEntry::Audit(entry);
            let old = entry.covered_by(&loaded.store, &loaded.criteria, "lib");
            let is_known = old.iter().any(|old| entry.adds_nothing_to(old));
            assert_eq!((!old.is_empty(), is_known), (covered, known), "{new} by {who}: {notes:?}");
        }
    }
}
