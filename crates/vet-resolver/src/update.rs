//! What the store must contain so that a decision holds without the network.
//!
//! One rule serves every command that changes the store. The commands differ in what they prefer
//! and in what they may remove. Entries of a crate that does not meet its requirements stay
//! unchanged.
//!
//! If a graph is part of a larger one, the entries that the larger graph relies on stay, too.
//! Nothing is added for the larger graph.

use std::collections::{BTreeMap, BTreeSet};

use vet_store::entries::{AuditEntry, AuditKind, Exemption};
use vet_store::fetched::FetchedFacts;
use vet_store::files::{AuditsFile, ByCrate, ConfigFile, ImportsFile};
use vet_store::{CriteriaSet, Store, Version};

use crate::crate_entries::PeerEntries;
use crate::needs::{EntryRef, Kept, Needs, is_fresh};
use crate::resolver::Resolver;
use crate::search::Goal;

/// How an update treats the entries about one crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpdateMode {
    /// What the search prefers.
    pub goal: Goal,
    /// Whether the update removes exemptions and unpublished entries that nothing relies on, and
    /// narrows exemptions that are too wide.
    pub prune_exemptions: bool,
    /// Whether the update removes audits of this project that peers cannot import and nothing
    /// relies on.
    pub prune_audits: bool,
    /// Whether the update removes imported entries that nothing relies on.
    pub prune_imports: bool,
}

impl UpdateMode {
    /// For a successful check: adds the entries that the check relies on.
    pub const CHECK: UpdateMode =
        UpdateMode { goal: Goal::Keep, prune_exemptions: false, prune_audits: false, prune_imports: false };
    /// Removes everything that nothing relies on, and replaces exemptions by imports.
    pub const PRUNE: UpdateMode =
        UpdateMode { goal: Goal::Replace, prune_exemptions: true, prune_audits: true, prune_imports: true };
    /// The same as [`UpdateMode::PRUNE`], and also exempts every package that does not meet its
    /// requirements.
    pub const REGENERATE_EXEMPTIONS: UpdateMode =
        UpdateMode { goal: Goal::Invent, prune_exemptions: true, prune_audits: true, prune_imports: true };
}

/// The parts of a store that an update changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreUpdate {
    /// `[[audits]]` of `audits.toml`.
    pub audits: ByCrate<AuditEntry>,
    /// `[[exemptions]]` of `config.toml`.
    pub exemptions: ByCrate<Exemption>,
    /// `imports.lock`.
    pub imports: ImportsFile,
}

impl StoreUpdate {
    /// Returns the store with these parts. Nothing in it is fresh.
    #[must_use]
    pub fn applied_to(self, store: &Store) -> Store {
        let StoreUpdate { audits, exemptions, imports } = self;
        Store {
            audits: AuditsFile { audits, ..store.audits.clone() },
            config: ConfigFile { exemptions, ..store.config.clone() },
            imports,
            // Marks belong to positions in the lists that were replaced.
            fetched: FetchedFacts::default(),
        }
    }
}

/// Computes what the store should contain. Calls `mode` once for every crate, with its name.
///
/// Nothing in the result is fresh. Its lists are in canonical order.
pub fn update(resolver: &Resolver<'_>, mode: impl Fn(&str) -> UpdateMode) -> StoreUpdate {
    update_part(resolver, None, mode)
}

