//! Which of the requested packages are built for the targets, or for the hosts that compile for
//! them.

use std::collections::HashMap;
use std::ptr;

use super::features::Requested;
use super::{Candidate, Edges, Platforms, Remains, Rules, Unknown};
use crate::declared::ConditionView;
use crate::manifest::DependencyKind;
use crate::platform::{Condition, Platform};

/// A platform that code is built for: a target or a host.
struct Side<'a> {
    /// `None` if nothing is known about it, so all conditions hold.
    platform: Option<&'a Platform>,
    /// The sides on which build scripts and procedural macros run when code is compiled for this
    /// side.
    hosts: std::ops::Range<usize>,
}

/// Returns the sides, first one per target and then one per host, and the number of targets.
fn sides(platforms: Option<&Platforms>) -> (Vec<Side<'_>>, usize) {
    let any = || Side { platform: None, hosts: 0..1 };
    let Some(platforms) = platforms else { return (vec![any()], 1) };
    let targets = platforms.targets.len();
    let hosts = targets..targets + platforms.hosts.len().max(1);
    let mut sides: Vec<Side<'_>> = platforms
        .targets
        .iter()
        .map(|target| Side { platform: Some(target), hosts: hosts.clone() })
        .collect();
    let on_itself = |number: usize| number..number + 1;
    if platforms.hosts.is_empty() {
        sides.push(Side { platform: None, hosts: on_itself(targets) });
    }
    for (number, host) in hosts.zip(&platforms.hosts) {
        sides.push(Side { platform: Some(host), hosts: on_itself(number) });
    }
    (sides, targets)
}

/// Walks from the selected members along the requested dependencies that count for a target or
/// host.
pub(super) fn walk(candidates: &[Candidate<'_>], rules: &Rules, found: &Requested<'_>) -> Remains {
    let (sides, targets) = sides(rules.platforms.as_ref());
    let mut walk = Walk {
        candidates,
        rules,
        found,
        visited: vec![false; candidates.len() * sides.len()],
        edges: candidates.iter().map(|_| Edges::default()).collect(),
        held_texts: HashMap::new(),
        held: HashMap::new(),
        sides: &sides,
        pending: Vec::new(),
    };
    for (index, candidate) in candidates.iter().enumerate().filter(|(_, one)| rules.selects(one)) {
        for target in 0..targets {
            walk.enter(index, candidate, target);
        }
    }
    while let Some((index, side)) = walk.pending.pop() {
        walk.leave(index, side);
    }
    let is_in_graph = walk.visited.chunks(sides.len()).map(|visited| visited.contains(&true)).collect();
    let mut edges = walk.edges;
    for edges in &mut edges {
        edges.sort();
    }
    Remains { is_in_graph, edges }
}

struct Walk<'a, 'c> {
    candidates: &'c [Candidate<'a>],
    rules: &'c Rules,
    found: &'c Requested<'a>,
    sides: &'c [Side<'c>],
    /// For each candidate and side, whether it is built there.
    visited: Vec<bool>,
    edges: Vec<Edges>,
    /// For each condition, by its text or its address, the sides on which it holds.
    held_texts: HashMap<&'a str, Vec<bool>>,
    held: HashMap<*const Condition, Vec<bool>>,
    pending: Vec<(usize, usize)>,
}

impl<'a> Walk<'a, '_> {
    /// Builds a package that a side needs. Procedural macros are built for the hosts of the side.
    /// For a member its programs are built too, for the side itself.
    fn enter(&mut self, index: usize, candidate: &Candidate<'_>, side: usize) {
        let hosts = self.sides.get(side).map_or(0..0, |side| side.hosts.clone());
        let on_hosts = candidate.is_proc_macro != Some(false);
        if candidate.is_proc_macro != Some(true) || candidate.is_member {
            self.visit(index, side);
        }
        if on_hosts {
            for host in hosts {
                self.visit(index, host);
            }
        }
    }

    fn visit(&mut self, index: usize, side: usize) {
        if let Some(visited @ false) = self.visited.get_mut(index * self.sides.len() + side) {
            *visited = true;
            self.pending.push((index, side));
        }
    }

    fn leave(&mut self, index: usize, side: usize) {
        let candidates = self.candidates;
        let Some(candidate) = candidates.get(index) else { return };
        let hosts = self.sides.get(side).map_or(0..0, |side| side.hosts.clone());
        let develops = self.rules.selects(candidate) && !self.rules.exclude_dev;
        for (number, dependency) in candidate.dependencies.iter().enumerate() {
            let counts = develops || dependency.kind != DependencyKind::Development;
            if !counts || !self.found.is_active(index, number) {
                continue;
            }
            let condition = dependency.terms.condition;
            let where_built = match dependency.kind {
                DependencyKind::Build => hosts.clone(),
                DependencyKind::Normal | DependencyKind::Development => side..side + 1,
            };
            for side in where_built {
                if condition.is_none_or(|condition| self.holds(condition, side)) {
                    for &package in &dependency.packages {
                        self.follow(index, package, dependency.kind, side);
                    }
                }
            }
        }
        if self.found.unknown == Unknown::Everything {
            for &package in &candidate.undeclared {
                for side in hosts.clone().chain([side]) {
                    self.follow(index, package, DependencyKind::Normal, side);
                }
            }
        }
    }

    fn follow(&mut self, from: usize, to: usize, kind: DependencyKind, side: usize) {
        let candidates = self.candidates;
        let Some(candidate) = candidates.get(to).filter(|candidate| candidate.is_library) else { return };
        if let Some(edges) = self.edges.get_mut(from) {
            edges.of(kind).push(to);
        }
        self.enter(to, candidate, side);
    }

    fn holds(&mut self, condition: ConditionView<'a>, side: usize) -> bool {
        let sides = self.sides;
        let on_all = |condition: &Condition| -> Vec<bool> {
            let on = |side: &Side<'_>| side.platform.is_none_or(|platform| condition.may_hold(platform));
            sides.iter().map(on).collect()
        };
        let held = match condition {
            ConditionView::Read(condition) => {
                self.held.entry(ptr::from_ref(condition)).or_insert_with(|| on_all(condition))
            }
            // A text that is not a condition was damaged, and leaves nothing out.
            ConditionView::Text(text) => self.held_texts.entry(text).or_insert_with(|| {
                text.parse().map_or_else(|_| vec![true; sides.len()], |condition| on_all(&condition))
            }),
        };
        held.get(side).copied().unwrap_or(true)
    }
}
