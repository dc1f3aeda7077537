//! Which of the fetched entries `imports.lock` already has.
//!
//! A fetched entry that is not locked yet is fresh: no decision has relied on it so far. Entries
//! are compared by what they state, without auditors and notes, so the peer can correct a name or
//! a note.

use std::collections::{BTreeMap, BTreeSet};

use vet_diagnostics::{Code, Diagnostic, wording};

use crate::difference::unified_diff;
use crate::entries::{PublisherEntry, WildcardEntry};
use crate::files::{AuditsFile, ByCrate};
use crate::version::Version;

/// Marks the entries of an import that are locked as not fresh.
///
/// Each locked entry accounts for one fetched entry: the first one that is fresh and says the same.
/// Audits say the same if they have the same versions and criteria. Wildcard audits say the same if
/// they have the same publisher, period and criteria.
pub fn mark_known(live: &mut AuditsFile, locked: &AuditsFile) {
    mark(
        &mut live.audits,
        &locked.audits,
        |entry| (entry.kind.clone(), entry.criteria.clone()),
        |entry| &mut entry.fresh,
    );
    mark(&mut live.wildcard_audits, &locked.wildcard_audits, wildcard_key, |entry| &mut entry.fresh);
}

fn wildcard_key(entry: &WildcardEntry) -> impl Ord + use<> {
    (entry.publisher.clone(), entry.start, entry.end, entry.criteria.clone())
}

/// Among entries that say the same, it makes no difference which locked entry accounts for which
/// fetched one. So counting them is enough.
fn mark<T, K: Ord>(
    live: &mut ByCrate<T>,
    locked: &ByCrate<T>,
    key: impl Fn(&T) -> K,
    fresh: impl Fn(&mut T) -> &mut bool,
) {
    for (name, locked) in locked {
        let Some(live) = live.get_mut(name) else { continue };
        let mut counts: BTreeMap<K, usize> = BTreeMap::new();
        for entry in locked {
            *counts.entry(key(entry)).or_default() += 1;
        }
        for entry in live {
            if let Some(count @ 1..) = counts.get_mut(&key(entry))
                && *fresh(entry)
            {
                *fresh(entry) = false;
                *count -= 1;
            }
        }
    }
}

/// Marks each fetched publisher record as fresh if `imports.lock` has no record of the same
/// version. Ignores who published the version, and when.
pub fn mark_known_publishers(live: &mut ByCrate<PublisherEntry>, locked: &ByCrate<PublisherEntry>) {
    for (name, live) in live {
        let known: BTreeSet<&Version> =
            locked.get(name).into_iter().flatten().map(|entry| &entry.version).collect();
        for entry in live {
            entry.fresh = !known.contains(&entry.version);
        }
    }
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
