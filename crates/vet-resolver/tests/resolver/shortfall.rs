//! What a crate lacks, and which audits are measured first.

use std::collections::BTreeSet;

use vet_graph::Graph;
use vet_resolver::{Audit, Resolver, Shortfall};
use vet_store::{CriteriaSet, Loaded, Version};

use crate::case;

/// Returns the nearest audits for all packages of `demo`: `from -> to` for a delta, or `to` for a
/// full audit.
fn nearest(graph: &str, store: &str, published: Option<&[&str]>) -> String {
    let (graph, loaded) = case(graph, &format!("criterion fz\n{store}"));
    match shortfall(&graph, &loaded, published) {
        None => "contradictions".to_owned(),
        Some(shortfall) => shortfall.nearest().iter().map(audit_text).collect::<Vec<_>>().join(", "),
    }
}

/// Returns what all packages of `demo` lack.
pub(crate) fn shortfall(graph: &Graph, loaded: &Loaded, published: Option<&[&str]>) -> Option<Shortfall> {
    let resolver = Resolver::new(graph, &loaded.store, &loaded.criteria);
    let lacking: Vec<(Version, CriteriaSet)> = graph
        .packages()
        .filter(|package| package.name() == "demo")
        .map(|package| (package.version().clone(), resolver.required(package.ix()).clone()))
        .collect();
    let published: Option<BTreeSet<semver::Version>> =
        published.map(|list| list.iter().map(|text| vet_testing::version(text).semver).collect());
    Shortfall::find(&loaded.store, &loaded.criteria, "demo", &lacking, published.as_ref())
}

pub(crate) fn audit_text(audit: &Audit) -> String {
    let short = |version: &Version| match version.to_string() {
        text if version.git_rev.is_some() => text.replace(&"7".repeat(39), "").replace(".0.0", ""),
        text => text.replace(".0.0", ""),
    };
    match &audit.from {
        None => short(&audit.to),
        Some(from) => format!("{} -> {}", short(from), short(&audit.to)),
    }
}

/// Audits for `demo 5.0.0`, with published versions from 1 to 9.
#[track_caller]
fn check(store: &str, expected: &str) {
    let published = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
    assert_eq!(nearest("*app -> demo 5", store, Some(&published)), expected, "with\n{store}");
}

#[test]
fn nearest_bases_on_both_sides_of_each_target() {
    check("", "5");
    check("audit demo 3: D", "3 -> 5");
    check("audit demo 3: D\naudit demo 2: D", "3 -> 5");
    check("audit demo 7: D\naudit demo 8: D", "5, 7 -> 5");
    check("audit demo 3: D\naudit demo 7: D", "3 -> 5, 7 -> 5");
    // Every version that leads to the wanted one is a target, the lower ones first.
    check(
        "audit demo 1: D\naudit demo 8: D\naudit demo 2 -> 5: D\naudit demo 6 -> 5: D\naudit demo 9 -> 6: R",
        "1 -> 2, 8 -> 2, 1 -> 5, 8 -> 5, 1 -> 6, 8 -> 6",
    );
    // Exempted versions and new audits count as bases.
    check("exemption demo 3: D", "3 -> 5");
    check("+ peer: audit demo 4: D", "4 -> 5");
    check("private demo 3: D", "3 -> 5");
    // A version without any other use is not a base.
    check("audit demo 3: R", "5");
}

#[test]
fn each_criterion_and_all_together_have_their_bases() {
    let store = "policy app criteria: D, fz\n";
    check(&format!("{store}audit demo 4: D\naudit demo 3: fz"), "5, 3 -> 5, 4 -> 5");
    check(&format!("{store}audit demo 4: D\naudit demo 3: fz, D"), "3 -> 5, 4 -> 5");
    check(&format!("{store}audit demo 5: D\naudit demo 3: fz"), "3 -> 5");
    // They are targets, too.
    check(&format!("{store}audit demo 2 -> 5: D, fz\naudit demo 3 -> 5: D"), "2, 3, 5");
    check(&format!("{store}audit demo 5: R\naudit demo 4: R\npeer: audit demo 3: fz, D"), "3 -> 5");
}

