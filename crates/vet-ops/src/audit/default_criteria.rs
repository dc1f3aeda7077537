//! The criteria that a user who reads a version most likely wants to certify: those that would help
//! the project.

use vet_graph::Graph;
use vet_resolver::{Conclusion, Resolver, Verdict};
use vet_store::{Criteria, CriteriaSet, Store, Version};

use crate::session::backlog::{without_backlog, without_exemptions};

/// The criteria for which an audit of `to`, or of the changes from `from` to `to`, would complete a
/// chain of statements to a package in use. In minimal form; empty if the audit would not help.
///
/// Criteria that are missing now take precedence over criteria that would be missing without
/// exemptions.
pub(crate) fn likely_criteria(
    graph: &Graph,
    criteria: &Criteria,
    store: &Store,
    name: &str,
    from: Option<&Version>,
    to: &Version,
) -> Vec<String> {
    let missing = |store: &Store| missing_in(graph, criteria, store, name, from, to);
    let mut likely = missing(store);
    if likely.is_empty() {
        likely = missing(&without_backlog(store.clone()));
    }
    if likely.is_empty() {
        // If the store was not updated, it is unknown which versions have been published since.
        likely = missing(&without_exemptions(store.clone()));
    }
    criteria.minimal_names(&likely)
}

fn missing_in(
    graph: &Graph,
    criteria: &Criteria,
    store: &Store,
    name: &str,
    from: Option<&Version>,
    to: &Version,
) -> CriteriaSet {
    let resolver = Resolver::new(graph, store, criteria);
    let resolution = resolver.decide();
    let mut likely = CriteriaSet::new();
    if resolution.conclusion == Conclusion::Violation {
        return likely;
    }
    for (ix, verdict) in resolution.verdicts {
        let is_named = graph.package(ix).is_some_and(|package| package.name() == name);
        let Verdict::Unvetted(missing) = verdict else { continue };
        if !is_named {
            continue;
        }
        // If a missing criterion cannot be certified, certifying the criteria that it implies does
        // not help.
        let is_forbidden = |criterion: usize| {
            let mut versions = [Some(to), from].into_iter().flatten();
            versions.any(|version| resolver.forbids(name, version, criterion))
        };
        let forbidden = criteria.minimal(&missing).into_iter().filter(|&criterion| is_forbidden(criterion));
        let useless = forbidden.fold(CriteriaSet::new(), |mut useless, criterion| {
            useless.union_with(&criteria.closure(criterion));
            useless
        });
        for criterion in missing.difference(&useless).iter() {
            let reach = resolver.reach(ix, criterion);
            let starts = from.is_none_or(|from| reach.from_root.contains(from));
            if starts && reach.to_target.contains(to) {
                likely.insert(criterion);
            }
        }
    }
    likely
}

#[cfg(test)]
mod tests {
    use vet_testing::{graph_under, statements, version};

    use super::*;

    /// The likely criteria for `1` or `1 -> 2` of `lib`, in a project where `app` needs `lib 2`.
    fn likely(store: &str, audit: &str) -> Vec<String> {
        let loaded = statements(store);
        let graph = graph_under(&loaded.store, "*app -> lib 2.0.0");
        let (from, to) = match audit.split_once(" -> ") {
            Some((from, to)) => (Some(version(from)), version(to)),
            None => (None, version(audit)),
        };
        likely_criteria(&graph, &loaded.criteria, &loaded.store, "lib", from.as_ref(), &to)
    }

    #[test]
    fn what_would_help_is_likely() {
        let custom = "criterion crypto:\npolicy app dependency-criteria.lib: D, crypto\n";
        for (store, audit, expected) in [
            // An empty store.
            ("", "2", "safe-to-deploy"),
            ("", "1", ""),
            ("", "1 -> 2", ""),
            // An audit to start from.
            ("audit lib 1: D", "1 -> 2", "safe-to-deploy"),
            ("audit lib 1: D", "2", "safe-to-deploy"),
            ("audit lib 1: R", "1 -> 2", "safe-to-run"),
            ("audit lib 1: D", "0.9.0 -> 2", ""),
            // A delta audit without its base.
            ("audit lib 1 -> 2: D", "1", "safe-to-deploy"),
            // Exempted: nothing is missing now, but it would be without the exemption.
            ("exemption lib 2: D", "2", "safe-to-deploy"),
            ("exemption lib 1: D\naudit lib 1 -> 2: D", "1", "safe-to-deploy"),
            ("unsuggested lib 2: D", "2", ""),
            // Audited.
            ("audit lib 2: D", "2", ""),
            // What is missing now takes precedence.
            ("policy app dependency-criteria.lib: D\nexemption lib 2: R", "2", "safe-to-deploy"),
            (custom, "2", "safe-to-deploy crypto"),
            (&format!("{custom}exemption lib 2: D"), "2", "crypto"),
            // A version that a violation covers does not help, neither as the target nor as the
            // base.
            ("peer: violation lib 2: D", "2", ""),
            ("peer: violation lib 1: R\naudit lib 1: D", "2", ""),
            ("peer: violation lib <2: R\nexemption lib 2: D", "2", "safe-to-deploy"),
            ("peer: violation lib 2: D\npolicy app dependency-criteria.lib: R", "2", "safe-to-run"),
            // Nothing is likely while statements contradict each other.
            ("violation lib *: R\naudit lib 1: D", "2", ""),
        ] {
            assert_eq!(likely(store, audit).join(" "), expected, "{store:?}, {audit}");
        }
    }

    #[test]
    fn what_an_unpublished_version_is_audited_as_is_likely() {
        let store = "exemption lib 1: D\nalias lib 2 as 1";
        assert_eq!(likely(store, "1"), ["safe-to-deploy"]);
        assert_eq!(likely(store, "2"), ["safe-to-deploy"]);
    }
}
