//! Verdicts on single packages and on the whole.

use vet_resolver::{Conclusion, Verdict, resolve};

use crate::case;

/// Returns the verdicts in words, in the order of the graph, and the conclusion.
fn verdicts(graph: &str, store: &str) -> (Vec<String>, Conclusion) {
    let (graph, loaded) = case(graph, &format!("criterion fz\ncriterion lic\n{store}"));
    let resolution = resolve(&graph, &loaded.store, &loaded.criteria);
    let shown = resolution.verdicts.iter().map(|(ix, verdict)| {
        let package = graph.package(*ix).unwrap();
        let verdict = match verdict {
            Verdict::FullyAudited => "fully".to_owned(),
            Verdict::PartiallyAudited => "partially".to_owned(),
            Verdict::Exempted => "exempted".to_owned(),
            Verdict::Violation => "violation".to_owned(),
            Verdict::Unvetted(missing) => {
                let names: Vec<&str> = missing.iter().map(|index| loaded.criteria.name(index)).collect();
                format!("misses {}", names.join(", "))
            }
        };
        format!("{} {}: {verdict}", package.name(), package.version())
    });
    (shown.collect(), resolution.conclusion)
}

/// Returns the verdict on `demo 3.0.0`, which must meet D, or D and `fz`.
#[track_caller]
fn check(store: &str, expected: &str) {
    let graph = "*app -> demo 3";
    assert_eq!(verdicts(graph, store).0, [format!("demo 3.0.0: {expected}")], "with\n{store}");
}

#[test]
fn what_counts_as_exempted() {
    let d_and_fz = "policy app criteria: D, fz\n";
    let both = |store: &str| format!("{d_and_fz}{store}");
    check("audit demo 3: D", "fully");
    check("exemption demo 3: D", "exempted");
    check("exemption demo 2: D\naudit demo 2 -> 3: D", "partially");
    check(&both("exemption demo 2: D\naudit demo 2 -> 3: D\nexemption demo 3: fz"), "exempted");
    check(&both("audit demo 3: D\nexemption demo 3: fz"), "exempted");
    check(&both("audit demo 3: D\nexemption demo 2: fz\naudit demo 2 -> 3: fz"), "partially");
    check(&both("exemption demo 3: D, fz"), "exempted");
    check(&both("audit demo 3: D, fz"), "fully");
    check("policy app criteria:", "fully");
    check("policy app criteria:\nexemption demo 3: D", "fully");
    // Implied criteria count, too: safe-to-run is met without the exemption.
    check("exemption demo 3: D\naudit demo 3: R", "exempted");
    // Exemptions that are not relied on do not count.
    check("private demo 3: D\nexemption demo 3: D", "fully");
    // Exemptions are preferred to new imports.
    check("+ peer: audit demo 3: D\nexemption demo 3: D", "exempted");
    check("peer: audit demo 3: D\nexemption demo 3: D", "fully");
    check("+ peer: audit demo 3: D", "fully");
}

#[test]
fn aliases_are_neither_audits_nor_exemptions() {
    check("alias demo 3 as 2\naudit demo 2: D", "fully");
    check("alias demo 3 as 2\nexemption demo 2: D", "exempted");
    check("alias demo 3 as 2\nexemption demo 1: D\naudit demo 1 -> 2: D", "partially");
    check("alias demo 3 as 2", "misses safe-to-run, safe-to-deploy");
    // Unpublished entries carry every criterion.
    check("policy app criteria: D, fz, lic\nalias demo 3 as 2\naudit demo 2: lic, fz, D", "fully");
    check("+ alias demo 3 as 2\naudit demo 2: D", "fully");
}

#[test]
fn what_is_missing() {
    check("", "misses safe-to-run, safe-to-deploy");
    check("audit demo 3: R", "misses safe-to-deploy");
    check("policy app criteria: R, fz", "misses safe-to-run, fz");
    check("policy app criteria: D, fz, lic\naudit demo 3: fz", "misses safe-to-run, safe-to-deploy, lic");
    // Each criterion can have its own path.
    check(
        "policy app criteria: R, fz\nexemption demo 1: R\naudit demo 1 -> 3: R\naudit demo 3: fz",
        "partially",
    );
    // No path mixes criteria.
    check("audit demo 1: D\naudit demo 1 -> 3: R", "misses safe-to-deploy");
    check("audit demo 1: R\naudit demo 1 -> 3: D", "misses safe-to-deploy");
}

#[test]
fn statements_hold_for_the_version_that_they_name() {
    check("audit demo 3.0.0+build: D", "misses safe-to-run, safe-to-deploy");
    check("audit demo 3@git:7: D", "misses safe-to-run, safe-to-deploy");
    check("audit demo 3@git:7: D\naudit demo 3@git:7 -> 3: D", "fully");
    check("audit other 3: D", "misses safe-to-run, safe-to-deploy");
    // Backwards, in cycles, and through versions that were never published.
    check("audit demo 9: D\naudit demo 9 -> 5.5.5: D\naudit demo 5.5.5 -> 3: D", "fully");
    check(
        "audit demo 3 -> 2: D\naudit demo 2 -> 3: D\naudit demo 3 -> 3: D",
        "misses safe-to-run, safe-to-deploy",
    );
    check("audit demo 3 -> 2: D\naudit demo 2 -> 3: D\naudit demo 2: D", "fully");
}

