//! Finds the cheapest tree from one vertex to several others.
//!
//! Paths can share arcs, so this is more than a search for shortest paths: it is the directed
//! Steiner tree problem. It is solved exactly, by dynamic programming over sets of target vertices,
//! as Dreyfus and Wagner described in 1971. This takes time exponential in the number of targets.
//! The targets are the versions in use of one crate that lack an audit, and there are rarely more
//! than a handful. If there are many more, they are joined to the tree one after the other, the
//! nearest first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The number of a vertex. All paths start at vertex 0.
pub(super) type Vertex = usize;

/// The start of all paths.
pub(super) const START: Vertex = 0;

/// The cost of an arc.
pub(super) type Weight = u128;

/// An arc from one vertex to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arc {
    pub(super) from: Vertex,
    pub(super) to: Vertex,
    pub(super) weight: Weight,
    /// The caller's name for the arc.
    pub(super) name: usize,
}

/// The limit on table cells. Above it, the tree may not be the cheapest.
const MOST_CELLS: usize = 1 << 22;

/// Vertices and arcs.
#[derive(Debug)]
pub(super) struct Digraph {
    arcs: Vec<Arc>,
    /// The numbers of the arcs that lead to each vertex.
    leading_to: Vec<Vec<usize>>,
}

/// A tree from the start: the names of its arcs, and their total cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tree {
    pub(super) arcs: Vec<usize>,
    pub(super) weight: Weight,
}

impl Digraph {
    /// Creates a network with `vertices` vertices.
    pub(super) fn new(vertices: usize, arcs: Vec<Arc>) -> Self {
        let mut leading_to = vec![Vec::new(); vertices];
        for (number, arc) in arcs.iter().enumerate() {
            if let Some(list) = leading_to.get_mut(arc.to) {
                list.push(number);
            }
        }
        Digraph { arcs, leading_to }
    }

    /// Returns the cheapest tree that reaches every vertex of a list, or `None` if one of them
    /// cannot be reached.
    pub(super) fn cheapest_tree(&self, wanted: &[Vertex]) -> Option<Tree> {
        let mut wanted = wanted.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.is_empty() {
            return Some(Tree::default());
        }
        let cells = u32::try_from(wanted.len()).ok().and_then(|number| 1usize.checked_shl(number));
        match cells.and_then(|sets| sets.checked_mul(self.leading_to.len())) {
            Some(cells) if cells <= MOST_CELLS => self.exactly(&wanted),
            _ => self.one_after_the_other(&wanted),
        }
    }

    /// Returns which vertices can be reached from the start.
    pub(super) fn reached(&self) -> Vec<bool> {
        let mut leaving: Vec<Vec<Vertex>> = vec![Vec::new(); self.leading_to.len()];
        for arc in &self.arcs {
            if let Some(list) = leaving.get_mut(arc.from) {
                list.push(arc.to);
            }
        }
        let mut reached = vec![false; self.leading_to.len()];
        let mut pending = vec![START];
        while let Some(vertex) = pending.pop() {
            if let Some(slot @ false) = reached.get_mut(vertex) {
                *slot = true;
                pending.extend(leaving.get(vertex).into_iter().flatten());
            }
        }
        reached
    }

