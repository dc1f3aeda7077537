//! The audit graph of one crate: its versions, and the statements that lead from one to another.
//!
//! Vertex 0 is the empty crate, from which every full audit starts. The other vertices are the
//! versions in use and the versions in statements, in ascending order. An edge means: if its start
//! meets certain criteria, so does its end. The graph is built once for a crate and serves all its
//! versions, all criteria and all goals.

use std::collections::HashMap;

use vet_store::entries::AuditKind;
use vet_store::{Criteria, CriteriaSet, Store, Version};

use crate::crate_entries::CrateEntries;
use crate::releases::Releases;

/// The number of a vertex; 0 is the empty crate.
pub(crate) type Vertex = usize;

/// The empty crate.
pub(crate) const ROOT: Vertex = 0;

/// The source of an edge: positions in the lists of the store.
///
/// Of edges that are equal otherwise, the lowest in this order is preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Origin {
    /// An audit of this project.
    LocalAudit {
        /// Position in `audits.toml`.
        audit: usize,
    },
    /// An audit of a peer.
    ImportedAudit {
        /// Position of the peer among the imports, by name.
        import: usize,
        /// Position among the peer's audits of the crate.
        audit: usize,
    },
    /// A wildcard audit, and a release that it covers.
    Wildcard {
        /// Position of the peer among the imports; `None` is this project.
        import: Option<usize>,
        /// Position among the wildcard audits of the crate.
        wildcard: usize,
        /// Position among the known releases of the crate.
        release: usize,
    },
    /// A trusted entry of this project, and a release that it covers.
    Trusted {
        /// Position among the known releases of the crate.
        release: usize,
        /// Position among the trusted entries of the crate.
        trusted: usize,
    },
    /// An exemption.
    Exemption {
        /// Position among the exemptions of the crate.
        exemption: usize,
    },
    /// A published version that an unpublished one is audited as.
    Unpublished {
        /// Position among the unpublished entries of the crate.
        alias: usize,
    },
}

/// Whether the statement behind an edge is in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Novelty {
    /// The whole statement is in the store.
    Stored,
    /// The claim is in the store. The release that it covers was fetched in this run.
    FreshRelease,
    /// The claim itself was fetched or computed in this run.
    FreshClaim,
}

/// A statement that leads from one vertex to another.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub(crate) from: Vertex,
    pub(crate) to: Vertex,
    pub(crate) criteria: SetId,
    pub(crate) origin: Origin,
    pub(crate) novelty: Novelty,
    /// Whether this is a local audit that peers cannot import.
    pub(crate) private: bool,
}

/// A set of criteria in [`CriteriaSets`].
pub(crate) type SetId = usize;

/// The sets of lists of names. Each set is computed once.
#[derive(Debug)]
pub(crate) struct CriteriaSets<'s> {
    criteria: &'s Criteria,
    by_names: HashMap<&'s [String], SetId>,
    sets: Vec<CriteriaSet>,
}

impl<'s> CriteriaSets<'s> {
    /// The set of all criteria.
    const ALL: SetId = 0;

    pub(crate) fn new(criteria: &'s Criteria) -> Self {
        CriteriaSets { criteria, by_names: HashMap::new(), sets: vec![criteria.all()] }
    }

    /// Returns the set of a list of names.
    pub(crate) fn id(&mut self, names: &'s [String]) -> SetId {
        if let Some(&id) = self.by_names.get(names) {
            return id;
        }
        let id = self.sets.len();
        self.sets.push(self.criteria.set(names));
        self.by_names.insert(names, id);
        id
    }

    pub(crate) fn get(&self, id: SetId) -> &CriteriaSet {
        const NOTHING: &CriteriaSet = &CriteriaSet::EMPTY;
        self.sets.get(id).unwrap_or(NOTHING)
    }
}

/// The statements about one crate.
#[derive(Debug)]
pub(crate) struct AuditGraph<'s> {
    versions: Vec<&'s Version>,
    edges: Vec<Edge>,
    /// The numbers of edges, grouped by the vertex that they lead to. The edges of vertex `v` are
    /// `incoming[incoming_start[v]..incoming_start[v + 1]]`.
    incoming: Vec<usize>,
    incoming_start: Vec<usize>,
}

