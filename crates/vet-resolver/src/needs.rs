//! Which entries of the store a crate relies on.

use std::collections::{BTreeMap, HashMap};

use vet_store::{CriteriaSet, Version};

use crate::audit_graph::{Origin, ROOT};
use crate::resolver::Resolver;
use crate::search::{Goal, Step};

/// An entry that a chain can rely on, by its position among the entries about the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Entry {
    LocalAudit(usize),
    ImportedAudit { import: usize, audit: usize },
    ImportedWildcard { import: usize, wildcard: usize },
    Release(usize),
    Exemption(usize),
    Alias(usize),
}

/// What the versions of a crate that are in use rely on.
#[derive(Debug)]
pub(crate) enum Needs<'a> {
    /// These entries, each for these criteria, and these exemptions that do not exist yet.
    Known { entries: HashMap<Entry, CriteriaSet>, invented: BTreeMap<&'a Version, CriteriaSet> },
    /// Some version does not meet its requirements, or statements about the crate contradict each other.
    Unsatisfiable,
}

impl<'a> Needs<'a> {
    /// The entries that the best chains for a crate rely on; nothing if no third-party package has this name.
    ///
    /// Only the strongest criteria that are required are looked at: what they imply follows from the same chains. The
    /// sets that are collected are not closed under implication.
    pub(crate) fn of(resolver: &Resolver<'a>, name: &str, goal: Goal) -> Self {
        let (mut entries, mut invented) = (HashMap::<Entry, CriteriaSet>::new(), BTreeMap::new());
        let Some(state) = resolver.crates.get(name) else { return Needs::Known { entries, invented } };
        if !state.conflicts.is_empty() {
            return Needs::Unsatisfiable;
        }
        for &ix in &state.packages {
            let Some(package) = resolver.graph.package(ix) else { continue };
            let target = state.audits.vertex(package.version()).unwrap_or(ROOT);
            for criterion in resolver.criteria.minimal(resolver.required(ix)) {
                let Ok(steps) = resolver.search(state).chain(target, criterion, goal) else {
                    return Needs::Unsatisfiable;
                };
                for step in steps {
                    match step {
                        Step::Edge(origin, _) => relied_upon(origin)
                            .into_iter()
                            .flatten()
                            .for_each(|entry| entries.entry(entry).or_default().insert(criterion)),
                        Step::Invented(vertex) => {
                            if let Some(version) = state.audits.version(vertex) {
                                let criteria: &mut CriteriaSet = invented.entry(version).or_default();
                                criteria.insert(criterion);
                            }
                        }
                    }
                }
            }
        }
        Needs::Known { entries, invented }
    }

    /// The criteria for which an entry is relied upon; `None` if that cannot be said of this crate.
    pub(crate) fn criteria_of(&self, entry: Entry) -> Option<CriteriaSet> {
        match self {
            Needs::Known { entries, .. } => Some(entries.get(&entry).cloned().unwrap_or_default()),
            Needs::Unsatisfiable => None,
        }
    }

    /// Whether an entry is relied upon; `None` if that cannot be said of this crate.
    pub(crate) fn has(&self, entry: Entry) -> Option<bool> {
        match self {
            Needs::Known { entries, .. } => Some(entries.contains_key(&entry)),
            Needs::Unsatisfiable => None,
        }
    }
}

/// The entries behind an edge. Trusted entries and wildcard audits of this project are not among them: nothing but the
/// project's owner ever removes those.
fn relied_upon(origin: Origin) -> [Option<Entry>; 2] {
    match origin {
        Origin::LocalAudit { audit } => [Some(Entry::LocalAudit(audit)), None],
        Origin::ImportedAudit { import, audit } => [Some(Entry::ImportedAudit { import, audit }), None],
        Origin::Wildcard { import, wildcard, release } => {
            let wildcard = import.map(|import| Entry::ImportedWildcard { import, wildcard });
            [wildcard, Some(Entry::Release(release))]
        }
        Origin::Trusted { release, .. } => [Some(Entry::Release(release)), None],
        Origin::Exemption { exemption } => [Some(Entry::Exemption(exemption)), None],
        Origin::Unpublished { alias } => [Some(Entry::Alias(alias)), None],
    }
}
