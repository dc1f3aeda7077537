//! Compares the search with two naive readings of its rule: all simple paths, and a plain queue.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use vet_store::entries::{
    AuditEntry, AuditKind, Date, Exemption, Publisher, PublisherEntry, PublisherId, TrustedEntry,
    UnpublishedEntry, WildcardEntry,
};
use vet_store::fetched::FetchedFacts;
use vet_store::files::AuditsFile;
use vet_store::{Criteria, Store, Version};

use crate::audit_graph::{CriteriaSets, Origin, of_crate};
use crate::search::{ChainStep, Goal, Search};

const CRATE: &str = "demo";
const GOALS: [Goal; 3] = [Goal::Keep, Goal::Replace, Goal::Invent];

/// Versions `1.0.0` to `5.0.0` exist. 0 stands for the empty crate.
fn version(number: usize) -> Version {
    Version::published(semver::Version::new(number as u64, 0, 0))
}

fn number(version: Option<&Version>) -> usize {
    version.map_or(0, |version| version.semver.major as usize)
}

fn day(day: u32) -> Date {
    Date::from_ymd_opt(2020, 1, day).unwrap()
}

/// An edge as drawn on paper.
#[derive(Clone, Debug)]
struct Drawn {
    from: usize,
    to: usize,
    criteria: BTreeSet<usize>,
    origin: Origin,
    /// For each of the goals Keep, Replace and Invent: the level. 0 is best.
    levels: [u8; 3],
}

/// Draws all edges from the lists of a store, without the code under test.
fn draw(store: &Store) -> Vec<Drawn> {
    // safe-to-deploy implies safe-to-run; `other` stands alone.
    let meaning = |names: &[String]| -> BTreeSet<usize> {
        names
            .iter()
            .flat_map(|name| match name.as_str() {
                "safe-to-run" => vec![0],
                "safe-to-deploy" => vec![0, 1],
                _ => vec![2],
            })
            .collect()
    };
    let mut edges = Vec::new();
    let mut add = |from: Option<&Version>, to: &Version, criteria: BTreeSet<usize>, origin, levels| {
        edges.push(Drawn { from: number(from), to: number(Some(to)), criteria, origin, levels });
    };
    let ends = |kind: &AuditKind| match kind {
        AuditKind::Full(to) => (None, to.clone()),
        AuditKind::Delta { from, to } => (Some(from.clone()), to.clone()),
        AuditKind::Violation(_) => unreachable!("none are generated"),
    };
    let none = Vec::new();
    for (audit, entry) in store.audits.audits.get(CRATE).unwrap_or(&none).iter().enumerate() {
        let (from, to) = ends(&entry.kind);
        let levels = if entry.importable { [0; 3] } else { [1; 3] };
        add(from.as_ref(), &to, meaning(&entry.criteria), Origin::LocalAudit { audit }, levels);
    }
    let of_peer = |import| store.fetched.peer(&peer(import)).cloned().unwrap_or_default();
    for (import, file) in store.imports.audits.values().enumerate() {
        for (audit, entry) in file.audits.get(CRATE).unwrap_or(&none).iter().enumerate() {
            let (from, to) = ends(&entry.kind);
            let levels = if of_peer(import).audits.of(CRATE).has(audit) { [5; 3] } else { [0; 3] };
            let origin = Origin::ImportedAudit { import, audit };
            add(from.as_ref(), &to, meaning(&entry.criteria), origin, levels);
        }
    }
    let is_fresh_release = |release: usize| store.fetched.publisher.of(CRATE).has(release);
    let releases = store.imports.publisher.get(CRATE).cloned().unwrap_or_default();
    let sources = std::iter::once((None, &store.audits))
        .chain(store.imports.audits.values().enumerate().map(|(import, file)| (Some(import), file)));
    for (import, file) in sources {
        for (wildcard, entry) in file.wildcard_audits.get(CRATE).into_iter().flatten().enumerate() {
            for (release, published) in releases.iter().enumerate() {
                let covered = entry.start <= published.when && published.when < entry.end;
                if covered && published.publisher.is(&entry.publisher) {
                    let fresh = import.map(of_peer).unwrap_or_default().wildcard_audits;
                    let level = if fresh.of(CRATE).has(wildcard) {
                        5
                    } else if is_fresh_release(release) {
                        4
                    } else {
                        0
                    };
                    let origin = Origin::Wildcard { import, wildcard, release };
                    add(None, &published.version, meaning(&entry.criteria), origin, [level; 3]);
                }
            }
        }
    }
    for (trusted, entry) in store.audits.trusted.get(CRATE).into_iter().flatten().enumerate() {
        for (release, published) in releases.iter().enumerate() {
            let covered = entry.start <= published.when && published.when < entry.end;
            if covered && published.publisher.is(&entry.publisher) {
                let level = if is_fresh_release(release) { 5 } else { 0 };
                let origin = Origin::Trusted { release, trusted };
                add(None, &published.version, meaning(&entry.criteria), origin, [level; 3]);
            }
        }
    }
    for (exemption, entry) in store.config.exemptions.get(CRATE).into_iter().flatten().enumerate() {
        add(None, &entry.version, meaning(&entry.criteria), Origin::Exemption { exemption }, [2, 6, 6]);
    }
    for (alias, entry) in store.imports.unpublished.get(CRATE).into_iter().flatten().enumerate() {
        let is_fresh = store.fetched.unpublished.of(CRATE).has(alias);
        let levels = if is_fresh { [7, 3, 3] } else { [3, 7, 7] };
        let all = BTreeSet::from([0, 1, 2]);
        add(Some(&entry.audited_as), &entry.version, all, Origin::Unpublished { alias }, levels);
    }
    edges
}

