//! Statements that contradict each other.

use vet_resolver::{Conclusion, Contradiction, Resolver, Verdict};
use vet_store::Store;
use vet_store::entries::AuditKind;

use crate::{case, lines};

/// Returns the conflicts about `demo`, one per line: the violation, and what it contradicts.
fn conflicts(graph: &str, store: &str) -> String {
    let (graph, loaded) = case(graph, store);
    let resolver = Resolver::new(&graph, &loaded.store, &loaded.criteria);
    let conflicts = resolver.conflicts("demo");
    // Shows an entry in the same way as a store that has only this entry.
    let own = |source: &Option<String>| source.as_ref().map(|peer| format!("{peer}: ")).unwrap_or_default();
    let shown = conflicts.iter().map(|conflict| {
        let mut violation = Store::default();
        violation.audits.audits.insert("demo".to_owned(), vec![conflict.violation.clone()]);
        let mut against = Store::default();
        let source = match &conflict.against {
            Contradiction::Exemption(exemption) => {
                against.config.exemptions.insert("demo".to_owned(), vec![exemption.clone()]);
                String::new()
            }
            Contradiction::Audit { source, audit } => {
                assert!(!matches!(audit.kind, AuditKind::Violation(_)));
                against.audits.audits.insert("demo".to_owned(), vec![audit.clone()]);
                own(source)
            }
        };
        let text = |store: &Store| vet_testing::listed(store).trim().replace(" demo ", " ");
        format!("{}{} | {source}{}\n", own(&conflict.violation_source), text(&violation), text(&against))
    });
    shown.collect()
}

#[track_caller]
fn check(store: &str, expected: &str) {
    assert_eq!(conflicts("*app -> demo 1", store), lines(expected), "with\n{store}");
}

#[test]
fn criteria_contradict_each_other() {
    let all = "criterion a\ncriterion b\ncriterion c\ncriterion strong: D\n";
    let table = [
        ("D", "D", true),
        ("D", "R", false),
        ("R", "D", true),
        ("R", "R", true),
        ("a, b", "a, c", true),
        ("a, b", "c", false),
        ("a", "D", false),
        ("R, D", "R", true),
        ("strong", "D", false),
        ("D", "strong", true),
        ("R", "strong", true),
        // No criterion is violated, or none is met.
        ("", "D", false),
        ("D", "", false),
    ];
    for (violated, met, expected) in table {
        for statement in ["audit demo 1", "audit demo 0.9.0 -> 1", "exemption demo 1", "peer: audit demo 1"] {
            let store = format!("{all}violation demo *: {violated}\n{statement}: {met}");
            let found = conflicts("*app -> demo 1", &store);
            assert_eq!(!found.is_empty(), expected, "violation of {violated:?}, {statement}: {met:?}");
        }
    }
}

#[test]
fn ranges() {
    let table = [
        ("*", "1", true),
        ("=1.0.0", "1", true),
        ("=1.0.0", "1.0.1", false),
        (">=1.0.5, <2", "1.0.5", true),
        (">=1.0.5, <2", "2", false),
        // A pre-release matches only if a comparator names one of the same version.
        ("*", "2.0.0-alpha.1", false),
        (">=1.0.0", "2.0.0-alpha.1", false),
        (">=2.0.0-alpha", "2.0.0-alpha.1", true),
        // The git revision and build metadata do not matter.
        ("=1.0.0", "1@git:7", true),
        ("*", "1@git:7", true),
        ("=1.0.0", "1.0.0+build", true),
    ];
    for (range, version, expected) in table {
        for statement in [
            format!("audit demo {version}: D"),
            format!("exemption demo {version}: D"),
            format!("audit demo {version} -> 99.0.0-far: D"),
            format!("audit demo 99.0.0-far -> {version}: D"),
        ] {
            let store = format!("violation demo {range}: D\n{statement}");
            let found = conflicts("*app -> demo 1", &store);
            assert_eq!(!found.is_empty(), expected, "violation of {range}, {statement}");
        }
    }
}

