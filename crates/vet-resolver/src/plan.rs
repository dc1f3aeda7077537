//! Chooses the cheapest audits that give a crate everything that it lacks.
//!
//! An audit is paid for once, however many versions and criteria it serves. For one criterion, the
//! cheapest audits form the cheapest tree that reaches all versions that lack the criterion (see
//! [`arborescence`]). For several criteria, branch and bound finds the cheapest audits. The lower
//! bound is the cost of the most expensive criterion alone. The upper bound comes from planning one
//! criterion after the other, where audits that are already chosen are free. If the bounds differ,
//! the search branches: once it takes an audit, and once it rules the audit out.

mod arborescence;

use std::collections::{BTreeMap, BTreeSet};

use vet_store::{CriteriaSet, Version};

use crate::shortfall::{Audit, Layer, Shortfall};
use arborescence::{Arc, Digraph, START, Tree, Vertex, Weight};

/// The audits that give a crate everything that it lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The audits, ordered by the version to audit.
    pub audits: Vec<PlannedAudit>,
    /// The versions that no offered audit can help, with the criteria that they will still lack.
    pub out_of_reach: BTreeMap<Version, CriteriaSet>,
}

/// A planned audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedAudit {
    /// The audit.
    pub audit: Audit,
    /// The criteria to certify, without those that it is not needed for. Implied criteria are not
    /// listed.
    pub criteria: CriteriaSet,
    /// The versions that need the audit.
    pub helps: BTreeSet<Version>,
}

/// The limit on choices for several criteria. After it, the best choice so far is taken.
const MOST_CHOICES: usize = 2_000;

/// The number of an offered audit.
type Offer = usize;

impl Shortfall {
    /// Chooses the cheapest of the offered audits, each given with its size in lines. Of equally
    /// cheap choices, the one with fewer audits is taken, then the one whose audits come first in
    /// `offered`.
    pub fn plan(&self, offered: &[(Audit, u64)]) -> Plan {
        let mut plan = Plan::default();
        let layers = self.layers.iter().map(|layer| self.offers(layer, offered, &mut plan.out_of_reach));
        let planner =
            Planner { layers: layers.collect(), weights: offered.iter().enumerate().map(weight).collect() };
        let chosen = planner.cheapest();
        let mut audits: BTreeMap<&Audit, PlannedAudit> = BTreeMap::new();
        for (layer, offers) in self.layers.iter().zip(&planner.layers) {
            for (offer, helped) in offers.uses(&chosen) {
                let Some((audit, _)) = offered.get(offer) else { continue };
                let planned = audits.entry(audit).or_insert_with(|| PlannedAudit {
                    audit: audit.clone(),
                    criteria: CriteriaSet::new(),
                    helps: BTreeSet::new(),
                });
                planned.criteria.insert(layer.criterion);
                let helped = helped.into_iter().filter_map(|vertex| self.version(vertex));
                planned.helps.extend(helped.cloned());
            }
        }
        plan.audits = audits.into_values().collect();
        plan
    }

    fn version(&self, vertex: Vertex) -> Option<&Version> {
        self.versions.get(vertex.checked_sub(1)?)
    }

    fn vertex(&self, version: &Version) -> Option<Vertex> {
        self.versions.binary_search(version).ok().map(|number| number + 1)
    }