#[test]
fn what_is_not_published_cannot_be_looked_at() {
    let graph = "*app -> demo 5";
    let store = "audit demo 3: D\naudit demo 2: D\naudit demo 4 -> 5: D";
    assert_eq!(nearest(graph, store, Some(&["2", "3", "4", "5"])), "3 -> 4, 3 -> 5");
    assert_eq!(nearest(graph, store, Some(&["2", "5"])), "2 -> 5");
    assert_eq!(nearest(graph, store, Some(&["3", "4"])), "3 -> 4");
    assert_eq!(nearest(graph, store, Some(&[])), "");
    // If the published versions are unknown, every version counts as published.
    assert_eq!(nearest(graph, store, None), "3 -> 4, 3 -> 5");
    // An unpublished version is read as the version that it is audited as.
    let store = "alias demo 5 as 4\naudit demo 2: D";
    assert_eq!(nearest(graph, store, Some(&["2", "4"])), "2 -> 4");
    assert_eq!(nearest(graph, "audit demo 2: D", Some(&["2", "4"])), "");
    // Build metadata is part of a published version.
    assert_eq!(nearest(graph, "audit demo 3.0.0+x: D", Some(&["3", "5"])), "5");
    assert_eq!(nearest(graph, "audit demo 3.0.0+x: D", Some(&["3.0.0+x", "5"])), "3+x -> 5");
    // Code from git, other than the wanted version, is not available, either.
    assert_eq!(nearest(graph, "audit demo 3@git:7: D", None), "5");
    assert_eq!(nearest(graph, "audit demo 4@git:7 -> 5: D", None), "5");
}

#[test]
fn code_from_git_is_looked_at_from_the_published_version_below() {
    let graph = "*app -> git+demo 5@git:7";
    let policy = "policy demo audit-as-crates-io\n";
    let check = |store: &str, published: Option<&[&str]>, expected: &str| {
        assert_eq!(nearest(graph, &format!("{policy}{store}"), published), expected, "with\n{store}");
    };
    // The published version, and the delta from there.
    check("", Some(&["4", "5", "6"]), "5, 5 -> 5@git:7");
    check("", Some(&["4", "6"]), "4, 4 -> 5@git:7");
    check("audit demo 3: D", Some(&["3", "4", "6"]), "3 -> 4, 3 -> 5@git:7, 4 -> 5@git:7");
    check(
        "audit demo 3: D\naudit demo 6: D",
        Some(&["3", "4", "6"]),
        "3 -> 4, 6 -> 4, 3 -> 5@git:7, 4 -> 5@git:7, 6 -> 5@git:7",
    );
    // The published version is audited already: only the delta remains.
    check("audit demo 4: D", Some(&["3", "4", "6"]), "4 -> 5@git:7");
    check("audit demo 5: D", Some(&["4", "5", "6"]), "5 -> 5@git:7");
    // The delta is audited already: only the published version remains.
    check("audit demo 4 -> 5@git:7: D", Some(&["4"]), "4, 4 -> 5@git:7");
    check(
        "audit demo 2: D\naudit demo 4 -> 5@git:7: D",
        Some(&["2", "4"]),
        "2 -> 4, 2 -> 5@git:7, 4 -> 5@git:7",
    );
    // No lower version is published.
    check("", Some(&["6"]), "5@git:7");
    check("audit demo 6: D", Some(&["6"]), "5@git:7, 6 -> 5@git:7");
    // The published versions are unknown.
    check("", None, "5, 5 -> 5@git:7");
    check("audit demo 4: D", None, "4 -> 5, 4 -> 5@git:7, 5 -> 5@git:7");
    check("audit demo 5: D", None, "5 -> 5@git:7");
}

#[test]
fn nothing_is_asked_for() {
    check("audit demo 5: D", "");
    check("exemption demo 5: D", "");
    check("policy app criteria: D, fz\naudit demo 5: D\naudit demo 2: fz", "2 -> 5");
    check("audit demo 5: D\nviolation demo 5: R", "contradictions");
}

