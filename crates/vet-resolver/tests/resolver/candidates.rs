//! Audits that would do.

use std::collections::BTreeSet;

use vet_resolver::{Candidate, Resolver, Verdict};
use vet_store::Version;

use crate::case;

/// The candidates for the package of the highest version of `demo`, each `from -> to`, or `to` for all of it; then,
/// after `besides`, what is needed in any case.
fn candidates(graph: &str, store: &str, published: Option<&[&str]>) -> String {
    let (graph, loaded) = case(graph, &format!("criterion fz\n{store}"));
    let resolver = Resolver::new(&graph, &loaded.store, &loaded.criteria);
    let package = graph.packages().rfind(|package| package.name() == "demo").unwrap();
    let resolution = resolver.decide();
    let (_, verdict) = resolution.verdicts.iter().find(|(ix, _)| *ix == package.ix()).unwrap();
    let Verdict::Unvetted(missing) = verdict else { return format!("{verdict:?}") };
    let published: Option<BTreeSet<semver::Version>> =
        published.map(|list| list.iter().map(|text| vet_testing::version(text).semver).collect());
    let found = resolver.candidates(package.ix(), missing, published.as_ref());
    let shown: Vec<String> = found.choices.iter().map(candidate_text).collect();
    let besides = found.besides.map(|it| format!("; besides {}", candidate_text(&it))).unwrap_or_default();
    format!("{}{besides}", shown.join(", "))
}

fn candidate_text(candidate: &Candidate) -> String {
    let short = |version: &Version| match version.to_string() {
        text if version.git_rev.is_some() => text.replace(&"7".repeat(39), "").replace(".0.0", ""),
        text => text.replace(".0.0", ""),
    };
    match &candidate.from {
        None => short(&candidate.to),
        Some(from) => format!("{} -> {}", short(from), short(&candidate.to)),
    }
}

/// For `demo 5.0.0`, published from 1 to 9.
#[track_caller]
fn check(store: &str, expected: &str) {
    let published = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
    assert_eq!(candidates("*app -> demo 5", store, Some(&published)), expected, "with\n{store}");
}

#[test]
fn nearest_bases_on_both_sides_of_each_target() {
    check("", "5");
    check("audit demo 3: D", "3 -> 5");
    check("audit demo 3: D\naudit demo 2: D", "3 -> 5");
    check("audit demo 7: D\naudit demo 8: D", "5, 7 -> 5");
    check("audit demo 3: D\naudit demo 7: D", "3 -> 5, 7 -> 5");
    // Every version from which there is a way is a target, the lower first.
    check(
        "audit demo 1: D\naudit demo 8: D\naudit demo 2 -> 5: D\naudit demo 6 -> 5: D\naudit demo 9 -> 6: R",
        "1 -> 2, 8 -> 2, 1 -> 5, 8 -> 5, 1 -> 6, 8 -> 6",
    );
    // Exemptions and what is new count as bases.
    check("exemption demo 3: D", "3 -> 5");
    check("+ peer: audit demo 4: D", "4 -> 5");
    check("private demo 3: D", "3 -> 5");
    // What is good for nothing else is no base.
    check("audit demo 3: R", "5");
}

#[test]
fn one_audit_has_to_do_for_all_missing_criteria() {
    let store = "policy app criteria: D, fz\n";
    check(&format!("{store}audit demo 4: D\naudit demo 3: fz"), "5");
    check(&format!("{store}audit demo 4: D\naudit demo 3: fz, D"), "3 -> 5");
    check(&format!("{store}audit demo 5: D\naudit demo 3: fz"), "3 -> 5");
    // Targets as well.
    check(&format!("{store}audit demo 2 -> 5: D, fz\naudit demo 3 -> 5: D"), "2, 5");
    check(&format!("{store}audit demo 5: R\naudit demo 4: R\npeer: audit demo 3: fz, D"), "3 -> 5");
}

