//! The entries that are added to a store.

use vet_diagnostics::wording;
use vet_resolver::{Explanation, explain};
use vet_store::entries::{AuditEntry, AuditKind, Publisher, WildcardEntry};
use vet_store::{Criteria, Date, Store, Version};

use crate::publishers::name_of;

/// An entry to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
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

/// The subject of an entry, before its criteria and auditors are known.
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

/// Whether other projects can import an audit. Git revisions mean nothing to them.
fn is_importable(kind: &AuditKind) -> bool {
    match kind {
        AuditKind::Full(version) => version.git_rev.is_none(),
        AuditKind::Delta { from, to } => from.git_rev.is_none() && to.git_rev.is_none(),
        AuditKind::Violation(_) => true,
    }
}

impl Entry {
    /// The criteria that are met.
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

    /// The subject: `serde:1.0.0`, `serde:1.0.0 -> 1.0.1` or `serde:* published by dtolnay`. Safe
    /// to print.
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

    /// Adds the entry to a store.
    pub(super) fn add_to(&self, store: &mut Store, name: &str) {
        let name = name.to_owned();
        match self {
            Entry::Audit(entry) => store.audits.audits.entry(name).or_default().push(entry.clone()),
            Entry::Wildcard { entry, .. } => {
                store.audits.wildcard_audits.entry(name).or_default().push(entry.clone());
            }
        }
    }

    /// Whether the store contains the entry.
    pub(super) fn is_in(&self, store: &Store, name: &str) -> bool {
        match self {
            Entry::Audit(entry) => store.audits.audits.get(name).is_some_and(|all| all.contains(entry)),
            Entry::Wildcard { entry, .. } => {
                store.audits.wildcard_audits.get(name).is_some_and(|all| all.contains(entry))
            }
        }
    }

    /// Entries of this project about the same subject that meet the criteria too.
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

    /// Whether the entry says nothing beyond `old`, an entry about the same subject.
    pub(super) fn adds_nothing_to(&self, old: &Entry) -> bool {
        let is_named = |name: &String| old.who().contains(name);
        self.who().iter().all(is_named) && (self.notes().is_none() || self.notes() == old.notes())
    }
}

/// Why two audits are not merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotMerged {
    /// There is no audit to continue, or the new one does not continue any.
    NoReason,
    /// Statements about the crate contradict each other.
    Conflict,
}

/// Merges an audit that leads to a git revision with the new one that continues from there. `store`
/// is the store before the change.
///
/// A revision is useless once the next one is in use. Without merging, each revision would add an
/// audit to the chain.
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

/// Whether a version meets all of the criteria.
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

#[cfg(test)]
mod tests {
    use vet_testing::{statements, version};

    use super::*;

    /// An audit by Bob with a note, such as `1@git:1 -> 1@git:2: safe-to-deploy`.
    fn audit(text: &str) -> AuditEntry {
        let (versions, criteria) = text.split_once(": ").unwrap();
        let claim = match versions.split_once(" -> ") {
            Some((from, to)) => Claim::Delta { from: version(from), to: version(to) },
            None => Claim::Full(version(versions)),
        };
        let criteria = criteria.split(", ").map(str::to_owned).collect();
        match claim.entry(vec!["Bob".to_owned()], criteria, Some("New.".to_owned())) {
            Entry::Audit(entry) => entry,
            Entry::Wildcard { .. } => panic!("{text}"),
        }
    }

    /// The result of adding an audit to a store.
    fn merged_with(store: &str, new: &str) -> String {
        let loaded = statements(store);
        match merged(&loaded.store, &loaded.criteria, "lib", &audit(new)) {
            Err(why) => format!("{why:?}"),
            Ok(AuditEntry { kind, who, importable, notes, .. }) => {
                let versions = match kind {
                    AuditKind::Full(version) => version.to_string(),
                    AuditKind::Delta { from, to } => format!("{from} -> {to}"),
                    AuditKind::Violation(range) => range.to_string(),
                };
                let versions = ["1", "2", "3"]
                    .iter()
                    .fold(versions, |text, digit| text.replace(&digit.repeat(40), digit));
                let private = if importable { "" } else { "private " };
                format!("{private}{versions} by {} {:?}", who.join(", "), notes.unwrap_or_default())
            }
        }
    }

    #[test]
    fn audits_of_revisions_are_continued() {
        let base = "audit lib 1: D\n";
        let step = "1@git:1 -> 1@git:2: safe-to-deploy";
        for (store, new, expected) in [
            (
                &format!("{base}private lib 1 -> 1@git:1: D # Old."),
                step,
                "private 1.0.0 -> 1.0.0@git:2 by Bob \"Old.\\nNew.\"",
            ),
            (
                &format!("{base}private lib 1 -> 1@git:1: D"),
                step,
                "private 1.0.0 -> 1.0.0@git:2 by Bob \"New.\"",
            ),
            (&"private lib 1@git:1: D".to_owned(), step, "private 1.0.0@git:2 by Bob \"New.\""),
            // A step back to a published version.
            (
                &format!("{base}private lib 1 -> 1@git:1: D"),
                "1@git:1 -> 2: safe-to-deploy",
                "1.0.0 -> 2.0.0 by Bob \"New.\"",
            ),
            // The first audit that fits.
            (
                &format!("{base}private lib 3 -> 1@git:1: D\nprivate lib 1 -> 1@git:1: D"),
                step,
                "private 1.0.0 -> 1.0.0@git:2 by Bob \"New.\"",
            ),
            // The continued audit is not valid itself.
            (&"private lib 1 -> 1@git:1: D".to_owned(), step, "NoReason"),
            (&"audit lib 1: R\nprivate lib 1 -> 1@git:1: D".to_owned(), step, "NoReason"),
            // Other criteria, another revision, an importable audit, no revision.
            (&format!("{base}private lib 1 -> 1@git:1: R"), step, "NoReason"),
            (&format!("{base}private lib 1 -> 1@git:3: D"), step, "NoReason"),
            (&format!("{base}audit lib 1 -> 1@git:1: D"), step, "NoReason"),
            (&format!("{base}private lib 1 -> 2: D"), "2 -> 3: safe-to-deploy", "NoReason"),
            (&format!("{base}private lib 1 -> 1@git:1: D"), "1@git:1: safe-to-deploy", "NoReason"),
            (&format!("{base}violation lib *: R\nprivate lib 1 -> 1@git:1: D"), step, "Conflict"),
        ] {
            assert_eq!(merged_with(store, new), expected, "{store:?}, {new}");
        }
    }

    #[test]
    fn auditors_are_named_once() {
        let mut loaded = statements("audit lib 1: D\nprivate lib 1 -> 1@git:1: D");
        let audits = loaded.store.audits.audits.get_mut("lib").unwrap();
        audits[1].who = ["Ann", "Bob", "Eve"].map(str::to_owned).to_vec();
        let new = audit("1@git:1 -> 1@git:2: safe-to-deploy");
        let merged = merged(&loaded.store, &loaded.criteria, "lib", &new).unwrap();
        assert_eq!(merged.who, ["Ann", "Eve", "Bob"]);
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
            let entry = Entry::Audit(entry);
            let old = entry.covered_by(&loaded.store, &loaded.criteria, "lib");
            let is_known = old.iter().any(|old| entry.adds_nothing_to(old));
            assert_eq!((!old.is_empty(), is_known), (covered, known), "{new} by {who}: {notes:?}");
        }
    }
}
