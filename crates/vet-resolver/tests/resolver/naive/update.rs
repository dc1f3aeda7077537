//! What an update keeps, list by list.

use std::collections::{BTreeMap, BTreeSet};

use vet_graph::{Graph, Package};
use vet_resolver::{Goal, UpdateMode};
use vet_store::entries::{AuditEntry, AuditKind, Exemption};
use vet_store::fetched::FetchedFacts;
use vet_store::files::ByCrate;
use vet_store::{Store, Version};

use super::requirements::required;
use super::search::{Entry, chain, has_conflict};
use super::{Set, closure, minimal};

/// Returns the entries that a crate relies on, each with its criteria, or `None` if the crate does
/// not meet its requirements.
type Need = Option<Vec<(Entry, String)>>;

fn need(graph: &Graph, store: &Store, name: &str, goal: Goal) -> Need {
    let packages = || graph.packages().filter(|package| package.name() == name && package.is_third_party());
    let mut need = Vec::new();
    if packages().next().is_some() && has_conflict(store, name) {
        return None;
    }
    for package in packages() {
        for criterion in minimal(&required(graph, &store.config.policy, package)) {
            let path = chain(store, name, package.version(), &criterion, goal)?;
            need.extend(path.into_iter().map(|entry| (entry, criterion.clone())));
        }
    }
    Some(need)
}

/// The update of one store.
pub(crate) struct Naive<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) store: &'a Store,
    pub(crate) mode: UpdateMode,
}

impl Naive<'_> {
    /// Returns the store with everything that the rules keep.
    pub(crate) fn updated(&self) -> Store {
        let mut store = self.store.clone();
        retain(&mut store.audits.audits, |name, index, audit| self.keeps_local(name, index, audit));
        store.config.exemptions = self.exemptions();
        store.fetched = FetchedFacts::default();
        let fetched = &self.store.fetched;
        let imports = &mut store.imports;
        for (peer, file) in &mut imports.audits {
            file.trusted.clear();
            let fresh = fetched.peer(peer).cloned().unwrap_or_default();
            retain(&mut file.audits, |name, index, audit| {
                let needed = self.needs(name, |entry| *entry == Entry::Imported(peer.clone(), index));
                let is_fresh = fresh.audits.of(name).has(index);
                if !self.trims(name) && !is_fresh {
                    return true;
                }
                match audit.kind {
                    AuditKind::Violation(_) => self.is_in_graph(name),
                    _ => needed.unwrap_or(!is_fresh),
                }
            });
            retain(&mut file.wildcard_audits, |name, index, _| {
                let is_it = |entry: &Entry| matches!(entry, Entry::Wildcard(Some(of), at, _) if of == peer && *at == index);
                let is_fresh = fresh.wildcard_audits.of(name).has(index);
                self.survives(self.trims(name), is_fresh, self.needs(name, is_it))
            });
        }
        retain(&mut imports.publisher, |name, index, _| {
            let is_it = |entry: &Entry| match entry {
                Entry::Wildcard(_, _, at) | Entry::Trusted(at, _) => *at == index,
                _ => false,
            };
            let is_fresh = fetched.publisher.of(name).has(index);
            self.survives(self.trims(name), is_fresh, self.needs(name, is_it))
        });
        retain(&mut imports.unpublished, |name, index, _| {
            let needed = self.needs(name, |entry| *entry == Entry::Alias(index));
            let is_fresh = fetched.unpublished.of(name).has(index);
            self.survives(self.mode.prune_exemptions, is_fresh, needed)
        });
        sort(&mut store);
        store
    }

    fn survives(&self, prunes: bool, fresh: bool, needed: Option<bool>) -> bool {
        (!prunes && !fresh) || needed.unwrap_or(!fresh)
    }

    fn keeps_local(&self, name: &str, index: usize, audit: &AuditEntry) -> bool {
        let needed = self.needs(name, |entry| *entry == Entry::Local(index));
        let may_go = self.mode.prune_audits && self.is_in_graph(name) && needed.is_some();
        !may_go || audit.importable || needed == Some(true)
    }

    fn exemptions(&self) -> ByCrate<Exemption> {
        let new = |version: &Version, criteria: &Set| Exemption {
            version: version.clone(),
            criteria: minimal(criteria),
            suggest: true,
            notes: None,
        };
        let mut result: ByCrate<Exemption> = BTreeMap::new();
        for (name, entries) in &self.store.config.exemptions {
            for (index, exemption) in entries.iter().enumerate() {
                let stated = closure(&exemption.criteria);
                let mut useful =
                    self.criteria(name, &Entry::Exemption(index)).unwrap_or_else(|| stated.clone());
                if !self.mode.prune_exemptions {
                    useful.extend(stated.clone());
                }
                if useful.is_empty() {
                    continue;
                }
                let list = result.entry(name.clone()).or_default();
                if !exemption.suggest && !useful.is_subset(&stated) {
                    list.push(new(&exemption.version, &(&useful - &stated)));
                    useful = stated;
                }
                list.push(Exemption { criteria: minimal(&useful), ..exemption.clone() });
            }
        }
        let names: BTreeSet<&str> = self.graph.packages().map(|package| package.name()).collect();
        for name in names {
            let need = need(self.graph, self.store, name, self.mode.goal).unwrap_or_default();
            let versions: BTreeSet<&Version> = need.iter().filter_map(|(entry, _)| invented(entry)).collect();
            for version in versions {
                let criteria = self.criteria(name, &Entry::Invented(version.clone())).unwrap_or_default();
                result.entry(name.to_owned()).or_default().push(new(version, &criteria));
            }
        }
        result
    }

    /// Returns the criteria for which an entry is needed.
    fn criteria(&self, name: &str, wanted: &Entry) -> Option<Set> {
        let need = need(self.graph, self.store, name, self.mode.goal)?;
        Some(need.into_iter().filter(|(entry, _)| entry == wanted).map(|(_, criterion)| criterion).collect())
    }

    /// Whether an entry is needed.
    fn needs(&self, name: &str, is_it: impl Fn(&Entry) -> bool) -> Option<bool> {
        let need = need(self.graph, self.store, name, self.mode.goal)?;
        Some(need.iter().any(|(entry, _)| is_it(entry)))
    }

    /// Whether all imported entries that are not needed are removed.
    fn trims(&self, name: &str) -> bool {
        let fetched = &self.store.fetched;
        let is_fresh = |entry: &Entry| {
            let is_new_release = |at: usize| fetched.publisher.of(name).has(at);
            match entry {
                Entry::Imported(peer, index) => {
                    fetched.peer(peer).is_some_and(|fresh| fresh.audits.of(name).has(*index))
                }
                Entry::Wildcard(peer, index, release) => {
                    let fresh = peer.as_ref().and_then(|peer| fetched.peer(peer));
                    fresh.is_some_and(|fresh| fresh.wildcard_audits.of(name).has(*index))
                        || is_new_release(*release)
                }
                Entry::Trusted(release, _) => is_new_release(*release),
                _ => false,
            }
        };
        self.mode.prune_imports || self.needs(name, is_fresh) == Some(true)
    }

    fn is_in_graph(&self, name: &str) -> bool {
        self.graph.packages().any(|package: Package<'_>| package.name() == name)
    }
}

