//! Violations: versions that somebody says must not be used, against the statements that say otherwise.
//!
//! A conflict does not depend on whether the version is in use, nor on whether anybody relies on the statement: two
//! sources that contradict each other have to be sorted out first. Wildcard audits, trusted entries and unpublished
//! aliases are not looked at.

use vet_store::entries::{AuditEntry, AuditKind, Exemption};
use vet_store::version::VersionRange;
use vet_store::{Criteria, CriteriaSet, Version};

use crate::audit_graph::CriteriaSets;
use crate::crate_entries::{Claims, CrateEntries};

/// A violation, and a statement that contradicts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Who reports the violation: the name of an import, or `None` for this project.
    pub violation_source: Option<String>,
    /// The violation.
    pub violation: AuditEntry,
    /// What contradicts it.
    pub against: Contradiction,
}

/// What contradicts a violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// An exemption of a version in the range.
    Exemption(Exemption),
    /// An audit of, to or from a version in the range.
    Audit {
        /// Whose audit: the name of an import, or `None` for this project.
        source: Option<String>,
        /// The audit.
        audit: AuditEntry,
    },
}

/// All conflicts about one crate: violations of peers first, by name of the import, then our own; for each, exemptions
/// first, then audits in the same order of sources.
pub(crate) fn conflicts<'s>(
    entries: &CrateEntries<'s>,
    import_names: &[&str],
    criteria: &Criteria,
    sets: &mut CriteriaSets<'s>,
) -> Vec<Conflict> {
    let import_name = |claims: &Claims<'_>| import_names.get(claims.import).map(|&name| name.to_owned());
    let sources: Vec<(Option<String>, &[AuditEntry])> = entries
        .imported
        .iter()
        .map(|claims| (import_name(claims), claims.audits))
        .chain([(None, entries.local.audits)])
        .collect();

    let mut conflicts = Vec::new();
    for (violation_source, violation, range) in violations(&sources) {
        let violated: Vec<CriteriaSet> = violation
            .criteria
            .iter()
            .map(|name| criteria.set([name]))
            .filter(|set| !set.is_empty())
            .collect();
        let mut contradicts = |names: &'s [String]| {
            let id = sets.id(names);
            violated.iter().any(|set| sets.get(id).contains_all(set))
        };
        let mut report = |against: Contradiction| {
            conflicts.push(Conflict {
                violation_source: violation_source.clone(),
                violation: violation.clone(),
                against,
            });
        };
        for exemption in entries.exemptions {
            if range.matches(&exemption.version) && contradicts(&exemption.criteria) {
                report(Contradiction::Exemption(exemption.clone()));
            }
        }
        for (source, audits) in &sources {
            for audit in *audits {
                if touches(&audit.kind, range) && contradicts(&audit.criteria) {
                    report(Contradiction::Audit { source: source.clone(), audit: audit.clone() });
                }
            }
        }
    }
    conflicts
}

fn violations<'a, 's>(
    sources: &'a [(Option<String>, &'s [AuditEntry])],
) -> impl Iterator<Item = (&'a Option<String>, &'s AuditEntry, &'s VersionRange)> {
    sources.iter().flat_map(|(source, audits)| {
        audits.iter().filter_map(move |audit| match &audit.kind {
            AuditKind::Violation(range) => Some((source, audit, range)),
            AuditKind::Full(_) | AuditKind::Delta { .. } => None,
        })
    })
}

/// Whether an audit is about a version in the range.
fn touches(kind: &AuditKind, range: &VersionRange) -> bool {
    let in_range = |version: &Version| range.matches(version);
    match kind {
        AuditKind::Full(version) => in_range(version),
        AuditKind::Delta { from, to } => in_range(from) || in_range(to),
        AuditKind::Violation(_) => false,
    }
}
