//! What of the fetched entries `imports.lock` has already.
//!
//! An entry that was fetched and is not locked yet is fresh: nothing has relied on it so far. Entries are compared by
//! what they say, not by who says it or why, so that the peer may correct a name or a note.

use std::collections::{BTreeMap, BTreeSet};

use vet_diagnostics::{Code, Diagnostic, wording};

use crate::difference::unified_diff;
use crate::entries::{PublisherEntry, WildcardEntry};
use crate::files::{AuditsFile, ByCrate};
use crate::version::Version;

/// Marks the entries of an import that are locked as not fresh.
///
/// Each locked entry accounts for one fetched entry, the first that is fresh and says the same: for audits, the same
/// versions by the same criteria; for wildcard audits, the same publisher, period and criteria.
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

/// Which locked entry accounts for which fetched one makes no difference among those that say the same. So it is
/// enough to count them.
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

/// Marks each fetched publisher record as fresh if `imports.lock` has none of the same version. Who published it, and
/// when, plays no part.
pub fn mark_known_publishers(live: &mut ByCrate<PublisherEntry>, locked: &ByCrate<PublisherEntry>) {
    for (name, live) in live {
        let known: BTreeSet<&Version> =
            locked.get(name).into_iter().flatten().map(|entry| &entry.version).collect();
        for entry in live {
            entry.fresh = !known.contains(&entry.version);
        }
    }
}

/// A finding for each criterion of an import whose text is not the one that is locked.
///
/// A criterion that is new, or gone, is none.
pub fn changed_criteria(import: &str, live: &AuditsFile, locked: &AuditsFile) -> Vec<Diagnostic> {
    let both = locked.criteria.iter().filter_map(|(name, old)| Some((name, old, live.criteria.get(name)?)));
    let changed = both.filter(|(_, old, new)| old.description != new.description);
    changed
        .map(|(name, old, new)| {
            let message = format!(
                "the import `{}` has a new text for its criterion `{}`",
                wording::shown(import),
                wording::shown(name)
            );
            let old = old.description.as_deref().unwrap_or_default();
            let new = new.description.as_deref().unwrap_or_default();
            Diagnostic::error(Code::CriteriaChanged, message)
                .note(unified_diff(("imports.lock", old), (import, new)))
                .help("if it still means what `criteria-map` says, run `cargo vet regenerate imports`")
        })
        .collect()
}