impl<'s> AuditGraph<'s> {
    /// Collects all statements about a crate. The versions `in_use` become vertices even if there
    /// is no statement about them.
    pub(crate) fn new(
        entries: &CrateEntries<'s>,
        in_use: &[&'s Version],
        sets: &mut CriteriaSets<'s>,
    ) -> Self {
        let mut builder = Builder { statements: Vec::new(), sets };
        builder.local_audits(entries);
        builder.imported_audits(entries);
        builder.wildcards(entries);
        builder.trusted(entries);
        builder.exemptions(entries);
        builder.aliases(entries);
        Self::link(builder.statements, in_use)
    }

    /// Numbers the versions in order and indexes the edges.
    fn link(statements: Vec<Statement<'s>>, in_use: &[&'s Version]) -> Self {
        let mut versions: Vec<&Version> = in_use.to_vec();
        for statement in &statements {
            versions.extend(statement.from);
            versions.push(statement.to);
        }
        versions.sort_unstable();
        versions.dedup();
        let number = |version: &Version| versions.binary_search(&version).map_or(ROOT, |index| index + 1);

        let mut edges = Vec::with_capacity(statements.len());
        for statement in statements {
            edges.push(Edge {
                from: statement.from.map_or(ROOT, number),
                to: number(statement.to),
                criteria: statement.criteria,
                origin: statement.origin,
                novelty: statement.novelty,
                private: statement.private,
            });
        }
        let mut incoming: Vec<usize> = (0..edges.len()).collect();
        let target = |edge: usize| edges.get(edge).map_or(ROOT, |edge| edge.to);
        incoming.sort_by_key(|&edge| target(edge));
        let mut incoming_start = vec![0; versions.len() + 2];
        for edge in &edges {
            if let Some(count) = incoming_start.get_mut(edge.to + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut incoming_start {
            sum += *start;
            *start = sum;
        }
        AuditGraph { versions, edges, incoming, incoming_start }
    }

    /// Returns the number of vertices, including the empty crate.
    pub(crate) fn vertex_count(&self) -> usize {
        self.versions.len() + 1
    }

    /// Returns the vertex of a version.
    pub(crate) fn vertex(&self, version: &Version) -> Option<Vertex> {
        self.versions.binary_search(&version).ok().map(|index| index + 1)
    }

    /// Returns the version of a vertex. `None` is the empty crate.
    pub(crate) fn version(&self, vertex: Vertex) -> Option<&'s Version> {
        self.versions.get(vertex.checked_sub(1)?).copied()
    }

    pub(crate) fn edge(&self, number: usize) -> Option<&Edge> {
        self.edges.get(number)
    }

    pub(crate) fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Returns the numbers of the edges that lead to a vertex.
    pub(crate) fn leading_to(&self, vertex: Vertex) -> &[usize] {
        let bound = |vertex: Vertex| self.incoming_start.get(vertex).copied().unwrap_or(self.incoming.len());
        self.incoming.get(bound(vertex)..bound(vertex + 1)).unwrap_or_default()
    }
}

/// An edge whose ends have no numbers yet.
struct Statement<'s> {
    from: Option<&'s Version>,
    to: &'s Version,
    criteria: SetId,
    origin: Origin,
    novelty: Novelty,
    private: bool,
}

struct Builder<'s, 'b> {
    statements: Vec<Statement<'s>>,
    sets: &'b mut CriteriaSets<'s>,
}