/// The drawn edges that may be used for a criterion, with their levels. An edge without an origin
/// is an invented exemption.
fn usable(edges: &[Drawn], criterion: usize, goal: usize) -> Vec<(usize, usize, Option<Origin>, u8)> {
    let mut usable: Vec<_> = edges
        .iter()
        .filter(|edge| {
            let widened = goal == 2 && matches!(edge.origin, Origin::Exemption { .. });
            widened || edge.criteria.contains(&criterion)
        })
        .map(|edge| (edge.from, edge.to, Some(edge.origin), edge.levels[goal]))
        .collect();
    if goal == 2 {
        usable.extend((1..=5).map(|to| (0, to, None, 8)));
    }
    usable
}

/// Returns the lowest level of any simple path from the empty crate to the target, by trying all
/// paths.
fn best_level(usable: &[(usize, usize, Option<Origin>, u8)], target: usize) -> Option<u8> {
    fn try_all(
        usable: &[(usize, usize, Option<Origin>, u8)],
        at: usize,
        seen: &mut Vec<usize>,
        level: u8,
        best: &mut Option<u8>,
    ) {
        if at == 0 {
            *best = Some(best.map_or(level, |best| best.min(level)));
            return;
        }
        for &(from, to, _, cost) in usable {
            if to == at && !seen.contains(&from) {
                seen.push(from);
                try_all(usable, from, seen, level.max(cost), best);
                seen.pop();
            }
        }
    }
    let mut best = None;
    try_all(usable, target, &mut vec![target], 0, &mut best);
    best
}

/// Level, vertex, previous vertex, length, last step.
type Key = (u8, usize, usize, usize, Option<(bool, Option<Origin>)>);

/// The vertex that each step leads to, and what it relies on. `None` is an invented exemption.
type Path = Vec<(usize, Option<Origin>)>;

/// The queue of the rule as a plain list of whole paths, searched for its smallest element.
fn spelled_out(usable: &[(usize, usize, Option<Origin>, u8)], target: usize) -> Option<Path> {
    let mut queue: Vec<(Key, Path)> = vec![((0, target, 0, 0, None), Vec::new())];
    let mut finished = BTreeSet::new();
    while !queue.is_empty() {
        let smallest = (0..queue.len()).min_by_key(|&index| queue[index].0)?;
        let ((level, vertex, _, length, _), path) = queue.remove(smallest);
        if !finished.insert(vertex) {
            continue;
        }
        if vertex == 0 {
            return Some(path.into_iter().rev().collect());
        }
        for &(from, to, origin, cost) in usable {
            if to == vertex {
                let level = level.max(cost);
                let came_from = if matches!(level, 2 | 6 | 8) { vertex } else { 0 };
                let mut path = path.clone();
                path.push((to, origin));
                // An invented exemption comes after every existing edge.
                let last = Some((origin.is_none(), origin));
                queue.push(((level, from, came_from, length + 1, last), path));
            }
        }
    }
    None
}

