//! Which of the fetched entries `imports.lock` already has.
//!
//! A fetched entry that is not locked yet is fresh: no decision has relied on it so far. Entries
//! are compared by what they state, without auditors and notes, so the peer can correct a name or
//! a note.

use std::collections::{BTreeMap, BTreeSet};

use vet_diagnostics::{Code, Diagnostic, wording};

use crate::difference::unified_diff;
use crate::entries::{AuditEntry, PublisherEntry, UnpublishedEntry, WildcardEntry};
use crate::fetched::{FetchedFacts, Fresh, FreshOfPeer};
use crate::files::{AuditsFile, ByCrate, ImportsFile};
use crate::version::Version;

/// Returns the fetched entries that are not locked.
pub fn fresh_entries(fetched: &ImportsFile, locked: &ImportsFile) -> FetchedFacts {
    let peers = fetched.audits.iter().map(|(name, file)| {
        let fresh = match locked.audits.get(name) {
            Some(locked) => fresh_of_peer(file, locked),
            None => FreshOfPeer::all(file),
        };
        (name.clone(), fresh)
    });
    FetchedFacts {
        peers: peers.collect(),
        publisher: fresh_publishers(&fetched.publisher, &locked.publisher),
        unpublished: fresh_unpublished(&fetched.unpublished, &locked.unpublished),
        still_unpublished: BTreeMap::new(),
    }
}

/// Returns the entries of an import that are not locked.
///
/// Each locked entry accounts for one fetched entry: the first one that says the same and is not
/// accounted for. Audits say the same if they have the same versions and criteria. Wildcard audits
/// say the same if they have the same publisher, period and criteria.
pub fn fresh_of_peer(fetched: &AuditsFile, locked: &AuditsFile) -> FreshOfPeer {
    let audit_key = |entry: &AuditEntry| (entry.kind.clone(), entry.criteria.clone());
    FreshOfPeer {
        audits: fresh(&fetched.audits, &locked.audits, audit_key),
        wildcard_audits: fresh(&fetched.wildcard_audits, &locked.wildcard_audits, wildcard_key),
    }
}

fn wildcard_key(entry: &WildcardEntry) -> impl Ord + use<> {
    (entry.publisher.clone(), entry.start, entry.end, entry.criteria.clone())
}

/// Returns the publisher records whose versions `imports.lock` has no record of. Ignores who
/// published the version, and when.
pub fn fresh_publishers(fetched: &ByCrate<PublisherEntry>, locked: &ByCrate<PublisherEntry>) -> Fresh {
    let mut fresh = Fresh::default();
    for (name, fetched) in fetched {
        let known: BTreeSet<&Version> =
            locked.get(name).into_iter().flatten().map(|entry| &entry.version).collect();
        fresh.set(name, fetched.iter().map(|entry| !known.contains(&entry.version)).collect());
    }
    fresh
}

/// Returns the unpublished entries that are not locked. Each locked entry accounts for one.
pub fn fresh_unpublished(fetched: &ByCrate<UnpublishedEntry>, locked: &ByCrate<UnpublishedEntry>) -> Fresh {
    fresh(fetched, locked, |entry| (entry.version.clone(), entry.audited_as.clone()))
}

/// Among entries that say the same, it makes no difference which locked entry accounts for which
/// fetched one. So counting them is enough.
fn fresh<T, K: Ord>(fetched: &ByCrate<T>, locked: &ByCrate<T>, key: impl Fn(&T) -> K) -> Fresh {
    let mut fresh = Fresh::default();
    for (name, fetched) in fetched {
        let mut counts: BTreeMap<K, usize> = BTreeMap::new();
        for entry in locked.get(name).into_iter().flatten() {
            *counts.entry(key(entry)).or_default() += 1;
        }
        let is_fresh = |entry: &T| {
            if counts.is_empty() {
                return true;
            }
            match counts.get_mut(&key(entry)) {
                Some(count @ 1..) => {
                    *count -= 1;
                    false
                }
                _ => true,
            }
        };
        fresh.set(name, fetched.iter().map(is_fresh).collect());
    }
    fresh
}

/// Returns an error for each criterion of an import whose text differs from the locked text.
///
/// A new or removed criterion is not an error.
pub fn changed_criteria(import: &str, live: &AuditsFile, locked: &AuditsFile) -> Vec<Diagnostic> {
    let both = locked.criteria.iter().filter_map(|(name, old)| Some((name, old, live.criteria.get(name)?)));
    let changed = both.filter(|(_, old, new)| old.description != new.description);
    changed
        .map(|(name, old, new)| {
            let message = format!(
                "the import `{}` changed the text of its criterion `{}`",
                wording::shown(import),
                wording::shown(name)
            );
            let old = old.description.as_deref().unwrap_or_default();
            let new = new.description.as_deref().unwrap_or_default();
            Diagnostic::error(Code::CriteriaChanged, message)
                .note(unified_diff(("imports.lock", old), (import, new)))
                .help("if the new text still fits your `criteria-map`, run `cargo vet regenerate imports`")
        })
        .collect()
}
