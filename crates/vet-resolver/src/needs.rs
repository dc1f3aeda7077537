//! The entries of the store that a crate relies on.

use std::collections::{BTreeMap, HashMap};

use vet_graph::{Package, PackageIx};
use vet_store::{CriteriaSet, Version};

use crate::audit_graph::{Origin, ROOT};
use crate::resolver::Resolver;
use crate::search::{ChainStep, Goal};

/// An entry that a chain can rely on, by its position among the entries about the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum EntryRef {
    LocalAudit(usize),
    ImportedAudit { import: usize, audit: usize },
    ImportedWildcard { import: usize, wildcard: usize },
    Release(usize),
    Exemption(usize),
    Alias(usize),
}

/// The entries that the versions of a crate in use rely on.
#[derive(Debug)]
pub(crate) enum Needs<'a> {
    /// The entries, each with the criteria it is needed for, and the exemptions that do not exist
    /// yet.
    Known { entries: HashMap<EntryRef, CriteriaSet>, invented: BTreeMap<&'a Version, CriteriaSet> },
    /// A version does not meet its requirements, or statements about the crate contradict each
    /// other.
    Unsatisfiable,
}

impl<'a> Needs<'a> {
    /// Returns the entries that the best chains for a crate rely on. There are none if no
    /// third-party package has this name.
    ///
    /// Only the strongest required criteria are looked at: the criteria that they imply follow from
    /// the same chains. The resulting sets are not closed under implication.
    pub(crate) fn of(resolver: &Resolver<'a>, name: &str, goal: Goal) -> Self {
        let all = resolver.crates.get(name).into_iter().flat_map(|state| &state.packages);
        let wanted = all.map(|&ix| (ix, resolver.criteria.minimal(resolver.required(ix))));
        Self::of_packages(resolver, name, goal, wanted)
    }

