//! Finds violations that contradict other statements.
//!
//! A conflict does not depend on whether the version is in use, or on whether anything relies on
//! the statement: the user must resolve the contradiction first. Wildcard audits, trusted entries
//! and unpublished entries cannot be part of a conflict.

use std::collections::HashMap;

use vet_graph::PackageIx;
use vet_store::entries::{AuditEntry, AuditKind, Exemption};
use vet_store::version::VersionRange;
use vet_store::{Criteria, CriteriaSet, Version};

use crate::audit_graph::{CriteriaSets, SetId};
use crate::crate_entries::{Claims, CrateEntries};
use crate::versions_in_range::VersionIndex;

/// A violation, and a statement that contradicts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The name of the import that reports the violation, or `None` for this project.
    pub violation_source: Option<String>,
    /// The violation.
    pub violation: AuditEntry,
    /// The statement that contradicts the violation.
    pub against: Contradiction,
}

/// A statement that contradicts a violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// An exemption of a version in the range.
    Exemption(Exemption),
    /// An audit with a version in the range: the audited version, or either end of a delta.
    Audit {
        /// The name of the import that the audit is from, or `None` for this project.
        source: Option<String>,
        /// The audit.
        audit: AuditEntry,
    },
}

/// A violation that covers a version in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViolationInUse {
    /// The package in use.
    pub package: PackageIx,
    /// The name of the import that reports the violation, or `None` for this project.
    pub source: Option<String>,
    /// The violation.
    pub violation: AuditEntry,
    /// Whether the range does not match the version, but would without semver's rule for
    /// pre-releases.
    pub misses_prerelease: bool,
}

/// The audits that violations forbid: those of a version and a criterion that would contradict a
/// violation.
#[derive(Debug)]
pub(crate) struct Forbidden<'s> {
    violations: Vec<(Option<String>, &'s AuditEntry, &'s VersionRange)>,
}

impl<'s> Forbidden<'s> {
    pub(crate) fn of(entries: &CrateEntries<'s>, import_names: &[&str]) -> Self {
        let sources = sources(entries, import_names);
        let violations =
            violations(&sources).map(|(source, violation, range)| (source.clone(), violation, range));
        Forbidden { violations: violations.collect() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.violations.is_empty()
    }

    /// Returns the ranges in which a statement for these criteria would contradict a violation.
    pub(crate) fn ranges(
        &self,
        met: &CriteriaSet,
        criteria: &Criteria,
    ) -> impl Iterator<Item = &'s VersionRange> {
        let contradicted =
            self.violations.iter().filter(move |(_, violation, _)| violates(violation, met, criteria));
        contradicted.map(|(_, _, range)| *range)
    }

    /// Returns the violations that a statement about a version for these criteria contradicts, each
    /// with its source.
    pub(crate) fn by<'a>(
        &'a self,
        version: &'a Version,
        met: &'a CriteriaSet,
        criteria: &'a Criteria,
    ) -> impl Iterator<Item = (Option<&'a str>, &'s AuditEntry)> + 'a {
        let matching = self.violations.iter().filter(move |(_, violation, range)| {
            range.matches(version) && violates(violation, met, criteria)
        });
        matching.map(|(source, violation, _)| (source.as_deref(), *violation))
    }
}

/// Whether a violation violates a criterion that a statement for `met` certifies.
fn violates(violation: &AuditEntry, met: &CriteriaSet, criteria: &Criteria) -> bool {
    violation.criteria.iter().filter_map(|name| criteria.index(name)).any(|criterion| met.contains(criterion))
}

/// Returns the violations that cover a version in use, given its required criteria, at most
/// [`MOST_CONFLICTS`]. It does not matter how the version is vetted: a trusted publisher may have
/// published a version that must not be used.
pub(crate) fn in_use(
    entries: &CrateEntries<'_>,
    import_names: &[&str],
    criteria: &Criteria,
    (package, version, required): (PackageIx, &Version, &CriteriaSet),
) -> Vec<ViolationInUse> {
    let sources = sources(entries, import_names);
    // Whatever meets a criterion contradicts a violation of it. So all criteria can be tested
    // together.
    let mut met = required.clone();
    stated(entries, version).for_each(|names| met.union_with(&criteria.set(names)));
    let about = violations(&sources).filter_map(|(source, violation, range)| {
        let misses_prerelease = range.misses_prerelease(version);
        let is_about = misses_prerelease || range.matches(version);
        (is_about && violates(violation, &met, criteria)).then(|| ViolationInUse {
            package,
            source: source.clone(),
            violation: violation.clone(),
            misses_prerelease,
        })
    });
    about.take(MOST_CONFLICTS).collect()
}

