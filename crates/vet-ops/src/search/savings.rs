//! What would make audits unnecessary: for each audit, and in total.

use std::collections::{BTreeMap, BTreeSet};

use vet_diagnostics::Diagnostic;
use vet_graph::PackageIx;
use vet_resolver::{Resolver, Shortfall};
use vet_store::entries::{AuditEntry, AuditKind};
use vet_store::fetched::{FetchedFacts, Fresh, FreshOfPeer};
use vet_store::files::{AuditsFile, ByCrate};
use vet_store::{CriteriaSet, Store, Version};

use super::measure::Measuring;
use super::peers::Members;
use super::task::{self, PlannedCrate, Task};
use super::trust::Trusted;
use super::{Lacking, Search};
use crate::evaluation::outcome::{RegistryHint, Saving, SavingBy, Suggestion, Suggestions};
use crate::evaluation::violations;
use crate::fetched_store::publishers::Publishers;
use crate::fetched_store::{Facts, released};

/// The input of hints.
pub(super) struct Hints<'a> {
    pub(super) search: Search<'a>,
    pub(super) lacking: &'a Lacking<'a>,
    pub(super) crates: &'a BTreeMap<&'a str, PlannedCrate>,
    pub(super) facts: &'a Facts,
    /// The audits of registry members, if they are to be examined.
    pub(super) members: Option<Members>,
}

/// What would be left with the audits of a member.
enum Question {
    /// For a crate.
    Crate(String),
    /// For a suggestion.
    Suggestion(usize),
}

