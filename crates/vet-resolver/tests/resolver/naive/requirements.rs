//! What is required of a package, computed from the package upwards.

use vet_graph::{Graph, Package};
use vet_store::files::Policies;

use super::{Set, closure};

/// Returns the criteria that a package must meet: those of its policy, or all that its dependents
/// require.
pub(crate) fn required(graph: &Graph, policies: &Policies, package: Package<'_>) -> Set {
    let policy = |package: Package<'_>| policies.get(package.name(), package.version());
    if !is_reached(graph, package) {
        return Set::new();
    }
    if let Some(names) = policy(package).and_then(|policy| policy.criteria.as_ref()) {
        return closure(names);
    }
    let mut set = if is_root(graph, package) { closure(&["safe-to-deploy".to_owned()]) } else { Set::new() };
    for parent in graph.packages() {
        let special = policy(parent)
            .and_then(|policy| policy.dependency_criteria.get(package.name()))
            .map(|names| closure(names));
        if parent.normal_and_build_deps().contains(&package.ix()) && is_reached(graph, parent) {
            set.extend(special.clone().unwrap_or_else(|| required(graph, policies, parent)));
        }
        if parent.dev_deps().contains(&package.ix()) {
            let of_development = policy(parent).and_then(|policy| policy.dev_criteria.clone());
            let of_development = of_development.unwrap_or_else(|| vec!["safe-to-run".to_owned()]);
            set.extend(special.unwrap_or_else(|| closure(&of_development)));
        }
    }
    set
}

/// Whether this is a member that no package depends on, counting only packages needed to build
/// members.
pub(crate) fn is_root(graph: &Graph, package: Package<'_>) -> bool {
    let is_built =
        |package| graph.packages().filter(Package::is_member).any(|member| leads(graph, member, package));
    let needs_it = |parent: &Package<'_>| parent.normal_and_build_deps().contains(&package.ix());
    package.is_member() && !graph.packages().filter(needs_it).any(is_built)
}

/// Whether members or their development need the package.
fn is_reached(graph: &Graph, package: Package<'_>) -> bool {
    graph.packages().filter(Package::is_member).any(|member| {
        let dev = member.dev_deps().iter().filter_map(|&ix| graph.package(ix));
        leads(graph, member, package) || dev.into_iter().any(|from| leads(graph, from, package))
    })
}

/// Whether a path of normal and build dependencies exists.
fn leads(graph: &Graph, from: Package<'_>, to: Package<'_>) -> bool {
    let next = |&ix| graph.package(ix).is_some_and(|next| leads(graph, next, to));
    from.ix() == to.ix() || from.normal_and_build_deps().iter().any(next)
}
