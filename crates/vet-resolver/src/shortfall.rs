//! What one crate lacks, and every audit that could help.
//!
//! All versions of a crate are looked at together, because an audit of one is often most of the
//! work for another. If existing statements lead from a version to a version in use, an audit of
//! either helps. If several criteria are missing, each has its own bases. This module does not know
//! the size of an audit: the caller measures it, and then has the cheapest audits chosen (see
//! [`crate::plan`]).

use std::collections::{BTreeMap, BTreeSet};

use vet_store::entries::AuditEntry;
use vet_store::{Criteria, CriteriaSet, Store, Version};

use crate::audit_graph::{AuditGraph, CriteriaSets, ROOT, Vertex};
use crate::crate_entries::CrateEntries;
use crate::search::{Goal, Search};
use crate::versions_in_range::VersionIndex;
use crate::violations::{Forbidden, MOST_CONFLICTS, conflicts};

/// A possible audit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Audit {
    /// The version to audit.
    pub to: Version,
    /// The version to start from, or `None` for a full audit.
    pub from: Option<Version>,
}

/// What the versions of one crate lack.
#[derive(Clone, Debug)]
pub struct Shortfall {
    /// Every version that matters here, ascending.
    pub(crate) versions: Vec<Version>,
    /// Whether the source of each version is available.
    has_source: Vec<bool>,
    /// For code from git: the published version to compare it with, if there is one.
    git_bases: BTreeMap<usize, Option<usize>>,
    /// One layer for each criterion that some version lacks.
    pub(crate) layers: Vec<Layer>,
    /// For versions that lack a criterion: the violations that keep their audits from helping, each
    /// with its source.
    pub forbidden: BTreeMap<Version, Vec<(Option<String>, AuditEntry)>>,
}

/// What is missing for one criterion. Versions are given by their index in [`Shortfall::versions`].
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) criterion: usize,
    /// The versions that lack the criterion.
    pub(crate) wanted: Vec<usize>,
    /// For each version, whether it meets the criterion.
    pub(crate) is_met: Vec<bool>,
    /// For each version, whether an audit of it would help.
    helps: Vec<bool>,
    /// The existing statements between versions that do not meet the criterion.
    pub(crate) steps: Vec<(usize, usize)>,
    /// For each version, whether an audit of it for this criterion would contradict a violation.
    pub(crate) is_forbidden: Vec<bool>,
}

impl Shortfall {
    /// Finds what some versions of a crate lack, given the criteria that each may lack. Criteria
    /// that the store shows to be met are left out.
    ///
    /// `published` are the versions of the crate that the registry has, including yanked ones, or
    /// `None` if they are unknown. Code that is neither published nor in use has no source to
    /// audit.
    ///
    /// Audits that would contradict a violation cannot help and are left out.
    ///
    /// Returns `None` if statements about the crate contradict each other.
    pub fn find(
        store: &Store,
        criteria: &Criteria,
        name: &str,
        lacking: &[(Version, CriteriaSet)],
        published: Option<&BTreeSet<semver::Version>>,
    ) -> Option<Shortfall> {
        let mut sets = CriteriaSets::new(criteria);
        let entries = CrateEntries::of(store, name);
        let import_names: Vec<&str> = store.imports.audits.keys().map(String::as_str).collect();
        if !conflicts(&entries, &import_names, criteria, &mut sets).is_empty() {
            return None;
        }
        let in_use: Vec<&Version> = lacking.iter().map(|(version, _)| version).collect();
        let graph = AuditGraph::new(&entries, &in_use, &mut sets);
        let search = Search { graph: &graph, sets: &sets };
        let found = by_criterion(&search, criteria, lacking);
        let mut shortfall = Self::number(&search, found, published);
        shortfall.forbid(&Forbidden::of(&entries, &import_names), criteria);
        Some(shortfall)
    }

