//! Violations: versions that somebody says must not be used, against the statements that say otherwise.
//!
//! A conflict does not depend on whether the version is in use, nor on whether anybody relies on the statement: two
//! sources that contradict each other have to be sorted out first. Wildcard audits, trusted entries and unpublished
//! aliases are not looked at.

use std::collections::HashMap;

use vet_store::entries::{AuditEntry, AuditKind, Exemption};
use vet_store::version::VersionRange;
use vet_store::{Criteria, CriteriaSet};

use crate::audit_graph::{CriteriaSets, SetId};
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
///
/// Every violation meets every statement. Which criteria contradict which is therefore found once for each list of
/// names, of which there are few; what is left for each pair is to compare versions.
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
    if violations(&sources).next().is_none() {
        return Vec::new();
    }

    let statements = statements(entries, &sources, sets);
    let mut by_names: HashMap<&[String], Vec<&Statement<'_>>> = HashMap::new();
    let mut conflicts = Vec::new();
    for (violation_source, violation, range) in violations(&sources) {
        let contradicting = by_names
            .entry(&violation.criteria)
            .or_insert_with(|| contradicting(&violation.criteria, &statements, criteria, sets));
        for statement in contradicting.iter().filter(|statement| statement.touches(range)) {
            conflicts.push(Conflict {
                violation_source: violation_source.clone(),
                violation: violation.clone(),
                against: statement.contradiction(),
            });
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

/// What a violation can contradict, in the order in which it is reported, with the sets of criteria.
fn statements<'a, 's>(
    entries: &CrateEntries<'s>,
    sources: &'a [(Option<String>, &'s [AuditEntry])],
    sets: &mut CriteriaSets<'s>,
) -> Vec<(SetId, Statement<'a>)>
where
    's: 'a,
{
    let mut statements = Vec::new();
    for exemption in entries.exemptions {
        statements.push((sets.id(&exemption.criteria), Statement::Exemption(exemption)));
    }
    for (source, audits) in sources {
        for audit in *audits {
            statements.push((sets.id(&audit.criteria), Statement::Audit { source, audit }));
        }
    }
    statements
}

/// The statements by which at least one of the listed criteria is met, whatever the versions.
fn contradicting<'a, 's>(
    names: &[String],
    statements: &'a [(SetId, Statement<'s>)],
    criteria: &Criteria,
    sets: &CriteriaSets<'_>,
) -> Vec<&'a Statement<'s>> {
    let violated: Vec<CriteriaSet> =
        names.iter().map(|name| criteria.set([name])).filter(|set| !set.is_empty()).collect();
    let mut known = HashMap::new();
    let mut contradicts = |id: SetId| {
        *known.entry(id).or_insert_with(|| violated.iter().any(|set| sets.get(id).contains_all(set)))
    };
    statements.iter().filter(|(id, _)| contradicts(*id)).map(|(_, statement)| statement).collect()
}

/// Something that a violation can contradict.
enum Statement<'a> {
    Exemption(&'a Exemption),
    Audit { source: &'a Option<String>, audit: &'a AuditEntry },
}

impl Statement<'_> {
    /// Whether this is about a version in the range.
    fn touches(&self, range: &VersionRange) -> bool {
        match self {
            Statement::Exemption(exemption) => range.matches(&exemption.version),
            Statement::Audit { audit, .. } => match &audit.kind {
                AuditKind::Full(version) => range.matches(version),
                AuditKind::Delta { from, to } => range.matches(from) || range.matches(to),
                AuditKind::Violation(_) => false,
            },
        }
    }

    fn contradiction(&self) -> Contradiction {
        match *self {
            Statement::Exemption(exemption) => Contradiction::Exemption(exemption.clone()),
            Statement::Audit { source, audit } => {
                Contradiction::Audit { source: source.clone(), audit: audit.clone() }
            }
        }
    }
}