#[test]
fn some_statements_are_never_looked_at() {
    check(
        "violation demo *: R
         wildcard demo by 7 in 1..31: D
         trusted demo by 7 in 1..31: D
         peer: wildcard demo by 7 in 1..31: D
         release demo 1 by 7 on 15
         alias demo 2 as 1
         violation demo =1.0.0: D
         peer: violation demo =1.0.0: D",
        "",
    );
    check("violation other *: R\naudit demo 1: D", "");
}

/// Violations of peers by name, then those of this project. For each, exemptions, then audits in
/// the order of their sources and files.
#[test]
fn every_source_meets_every_other_in_this_order() {
    check(
        "violation demo *: D
         violation demo ^2: R
         b: violation demo 1: D
         a: violation demo 1: R
         exemption demo 2: D
         exemption demo 1: R
         audit demo 2: D
         private demo 1: D
         audit demo 1 -> 2: D
         b: audit demo 1: D
         a: audit demo 3 -> 1: R
         + a: audit demo 1 -> 3: D",
        "a: violation ^1: R | exemption 1: R
         a: violation ^1: R | a: audit 3 -> 1: R
         a: violation ^1: R | a: audit 1 -> 3: D
         a: violation ^1: R | b: audit 1: D
         a: violation ^1: R | private 1: D
         a: violation ^1: R | audit 1 -> 2: D
         b: violation ^1: D | a: audit 1 -> 3: D
         b: violation ^1: D | b: audit 1: D
         b: violation ^1: D | private 1: D
         b: violation ^1: D | audit 1 -> 2: D
         violation *: D | exemption 2: D
         violation *: D | a: audit 1 -> 3: D
         violation *: D | b: audit 1: D
         violation *: D | audit 2: D
         violation *: D | private 1: D
         violation *: D | audit 1 -> 2: D
         violation ^2: R | exemption 2: D
         violation ^2: R | audit 2: D
         violation ^2: R | audit 1 -> 2: D",
    );
}

#[test]
fn conflicts_are_those_of_the_crate() {
    // The violated version need be neither in use nor relied on.
    let store = "audit demo 1: D\naudit demo 5: R\nviolation demo 5: R";
    let (graph, loaded) = case("*app -> demo 1, demo 2, other", store);
    let resolver = Resolver::new(&graph, &loaded.store, &loaded.criteria);
    let resolution = resolver.decide();
    assert_eq!(resolution.conclusion, Conclusion::Violation);
    let verdicts: Vec<Verdict> = resolution.verdicts.into_iter().map(|(_, verdict)| verdict).collect();
    let missing = loaded.criteria.closure(vet_store::Criteria::SAFE_TO_DEPLOY);
    assert_eq!(verdicts, [Verdict::Violation, Verdict::Violation, Verdict::Unvetted(missing)]);
    assert_eq!(resolver.conflicts("demo").len(), 1);
    assert_eq!(resolver.conflicts("other"), []);
    assert_eq!(resolver.conflicts("nowhere"), []);

    // Crates without a third-party package in the graph are not checked.
    let store = "audit demo 1: D\nviolation demo 1: D";
    assert_eq!(conflicts("*app -> ./demo", store), "");
    assert_eq!(conflicts("*app -> other", store), "");
    assert_ne!(conflicts("*app -> ./demo 1, demo 2", store), "");
    assert_ne!(conflicts("*app -> ./demo", &format!("policy demo audit-as-crates-io\n{store}")), "");
    // A filter of the graph decides which crates those are.
    let (graph, loaded) = case("*app -> demo", store);
    let graph = graph.filtered(|package| package.name() != "demo");
    let resolution = vet_resolver::resolve(&graph, &loaded.store, &loaded.criteria);
    assert_eq!(resolution.conclusion, Conclusion::Success);
}

/// Returns the violations that cover versions in use, one per line.
fn in_use(graph: &str, store: &str) -> String {
    let (graph, loaded) = case(graph, store);
    let resolver = Resolver::new(&graph, &loaded.store, &loaded.criteria);
    let line = |found: vet_resolver::ViolationInUse| {
        let package = graph.package(found.package).unwrap();
        let source = found.source.as_deref().unwrap_or("own");
        let range = match &found.violation.kind {
            AuditKind::Violation(range) => range.as_str(),
            AuditKind::Full(_) | AuditKind::Delta { .. } => "no range",
        };
        let missed = if found.misses_prerelease { ", but for the pre-release" } else { "" };
        format!("{} {}: {source} {range}{missed}\n", package.name(), package.version())
    };
    resolver.violations_in_use().into_iter().map(line).collect()
}