    fn exactly(&self, wanted: &[Vertex]) -> Option<Tree> {
        let all = (1usize << wanted.len()) - 1;
        // For each set of targets: the cost from each vertex to all of the set, and how.
        let mut layers: Vec<Layer> = Vec::with_capacity(all + 1);
        layers.push(Layer::default());
        for set in 1..=all {
            let mut layer = Layer::new(self.leading_to.len());
            if set.is_power_of_two() {
                let vertex = wanted.get(set.trailing_zeros() as usize).copied()?;
                layer.improve(vertex, 0, How::Arrived);
            }
            // Each split of the set into two parts, once.
            let mut part = (set - 1) & set;
            while part > set ^ part {
                if let (Some(one), Some(other)) = (layers.get(part), layers.get(set ^ part)) {
                    let both = one.cost.iter().zip(&other.cost).enumerate();
                    for (vertex, cost) in both.filter_map(|(v, (a, b))| Some((v, a.zip(*b)?))) {
                        layer.improve(vertex, cost.0.saturating_add(cost.1), How::Split(part));
                    }
                }
                part = (part - 1) & set;
            }
            self.spread(&mut layer);
            layers.push(layer);
        }
        let weight = (*layers.get(all)?.cost.get(START)?)?;
        let mut arcs = Vec::new();
        let mut pending = vec![(all, START)];
        while let Some((set, vertex)) = pending.pop() {
            match layers.get(set).and_then(|layer| layer.how.get(vertex)) {
                Some(How::Along(number)) => {
                    let arc = self.arcs.get(*number)?;
                    arcs.push(arc.name);
                    pending.push((set, arc.to));
                }
                Some(How::Split(part)) => pending.extend([(*part, vertex), (set ^ part, vertex)]),
                Some(How::Arrived) | None => {}
            }
        }
        arcs.sort_unstable();
        arcs.dedup();
        Some(Tree { arcs, weight })
    }

    /// Updates the cost of every vertex by arcs to other vertices (Dijkstra's algorithm,
    /// backwards).
    fn spread(&self, layer: &mut Layer) {
        let known = layer.cost.iter().enumerate();
        let known = known.filter_map(|(vertex, cost)| Some(Reverse(((*cost)?, vertex))));
        let mut queue: BinaryHeap<Reverse<(Weight, Vertex)>> = known.collect();
        while let Some(Reverse((cost, vertex))) = queue.pop() {
            if layer.cost.get(vertex).is_none_or(|known| *known != Some(cost)) {
                continue;
            }
            for &number in self.leading_to.get(vertex).into_iter().flatten() {
                let Some(arc) = self.arcs.get(number) else { continue };
                let cost = cost.saturating_add(arc.weight);
                if layer.improve(arc.from, cost, How::Along(number)) {
                    queue.push(Reverse((cost, arc.from)));
                }
            }
        }
    }

    /// Joins the targets to a tree, each by the cheapest path from the tree, the nearest first.
    fn one_after_the_other(&self, wanted: &[Vertex]) -> Option<Tree> {
        let mut is_in_tree = vec![false; self.leading_to.len()];
        *is_in_tree.get_mut(START)? = true;
        let mut tree = Tree::default();
        let mut missing = wanted.to_vec();
        while !missing.is_empty() {
            let mut nearest: Option<(Weight, Vertex, Layer)> = None;
            for &vertex in &missing {
                let mut layer = Layer::new(self.leading_to.len());
                layer.improve(vertex, 0, How::Arrived);
                self.spread(&mut layer);
                let in_tree = layer.cost.iter().zip(&is_in_tree).enumerate();
                let from = in_tree.filter_map(|(from, (cost, is_in))| Some((cost.filter(|_| *is_in)?, from)));
                let Some((cost, from)) = from.min() else { continue };
                if nearest.as_ref().is_none_or(|(least, ..)| cost < *least) {
                    nearest = Some((cost, from, layer));
                }
            }
            let (_, mut vertex, layer) = nearest?;
            while let Some(How::Along(number)) = layer.how.get(vertex) {
                let arc = self.arcs.get(*number)?;
                tree.arcs.push(arc.name);
                tree.weight = tree.weight.saturating_add(arc.weight);
                vertex = arc.to;
                *is_in_tree.get_mut(vertex)? = true;
            }
            missing.retain(|vertex| is_in_tree.get(*vertex).is_some_and(|is_in| !is_in));
        }
        tree.arcs.sort_unstable();
        tree.arcs.dedup();
        Some(tree)
    }
}

/// The cost from each vertex to the targets, and how.
#[derive(Debug, Default)]
struct Layer {
    cost: Vec<Option<Weight>>,
    how: Vec<How>,
}