    /// Rules out audits that would contradict a violation.
    fn forbid(&mut self, forbidden: &Forbidden<'_>, criteria: &Criteria) {
        if forbidden.is_empty() {
            return;
        }
        for layer in &mut self.layers {
            let met = criteria.closure(layer.criterion);
            // A version that is ruled out need not be found again, however many violations there
            // are.
            let mut open = VersionIndex::new(self.versions.iter().zip(0..));
            let mut found = Vec::new();
            for range in forbidden.ranges(&met, criteria) {
                open.matching(range, &mut found);
                if found.is_empty() {
                    continue;
                }
                for number in found.drain(..) {
                    if let Some(is_forbidden) = layer.is_forbidden.get_mut(number) {
                        *is_forbidden = true;
                    }
                }
                open = open.filtered(|number| !flag(&layer.is_forbidden, number));
            }
            let wanted = layer.wanted.iter().filter(|&&number| flag(&layer.is_forbidden, number));
            for version in wanted.filter_map(|&number| self.versions.get(number)) {
                let known = self.forbidden.entry(version.clone()).or_default();
                for (source, violation) in forbidden.by(version, &met, criteria).take(MOST_CONFLICTS) {
                    let new = (source.map(str::to_owned), violation.clone());
                    if known.last() != Some(&new) {
                        known.push(new);
                    }
                }
            }
        }
    }

    fn number(
        search: &Search<'_, '_>,
        found: Vec<MissingCriterion>,
        published: Option<&BTreeSet<semver::Version>>,
    ) -> Self {
        let version = |vertex: Vertex| search.graph.version(vertex);
        let base = |version: &Version| match published {
            None => Some(Version::published(version.semver.clone())),
            Some(published) => {
                published.range(..=&version.semver).next_back().cloned().map(Version::published)
            }
        };
        let from_git = found.iter().flat_map(|found| &found.wanted).filter_map(|&vertex| version(vertex));
        let from_git: BTreeSet<&Version> = from_git.filter(|version| version.git_rev.is_some()).collect();
        let bases: BTreeMap<&Version, Option<Version>> =
            from_git.into_iter().map(|version| (version, base(version))).collect();

        let mentioned = found.iter().flat_map(|found| {
            let ends = found.steps.iter().flat_map(|(from, to)| [from, to]);
            found.met.iter().chain(&found.leading).chain(ends)
        });
        let mut versions: Vec<Version> = mentioned
            .filter_map(|&vertex| version(vertex).cloned())
            .chain(bases.values().flatten().cloned())
            .collect();
        versions.sort_unstable();
        versions.dedup();
        let number = |version: &Version| versions.binary_search(version).ok();
        let number_of = |vertex: Vertex| number(version(vertex)?);

        let git_bases: BTreeMap<usize, Option<usize>> = bases
            .iter()
            .filter_map(|(version, base)| Some((number(version)?, base.as_ref().and_then(number))))
            .collect();
        let has_source = versions.iter().enumerate().map(|(number, version)| match version.git_rev {
            Some(_) => git_bases.contains_key(&number),
            None => published.is_none_or(|published| published.contains(&version.semver)),
        });
        let has_source: Vec<bool> = has_source.collect();
        let layer = |found: MissingCriterion| {
            let flags = |vertices: &[Vertex]| {
                let mut flags = vec![false; versions.len()];
                for number in vertices.iter().filter_map(|&vertex| number_of(vertex)) {
                    if let Some(flag) = flags.get_mut(number) {
                        *flag = true;
                    }
                }
                flags
            };
            let is_met = flags(&found.met);
            let mut helps = flags(&found.leading.iter().copied().collect::<Vec<_>>());
            let wanted: Vec<usize> = found.wanted.iter().filter_map(|&vertex| number_of(vertex)).collect();
            for base in wanted.iter().filter_map(|version| *git_bases.get(version)?) {
                if let (Some(false), Some(helps)) = (is_met.get(base), helps.get_mut(base)) {
                    *helps = true;
                }
            }
            let steps = found.steps.iter();
            let steps = steps.filter_map(|&(from, to)| Some((number_of(from)?, number_of(to)?))).collect();
            let is_forbidden = vec![false; versions.len()];
            Layer { criterion: found.criterion, wanted, is_met, helps, steps, is_forbidden }
        };
        let layers = found.into_iter().map(layer).collect();
        Shortfall { versions, has_source, git_bases, layers, forbidden: BTreeMap::new() }
    }

