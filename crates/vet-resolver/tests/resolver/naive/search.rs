//! All statements about a crate, and the queue of the search with whole paths.

use std::collections::BTreeSet;

use vet_resolver::Goal;
use vet_store::entries::{AuditKind, Date, PublisherId};
use vet_store::{Store, Version};

use super::{Set, closure};

/// The entry that a step relies on. Of two steps that are equal otherwise, the lower one is taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Entry {
    Local(usize),
    Imported(String, usize),
    Wildcard(Option<String>, usize, usize),
    Trusted(usize, usize),
    Exemption(usize),
    Alias(usize),
    Invented(Version),
}

struct Statement {
    from: Option<Version>,
    to: Version,
    criteria: Set,
    entry: Entry,
    /// The level with the goal to keep, and with other goals.
    levels: [u8; 2],
}

fn statements(store: &Store, name: &str) -> Vec<Statement> {
    let mut all = Vec::new();
    let mut add = |from: Option<&Version>, to: &Version, criteria: &[String], entry, levels| {
        all.push(Statement {
            from: from.cloned(),
            to: to.clone(),
            criteria: closure(criteria),
            entry,
            levels,
        });
    };
    let peers = store.imports.audits.iter().map(|(peer, file)| (Some(peer.clone()), file));
    let of_peer = |peer: &String| store.fetched.peer(peer).cloned().unwrap_or_default();
    let is_new_release = |at: usize| store.fetched.publisher.of(name).has(at);
    let releases = store.imports.publisher.get(name).cloned().unwrap_or_default();
    for (peer, file) in [(None, &store.audits)].into_iter().chain(peers) {
        for (index, audit) in file.audits.get(name).into_iter().flatten().enumerate() {
            let (entry, level) = match &peer {
                None => (Entry::Local(index), if audit.importable { 0 } else { 1 }),
                Some(peer) => {
                    let is_fresh = of_peer(peer).audits.of(name).has(index);
                    (Entry::Imported(peer.clone(), index), if is_fresh { 5 } else { 0 })
                }
            };
            match &audit.kind {
                AuditKind::Full(to) => add(None, to, &audit.criteria, entry, [level; 2]),
                AuditKind::Delta { from, to } => add(Some(from), to, &audit.criteria, entry, [level; 2]),
                AuditKind::Violation(_) => {}
            }
        }
        for (index, wildcard) in file.wildcard_audits.get(name).into_iter().flatten().enumerate() {
            for (position, release) in releases.iter().enumerate() {
                let is_its = release.publisher.is(&wildcard.publisher);
                if is_its && covers(wildcard.start, wildcard.end, release.when) {
                    let fresh = peer.as_ref().map(of_peer).unwrap_or_default().wildcard_audits;
                    let is_fresh = fresh.of(name).has(index);
                    let level = if is_fresh { 5 } else { if is_new_release(position) { 4 } else { 0 } };
                    let entry = Entry::Wildcard(peer.clone(), index, position);
                    add(None, &release.version, &wildcard.criteria, entry, [level; 2]);
                }
            }
        }
    }
    for (index, trusted) in store.audits.trusted.get(name).into_iter().flatten().enumerate() {
        for (position, release) in releases.iter().enumerate() {
            let publisher: &PublisherId = &trusted.publisher;
            if release.publisher.is(publisher) && covers(trusted.start, trusted.end, release.when) {
                let level = if is_new_release(position) { 5 } else { 0 };
                add(None, &release.version, &trusted.criteria, Entry::Trusted(position, index), [level; 2]);
            }
        }
    }
    for (index, exemption) in store.config.exemptions.get(name).into_iter().flatten().enumerate() {
        add(None, &exemption.version, &exemption.criteria, Entry::Exemption(index), [2, 6]);
    }
    let everything = ["crypto".to_owned(), "fz".to_owned()];
    for (index, alias) in store.imports.unpublished.get(name).into_iter().flatten().enumerate() {
        let is_fresh = store.fetched.unpublished.of(name).has(index);
        let levels = if is_fresh { [7, 3] } else { [3, 7] };
        add(Some(&alias.audited_as), &alias.version, &everything, Entry::Alias(index), levels);
    }
    all
}

fn covers(start: Date, end: Date, day: Date) -> bool {
    start <= day && day < end
}

/// Level, vertex, previous version where it matters, number of steps, last step.
type Key = (u8, Option<Version>, Option<Version>, usize, Option<Entry>);

/// Returns what the chain to a version relies on, from the version backwards.
pub(crate) fn chain(
    store: &Store,
    name: &str,
    wanted: &Version,
    criterion: &str,
    goal: Goal,
) -> Option<Vec<Entry>> {
    let statements = statements(store, name);
    let mut queue: Vec<(Key, Vec<Entry>)> = vec![((0, Some(wanted.clone()), None, 0, None), Vec::new())];
    let mut finished = BTreeSet::new();
    loop {
        queue.sort();
        if queue.is_empty() {
            return None;
        }
        let ((level, vertex, ..), path) = queue.remove(0);
        if !finished.insert(vertex.clone()) {
            continue;
        }
        let Some(vertex) = vertex else { return Some(path) };
        let mut push = |to: Option<Version>, cost: u8, entry: Entry| {
            let level = level.max(cost);
            let before = matches!(level, 2 | 6 | 8).then(|| vertex.clone());
            let path = [path.clone(), vec![entry.clone()]].concat();
            queue.push(((level, to, before, path.len(), Some(entry)), path));
        };
        for statement in statements.iter().filter(|statement| statement.to == vertex) {
            let any = goal == Goal::Invent && matches!(statement.entry, Entry::Exemption(_));
            if any || statement.criteria.contains(criterion) {
                let [keep, otherwise] = statement.levels;
                let cost = if goal == Goal::Keep { keep } else { otherwise };
                push(statement.from.clone(), cost, statement.entry.clone());
            }
        }
        if goal == Goal::Invent {
            push(None, 8, Entry::Invented(vertex.clone()));
        }
    }
}

/// Whether a violation contradicts an exemption or an audit of the crate.
pub(crate) fn has_conflict(store: &Store, name: &str) -> bool {
    let files = || store.imports.audits.values().chain([&store.audits]);
    let audits = || files().flat_map(|file| file.audits.get(name).into_iter().flatten());
    audits().any(|violation| {
        let AuditKind::Violation(range) = &violation.kind else { return false };
        let contradicts = |names: &[String]| {
            let met = closure(names);
            violation.criteria.iter().any(|name| closure(std::slice::from_ref(name)).is_subset(&met))
        };
        let exemptions = store.config.exemptions.get(name).into_iter().flatten();
        exemptions.into_iter().any(|it| range.matches(&it.version) && contradicts(&it.criteria))
            || audits().any(|audit| {
                let touches = match &audit.kind {
                    AuditKind::Full(version) => range.matches(version),
                    AuditKind::Delta { from, to } => range.matches(from) || range.matches(to),
                    AuditKind::Violation(_) => false,
                };
                touches && contradicts(&audit.criteria)
            })
    })
}