fn invented(entry: &Entry) -> Option<&Version> {
    match entry {
        Entry::Invented(version) => Some(version),
        _ => None,
    }
}

/// Keeps some of the entries, and no empty lists.
fn retain<T: Clone>(table: &mut ByCrate<T>, keep: impl Fn(&str, usize, &T) -> bool) {
    let kept = table.iter().map(|(name, entries)| {
        let entries = entries.iter().enumerate().filter(|(index, entry)| keep(name, *index, entry));
        (name.clone(), entries.map(|(_, entry)| entry.clone()).collect())
    });
    *table = kept.filter(|(_, entries): &(_, Vec<T>)| !entries.is_empty()).collect();
}

fn sort(store: &mut Store) {
    store.audits.audits.values_mut().for_each(|list| list.sort_by(AuditEntry::canonical_cmp));
    store.config.exemptions.values_mut().for_each(|list| list.sort_by(Exemption::canonical_cmp));
    for file in store.imports.audits.values_mut() {
        file.audits.values_mut().for_each(|list| list.sort_by(AuditEntry::canonical_cmp));
        file.wildcard_audits.values_mut().for_each(|list| list.sort_by(|a, b| a.canonical_cmp(b)));
    }
    store.imports.publisher.values_mut().for_each(|list| list.sort_by(|a, b| a.canonical_cmp(b)));
    for list in store.imports.unpublished.values_mut() {
        list.sort_by(|a, b| a.canonical_cmp(b));
        list.dedup_by(|later, earlier| later.canonical_cmp(earlier).is_eq());
    }
}