/// The same as [`update`], for a graph that is part of a larger one. `whole` is the resolver of the
/// larger graph and the same store.
///
/// Keeps the stored entries that packages outside of the part rely on: those on the chains that are
/// best with the goal to keep what the store has. Also keeps what packages of the part need for
/// criteria that only the larger graph requires of them. If the stored entries are not enough for
/// that, nothing about the crate is removed. So crates that pass in the larger graph with the
/// stored entries still pass afterwards.
pub fn update_part(
    resolver: &Resolver<'_>,
    whole: Option<&Resolver<'_>>,
    mode: impl Fn(&str) -> UpdateMode,
) -> StoreUpdate {
    let store = resolver.store;
    let mut names: BTreeSet<&str> = resolver.crates.keys().copied().collect();
    names.extend(store.audits.audits.keys().map(String::as_str));
    names.extend(store.config.exemptions.keys().map(String::as_str));
    names.extend(store.imports.publisher.keys().map(String::as_str));
    names.extend(store.imports.unpublished.keys().map(String::as_str));
    for file in store.imports.audits.values() {
        names.extend(file.audits.keys().map(String::as_str));
        names.extend(file.wildcard_audits.keys().map(String::as_str));
    }
    let in_graph = names_in(resolver);
    let in_whole = whole.map(names_in).unwrap_or_default();
    let peer_names: Vec<&str> = store.imports.audits.keys().map(String::as_str).collect();

    let mut result = StoreUpdate {
        audits: ByCrate::new(),
        exemptions: ByCrate::new(),
        imports: ImportsFile {
            audits: store.imports.audits.iter().map(|(name, file)| (name.clone(), section(file))).collect(),
            ..ImportsFile::default()
        },
    };
    for name in names {
        let mode = mode(name);
        let needs = Needs::of(resolver, name, mode.goal);
        let kept = whole.map_or_else(Kept::default, |whole| Kept::of(resolver, whole, name));
        let krate = CrateUpdate {
            resolver,
            name,
            mode,
            needs,
            kept,
            in_graph: in_graph.contains(name),
            in_whole: in_whole.contains(name),
            peer_names: &peer_names,
        };
        krate.audits(&mut result.audits);
        krate.exemptions(&mut result.exemptions);
        krate.imports(&mut result.imports);
    }
    result
}

fn names_in<'a>(resolver: &Resolver<'a>) -> BTreeSet<&'a str> {
    resolver.graph.packages().map(|package| package.name()).collect()
}

/// Returns the section of a peer before any entry is added: its criteria.
fn section(file: &AuditsFile) -> AuditsFile {
    AuditsFile { criteria: file.criteria.clone(), ..AuditsFile::default() }
}

struct CrateUpdate<'r, 'a> {
    resolver: &'r Resolver<'a>,
    name: &'r str,
    mode: UpdateMode,
    needs: Needs<'a>,
    /// The entries that a larger graph relies on.
    kept: Kept,
    in_graph: bool,
    /// Whether the crate is in the larger graph, if there is one.
    in_whole: bool,
    /// The names of the imports, in order.
    peer_names: &'r [&'r str],
}

impl CrateUpdate<'_, '_> {
    fn audits(&self, audits: &mut ByCrate<AuditEntry>) {
        let keep = |position: usize, audit: &AuditEntry| {
            let needed = self.needs.has(EntryRef::LocalAudit(position));
            !self.mode.prune_audits
                || !self.in_graph
                || audit.importable
                || needed.unwrap_or(true)
                || self.kept.has(EntryRef::LocalAudit(position))
        };
        let current = self.resolver.store.audits.audits.get(self.name);
        let mut kept: Vec<AuditEntry> =
            entries(current).filter(|(i, audit)| keep(*i, audit)).map(cloned).collect();
        kept.sort_by(AuditEntry::canonical_cmp);
        insert(audits, self.name, kept);
    }

    fn exemptions(&self, exemptions: &mut ByCrate<Exemption>) {
        let criteria = self.resolver.criteria;
        let mut kept = Vec::new();
        for (position, exemption) in entries(self.resolver.store.config.exemptions.get(self.name)) {
            let stated = criteria.set(&exemption.criteria);
            let mut useful =
                self.needs.criteria_of(EntryRef::Exemption(position)).unwrap_or_else(|| stated.clone());
            match self.kept.criteria_of(EntryRef::Exemption(position)) {
                Some(criteria) if self.mode.prune_exemptions => useful.union_with(&criteria),
                _ => useful.union_with(&stated),
            }
            if useful.is_empty() {
                continue;
            }
            if !exemption.suggest && !stated.contains_all(&useful) {
                kept.push(self.invented(&exemption.version, &useful.difference(&stated)));
                useful = stated;
            }
            kept.push(Exemption { criteria: criteria.minimal_names(&useful), ..exemption.clone() });
        }
        if let Needs::Known { invented, .. } = &self.needs {
            kept.extend(invented.iter().map(|(version, criteria)| self.invented(version, criteria)));
        }
        kept.sort_by(Exemption::canonical_cmp);
        insert(exemptions, self.name, kept);
    }