#[derive(Clone, Copy, Debug)]
enum How {
    /// The vertex is the target, or there is no path.
    Arrived,
    /// Along this arc.
    Along(usize),
    /// To this part of the set and to the rest of it, separately.
    Split(usize),
}

impl Layer {
    fn new(vertices: usize) -> Self {
        Layer { cost: vec![None; vertices], how: vec![How::Arrived; vertices] }
    }

    fn improve(&mut self, vertex: Vertex, cost: Weight, how: How) -> bool {
        let (Some(known), Some(slot)) = (self.cost.get_mut(vertex), self.how.get_mut(vertex)) else {
            return false;
        };
        let is_better = known.is_none_or(|known| cost < known);
        if is_better {
            *known = Some(cost);
            *slot = how;
        }
        is_better
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn network(vertices: usize, arcs: &[(Vertex, Vertex, Weight)]) -> Digraph {
        let arcs = arcs.iter().enumerate();
        let arcs = arcs.map(|(name, &(from, to, weight))| Arc { from, to, weight, name });
        Digraph::new(vertices, arcs.collect())
    }

    #[test]
    fn what_ways_have_in_common_is_paid_once() {
        // Each target alone is cheaper without the shared arc, both together are cheaper with it.
        let arcs = [(0, 2, 5), (0, 3, 5), (0, 1, 4), (1, 2, 2), (1, 3, 2)];
        let network = network(4, &arcs);
        assert_eq!(network.cheapest_tree(&[2]), Some(Tree { arcs: vec![0], weight: 5 }));
        assert_eq!(network.cheapest_tree(&[2, 3]), Some(Tree { arcs: vec![2, 3, 4], weight: 8 }));
        assert_eq!(network.cheapest_tree(&[]), Some(Tree::default()));
        assert_eq!(network.cheapest_tree(&[0]), Some(Tree::default()));
    }

    #[test]
    fn what_cannot_be_reached_is_not() {
        let network = network(4, &[(0, 1, 1), (2, 3, 1), (3, 2, 1)]);
        assert_eq!(network.cheapest_tree(&[1, 2]), None);
        assert_eq!(network.one_after_the_other(&[1, 2]), None);
        assert_eq!(network.reached(), [true, true, false, false]);
    }

    /// Returns the cost of the cheapest choice of arcs that reaches everything, by trying all of
    /// them.
    fn by_trying(vertices: usize, arcs: &[(Vertex, Vertex, Weight)], wanted: &[Vertex]) -> Option<Weight> {
        (0..1usize << arcs.len())
            .filter_map(|choice| {
                let chosen: Vec<_> =
                    arcs.iter().enumerate().filter(|(i, _)| choice >> i & 1 == 1).map(|(_, a)| *a).collect();
                let reached = network(vertices, &chosen).reached();
                let weight = chosen.iter().map(|(.., weight)| weight).sum();
                wanted.iter().all(|&vertex| reached[vertex]).then_some(weight)
            })
            .min()
    }

    proptest! {
        #[test]
        fn no_choice_of_arcs_is_cheaper(
            arcs in proptest::collection::vec((0usize..6, 1usize..6, 0u128..9), 0..11),
            wanted in proptest::collection::vec(1usize..6, 0..5),
        ) {
            let network = network(6, &arcs);
            let tree = network.cheapest_tree(&wanted);
            prop_assert_eq!(tree.as_ref().map(|tree| tree.weight), by_trying(6, &arcs, &wanted));
            let joined = network.one_after_the_other(&wanted);
            prop_assert_eq!(tree.is_some(), joined.is_some());
            for tree in [&tree, &joined].into_iter().flatten() {
                let chosen: Vec<_> = tree.arcs.iter().map(|&name| arcs[name]).collect();
                let weight: Weight = chosen.iter().map(|(.., weight)| weight).sum();
                let reached = super::tests::network(6, &chosen).reached();
                prop_assert!(wanted.iter().all(|&vertex| reached[vertex]));
                prop_assert_eq!(weight, tree.weight);
            }
        }
    }
}