    /// Collects the offers for one criterion. Sets aside the versions that no offer can help.
    fn offers(
        &self,
        layer: &Layer,
        offered: &[(Audit, u64)],
        out_of_reach: &mut BTreeMap<Version, CriteriaSet>,
    ) -> Offers {
        // A version that meets the criterion is as good a start as the empty crate.
        let start = |vertex: Vertex| match vertex.checked_sub(1).and_then(|number| layer.is_met.get(number)) {
            Some(true) => START,
            _ => vertex,
        };
        let possible = |version: &Version| {
            let vertex = self.vertex(version)?;
            let is_forbidden = vertex.checked_sub(1).and_then(|number| layer.is_forbidden.get(number));
            (is_forbidden != Some(&true)).then(|| start(vertex))
        };
        let arcs = offered.iter().enumerate().filter_map(|(offer, (audit, _))| {
            let from = match &audit.from {
                None => START,
                Some(from) => possible(from)?,
            };
            let to = possible(&audit.to)?;
            (to != START && from != to).then_some((from, to, Some(offer)))
        });
        let steps = layer.steps.iter().map(|&(from, to)| (from + 1, to + 1, None));
        let arcs: Vec<(Vertex, Vertex, Option<Offer>)> = arcs.chain(steps).collect();
        let mut offers = Offers { vertices: self.versions.len() + 1, arcs, wanted: Vec::new() };
        let reached = offers.network(&|_| Some(0)).reached();
        for vertex in layer.wanted.iter().map(|number| number + 1) {
            match (reached.get(vertex), self.version(vertex)) {
                (Some(true), _) => offers.wanted.push(vertex),
                (_, Some(version)) => {
                    out_of_reach.entry(version.clone()).or_default().insert(layer.criterion);
                }
                (_, None) => {}
            }
        }
        offers
    }
}

/// Fewer lines come first, then fewer audits, then audits that are offered first.
fn weight((place, (_, lines)): (usize, &(Audit, u64))) -> Weight {
    const AUDITS: Weight = 1 << 48;
    const LINES: Weight = 1 << 64;
    Weight::from(*lines) * LINES + AUDITS + place as Weight
}

/// The offers for one criterion.
struct Offers {
    vertices: usize,
    /// Start, end and offer. An arc without an offer is an existing statement.
    arcs: Vec<(Vertex, Vertex, Option<Offer>)>,
    wanted: Vec<Vertex>,
}

impl Offers {
    /// Builds a network of the offers that have a price.
    fn network(&self, price: &dyn Fn(Offer) -> Option<Weight>) -> Digraph {
        let arcs = self.arcs.iter().enumerate().filter_map(|(name, &(from, to, offer))| {
            let weight = offer.map_or(Some(0), price)?;
            Some(Arc { from, to, weight, name })
        });
        Digraph::new(self.vertices, arcs.collect())
    }

    /// Returns the cheapest sufficient offers for this criterion, and their cost.
    fn cheapest(&self, price: &dyn Fn(Offer) -> Option<Weight>) -> Option<(BTreeSet<Offer>, Weight)> {
        let Tree { arcs, weight } = self.network(price).cheapest_tree(&self.wanted)?;
        Some((self.named(&arcs).collect(), weight))
    }

    fn named(&self, arcs: &[usize]) -> impl Iterator<Item = Offer> {
        arcs.iter().filter_map(|&arc| self.arcs.get(arc)?.2)
    }

    /// Returns which of the chosen offers are needed for this criterion, as few as possible, and
    /// which wanted vertices need each of them.
    fn uses(&self, chosen: &BTreeSet<Offer>) -> BTreeMap<Offer, BTreeSet<Vertex>> {
        let mut uses: BTreeMap<Offer, BTreeSet<Vertex>> = BTreeMap::new();
        let network = self.network(&|offer| chosen.contains(&offer).then_some(1));
        let Some(tree) = network.cheapest_tree(&self.wanted) else { return uses };
        // The first arc of the tree that reaches each vertex.
        let mut arcs: BTreeMap<Vertex, Vec<_>> = BTreeMap::new();
        for &(from, to, offer) in tree.arcs.iter().filter_map(|&arc| self.arcs.get(arc)) {
            arcs.entry(from).or_default().push((to, offer));
        }
        let mut reached_by = BTreeMap::from([(START, None)]);
        let mut pending = vec![START];
        while let Some(vertex) = pending.pop() {
            for &(to, offer) in arcs.get(&vertex).into_iter().flatten() {
                reached_by.entry(to).or_insert_with(|| {
                    pending.push(to);
                    Some((vertex, offer))
                });
            }
        }
        for &wanted in &self.wanted {
            let mut vertex = wanted;
            while let Some(Some((from, offer))) = reached_by.get(&vertex) {
                if let Some(offer) = offer {
                    uses.entry(*offer).or_default().insert(wanted);
                }
                vertex = *from;
            }
        }
        uses
    }
}