impl<'s> Builder<'s, '_> {
    fn push(
        &mut self,
        ends: (Option<&'s Version>, &'s Version),
        names: &'s [String],
        origin: Origin,
        novelty: Novelty,
    ) {
        let criteria = self.sets.id(names);
        let (from, to) = ends;
        self.statements.push(Statement { from, to, criteria, origin, novelty, private: false });
    }

    fn local_audits(&mut self, entries: &CrateEntries<'s>) {
        for (position, audit) in entries.local.audits.iter().enumerate() {
            let Some(ends) = ends(&audit.kind) else { continue };
            self.push(ends, &audit.criteria, Origin::LocalAudit { audit: position }, Novelty::Stored);
            if let Some(statement) = self.statements.last_mut() {
                statement.private = !audit.importable;
            }
        }
    }

    fn imported_audits(&mut self, entries: &CrateEntries<'s>) {
        for peer in &entries.imported {
            for (position, audit) in peer.audits.iter().enumerate() {
                let Some(ends) = ends(&audit.kind) else { continue };
                let origin = Origin::ImportedAudit { import: peer.import, audit: position };
                let novelty =
                    if peer.fresh_audits.has(position) { Novelty::FreshClaim } else { Novelty::Stored };
                self.push(ends, &audit.criteria, origin, novelty);
            }
        }
    }

    fn wildcards(&mut self, entries: &CrateEntries<'s>) {
        let local = entries.local.wildcard_audits.iter().enumerate();
        let local = local.map(|(position, wildcard)| (None, position, wildcard, false));
        let imported = entries.imported.iter().flat_map(|peer| {
            peer.wildcard_audits.iter().enumerate().map(|(position, wildcard)| {
                (Some(peer.import), position, wildcard, peer.fresh_wildcard_audits.has(position))
            })
        });
        let mut releases = None;
        for (import, position, wildcard, is_fresh) in local.chain(imported) {
            let criteria = self.sets.id(&wildcard.criteria);
            let releases = releases.get_or_insert_with(|| Releases::new(entries.releases));
            let days = wildcard.start..wildcard.end;
            let set = self.sets.get(criteria);
            for (release, entry) in releases.newly_covered(&wildcard.publisher, days, set, is_fresh) {
                let novelty = match (is_fresh, entries.fresh_releases.has(release)) {
                    (true, _) => Novelty::FreshClaim,
                    (false, true) => Novelty::FreshRelease,
                    (false, false) => Novelty::Stored,
                };
                let origin = Origin::Wildcard { import, wildcard: position, release };
                self.push((None, &entry.version), &wildcard.criteria, origin, novelty);
            }
        }
    }

    fn trusted(&mut self, entries: &CrateEntries<'s>) {
        let mut releases = None;
        for (position, trusted) in entries.local.trusted.iter().enumerate() {
            let criteria = self.sets.id(&trusted.criteria);
            let releases = releases.get_or_insert_with(|| Releases::new(entries.releases));
            let days = trusted.start..trusted.end;
            let set = self.sets.get(criteria);
            for (release, entry) in releases.newly_covered(&trusted.publisher, days, set, false) {
                let is_fresh = entries.fresh_releases.has(release);
                let novelty = if is_fresh { Novelty::FreshClaim } else { Novelty::Stored };
                let origin = Origin::Trusted { release, trusted: position };
                self.push((None, &entry.version), &trusted.criteria, origin, novelty);
            }
        }
    }

    fn exemptions(&mut self, entries: &CrateEntries<'s>) {
        for (position, exemption) in entries.exemptions.iter().enumerate() {
            let origin = Origin::Exemption { exemption: position };
            self.push((None, &exemption.version), &exemption.criteria, origin, Novelty::Stored);
        }
    }

    fn aliases(&mut self, entries: &CrateEntries<'s>) {
        for (position, alias) in entries.unpublished.iter().enumerate() {
            self.statements.push(Statement {
                from: Some(&alias.audited_as),
                to: &alias.version,
                criteria: CriteriaSets::ALL,
                origin: Origin::Unpublished { alias: position },
                novelty: match entries.fresh_unpublished.has(position) {
                    true => Novelty::FreshClaim,
                    false => Novelty::Stored,
                },
                private: false,
            });
        }
    }
}

/// Returns the start and the end of an audit. Violations have none.
fn ends(kind: &AuditKind) -> Option<(Option<&Version>, &Version)> {
    match kind {
        AuditKind::Full(version) => Some((None, version)),
        AuditKind::Delta { from, to } => Some((Some(from), to)),
        AuditKind::Violation(_) => None,
    }
}

/// Builds the audit graph of a crate that may not be in the dependency graph.
pub(crate) fn of_crate<'s>(
    store: &'s Store,
    name: &str,
    in_use: &[&'s Version],
    sets: &mut CriteriaSets<'s>,
) -> AuditGraph<'s> {
    AuditGraph::new(&CrateEntries::of(store, name), in_use, sets)
}