/// Iterates over the criteria of each statement about a version that a violation can contradict.
fn stated<'a>(entries: &'a CrateEntries<'_>, version: &'a Version) -> impl Iterator<Item = &'a [String]> {
    let exemptions = entries.exemptions.iter().filter(move |exemption| exemption.version == *version);
    let claims = entries.imported.iter().chain([&entries.local]);
    let audits = claims.flat_map(|claims| claims.audits).filter(move |audit| match &audit.kind {
        AuditKind::Full(audited) => audited == version,
        AuditKind::Delta { from, to } => from == version || to == version,
        AuditKind::Violation(_) => false,
    });
    let exemptions = exemptions.map(|exemption| exemption.criteria.as_slice());
    exemptions.chain(audits.map(|audit| audit.criteria.as_slice()))
}

/// The limit on reported conflicts about one crate. Every violation may contradict every audit, and
/// there may be thousands of both.
pub const MOST_CONFLICTS: usize = 1000;

/// Returns the conflicts about one crate, at most [`MOST_CONFLICTS`]: violations of peers first, by
/// name of the import, then those of this project. For each violation, exemptions come first, then
/// audits in the same order of sources.
pub(crate) fn conflicts<'s>(
    entries: &CrateEntries<'s>,
    import_names: &[&str],
    criteria: &Criteria,
    sets: &mut CriteriaSets<'s>,
) -> Vec<Conflict> {
    let sources = sources(entries, import_names);
    if violations(&sources).next().is_none() {
        return Vec::new();
    }

    let statements = statements(entries, &sources, sets);
    let versions = || {
        let of = |(number, (_, statement)): (usize, &(SetId, Statement<'_, 's>))| {
            statement.versions().into_iter().flatten().map(move |version| (version, number))
        };
        statements.iter().enumerate().flat_map(of)
    };
    let all = VersionIndex::new(versions());
    // The versions do not matter here: a list is contradicted by what meets one of its criteria.
    let mut by_criterion: HashMap<usize, VersionIndex<'s>> = HashMap::new();
    let mut conflicts = Vec::new();
    for (violation_source, violation, range) in violations(&sources) {
        let mut found = Vec::new();
        for criterion in violation.criteria.iter().filter_map(|name| criteria.index(name)) {
            let meets = |number: usize| {
                statements.get(number).is_some_and(|(id, _)| sets.get(*id).contains(criterion))
            };
            by_criterion.entry(criterion).or_insert_with(|| all.filtered(meets)).matching(range, &mut found);
        }
        found.sort_unstable();
        found.dedup();
        for (_, statement) in found.into_iter().filter_map(|number| statements.get(number)) {
            conflicts.push(Conflict {
                violation_source: violation_source.clone(),
                violation: violation.clone(),
                against: statement.contradiction(),
            });
            if conflicts.len() == MOST_CONFLICTS {
                return conflicts;
            }
        }
    }
    conflicts
}

/// Returns the sources of entries about a crate: peers by name of the import, then this project.
fn sources<'s>(entries: &CrateEntries<'s>, import_names: &[&str]) -> Vec<(Option<String>, &'s [AuditEntry])> {
    let import_name = |claims: &Claims<'_>| import_names.get(claims.import).map(|&name| name.to_owned());
    let peers = entries.imported.iter().map(|claims| (import_name(claims), claims.audits));
    peers.chain([(None, entries.local.audits)]).collect()
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

/// Returns the statements that a violation can contradict, in the order in which they are reported,
/// with their criteria.
fn statements<'a, 's>(
    entries: &CrateEntries<'s>,
    sources: &'a [(Option<String>, &'s [AuditEntry])],
    sets: &mut CriteriaSets<'s>,
) -> Vec<(SetId, Statement<'a, 's>)> {
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

/// A statement that a violation can contradict.
enum Statement<'a, 's> {
    Exemption(&'s Exemption),
    Audit { source: &'a Option<String>, audit: &'s AuditEntry },
}

impl<'s> Statement<'_, 's> {
    /// Returns the versions that the statement is about.
    fn versions(&self) -> [Option<&'s Version>; 2] {
        match self {
            Statement::Exemption(exemption) => [Some(&exemption.version), None],
            Statement::Audit { audit, .. } => match &audit.kind {
                AuditKind::Full(version) => [Some(version), None],
                AuditKind::Delta { from, to } => [Some(from), Some(to)],
                AuditKind::Violation(_) => [None, None],
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