    /// Returns every audit that could be one of the cheapest, ordered by the version to audit. Only
    /// versions in `among` are considered.
    pub fn audits(&self, among: &BTreeSet<Version>) -> BTreeSet<Audit> {
        let mut audits = BTreeSet::new();
        let is_among = |number: usize| self.versions.get(number).is_some_and(|it| among.contains(it));
        for layer in &self.layers {
            let bases: Vec<usize> = self.bases(layer).filter(|&base| is_among(base)).collect();
            for to in self.ends(layer).filter(|&to| is_among(to)) {
                let whole = self.may_be_audited_as_a_whole(to).then_some(None);
                let deltas = bases.iter().filter(|&&from| from != to).map(|&from| Some(from));
                audits.extend(deltas.chain(whole).filter_map(|from| self.audit(from, to)));
            }
        }
        audits
    }

    /// Returns the audits to measure first. For each version, one or several of them suffice, and
    /// they are likely small: audits from the nearest versions that meet the criteria, for each
    /// version whose audit would help, and audits from one version in use to the next.
    pub fn nearest(&self) -> BTreeSet<Audit> {
        let mut audits = BTreeSet::new();
        for group in self.groups() {
            let is_met = |&base: &usize| {
                let is_base = |layer: &&Layer| flag(&layer.is_met, base) && !flag(&layer.is_forbidden, base);
                group.iter().all(is_base)
            };
            let met: Vec<usize> = self.published_here().filter(is_met).collect();
            let ends: BTreeSet<usize> = group.iter().flat_map(|layer| self.ends(layer)).collect();
            for &to in &ends {
                let (below, above) = met.split_at(met.partition_point(|&base| base < to));
                let below = below.last().copied();
                let whole = below.is_none() && self.may_be_audited_as_a_whole(to);
                let near = [below, above.first().copied()].into_iter().flatten();
                let near = near.map(Some).chain(whole.then_some(None));
                audits.extend(near.filter_map(|from| self.audit(from, to)));
                if let Some(Some(base)) = self.git_bases.get(&to) {
                    audits.extend(self.audit(Some(*base), to));
                }
            }
            let wanted = group.iter().flat_map(|layer| &layer.wanted).filter(|wanted| ends.contains(wanted));
            let wanted: BTreeSet<usize> = wanted.copied().collect();
            for (&low, &high) in wanted.iter().zip(wanted.iter().skip(1)) {
                let ways = [(low, high), (high, low)];
                let ways = ways.into_iter().filter(|(from, _)| !self.git_bases.contains_key(from));
                audits.extend(ways.filter_map(|(from, to)| self.audit(Some(from), to)));
            }
        }
        audits
    }

    /// Returns the versions that are nearest to a version and from which an audit of it could
    /// start, at most `at_most` on each side. They meet the criteria: each criterion alone, or all
    /// those that are lacked together.
    pub fn neighbours(&self, to: &Version, at_most: usize) -> BTreeSet<Version> {
        let Ok(to) = self.versions.binary_search(to) else { return BTreeSet::new() };
        let near = self.groups().into_iter().flat_map(|group| {
            let is_met = |&base: &usize| {
                let is_base = |layer: &&Layer| flag(&layer.is_met, base) && !flag(&layer.is_forbidden, base);
                base != to && group.iter().all(is_base)
            };
            let (below, above): (Vec<usize>, Vec<usize>) =
                self.published_here().filter(is_met).partition(|&base| base < to);
            let below = below.into_iter().rev().take(at_most);
            below.chain(above.into_iter().take(at_most)).collect::<Vec<_>>()
        });
        near.filter_map(|base| self.versions.get(base)).cloned().collect()
    }