    fn invented(&self, version: &Version, criteria: &CriteriaSet) -> Exemption {
        Exemption {
            version: version.clone(),
            criteria: self.resolver.criteria.minimal_names(criteria),
            suggest: true,
            notes: None,
        }
    }

    fn imports(&self, imports: &mut ImportsFile) {
        let live = &self.resolver.store.imports;
        let trim = self.mode.prune_imports || self.needs_fresh_import();
        let keep = |prune: bool, entry: EntryRef| {
            let fresh = is_fresh(self.resolver, self.name, entry);
            let is_stored_and_kept = !fresh && (!prune || self.kept.has(entry));
            is_stored_and_kept || self.needs.has(entry).unwrap_or(!fresh)
        };

        for (import, PeerEntries { file, .. }) in self.resolver.peers.about(self.name) {
            let Some(section) = self.peer_names.get(import).and_then(|&peer| imports.audits.get_mut(peer))
            else {
                continue;
            };
            let mut audits = Vec::new();
            for (position, audit) in entries(file.audits.get(self.name)) {
                let entry = EntryRef::ImportedAudit { import, audit: position };
                let kept = match audit.kind {
                    AuditKind::Violation(_) => {
                        let is_stored = !is_fresh(self.resolver, self.name, entry);
                        (is_stored && (!trim || self.in_whole)) || self.in_graph
                    }
                    _ => keep(trim, entry),
                };
                if kept {
                    audits.push(audit.clone());
                }
            }
            audits.sort_by(AuditEntry::canonical_cmp);
            insert(&mut section.audits, self.name, audits);

            let mut wildcards = Vec::new();
            for (position, wildcard) in entries(file.wildcard_audits.get(self.name)) {
                if keep(trim, EntryRef::ImportedWildcard { import, wildcard: position }) {
                    wildcards.push(wildcard.clone());
                }
            }
            wildcards.sort_by(vet_store::entries::WildcardEntry::canonical_cmp);
            insert(&mut section.wildcard_audits, self.name, wildcards);
        }

        let mut releases = Vec::new();
        for (position, release) in entries(live.publisher.get(self.name)) {
            if keep(trim, EntryRef::Release(position)) {
                releases.push(release.clone());
            }
        }
        releases.sort_by(vet_store::entries::PublisherEntry::canonical_cmp);
        insert(&mut imports.publisher, self.name, releases);

        let mut aliases = Vec::new();
        for (position, alias) in entries(live.unpublished.get(self.name)) {
            if keep(self.mode.prune_exemptions, EntryRef::Alias(position)) {
                aliases.push(alias.clone());
            }
        }
        aliases.sort_by(vet_store::entries::UnpublishedEntry::canonical_cmp);
        aliases.dedup();
        insert(&mut imports.unpublished, self.name, aliases);
    }

    /// Whether an entry is relied on that is not in the store yet. If so, all entries that nothing
    /// relies on are removed, because the crate changes anyway.
    fn needs_fresh_import(&self) -> bool {
        let Needs::Known { entries, .. } = &self.needs else { return false };
        let is_import = |entry: &&EntryRef| !matches!(entry, EntryRef::Alias(_));
        entries.keys().filter(is_import).any(|entry| is_fresh(self.resolver, self.name, *entry))
    }
}

fn entries<T>(list: Option<&Vec<T>>) -> impl Iterator<Item = (usize, &T)> {
    list.into_iter().flatten().enumerate()
}

fn cloned<T: Clone>((_, entry): (usize, &T)) -> T {
    entry.clone()
}

/// Adds the entries of a crate, if there are any.
fn insert<T>(table: &mut BTreeMap<String, Vec<T>>, name: &str, entries: Vec<T>) {
    if !entries.is_empty() {
        table.insert(name.to_owned(), entries);
    }
}