/// Chooses offers for all criteria.
struct Planner {
    layers: Vec<Offers>,
    weights: Vec<Weight>,
}

/// The offers that are taken, and those that are ruled out.
#[derive(Clone, Default)]
struct Branch {
    taken: BTreeSet<Offer>,
    ruled_out: BTreeSet<Offer>,
}

impl Planner {
    fn cheapest(&self) -> BTreeSet<Offer> {
        let mut best: Option<(Weight, BTreeSet<Offer>)> = None;
        let mut pending = vec![Branch::default()];
        for _ in 0..MOST_CHOICES {
            let Some(branch) = pending.pop() else { break };
            let Some(least) = self.at_least(&branch) else { continue };
            if best.as_ref().is_some_and(|(weight, _)| least >= *weight) {
                continue;
            }
            for choice in self.one_after_the_other(&branch) {
                let weight = self.weight(&choice);
                if best.as_ref().is_none_or(|(best, _)| weight < *best) {
                    best = Some((weight, choice));
                }
            }
            let Some((weight, choice)) = &best else { continue };
            if least >= *weight {
                continue;
            }
            // Any better choice differs in some open offer. The most expensive one narrows the
            // search most.
            let open = |offer: &&Offer| !branch.taken.contains(offer) && !branch.ruled_out.contains(offer);
            let in_reach = self.layers.iter().filter_map(|layer| self.cheapest_of(layer, &branch));
            let in_reach: BTreeSet<Offer> = in_reach.flat_map(|(offers, _)| offers).collect();
            let dearest = |offers: &BTreeSet<Offer>| {
                offers.iter().filter(open).copied().max_by_key(|&offer| self.price(offer))
            };
            let Some(offer) = dearest(&in_reach).or_else(|| dearest(choice)) else { continue };
            let (mut with, mut without) = (branch.clone(), branch);
            with.taken.insert(offer);
            without.ruled_out.insert(offer);
            pending.extend([without, with]);
        }
        best.map(|(_, offers)| offers).unwrap_or_default()
    }

    fn price(&self, offer: Offer) -> Weight {
        self.weights.get(offer).copied().unwrap_or(Weight::MAX)
    }

    fn weight(&self, offers: &BTreeSet<Offer>) -> Weight {
        offers.iter().fold(0, |sum: Weight, &offer| sum.saturating_add(self.price(offer)))
    }

    fn cheapest_of(&self, layer: &Offers, branch: &Branch) -> Option<(BTreeSet<Offer>, Weight)> {
        layer.cheapest(&|offer| match branch.taken.contains(&offer) {
            true => Some(0),
            false => Some(self.price(offer)).filter(|_| !branch.ruled_out.contains(&offer)),
        })
    }

    /// Returns the least that any choice costs, or `None` if there is no choice.
    fn at_least(&self, branch: &Branch) -> Option<Weight> {
        let mut least = 0;
        for layer in &self.layers {
            least = self.cheapest_of(layer, branch)?.1.max(least);
        }
        Some(least.saturating_add(self.weight(&branch.taken)))
    }

    /// Returns choices that suffice for all criteria: one criterion after the other, starting with
    /// each of them once.
    fn one_after_the_other(&self, branch: &Branch) -> Vec<BTreeSet<Offer>> {
        let mut choices = Vec::new();
        for first in 0..self.layers.len() {
            let mut branch = branch.clone();
            let (before, after) = self.layers.split_at(first);
            let complete = after.iter().chain(before).all(|layer| match self.cheapest_of(layer, &branch) {
                Some((offers, _)) => {
                    branch.taken.extend(offers);
                    true
                }
                None => false,
            });
            if complete {
                choices.push(branch.taken);
            }
        }
        choices
    }
}