fn criteria() -> Criteria {
    let other = BTreeMap::from([("other".to_owned(), vet_store::entries::CriteriaEntry::default())]);
    let (criteria, problems) = Criteria::new(&other);
    assert!(problems.is_empty());
    criteria
}

fn names() -> impl Strategy<Value = Vec<String>> {
    let name = prop::sample::select(vec!["safe-to-run", "safe-to-deploy", "other"]);
    prop::collection::vec(name.prop_map(str::to_owned), 0..3)
}

fn audits(is_imported: bool) -> impl Strategy<Value = Vec<AuditEntry>> {
    let kind = prop_oneof![
        1 => (1usize..=5).prop_map(|to| AuditKind::Full(version(to))),
        3 => (1usize..=5, 1usize..=5)
            .prop_map(|(from, to)| AuditKind::Delta { from: version(from), to: version(to) }),
    ];
    let entry = (kind, names(), any::<bool>()).prop_map(move |(kind, criteria, importable)| AuditEntry {
        who: Vec::new(),
        criteria,
        kind,
        importable: importable || is_imported,
        notes: None,
        aggregated_from: Vec::new(),
    });
    prop::collection::vec(entry, 0..6)
}

fn wildcards() -> impl Strategy<Value = Vec<WildcardEntry>> {
    let entry =
        (names(), 1u64..3, 1u32..10, 1u32..10).prop_map(|(criteria, user, start, end)| WildcardEntry {
            who: Vec::new(),
            criteria,
            publisher: PublisherId::User(user),
            start: day(start),
            end: day(end),
            renew: None,
            notes: None,
            aggregated_from: Vec::new(),
        });
    prop::collection::vec(entry, 0..2)
}

fn peer(index: usize) -> String {
    format!("peer-{index}")
}

