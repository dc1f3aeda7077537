//! Explains why a version of a crate meets a criterion, or what would be needed.

use vet_store::entries::{AuditKind, Publisher};
use vet_store::{Criteria, Store, Version};

use crate::audit_graph::{CriteriaSets, Novelty, Origin, ROOT, of_crate};
use crate::crate_entries::CrateEntries;
use crate::search::{ChainStep, Goal, Search};
use crate::violations::{Conflict, conflicts};

/// The answer to whether a version meets a criterion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Explanation {
    /// The version meets the criterion by these steps, from the empty crate to the version.
    Certified(Vec<ExplainedStep>),
    /// The version does not meet the criterion. These versions of the crate do, ascending.
    NotCertified(Vec<Version>),
    /// Statements about the crate contradict each other, so no version is certified.
    Conflicts(Vec<Conflict>),
}

/// A statement that a chain relies on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedStep {
    /// The name of the import that the statement is from, or `None` for this project.
    pub source: Option<String>,
    /// Whether a part of the statement is not in the store yet.
    pub fresh: bool,
    /// The statement.
    pub statement: Statement,
}

/// A statement about a crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// A full audit of a version.
    Full {
        /// The version.
        version: Version,
        /// The auditors.
        who: Vec<String>,
    },
    /// A delta audit: an audit of the change from one version to another.
    Delta {
        /// The version that the change starts from.
        from: Version,
        /// The version that the change leads to.
        to: Version,
        /// The auditors.
        who: Vec<String>,
    },
    /// A wildcard audit of the publisher covers a release.
    Wildcard {
        /// The released version.
        version: Version,
        /// The publisher.
        publisher: Publisher,
        /// The auditors.
        who: Vec<String>,
    },
    /// A trusted entry for the publisher covers a release.
    Trusted {
        /// The released version.
        version: Version,
        /// The publisher.
        publisher: Publisher,
    },
    /// An exemption.
    Exemption {
        /// The version.
        version: Version,
    },
    /// An unpublished version that is audited as a published one.
    Unpublished {
        /// The version in use.
        version: Version,
        /// The published version.
        audited_as: Version,
    },
}

/// Explains whether a version of a crate meets a criterion. The version need not be in use.
pub fn explain(
    store: &Store,
    criteria: &Criteria,
    name: &str,
    version: &Version,
    criterion: usize,
) -> Explanation {
    let mut sets = CriteriaSets::new(criteria);
    let entries = CrateEntries::of(store, name);
    let import_names: Vec<&str> = store.imports.audits.keys().map(String::as_str).collect();
    let conflicts = conflicts(&entries, &import_names, criteria, &mut sets);
    if !conflicts.is_empty() {
        return Explanation::Conflicts(conflicts);
    }
    let graph = of_crate(store, name, &[version], &mut sets);
    let search = Search { graph: &graph, sets: &sets };
    let target = graph.vertex(version).unwrap_or(ROOT);
    match search.chain(target, criterion, Goal::Keep) {
        Err(_) => Explanation::NotCertified(search.reach(target, criterion).from_root),
        Ok(steps) => {
            let step = |step: &ChainStep| match step {
                ChainStep::Edge(origin, index) => {
                    let fresh = graph.edge(*index).is_some_and(|edge| edge.novelty != Novelty::Stored);
                    let source = match origin {
                        Origin::ImportedAudit { import, .. } => import_names.get(*import),
                        Origin::Wildcard { import, .. } => import.and_then(|import| import_names.get(import)),
                        _ => None,
                    };
                    let source = source.map(|&name| name.to_owned());
                    Some(ExplainedStep { source, fresh, statement: statement(&entries, *origin)? })
                }
                ChainStep::Invented(_) => None,
            };
            Explanation::Certified(steps.iter().filter_map(step).collect())
        }
    }
}

/// Returns the statement of the entry behind an edge.
fn statement(entries: &CrateEntries<'_>, origin: Origin) -> Option<Statement> {
    let peer = |import: usize| {
        let place = entries.imported.binary_search_by_key(&import, |claims| claims.import).ok()?;
        entries.imported.get(place)
    };
    let audit = |audit: &vet_store::entries::AuditEntry| match &audit.kind {
        AuditKind::Full(version) => {
            Some(Statement::Full { version: version.clone(), who: audit.who.clone() })
        }
        AuditKind::Delta { from, to } => {
            Some(Statement::Delta { from: from.clone(), to: to.clone(), who: audit.who.clone() })
        }
        AuditKind::Violation(_) => None,
    };
    match origin {
        Origin::LocalAudit { audit: position } => audit(entries.local.audits.get(position)?),
        Origin::ImportedAudit { import, audit: position } => audit(peer(import)?.audits.get(position)?),
        Origin::Wildcard { import, wildcard, release } => {
            let claims = import.map_or(Some(&entries.local), peer)?;
            let release = entries.releases.get(release)?;
            Some(Statement::Wildcard {
                version: release.version.clone(),
                publisher: release.publisher.clone(),
                who: claims.wildcard_audits.get(wildcard)?.who.clone(),
            })
        }
        Origin::Trusted { release, .. } => {
            let release = entries.releases.get(release)?;
            Some(Statement::Trusted {
                version: release.version.clone(),
                publisher: release.publisher.clone(),
            })
        }
        Origin::Exemption { exemption } => {
            Some(Statement::Exemption { version: entries.exemptions.get(exemption)?.version.clone() })
        }
        Origin::Unpublished { alias } => {
            let alias = entries.unpublished.get(alias)?;
            Some(Statement::Unpublished {
                version: alias.version.clone(),
                audited_as: alias.audited_as.clone(),
            })
        }
    }
}
