//! Audits that violations contradict. They are recorded, but do not count.

use std::collections::BTreeSet;

use vet_diagnostics::{Code, Diagnostic};
use vet_resolver::{Conflict, Contradiction, Resolver};
use vet_store::Store;
use vet_store::entries::{AuditEntry, AuditKind};

use super::entry::NewEntry;
use crate::evaluation::violations::{described, ways_out};
use crate::session::Session;

/// A warning for each audit that contradicts a violation in `store`, which contains the audits
/// already.
pub(super) fn warnings<'a>(
    audits: impl Iterator<Item = (&'a str, &'a NewEntry)>,
    session: &Session<'_>,
    store: &Store,
) -> Vec<Diagnostic> {
    let audits: Vec<(&str, &AuditEntry)> = audits
        .filter_map(|(name, entry)| match entry {
            NewEntry::Audit(audit) => Some((name, audit)),
            // Violations do not affect wildcard audits.
            NewEntry::Wildcard { .. } => None,
        })
        .collect();
    let has_violation = |name: &str| {
        let mut files = store.imports.audits.values().chain([&store.audits]);
        files.any(|file| {
            let mut audits = file.audits.get(name).into_iter().flatten();
            audits.any(|audit| matches!(audit.kind, AuditKind::Violation(_)))
        })
    };
    if !audits.iter().any(|(name, _)| has_violation(name)) {
        return Vec::new();
    }
    let resolver = Resolver::new(session.whole(), store, &session.loaded.criteria);
    let mut warnings = Vec::new();
    for (name, audit) in audits {
        let contradicted = resolver.conflicts(name).iter().filter(|conflict| is_about(conflict, audit));
        let violations: Vec<(Option<&str>, &AuditEntry)> = contradicted
            .map(|conflict| (conflict.violation_source.as_deref(), &conflict.violation))
            .collect();
        if violations.is_empty() {
            continue;
        }
        let title = NewEntry::Audit(audit.clone()).title(name);
        let listed: BTreeSet<String> =
            violations.iter().map(|(source, violation)| described(*source, violation)).collect();
        let listed: Vec<String> = listed.into_iter().collect();
        let message = format!("the audit of `{title}` contradicts {}", listed.join(" and "));
        warnings.push(
            Diagnostic::warning(Code::AuditContradicts, message)
                .note("it does not help: as long as both stand, the check fails")
                .help(ways_out(name, &violations)),
        );
    }
    warnings
}

fn is_about(conflict: &Conflict, audit: &AuditEntry) -> bool {
    matches!(&conflict.against, Contradiction::Audit { source: None, audit: other } if other == audit)
}
