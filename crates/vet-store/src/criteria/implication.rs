//! Which criteria each criterion implies through others, and which criteria imply themselves.
//!
//! Criteria that imply each other form a component and imply the same criteria. The components that
//! a component implies are known before it, so each definition is read only once, however the
//! criteria are connected.

use std::collections::{HashMap, VecDeque};

use super::{CriteriaProblem, CriteriaSet};

/// Groups the criteria that imply each other, given what each criterion implies. Each component
/// comes after the components that it implies.
///
/// This is Kosaraju's algorithm: two depth-first passes. A criterion that the first pass leaves
/// last leads to those left before it. So every criterion that leads back to it belongs to its
/// component.
pub(crate) fn components(implied: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut implied_by: Vec<Vec<usize>> = vec![Vec::new(); implied.len()];
    let mut left = Vec::new();
    let mut seen = CriteriaSet::new();
    for (start, targets) in implied.iter().enumerate() {
        for &target in targets {
            implied_by.get_mut(target).into_iter().for_each(|sources| sources.push(start));
        }
        if seen.contains(start) {
            continue;
        }
        seen.insert(start);
        let mut path = vec![(start, targets.iter())];
        while let Some((index, rest)) = path.last_mut() {
            match rest.find(|&&target| !seen.contains(target)) {
                Some(&next) => {
                    seen.insert(next);
                    path.push((next, implied.get(next).map(Vec::as_slice).unwrap_or_default().iter()));
                }
                None => {
                    left.push(*index);
                    path.pop();
                }
            }
        }
    }
    let mut components = Vec::new();
    let mut placed = CriteriaSet::new();
    for start in left.into_iter().rev() {
        if placed.contains(start) {
            continue;
        }
        placed.insert(start);
        let mut component = vec![start];
        let mut next = 0;
        while let Some(&index) = component.get(next) {
            next += 1;
            for &source in implied_by.get(index).into_iter().flatten() {
                if !placed.contains(source) {
                    placed.insert(source);
                    component.push(source);
                }
            }
        }
        components.push(component);
    }
    components.reverse();
    components
}

/// Returns everything that can be reached from each criterion, including the criterion itself.
pub(super) fn closures(implied: &[Vec<usize>], components: &[Vec<usize>]) -> Vec<CriteriaSet> {
    let mut closures = vec![CriteriaSet::new(); implied.len()];
    for component in components {
        let mut set: CriteriaSet = component.iter().copied().collect();
        for &target in component.iter().filter_map(|&index| implied.get(index)).flatten() {
            // A member was added together with all that it implies, or belongs to the component.
            if !set.contains(target)
                && let Some(known) = closures.get(target)
            {
                set.union_with(known);
            }
        }
        for &index in component {
            closures.get_mut(index).into_iter().for_each(|place| place.clone_from(&set));
        }
    }
    closures
}

/// Returns the criteria that imply themselves, in order.
pub(crate) fn on_cycles(implied: &[Vec<usize>], components: &[Vec<usize>]) -> Vec<usize> {
    let is_on_cycle = |component: &&Vec<usize>| match component.as_slice() {
        [single] => implied.get(*single).is_some_and(|targets| targets.contains(single)),
        _ => true,
    };
    let mut found: Vec<usize> = components.iter().filter(is_on_cycle).flatten().copied().collect();
    found.sort_unstable();
    found
}

/// The limit on reported cycles.
pub(super) const MOST_CYCLES: usize = 100;

/// Finds cycles until each criterion that implies itself is a member of one, starting with the
/// first in order. Returns at most [`MOST_CYCLES`].
pub(super) fn cycles(
    names: &[String],
    implied: &[Vec<usize>],
    components: &[Vec<usize>],
) -> Vec<CriteriaProblem> {
    let mut problems = Vec::new();
    let mut reported = CriteriaSet::default();
    for start in on_cycles(implied, components) {
        if reported.contains(start) {
            continue;
        }
        if problems.len() == MOST_CYCLES {
            break;
        }
        // A breadth-first search finds the shortest cycle.
        let mut came_from: HashMap<usize, usize> = HashMap::new();
        let mut queue = VecDeque::from([start]);
        let mut last = None;
        'search: while let Some(index) = queue.pop_front() {
            for &next in implied.get(index).into_iter().flatten() {
                if next == start {
                    last = Some(index);
                    break 'search;
                }
                came_from.entry(next).or_insert_with(|| {
                    queue.push_back(next);
                    index
                });
            }
        }
        let Some(mut index) = last else { continue };
        let mut path = vec![start];
        while index != start {
            path.push(index);
            match came_from.get(&index) {
                Some(&previous) => index = previous,
                None => break,
            }
        }
        path.push(start);
        path.reverse();
        path.iter().for_each(|&member| reported.insert(member));
        let name = |&member: &usize| names.get(member).cloned().unwrap_or_default();
        problems.push(CriteriaProblem::Cycle(path.iter().map(name).collect()));
    }
    problems
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns what can be reached from a criterion step by step. This may not include the
    /// criterion itself.
    fn reached(implied: &[Vec<usize>], start: usize) -> CriteriaSet {
        let mut set = CriteriaSet::new();
        let mut pending = implied[start].clone();
        while let Some(index) = pending.pop() {
            if !set.contains(index) {
                set.insert(index);
                pending.extend(&implied[index]);
            }
        }
        set
    }

    fn any_criteria() -> impl Strategy<Value = Vec<Vec<usize>>> {
        let of_count = |count: usize| prop::collection::vec(prop::collection::vec(0..count, 0..3), count);
        (1..12_usize).prop_flat_map(of_count)
    }

    proptest! {
        #[test]
        fn closures_are_what_can_be_reached(implied in any_criteria()) {
            let components = components(&implied);
            let closures = closures(&implied, &components);
            let mut themselves = Vec::new();
            for (start, closure) in closures.iter().enumerate() {
                let mut expected = reached(&implied, start);
                themselves.extend(expected.contains(start).then_some(start));
                expected.insert(start);
                prop_assert_eq!(closure, &expected);
            }
            prop_assert_eq!(on_cycles(&implied, &components), themselves);
            let mut all = components.concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..implied.len()).collect::<Vec<_>>());
        }
    }
}
