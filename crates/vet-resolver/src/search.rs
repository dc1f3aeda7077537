//! The search for a chain of statements from the empty crate to a version.
//!
//! Statements differ in the cost of relying on them. Statements in the store cost nothing, and
//! statements that would be added to it cost more. Exemptions cost most or least, depending on the
//! goal of the caller. A chain costs as much as its worst statement. Among equally good chains, the
//! one over lower versions is taken, so the same store gives the same answer on every machine. It
//! may not be the shortest chain.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use vet_store::Version;

use crate::audit_graph::{AuditGraph, CriteriaSets, Edge, Novelty, Origin, ROOT, Vertex};

/// What a search prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Goal {
    /// Prefer existing exemptions to new imports, to keep what the store has.
    Keep,
    /// Prefer new imports to exemptions, to replace exemptions where possible.
    Replace,
    /// The same as `Replace`, but invent an exemption if there is no chain. So the search always
    /// succeeds.
    Invent,
}

/// A step of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ChainStep {
    /// An edge of the graph, by its origin and number.
    Edge(Origin, usize),
    /// An exemption that does not exist yet, for the version of a vertex.
    Invented(Vertex),
}

/// The cost of relying on a statement. A chain has the cost of its worst statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cost {
    Clean,
    Private,
    CheapExemption,
    CheapAlias,
    FreshRelease,
    FreshClaim,
    CostlyExemption,
    CostlyAlias,
    Invented,
}

impl Cost {
    fn of(edge: &Edge, goal: Goal) -> Cost {
        let keep = goal == Goal::Keep;
        match (edge.origin, edge.novelty) {
            (Origin::Exemption { .. }, _) if keep => Cost::CheapExemption,
            (Origin::Exemption { .. }, _) => Cost::CostlyExemption,
            (Origin::Unpublished { .. }, novelty) if keep == (novelty == Novelty::Stored) => Cost::CheapAlias,
            (Origin::Unpublished { .. }, _) => Cost::CostlyAlias,
            (_, Novelty::FreshClaim) => Cost::FreshClaim,
            (_, Novelty::FreshRelease) => Cost::FreshRelease,
            (_, Novelty::Stored) if edge.private => Cost::Private,
            (_, Novelty::Stored) => Cost::Clean,
        }
    }

    /// Whether the chain depends on an exemption. If so, the version one step away from the
    /// exemption matters.
    fn is_exemption(self) -> bool {
        matches!(self, Cost::CheapExemption | Cost::CostlyExemption | Cost::Invented)
    }
}

/// A chain that has reached `vertex`, walking back from the wanted version.
struct Partial {
    cost: Cost,
    vertex: Vertex,
    came_from: Vertex,
    length: usize,
    last: Option<ChainStep>,
    /// The number of the finished vertex that `last` starts from.
    previous: usize,
}

impl Partial {
    fn key(&self) -> (Cost, Vertex, Option<Vertex>, usize, Option<ChainStep>) {
        let came_from = self.cost.is_exemption().then_some(self.came_from);
        (self.cost, self.vertex, came_from, self.length, self.last)
    }
}

impl Ord for Partial {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Partial {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Partial {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Partial {}

/// Searches one audit graph.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search<'a, 's> {
    pub(crate) graph: &'a AuditGraph<'s>,
    pub(crate) sets: &'a CriteriaSets<'s>,
}

impl Search<'_, '_> {
    /// Returns the best chain for one criterion, from the empty crate to the wanted version. If
    /// there is none, returns the vertices from which the version can be reached, including its
    /// own.
    pub(crate) fn chain(
        &self,
        target: Vertex,
        criterion: usize,
        goal: Goal,
    ) -> Result<Vec<ChainStep>, Vec<Vertex>> {
        // The finished vertices, each with the step that led there and the number of the vertex
        // before it.
        let mut done: Vec<(Vertex, Option<ChainStep>, usize)> = Vec::new();
        let mut is_done = vec![false; self.graph.vertex_count()];
        let start = Partial {
            cost: Cost::Clean,
            vertex: target,
            came_from: target,
            length: 0,
            last: None,
            previous: 0,
        };
        let mut queue = BinaryHeap::from([Reverse(start)]);
        while let Some(Reverse(partial)) = queue.pop() {
            let vertex = partial.vertex;
            match is_done.get_mut(vertex) {
                Some(done @ false) => *done = true,
                _ => continue,
            }
            let number = done.len();
            done.push((vertex, partial.last, partial.previous));
            if vertex == ROOT {
                return Ok(steps_back(&done));
            }
            let mut push = |vertex_after: Vertex, cost: Cost, step: ChainStep| {
                queue.push(Reverse(Partial {
                    cost: partial.cost.max(cost),
                    vertex: vertex_after,
                    came_from: vertex,
                    length: partial.length + 1,
                    last: Some(step),
                    previous: number,
                }));
            };
            for &index in self.graph.leading_to(vertex) {
                let Some(edge) = self.graph.edge(index) else { continue };
                let any_criteria = goal == Goal::Invent && matches!(edge.origin, Origin::Exemption { .. });
                if any_criteria || self.sets.get(edge.criteria).contains(criterion) {
                    push(edge.from, Cost::of(edge, goal), ChainStep::Edge(edge.origin, index));
                }
            }
            if goal == Goal::Invent {
                push(ROOT, Cost::Invented, ChainStep::Invented(vertex));
            }
        }
        Err(done.into_iter().map(|(vertex, ..)| vertex).collect())
    }

    /// Returns everything that can be reached from the empty crate for one criterion, including the
    /// empty crate, ascending.
    pub(crate) fn reachable_from_root(&self, criterion: usize) -> Vec<Vertex> {
        let mut outgoing: Vec<Vec<Vertex>> = vec![Vec::new(); self.graph.vertex_count()];
        for edge in self.graph.edges() {
            if let (Some(list), true) =
                (outgoing.get_mut(edge.from), self.sets.get(edge.criteria).contains(criterion))
            {
                list.push(edge.to);
            }
        }
        let mut reached = vec![false; self.graph.vertex_count()];
        let mut pending = vec![ROOT];
        while let Some(vertex) = pending.pop() {
            if let Some(slot @ false) = reached.get_mut(vertex) {
                *slot = true;
                pending.extend(outgoing.get(vertex).into_iter().flatten());
            }
        }
        reached.iter().enumerate().filter(|(_, reached)| **reached).map(|(vertex, _)| vertex).collect()
    }
}

/// Returns the steps from the vertex finished last back to the first, in that order.
fn steps_back(done: &[(Vertex, Option<ChainStep>, usize)]) -> Vec<ChainStep> {
    let mut steps = Vec::new();
    let mut current = done.last();
    while let Some((_, Some(step), previous)) = current {
        steps.push(*step);
        current = done.get(*previous);
    }
    steps
}

/// How far a version is from meeting one criterion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The versions that meet the criterion, ascending. The empty crate, which always meets it, is
    /// not listed.
    pub from_root: Vec<Version>,
    /// The versions from which the wanted version can be reached, ascending. The wanted version is
    /// one of them.
    pub to_target: Vec<Version>,
}