    /// The same as [`of`](Self::of), for some packages of the crate, each with the criteria that
    /// matter.
    fn of_packages(
        resolver: &Resolver<'a>,
        name: &str,
        goal: Goal,
        wanted: impl IntoIterator<Item = (PackageIx, Vec<usize>)>,
    ) -> Self {
        let (mut entries, mut invented) = (HashMap::<EntryRef, CriteriaSet>::new(), BTreeMap::new());
        let Some(state) = resolver.crates.get(name) else { return Needs::Known { entries, invented } };
        if !state.conflicts.is_empty() {
            return Needs::Unsatisfiable;
        }
        for (ix, criteria) in wanted {
            let Some(package) = resolver.graph.package(ix) else { continue };
            let target = state.audits.vertex(package.version()).unwrap_or(ROOT);
            for criterion in criteria {
                let Ok(steps) = resolver.search(state).chain(target, criterion, goal) else {
                    return Needs::Unsatisfiable;
                };
                for step in steps {
                    match step {
                        ChainStep::Edge(origin, _) => relied_upon(origin)
                            .into_iter()
                            .flatten()
                            .for_each(|entry| entries.entry(entry).or_default().insert(criterion)),
                        ChainStep::Invented(vertex) => {
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

    /// Returns the criteria for which an entry is relied on, or `None` if the crate is
    /// [`Unsatisfiable`](Self::Unsatisfiable).
    pub(crate) fn criteria_of(&self, entry: EntryRef) -> Option<CriteriaSet> {
        match self {
            Needs::Known { entries, .. } => Some(entries.get(&entry).cloned().unwrap_or_default()),
            Needs::Unsatisfiable => None,
        }
    }

    /// Whether an entry is relied on, or `None` if the crate is
    /// [`Unsatisfiable`](Self::Unsatisfiable).
    pub(crate) fn has(&self, entry: EntryRef) -> Option<bool> {
        match self {
            Needs::Known { entries, .. } => Some(entries.contains_key(&entry)),
            Needs::Unsatisfiable => None,
        }
    }
}

/// The entries of the store that the packages of a larger graph rely on.
#[derive(Debug)]
pub(crate) enum Kept {
    /// The entries, each with the criteria it is needed for.
    Entries(HashMap<EntryRef, CriteriaSet>),
    /// The store does not have enough for the packages, so every entry may be useful.
    Everything,
}

impl Default for Kept {
    fn default() -> Self {
        Kept::Entries(HashMap::new())
    }
}

impl Kept {
    /// Returns what an update keeps of a crate for the larger graph: for its packages outside of
    /// the part, and for the criteria that the larger graph additionally requires of packages in
    /// the part. Entries fetched in this run are relied on only if the store does not have enough.
    pub(crate) fn of(part: &Resolver<'_>, whole: &Resolver<'_>, name: &str) -> Self {
        let Some(state) = whole.crates.get(name) else { return Kept::default() };
        let of_part = part.crates.get(name).into_iter().flat_map(|state| &state.packages);
        let mut by_version: HashMap<&Version, Vec<Package<'_>>> = HashMap::new();
        for package in of_part.filter_map(|&ix| part.graph.package(ix)) {
            by_version.entry(package.version()).or_default().push(package);
        }
        let in_addition = |ix: &PackageIx| {
            let package = whole.graph.package(*ix)?;
            let of_version = by_version.get(package.version()).into_iter().flatten();
            let mut same = of_version.filter(|other| other.source() == package.source());
            let required = same.next().map(|other| part.required(other.ix()));
            let mut criteria = whole.criteria.minimal(whole.required(*ix));
            criteria.retain(|&criterion| !required.is_some_and(|required| required.contains(criterion)));
            Some((*ix, criteria)).filter(|(_, criteria)| !criteria.is_empty())
        };
        let wanted: Vec<_> = state.packages.iter().filter_map(in_addition).collect();
        if wanted.is_empty() {
            return Kept::default();
        }
        match Needs::of_packages(whole, name, Goal::Keep, wanted) {
            Needs::Known { entries, .. } if !entries.keys().any(|entry| is_fresh(whole, name, *entry)) => {
                Kept::Entries(entries)
            }
            Needs::Known { .. } | Needs::Unsatisfiable => Kept::Everything,
        }
    }

    /// Returns the criteria for which an entry is kept, or `None` for all criteria that it states.
    pub(crate) fn criteria_of(&self, entry: EntryRef) -> Option<CriteriaSet> {
        match self {
            Kept::Entries(entries) => Some(entries.get(&entry).cloned().unwrap_or_default()),
            Kept::Everything => None,
        }
    }

    /// Whether an entry is kept.
    pub(crate) fn has(&self, entry: EntryRef) -> bool {
        match self {
            Kept::Entries(entries) => entries.contains_key(&entry),
            Kept::Everything => true,
        }
    }
}

/// Whether an entry was fetched in this run and is not in the store yet.
pub(crate) fn is_fresh(resolver: &Resolver<'_>, name: &str, entry: EntryRef) -> bool {
    let fetched = &resolver.store.fetched;
    let peer = |import: usize| resolver.peers.file(import).and_then(|peer| peer.fresh);
    match entry {
        EntryRef::ImportedAudit { import, audit } => {
            peer(import).is_some_and(|fresh| fresh.audits.of(name).has(audit))
        }
        EntryRef::ImportedWildcard { import, wildcard } => {
            peer(import).is_some_and(|fresh| fresh.wildcard_audits.of(name).has(wildcard))
        }
        EntryRef::Release(release) => fetched.publisher.of(name).has(release),
        EntryRef::Alias(alias) => fetched.unpublished.of(name).has(alias),
        EntryRef::LocalAudit(_) | EntryRef::Exemption(_) => false,
    }
}

/// Returns the entries behind an edge, without trusted entries and wildcard audits of this project:
/// only the user removes those.
fn relied_upon(origin: Origin) -> [Option<EntryRef>; 2] {
    match origin {
        Origin::LocalAudit { audit } => [Some(EntryRef::LocalAudit(audit)), None],
        Origin::ImportedAudit { import, audit } => [Some(EntryRef::ImportedAudit { import, audit }), None],
        Origin::Wildcard { import, wildcard, release } => {
            let wildcard = import.map(|import| EntryRef::ImportedWildcard { import, wildcard });
            [wildcard, Some(EntryRef::Release(release))]
        }
        Origin::Trusted { release, .. } => [Some(EntryRef::Release(release)), None],
        Origin::Exemption { exemption } => [Some(EntryRef::Exemption(exemption)), None],
        Origin::Unpublished { alias } => [Some(EntryRef::Alias(alias)), None],
    }
}