#[test]
fn versions_of_a_crate_are_looked_at_together() {
    let published = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let check = |store: &str, expected: &str| {
        assert_eq!(nearest("*app -> demo 4, demo 7", store, Some(&published)), expected, "with\n{store}");
    };
    check("", "4, 7 -> 4, 7, 4 -> 7");
    check("audit demo 4: D", "4 -> 7");
    check("audit demo 1: D", "1 -> 4, 7 -> 4, 1 -> 7, 4 -> 7");
    check(
        "audit demo 2: D\naudit demo 5: D\naudit demo 9: D",
        "2 -> 4, 5 -> 4, 7 -> 4, 4 -> 7, 5 -> 7, 9 -> 7",
    );
}

#[test]
fn everything_that_could_be_of_use() {
    let (graph, loaded) = case("*app -> demo 4, demo 7", "audit demo 1: D\naudit demo 2: D\naudit demo 9: D");
    let shortfall = shortfall(&graph, &loaded, Some(&["1", "2", "4", "7", "9"])).unwrap();
    let among = |list: &[&str]| {
        let among: BTreeSet<Version> = list.iter().map(|text| vet_testing::version(text)).collect();
        shortfall.audits(&among).iter().map(audit_text).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(among(&["1", "2", "4", "9"]), "4, 1 -> 4, 2 -> 4, 9 -> 4");
    assert_eq!(among(&["2", "4", "7"]), "4, 2 -> 4, 7 -> 4, 7, 2 -> 7, 4 -> 7");
    assert_eq!(among(&["1", "2", "9"]), "");
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

#[test]
fn neighbours_on_both_sides() {
    let check = |store: &str, at_most: usize, expected: &str| {
        let (graph, loaded) = case("*app -> demo 5", &format!("criterion fz\n{store}"));
        let published = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
        let shortfall = shortfall(&graph, &loaded, Some(&published)).unwrap();
        let neighbours = shortfall.neighbours(&vet_testing::version("5"), at_most);
        let found: Vec<String> = neighbours.iter().map(|version| version.semver.major.to_string()).collect();
        assert_eq!(found.join(" "), expected, "{at_most} with\n{store}");
    };
    let store = "audit demo 1: D\naudit demo 3: D\naudit demo 4: R\naudit demo 6: D\naudit demo 8: D\naudit demo 9: D";
    check(store, 0, "");
    check(store, 1, "3 6");
    check(store, 2, "1 3 6 8");
    check(store, 3, "1 3 6 8 9");
    check(store, 9, "1 3 6 8 9");
    check("", 2, "");
    // An unpublished version is not a neighbour, and a version is not its own neighbour.
    check("audit demo 2.1.0: D\naudit demo 3: D", 2, "3");
    // For each criterion, and for both together.
    let store = "policy app criteria: D, fz\naudit demo 4: D\naudit demo 3: fz\naudit demo 2: D, fz\naudit demo 1: D, fz";
    check(store, 1, "2 3 4");
    check(store, 2, "1 2 3 4");
}

/// A version that is audited for one criterion can be the base of an audit for another.
#[test]
fn versions_that_lack_different_criteria_are_planned_together() {
    let check_for = |tool: &str, store: &str, expected: &str| {
        let graph = "*app -> demo 4\n*tool -> demo 7";
        let (graph, loaded) = case(graph, &format!("criterion fz\npolicy tool criteria: {tool}\n{store}"));
        let shortfall = shortfall(&graph, &loaded, None).unwrap();
        let all = (1..9).map(|number| vet_testing::version(&number.to_string())).collect();
        let audits: Vec<String> = shortfall.audits(&all).iter().map(audit_text).collect();
        assert_eq!(audits.join(", "), expected, "with\n{store}");
    };
    let check = |store: &str, expected: &str| check_for("R", store, expected);
    check("", "4, 7 -> 4, 7, 4 -> 7");
    check("audit demo 3: D", "4, 3 -> 4, 7 -> 4, 7, 3 -> 7, 4 -> 7");
    // Code that runs must meet less than code that is deployed.
    check("audit demo 3: R", "4, 7 -> 4, 7, 3 -> 7, 4 -> 7");
    check("audit demo 3: R\naudit demo 7: R", "4");
    check("audit demo 4: R", "4, 7 -> 4, 7, 4 -> 7");
    check_for("fz", "", "4, 7 -> 4, 7, 4 -> 7");
}