#[test]
fn releases_are_covered_by_publisher_and_day() {
    let released = |statement: &str, release: &str| format!("{statement}: D\nrelease demo {release}");
    let no = "misses safe-to-run, safe-to-deploy";
    for statement in ["wildcard demo", "trusted demo", "peer: wildcard demo"] {
        let of = |days: &str| format!("{statement} by 7 in {days}");
        // From the first day up to the day before the last.
        check(&released(&of("10..20"), "3 by 7 on 10"), "fully");
        check(&released(&of("10..20"), "3 by 7 on 19"), "fully");
        check(&released(&of("10..20"), "3 by 7 on 9"), no);
        check(&released(&of("10..20"), "3 by 7 on 20"), no);
        check(&released(&of("10..10"), "3 by 7 on 10"), no);
        // Only this publisher, only this version.
        check(&released(&of("10..20"), "3 by 8 on 10"), no);
        check(&released(&of("10..20"), "3 by github:o/r on 10"), no);
        check(&released(&of("10..20"), "2 by 7 on 10"), no);
        let signed = format!("{statement} by github:o/r in 1..31");
        check(&released(&signed, "3 by github:o/r on 10"), "fully");
        check(&released(&signed, "3 by github:o/R on 10"), no);
        // Releases have no revision.
        check("policy app criteria: R\nrelease demo 3 by 7 on 10", "misses safe-to-run");
    }
    // The trusted entries of a peer do not count here.
    check(&released("peer: trusted demo by 7 in 10..20", "3 by 7 on 10"), no);
    // From a covered release onwards.
    check("wildcard demo by 7 in 1..31: D\nrelease demo 2 by 7 on 3\naudit demo 2 -> 3: D", "fully");
}

#[test]
fn the_worst_finding_is_the_conclusion() {
    let graph = "*app -> a, b, c 1, c 2";
    #[track_caller]
    fn check(graph: &str, store: &str, expected: &[&str], conclusion: Conclusion) {
        assert_eq!(
            verdicts(graph, store),
            (expected.iter().map(|&line| line.to_owned()).collect(), conclusion)
        );
    }
    check(
        graph,
        "audit a 1: D\nexemption b 1: D\naudit c 1: D\naudit c 1 -> 2: D",
        &["a 1.0.0: fully", "b 1.0.0: exempted", "c 1.0.0: fully", "c 2.0.0: fully"],
        Conclusion::Success,
    );
    check(
        graph,
        "audit a 1: D\nexemption b 1: R\naudit c 1: D",
        &[
            "a 1.0.0: fully",
            "b 1.0.0: misses safe-to-deploy",
            "c 1.0.0: fully",
            "c 2.0.0: misses safe-to-run, safe-to-deploy",
        ],
        Conclusion::Unvetted,
    );
    // In either order.
    for name in ["a", "b"] {
        let store = format!("audit {name} 1: D\nviolation {name} *: R\naudit c 1: D\naudit c 1 -> 2: D");
        let other = if name == "a" { "b" } else { "a" };
        let (found, conclusion) = verdicts(graph, &store);
        assert!(found.contains(&format!("{name} 1.0.0: violation")));
        assert!(found.contains(&format!("{other} 1.0.0: misses safe-to-run, safe-to-deploy")));
        assert_eq!(conclusion, Conclusion::Violation);
    }
    check("*app", "audit app 1: D\nviolation app *: D", &[], Conclusion::Success);
}

#[test]
fn packages_of_other_sources_are_vetted_if_the_policy_says_so() {
    let graph = "*app -> ./here, git+g 1@git:7";
    assert_eq!(verdicts(graph, ""), (vec![], Conclusion::Success));
    let git = "7".repeat(40);
    let policies =
        format!("policy here audit-as-crates-io\npolicy \"g:1.0.0@git:{git}\" audit-as-crates-io\n");
    let (found, conclusion) =
        verdicts(graph, &format!("{policies}audit here 1: D\naudit g 1: D\naudit g 1 -> 1@git:7: D"));
    assert_eq!(found, [format!("g 1.0.0@git:{git}: fully"), "here 1.0.0: fully".to_owned()]);
    assert_eq!(conclusion, Conclusion::Success);
    let (found, _) = verdicts(graph, &format!("{policies}audit here 1: D\naudit g 1: D"));
    assert_eq!(found.first().unwrap(), &format!("g 1.0.0@git:{git}: misses safe-to-run, safe-to-deploy"));
}