#[test]
fn what_is_not_published_cannot_be_looked_at() {
    let graph = "*app -> demo 5";
    let store = "audit demo 3: D\naudit demo 2: D\naudit demo 4 -> 5: D";
    assert_eq!(candidates(graph, store, Some(&["2", "3", "4", "5"])), "3 -> 4, 3 -> 5");
    assert_eq!(candidates(graph, store, Some(&["2", "5"])), "2 -> 5");
    assert_eq!(candidates(graph, store, Some(&["3", "4"])), "3 -> 4");
    assert_eq!(candidates(graph, store, Some(&[])), "");
    // If it is not known what is published, everything is taken to be.
    assert_eq!(candidates(graph, store, None), "3 -> 4, 3 -> 5");
    // An unpublished version is looked at as what it is audited as.
    let store = "alias demo 5 as 4\naudit demo 2: D";
    assert_eq!(candidates(graph, store, Some(&["2", "4"])), "2 -> 4");
    assert_eq!(candidates(graph, "audit demo 2: D", Some(&["2", "4"])), "");
    // Build metadata is part of a published version.
    assert_eq!(candidates(graph, "audit demo 3.0.0+x: D", Some(&["3", "5"])), "5");
    assert_eq!(candidates(graph, "audit demo 3.0.0+x: D", Some(&["3.0.0+x", "5"])), "3+x -> 5");
    // Code from git, other than the wanted one, is not there either.
    assert_eq!(candidates(graph, "audit demo 3@git:7: D", None), "5");
    assert_eq!(candidates(graph, "audit demo 4@git:7 -> 5: D", None), "5");
}

#[test]
fn code_from_git_is_looked_at_from_the_published_version_below() {
    let graph = "*app -> git+demo 5@git:7";
    let policy = "policy demo audit-as-crates-io\n";
    let check = |store: &str, published: Option<&[&str]>, expected: &str| {
        assert_eq!(candidates(graph, &format!("{policy}{store}"), published), expected, "with\n{store}");
    };
    // The published version, and the change from there.
    check("", Some(&["4", "5", "6"]), "5; besides 5 -> 5@git:7");
    check("", Some(&["4", "6"]), "4; besides 4 -> 5@git:7");
    check("audit demo 3: D", Some(&["3", "4", "6"]), "3 -> 4; besides 4 -> 5@git:7");
    check("audit demo 3: D\naudit demo 6: D", Some(&["3", "4", "6"]), "3 -> 4, 6 -> 4; besides 4 -> 5@git:7");
    // It is audited already: only the change.
    check("audit demo 4: D", Some(&["3", "4", "6"]), "4 -> 5@git:7");
    check("audit demo 5: D", Some(&["4", "5", "6"]), "5 -> 5@git:7");
    // The change is audited already: only the version.
    check("audit demo 4 -> 5@git:7: D", Some(&["4"]), "4");
    check("audit demo 2: D\naudit demo 4 -> 5@git:7: D", Some(&["2", "4"]), "2 -> 4");
    // Nothing below is published.
    check("", Some(&["6"]), "5@git:7");
    check("audit demo 6: D", Some(&["6"]), "5@git:7, 6 -> 5@git:7");
    // It is not known what is published.
    check("", None, "5; besides 5 -> 5@git:7");
    check("audit demo 4: D", None, "4 -> 5; besides 5 -> 5@git:7");
    check("audit demo 5: D", None, "5 -> 5@git:7");
}

#[test]
fn nothing_is_asked_for() {
    let (graph, loaded) = case("*app -> demo 5, ./here", "");
    let resolver = Resolver::new(&graph, &loaded.store, &loaded.criteria);
    let nothing = vet_resolver::Candidates::default();
    for package in graph.packages() {
        assert_eq!(resolver.candidates(package.ix(), &vet_store::CriteriaSet::new(), None), nothing);
    }
    // Neither a package of this workspace nor a number that is none has any.
    let missing = loaded.criteria.closure(vet_store::Criteria::SAFE_TO_RUN);
    let here = graph.packages().find(|package| package.name() == "here").unwrap();
    assert_eq!(resolver.candidates(here.ix(), &missing, None), nothing);
    assert_eq!(resolver.candidates(vet_graph::PackageIx(99), &missing, None), nothing);
}

#[test]
fn reach_is_told_for_each_criterion() {
    let store =
        "audit demo 1: D\naudit demo 2: R\naudit demo 4 -> 5: R\naudit demo 3 -> 4: D\naudit demo 1 -> 9: D";
    let (graph, loaded) = case("*app -> demo 5", store);
    let resolver = Resolver::new(&graph, &loaded.store, &loaded.criteria);
    let ix = graph.packages().find(|package| package.name() == "demo").unwrap().ix();
    let reach = |criterion: usize| {
        let reach = resolver.reach(ix, criterion);
        let majors = |list: &[Version]| list.iter().map(|version| version.semver.major).collect::<Vec<_>>();
        (majors(&reach.from_root), majors(&reach.to_target))
    };
    assert_eq!(reach(0), (vec![1, 2, 9], vec![3, 4, 5]));
    assert_eq!(reach(1), (vec![1, 9], vec![5]));
}