#[test]
fn violations_of_versions_in_use() {
    for (graph, store, expected) in [
        ("*app -> demo 1", "peer: violation demo *: D", "demo 1.0.0: peer *"),
        ("*app -> demo 1", "violation demo =1.0.0: R", "demo 1.0.0: own =1.0.0"),
        ("*app -> demo 1", "violation demo <1: D", ""),
        ("*app -> demo 1, demo 2", "violation demo <2: D", "demo 1.0.0: own <2"),
        ("*app -> demo 1", "violation other *: D", ""),
        // Only criteria that are required of the version, or certified for it, can be violated.
        ("*app ~> demo 1", "violation demo *: D", ""),
        ("*app ~> demo 1", "violation demo *: D\nexemption demo 1: D", "demo 1.0.0: own *"),
        ("*app ~> demo 1", "violation demo *: D\npeer: audit demo 1 -> 2: D", "demo 1.0.0: own *"),
        ("*app ~> demo 1", "violation demo *: D\naudit demo 2: D", ""),
        // It does not matter how the version is vetted.
        (
            "*app -> demo 1",
            "violation demo *: D\ntrusted demo by 7 in 1..31: D\nrelease demo 1 by 7 on 15",
            "demo 1.0.0: own *",
        ),
        // Pre-releases.
        (
            "*app -> demo 0.10.0-rc-3",
            "peer: violation demo *: D\nviolation demo <1.0: R\nexemption demo 0.10.0-rc-3: D",
            "demo 0.10.0-rc-3: peer *, but for the pre-release\ndemo 0.10.0-rc-3: own <1.0, but for the pre-release",
        ),
        ("*app -> demo 0.10.0-rc-3", "violation demo =0.10.0-rc-3: D", "demo 0.10.0-rc-3: own =0.10.0-rc-3"),
        ("*app -> demo 0.10.0-rc-3", "violation demo >0.10.0: D", ""),
        ("*app ~> demo 0.10.0-rc-3", "violation demo *: D", ""),
    ] {
        assert_eq!(in_use(graph, store).trim_end(), expected, "{graph}\n{store}");
    }
}

/// The verdict follows semver's rule, as the original does.
#[test]
fn a_prerelease_that_is_missed_passes() {
    let (graph, loaded) =
        case("*app -> demo 0.10.0-rc-3", "violation demo *: D\nexemption demo 0.10.0-rc-3: D");
    let resolver = Resolver::new(&graph, &loaded.store, &loaded.criteria);
    assert_eq!(resolver.decide().conclusion, Conclusion::Success);
    assert!(resolver.conflicts("demo").is_empty());
}

/// Returns what would be wrong if a peer counted that is not part of the store.
#[test]
fn a_further_peer() {
    for (store, peer, violations, contradictions) in [
        ("", "violation demo *: D", 1, false),
        ("exemption demo 1: D", "violation demo *: D", 1, true),
        ("exemption demo 0.9.0: D", "violation demo <1: D", 0, true),
        ("exemption demo 0.9.0: D", "violation demo >1: D", 0, false),
        ("violation demo <1: D", "audit demo 0.9.0: D", 0, true),
        // Contradictions without the peer are not reported.
        ("violation demo <1: D\naudit demo 0.9.0: D", "audit demo 1: D", 0, false),
        ("peer: violation demo *: D\nexemption demo 1: D", "audit demo 2: R", 0, false),
        ("", "violation other *: D", 0, false),
    ] {
        let (graph, loaded) = case("*app -> demo 1", store);
        let file = vet_testing::statements(peer).store.audits;
        let resolver = Resolver::new(&graph, &loaded.store, &loaded.criteria);
        let (found, contradicted) = resolver.with_peer("new", &file);
        let is_new = |source: &Option<String>| source.as_deref() == Some("new");
        assert!(found.iter().all(|violation| is_new(&violation.source)), "{store}\n{peer}");
        assert_eq!(
            (found.len(), contradicted.contains_key("demo")),
            (violations, contradictions),
            "{store}\n{peer}"
        );
    }
}