    /// Returns groups of criteria for which one base may suffice: each criterion alone, and those
    /// that some version lacks together.
    fn groups(&self) -> Vec<Vec<&Layer>> {
        let mut together: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, layer) in self.layers.iter().enumerate() {
            for version in &layer.wanted {
                together.entry(*version).or_default().push(number);
            }
        }
        let mut groups: BTreeSet<Vec<usize>> = together.into_values().collect();
        groups.extend((0..self.layers.len()).map(|number| vec![number]));
        let layers =
            |group: Vec<usize>| group.into_iter().filter_map(|number| self.layers.get(number)).collect();
        groups.into_iter().map(layers).collect()
    }

    fn audit(&self, from: Option<usize>, to: usize) -> Option<Audit> {
        let from = match from {
            None => None,
            Some(from) => Some(self.versions.get(from)?.clone()),
        };
        Some(Audit { from, to: self.versions.get(to)?.clone() })
    }

    /// Iterates over the versions whose audit would help, ascending.
    fn ends(&self, layer: &Layer) -> impl Iterator<Item = usize> {
        let is_possible = |to: &usize| {
            flag(&layer.helps, *to) && flag(&self.has_source, *to) && !flag(&layer.is_forbidden, *to)
        };
        (0..self.versions.len()).filter(is_possible)
    }

    /// Iterates over the versions that an audit may start from: those that meet the criterion, and
    /// those that may be audited themselves. A version that is audited for another criterion can be
    /// certified for this one at the same time.
    fn bases(&self, layer: &Layer) -> impl Iterator<Item = usize> {
        let is_audited = |from: usize| self.layers.iter().any(|layer| flag(&layer.helps, from));
        let is_possible = move |from: &usize| {
            !flag(&layer.is_forbidden, *from) && (flag(&layer.is_met, *from) || is_audited(*from))
        };
        self.published_here().filter(is_possible)
    }

    /// Iterates over the versions that may serve as a base. Code from git is excluded: other
    /// projects could not use the audit.
    fn published_here(&self) -> impl Iterator<Item = usize> {
        (0..self.versions.len())
            .filter(|&from| flag(&self.has_source, from) && !self.git_bases.contains_key(&from))
    }

    /// Code from git is compared with published code, if there is any, because other projects can
    /// use the audit of published code.
    fn may_be_audited_as_a_whole(&self, to: usize) -> bool {
        !self.git_bases.get(&to).is_some_and(Option::is_some)
    }
}

fn flag(flags: &[bool], number: usize) -> bool {
    flags.get(number).copied().unwrap_or_default()
}

/// What is missing for one criterion, by vertices of the audit graph.
struct MissingCriterion {
    criterion: usize,
    wanted: Vec<Vertex>,
    /// The vertices that meet the criterion.
    met: Vec<Vertex>,
    /// The vertices from which existing statements lead to a wanted vertex, including the wanted
    /// vertices.
    leading: BTreeSet<Vertex>,
    /// The existing statements between versions that do not meet the criterion.
    steps: Vec<(Vertex, Vertex)>,
}

fn by_criterion(
    search: &Search<'_, '_>,
    criteria: &Criteria,
    lacking: &[(Version, CriteriaSet)],
) -> Vec<MissingCriterion> {
    let mut found: BTreeMap<usize, MissingCriterion> = BTreeMap::new();
    for (version, missing) in lacking {
        let Some(target) = search.graph.vertex(version) else { continue };
        let mut still_missing = CriteriaSet::new();
        let mut leading = BTreeMap::new();
        for criterion in missing.iter() {
            if let Err(vertices) = search.chain(target, criterion, Goal::Keep) {
                still_missing.insert(criterion);
                leading.insert(criterion, vertices);
            }
        }
        // A version that meets a criterion also meets all criteria that it implies.
        for criterion in criteria.minimal(&still_missing) {
            let found = found.entry(criterion).or_insert_with(|| MissingCriterion {
                criterion,
                wanted: Vec::new(),
                met: search.reachable_from_root(criterion).into_iter().filter(|&v| v != ROOT).collect(),
                leading: BTreeSet::new(),
                steps: Vec::new(),
            });
            found.wanted.push(target);
            found.leading.extend(leading.remove(&criterion).into_iter().flatten());
        }
    }
    let mut found: Vec<MissingCriterion> = found.into_values().collect();
    for found in &mut found {
        let met: BTreeSet<Vertex> = found.met.iter().copied().collect();
        let is_open = |vertex: &Vertex| *vertex != ROOT && !met.contains(vertex);
        let edges = search.graph.edges().iter().filter(|edge| {
            search.sets.get(edge.criteria).contains(found.criterion)
                && is_open(&edge.from)
                && is_open(&edge.to)
        });
        found.steps = edges.map(|edge| (edge.from, edge.to)).collect();
    }
    found
}