fn stores() -> impl Strategy<Value = Store> {
    let exemption = (1usize..=5, names()).prop_map(|(to, criteria)| Exemption {
        version: version(to),
        criteria,
        suggest: true,
        notes: None,
    });
    let alias = (1usize..=5, 1usize..=5)
        .prop_map(|(to, base)| UnpublishedEntry { version: version(to), audited_as: version(base) });
    let release = (1usize..=5, 1u64..3, 1u32..10).prop_map(|(to, id, when)| PublisherEntry {
        version: version(to),
        when: day(when),
        publisher: Publisher::User { id, login: "user".to_owned(), name: None },
    });
    let trusted = (names(), 1u64..3).prop_map(|(criteria, user)| TrustedEntry {
        criteria,
        publisher: PublisherId::User(user),
        start: day(2),
        end: day(8),
        notes: None,
        aggregated_from: Vec::new(),
    });
    let peers = prop::collection::vec((audits(true), wildcards()), 0..3);
    (
        (audits(false), wildcards(), prop::collection::vec(trusted, 0..2)),
        peers,
        prop::collection::vec(exemption, 0..3),
        prop::collection::vec(alias, 0..2),
        prop::collection::vec(release, 0..4),
        any::<[u8; 6]>(),
    )
        .prop_map(|((local, wildcards, trusted), peers, exemptions, aliases, releases, fresh)| {
            let mut store = Store::default();
            let key = || CRATE.to_owned();
            store.audits.audits.insert(key(), local);
            store.audits.wildcard_audits.insert(key(), wildcards);
            store.audits.trusted.insert(key(), trusted);
            for (index, (audits, wildcards)) in peers.into_iter().enumerate() {
                let file = AuditsFile {
                    audits: BTreeMap::from([(key(), audits)]),
                    wildcard_audits: BTreeMap::from([(key(), wildcards)]),
                    ..AuditsFile::default()
                };
                store.imports.audits.insert(peer(index), file);
            }
            store.config.exemptions.insert(key(), exemptions);
            store.imports.unpublished.insert(key(), aliases);
            store.imports.publisher.insert(key(), releases);
            let marks = |bits: u8| -> Vec<bool> { (0..8).map(|bit| bits >> bit & 1 == 1).collect() };
            for index in 0..store.imports.audits.len() {
                let of_peer = store.fetched.peers.entry(peer(index)).or_default();
                of_peer.audits.set(CRATE, marks(fresh[index]));
                of_peer.wildcard_audits.set(CRATE, marks(fresh[index + 2]));
            }
            store.fetched.unpublished.set(CRATE, marks(fresh[4]));
            store.fetched.publisher.set(CRATE, marks(fresh[5]));
            store
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chains_are_those_of_the_rule(store in stores(), target in 1usize..=5) {
        let criteria = criteria();
        let mut sets = CriteriaSets::new(&criteria);
        let wanted = version(target);
        let in_use: Vec<Version> = (1..=5).map(version).collect();
        let in_use: Vec<&Version> = in_use.iter().collect();
        let graph = of_crate(&store, CRATE, &in_use, &mut sets);
        let search = Search { graph: &graph, sets: &sets };
        let vertex = graph.vertex(&wanted).unwrap();
        let drawn = draw(&store);
        for (position, goal) in GOALS.into_iter().enumerate() {
            for criterion in 0..3 {
                let usable = usable(&drawn, criterion, position);
                let found = search.chain(vertex, criterion, goal);

                // The level of the chain is the best level of all simple paths.
                let level = |step: &(usize, Option<Origin>)| {
                    usable.iter().find(|edge| edge.2 == step.1 && edge.1 == step.0).unwrap().3
                };
                let chain: Option<Path> = found.as_ref().ok().map(|steps| {
                    steps.iter().map(|step| match *step {
                        ChainStep::Edge(origin, index) => (graph.edge(index).unwrap().to, Some(origin)),
                        ChainStep::Invented(vertex) => (vertex, None),
                    }).collect()
                });
                let chain_level = chain.as_ref().map(|steps| steps.iter().map(level).max().unwrap_or(0));
                prop_assert_eq!(chain_level, best_level(&usable, target));

                // The chain is the one that the plain queue finds.
                prop_assert_eq!(&chain, &spelled_out(&usable, target));

                // If there is no chain, everything that leads to the target was seen.
                if let Err(seen) = found {
                    let mut leads_to_target = BTreeSet::from([target]);
                    while usable.iter().any(|edge| leads_to_target.contains(&edge.1) && leads_to_target.insert(edge.0)) {}
                    prop_assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), leads_to_target);
                }
            }
        }
    }

    /// The entries decide, and not their order, unless two of them are equally good for the same
    /// step.
    #[test]
    fn verdicts_do_not_depend_on_the_order_of_entries(store in stores(), target in 1usize..=5) {
        let mut reversed = store.clone();
        // Whether an entry is fresh decides nothing either.
        reversed.fetched = FetchedFacts::default();
        reversed.audits.audits.values_mut().for_each(|list| list.reverse());
        reversed.config.exemptions.values_mut().for_each(|list| list.reverse());
        reversed.imports.publisher.values_mut().for_each(|list| list.reverse());
        for file in reversed.imports.audits.values_mut() {
            file.audits.values_mut().for_each(|list| list.reverse());
        }
        let criteria = criteria();
        let wanted = version(target);
        for criterion in 0..3 {
            let certified = |store: &Store| {
                let explanation = crate::explain::explain(store, &criteria, CRATE, &wanted, criterion);
                matches!(explanation, crate::explain::Explanation::Certified(_))
            };
            prop_assert_eq!(certified(&store), certified(&reversed));
        }
    }
}

/// The cost of a chain of audits is proportional to its length: no copies of paths, no recursion.
#[test]
fn long_chains_are_found() {
    let mut store = Store::default();
    let length = 20_000;
    let entry = |kind| AuditEntry {
        who: Vec::new(),
        criteria: vec!["safe-to-deploy".to_owned()],
        kind,
        importable: true,
        notes: None,
        aggregated_from: Vec::new(),
    };
    let deltas =
        (1..length).map(|from| entry(AuditKind::Delta { from: version(from), to: version(from + 1) }));
    let mut audits: Vec<AuditEntry> = deltas.collect();
    audits.push(entry(AuditKind::Full(version(1))));
    store.audits.audits.insert(CRATE.to_owned(), audits);
    let explanation = crate::explain::explain(
        &store,
        &Criteria::built_in(),
        CRATE,
        &version(length),
        Criteria::SAFE_TO_DEPLOY,
    );
    let crate::explain::Explanation::Certified(steps) = explanation else { panic!("{explanation:?}") };
    assert_eq!(steps.len(), length);
}
