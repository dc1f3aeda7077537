//! Merging an audit that leads to a git revision with the one that continues from there.

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_resolver::{Explanation, explain};
use vet_store::entries::{AuditEntry, AuditKind};
use vet_store::{Criteria, Store, Version};

use super::entry::{NewEntry, is_importable};
use super::outcome::{Fate, Recorded};
use crate::operation::report::Run;

/// Merges each audit with the one that it continues.
pub(super) fn merge_all(
    fetched: &mut Store,
    before: &Store,
    criteria: &Criteria,
    recorded: &mut [Recorded],
    run: &Run<'_>,
) {
    let continues = |one: &Recorded| match &one.entry {
        NewEntry::Audit(AuditEntry { kind: AuditKind::Delta { from, .. }, .. }) => from.git_rev.is_some(),
        _ => false,
    };
    let added = recorded.iter_mut().filter(|one| one.fate == Fate::Added && continues(one));
    // The whole store without the new entry.
    let mut known: Option<Store> = None;
    for one in added {
        let NewEntry::Audit(entry) = &one.entry else { continue };
        let known = known.get_or_insert_with(|| Store { audits: before.audits.clone(), ..fetched.clone() });
        match merged(known, criteria, &one.name, entry) {
            Ok(merged) => {
                let entries = fetched.audits.audits.entry(one.name.clone()).or_default();
                if let Some(new) = entries.iter_mut().rev().find(|other| *other == entry) {
                    *new = merged.clone();
                }
                one.entry = NewEntry::Audit(merged);
                one.fate = Fate::Merged;
            }
            Err(NotMerged::NoReason) => {}
            Err(NotMerged::Conflict) => {
                let name = wording::shown(&one.name);
                let message = format!(
                    "statements about `{name}` contradict each other, so audits of it are not merged"
                );
                let warning = Diagnostic::warning(Code::NotMerged, message).help("see `cargo vet check`");
                run.found(warning);
            }
        }
    }
}

/// Why two audits are not merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotMerged {
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
fn merged(store: &Store, criteria: &Criteria, name: &str, new: &AuditEntry) -> Result<AuditEntry, NotMerged> {
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
    use vet_testing::statements;

    use super::*;
    use crate::audit::certify::entry::tests::audit;

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
}