impl Hints<'_> {
    /// Adds hints to suggestions.
    pub(super) fn add(mut self, suggestions: &mut Suggestions, measuring: &Measuring<'_>) {
        self.trust(suggestions);
        if let Some(members) = self.members.take() {
            self.registry(members, suggestions, measuring);
        }
        suggestions.savings.sort_by(|one, other| other.lines.cmp(&one.lines).then(one.by.cmp(&other.by)));
    }

    fn trust(&self, suggestions: &mut Suggestions) {
        let trusted = Trusted::of(self.search.store);
        let details = self.lacking.keys().filter_map(|name| self.facts.details(name));
        let publishers = Publishers::of(&details.flat_map(released).collect::<Vec<_>>());
        let mut savings: BTreeMap<SavingBy, (u64, BTreeSet<String>)> = BTreeMap::new();
        for suggestion in &mut suggestions.audits {
            let Some(details) = self.facts.details(&suggestion.name) else { continue };
            let is_trusted_here = self.search.store.audits.trusted.contains_key(&suggestion.name);
            suggestion.trust = trusted.hint(details, &suggestion.to, is_trusted_here, &publishers);
            // Trusting the publisher of another version would save something, but perhaps not all
            // of it.
            let Some(hint) = suggestion.trust.as_ref().filter(|hint| hint.is_of_version) else { continue };
            let by = match hint.is_only_publisher {
                true => SavingBy::TrustAll(hint.publisher.clone(), hint.argument.clone()),
                false => {
                    let publisher = hint.publisher.clone();
                    SavingBy::Trust(suggestion.name.clone(), publisher, hint.argument.clone())
                }
            };
            let (lines, crates) = savings.entry(by).or_default();
            *lines = lines.saturating_add(suggestion.size.lines());
            crates.insert(suggestion.name.clone());
        }
        let saving = |(by, (lines, crates)): (SavingBy, (u64, BTreeSet<String>))| Saving {
            by,
            lines,
            crates: crates.len(),
        };
        suggestions.savings.extend(savings.into_iter().map(saving).filter(|saving| saving.lines > 0));
        let details_of = |name: &str| self.facts.details(name);
        suggestions.publishers = trusted.shares(&suggestions.audits, details_of, &publishers);
    }

    fn registry(&self, members: Members, suggestions: &mut Suggestions, measuring: &Measuring<'_>) {
        suggestions.warnings.extend(members.problems);

        let mut concerns = self.concerns(&members.audits);
        let mut store = self.part_of_store();
        let mut questions: Vec<(String, Question)> = Vec::new();
        let mut tasks: Vec<Task> = Vec::new();
        for (member, audits) in members.audits {
            let crates: BTreeSet<String> =
                audits.audits.keys().chain(audits.wildcard_audits.keys()).cloned().collect();
            store.fetched.peers.insert(member.clone(), FreshOfPeer::all(&audits));
            store.imports.audits.insert(member.clone(), audits);
            for name in &crates {
                let Some(lacking) = self.lacking.get(name.as_str()) else { continue };
                // Planned audits remain possible with the audits of any member.
                let planned = self.crates.get(name.as_str()).into_iter().flat_map(|it| it.sizes.keys());
                let known: BTreeSet<Version> = planned.flat_map(task::versions).cloned().collect();
                let mut ask = |question: Question, lacking: &[(Version, CriteriaSet)]| {
                    if let Some(shortfall) = self.shortfall(&store, name, lacking) {
                        questions.push((member.clone(), question));
                        tasks.push(Task::with(name, shortfall, &known));
                    }
                };
                ask(Question::Crate(name.clone()), lacking);
                for (number, suggestion) in of_crate(&suggestions.audits, name) {
                    let criteria = self.search.criteria.set(&suggestion.criteria);
                    ask(Question::Suggestion(number), &[(suggestion.to.clone(), criteria)]);
                }
            }
            store.imports.audits.remove(&member);
            store.fetched.peers.remove(&member);
        }

        let mut savings: BTreeMap<String, Saving> = BTreeMap::new();
        for ((member, question), planned) in questions.into_iter().zip(measuring.plan(&tasks)) {
            if !planned.plan.out_of_reach.is_empty() {
                continue;
            }
            let remaining = planned.lines();
            match question {
                Question::Suggestion(number) => {
                    let suggestion = suggestions.audits.get_mut(number);
                    if let Some(suggestion) = suggestion.filter(|it| remaining < it.size.lines()) {
                        suggestion.registry.push(RegistryHint { remaining, name: member });
                    }
                }
                Question::Crate(name) => {
                    let now = self.crates.get(name.as_str()).map_or(0, PlannedCrate::lines);
                    let Some(lines @ 1..) = now.checked_sub(remaining) else { continue };
                    let none = Saving { by: SavingBy::Import(member.clone()), lines: 0, crates: 0 };
                    let saving = savings.entry(member).or_insert(none);
                    saving.lines = saving.lines.saturating_add(lines);
                    saving.crates += 1;
                }
            }
        }
        let hinted = suggestions.audits.iter().flat_map(|audit| &audit.registry).map(|hint| &hint.name);
        let recommended: BTreeSet<&String> = hinted.chain(savings.keys()).collect();
        concerns.retain(|member, _| recommended.contains(member));
        for (warning, packages) in concerns.into_values() {
            suggestions.warnings.push(warning);
            suggestions.concerned.extend(packages);
        }
        suggestions.savings.extend(savings.into_values());
        suggestions.audits.iter_mut().for_each(|suggestion| suggestion.registry.sort());
    }

    /// The warnings that would apply if the audits of a member counted, by member, with the
    /// packages that they concern.
    fn concerns(
        &self,
        members: &BTreeMap<String, AuditsFile>,
    ) -> BTreeMap<String, (Diagnostic, Vec<PackageIx>)> {
        let is_violation = |audit: &AuditEntry| matches!(audit.kind, AuditKind::Violation(_));
        let has_violation = |file: &AuditsFile| file.audits.values().flatten().any(is_violation);
        let own = &self.search.store.audits;
        if !has_violation(own) && !members.values().any(has_violation) {
            return BTreeMap::new();
        }
        // An import must also be compatible with the exemptions.
        let mut store = self.search.store.clone();
        store.config.exemptions.clone_from(self.search.exemptions);
        let graph = self.search.graph;
        let resolver = Resolver::new(graph, &store, self.search.criteria);
        let concern = |(member, file): (&String, &AuditsFile)| {
            let (violations, contradictions) = resolver.with_peer(member, file);
            let warning = violations::of_peer(graph, member, &violations, &contradictions)?;
            let contradicted = graph.packages().filter(|package| contradictions.contains_key(package.name()));
            let forbidden = violations.iter().map(|violation| violation.package);
            let packages = contradicted.map(|package| package.ix()).chain(forbidden).collect();
            Some((member.clone(), (warning, packages)))
        };
        members.iter().filter_map(concern).collect()
    }

    fn shortfall(&self, store: &Store, name: &str, lacking: &[(Version, CriteriaSet)]) -> Option<Shortfall> {
        Shortfall::find(store, self.search.criteria, name, lacking, self.facts.versions(name))
    }

    /// The entries of the store about crates that lack something, with all known releases. These
    /// matter if a member trusts a publisher.
    fn part_of_store(&self) -> Store {
        let whole = self.search.store;
        let mut store = Store::default();
        store.config.exemptions = self.part(&whole.config.exemptions);
        store.audits = self.part_of_file(&whole.audits);
        let peers = whole.imports.audits.iter();
        store.imports.audits = peers.map(|(name, file)| (name.clone(), self.part_of_file(file))).collect();
        store.imports.unpublished = self.part(&whole.imports.unpublished);
        store.imports.publisher = self.part(&whole.imports.publisher);
        store.fetched = self.part_of_marks(&whole.fetched);
        for (name, details) in self.lacking.keys().filter_map(|name| Some((name, self.facts.details(name)?)))
        {
            let releases = released(details);
            store.fetched.publisher.set(name, vec![true; releases.len()]);
            store.imports.publisher.insert((*name).to_owned(), releases);
        }
        store
    }

    fn part_of_file(&self, file: &AuditsFile) -> AuditsFile {
        AuditsFile {
            audits: self.part(&file.audits),
            wildcard_audits: self.part(&file.wildcard_audits),
            trusted: self.part(&file.trusted),
            ..AuditsFile::default()
        }
    }

    fn part_of_marks(&self, whole: &FetchedFacts) -> FetchedFacts {
        let part = |fresh: &Fresh| fresh.part(|name| self.lacking.contains_key(name));
        let of_peer = |(name, fresh): (&String, &FreshOfPeer)| {
            let FreshOfPeer { audits, wildcard_audits } = fresh;
            (name.clone(), FreshOfPeer { audits: part(audits), wildcard_audits: part(wildcard_audits) })
        };
        FetchedFacts {
            peers: whole.peers.iter().map(of_peer).collect(),
            publisher: part(&whole.publisher),
            unpublished: part(&whole.unpublished),
            ..FetchedFacts::default()
        }
    }

    fn part<T: Clone>(&self, entries: &ByCrate<T>) -> ByCrate<T> {
        let wanted = entries.iter().filter(|(name, _)| self.lacking.contains_key(name.as_str()));
        wanted.map(|(name, entries)| (name.clone(), entries.clone())).collect()
    }
}

fn of_crate<'s>(
    suggestions: &'s [Suggestion],
    name: &'s str,
) -> impl Iterator<Item = (usize, &'s Suggestion)> {
    suggestions.iter().enumerate().filter(move |(_, suggestion)| suggestion.name == name)
}
