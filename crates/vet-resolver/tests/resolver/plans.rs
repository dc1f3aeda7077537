//! The cheapest audits that suffice.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vet_resolver::{Audit, Conclusion, Plan, resolve};
use vet_store::entries::{AuditEntry, AuditKind};
use vet_store::{Loaded, Store};

use crate::case;
use crate::shortfall::{audit_text, shortfall};

const PUBLISHED: [&str; 9] = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/// Makes plans with offers given as `from -> to = lines`. Returns each planned audit with its
/// criteria, and what is out of reach.
fn planned(graph: &str, store: &str, offers: &str) -> String {
    let (graph, loaded) = case(graph, &format!("criterion fz\ncriterion crypto: D\n{store}"));
    let shortfall = shortfall(&graph, &loaded, Some(&PUBLISHED)).unwrap();
    let plan = shortfall.plan(&offers.split(", ").map(offer).collect::<Vec<_>>());
    let names = |set| loaded.criteria.minimal_names(set).join(" and ");
    let audits = plan.audits.iter().map(|it| {
        let helps: Vec<String> = it.helps.iter().map(|version| version.semver.major.to_string()).collect();
        format!("{} for {} in {}", audit_text(&it.audit), names(&it.criteria), helps.join(" "))
    });
    let out_of_reach = plan.out_of_reach.iter();
    let out_of_reach =
        out_of_reach.map(|(version, lacks)| format!("{} lacks {}", version.semver.major, names(lacks)));
    audits.chain(out_of_reach).collect::<Vec<_>>().join(", ")
}

fn offer(text: &str) -> (Audit, u64) {
    let (audit, lines) = text.split_once(" = ").unwrap();
    let (from, to) = match audit.split_once(" -> ") {
        Some((from, to)) => (Some(vet_testing::version(from)), to),
        None => (None, audit),
    };
    (Audit { from, to: vet_testing::version(to) }, lines.parse().unwrap())
}

/// An audit that a violation contradicts cannot help, neither alone nor as a base.
#[test]
fn what_is_forbidden_is_not_planned() {
    for (store, offers, expected) in [
        ("peer: violation demo *: D", "4 = 1, 7 = 1", "4 lacks safe-to-deploy, 7 lacks safe-to-deploy"),
        (
            "violation demo <=4: D",
            "4 = 1, 7 = 9, 4 -> 7 = 1",
            "7 for safe-to-deploy in 7, 4 lacks safe-to-deploy",
        ),
        (
            "violation demo =4.0.0: R",
            "4 = 1, 7 = 9, 7 -> 4 = 1",
            "7 for safe-to-deploy in 7, 4 lacks safe-to-deploy",
        ),
        // A base that must not be used, and one that may be used.
        (
            "violation demo =3.0.0: D\nwildcard demo by 7 in 1..31: D\nrelease demo 3 by 7 on 15",
            "3 -> 4 = 1, 4 = 5, 7 = 5, 3 -> 7 = 1",
            "4 for safe-to-deploy in 4, 7 for safe-to-deploy in 7",
        ),
        // The violated criterion is not the one to certify.
        (
            "violation demo *: fz",
            "4 = 5, 4 -> 7 = 1",
            "4 for safe-to-deploy in 4 7, 4 -> 7 for safe-to-deploy in 7",
        ),
        (
            "violation demo *: crypto",
            "4 = 5, 4 -> 7 = 1",
            "4 for safe-to-deploy in 4 7, 4 -> 7 for safe-to-deploy in 7",
        ),
    ] {
        assert_eq!(planned("*app -> demo 4, demo 7", store, offers), expected, "{store}");
    }
}

/// Violations of what is wanted are reported, and others are not.
#[test]
fn what_forbids_is_told() {
    let forbidden = |store: &str| {
        let (graph, loaded) = case("*app -> demo 4", store);
        let shortfall = shortfall(&graph, &loaded, Some(&PUBLISHED)).unwrap();
        let all = shortfall.forbidden.into_iter().map(|(version, violations)| {
            let sources = violations.iter().map(|(source, _)| source.as_deref().unwrap_or("own"));
            format!("{version}: {}", sources.collect::<Vec<_>>().join(", "))
        });
        all.collect::<Vec<_>>().join("; ")
    };
    assert_eq!(forbidden("peer: violation demo *: D\nviolation demo <5: R"), "4.0.0: peer, own");
    assert_eq!(forbidden("violation demo =3.0.0: D"), "");
    assert_eq!(forbidden("criterion fz\nviolation demo *: fz"), "");
}

#[test]
fn versions_share_what_they_have_in_common() {
    let graph = "*app -> demo 4, demo 7";
    let check = |store: &str, offers: &str, expected: &str| {
        assert_eq!(planned(graph, store, offers), expected, "with {offers} and\n{store}");
    };
    // One full audit, and the delta from there.
    let offers = "4 = 580, 7 = 590, 4 -> 7 = 23, 7 -> 4 = 23";
    check("", offers, "4 for safe-to-deploy in 4 7, 4 -> 7 for safe-to-deploy in 7");
    // A delta in the other direction is taken if it is cheaper.
    let offers = "4 = 580, 7 = 500, 4 -> 7 = 23, 7 -> 4 = 23";
    check("", offers, "7 -> 4 for safe-to-deploy in 4, 7 for safe-to-deploy in 4 7");
    // A full audit of a version from which statements lead to both.
    let store = "audit demo 2 -> 4: D\naudit demo 2 -> 7: D";
    check(store, "4 = 10, 7 = 10, 2 = 19", "2 for safe-to-deploy in 4 7");
    check(store, "4 = 10, 7 = 10, 2 = 21", "4 for safe-to-deploy in 4, 7 for safe-to-deploy in 7");
    // Of equally cheap plans, the one with the fewest audits.
    check(store, "4 = 10, 7 = 10, 2 = 20", "2 for safe-to-deploy in 4 7");
    check("audit demo 4 -> 7: D", "4 = 10, 7 = 0", "4 for safe-to-deploy in 4 7");
    // Then the audits that are offered first: lower versions, from lower versions.
    let either = |store: &str, offers: &str| planned("*app -> demo 7", store, offers);
    assert_eq!(either("audit demo 4 -> 7: D", "4 = 10, 7 = 10"), "4 for safe-to-deploy in 7");
    let from = "audit demo 3: D\naudit demo 9: D";
    assert_eq!(either(from, "3 -> 7 = 5, 9 -> 7 = 5"), "3 -> 7 for safe-to-deploy in 7");
}

#[test]
fn criteria_have_their_own_bases_if_that_is_cheaper() {
    let check = |offers: &str, expected: &str| {
        let store = "policy app criteria: D, fz\naudit demo 4: D\naudit demo 3: fz";
        assert_eq!(planned("*app -> demo 5", store, offers), expected, "with {offers}");
    };
    let apart = "3 -> 5 for fz in 5, 4 -> 5 for safe-to-deploy in 5";
    check("5 = 2708, 4 -> 5 = 68, 3 -> 5 = 176", apart);
    check("5 = 200, 4 -> 5 = 68, 3 -> 5 = 176", "5 for safe-to-deploy and fz in 5");
    // A version that is certified for one criterion on the way is not read twice for the other.
    let on_the_way = "3 -> 4 for fz in 5, 4 -> 5 for safe-to-deploy and fz in 5";
    check("5 = 2708, 4 -> 5 = 68, 3 -> 4 = 100, 3 -> 5 = 176", on_the_way);
    check("4 -> 5 = 68", "4 -> 5 for safe-to-deploy in 5, 5 lacks fz");
}

#[test]
fn an_audit_certifies_what_it_is_needed_for() {
    // The member that is only tested needs less, and both members rely on the same audit: nothing
    // is lost or added.
    let graph = "*app -> demo 4\n*tool -> demo 7";
    let store = "policy tool criteria: R\n";
    let offers = "4 = 100, 4 -> 7 = 10, 7 -> 4 = 10, 7 = 200";
    let expected = "4 for safe-to-deploy in 4 7, 4 -> 7 for safe-to-run in 7";
    assert_eq!(planned(graph, store, offers), expected);
    let offers = "4 = 200, 4 -> 7 = 10, 7 -> 4 = 10, 7 = 100";
    let expected = "7 -> 4 for safe-to-deploy in 4, 7 for safe-to-deploy in 4 7";
    assert_eq!(planned(graph, store, offers), expected);
    // A stronger criterion stands for the criteria that it implies.
    let store = "policy app criteria: crypto\npolicy tool criteria: fz";
    let expected = "4 for crypto and fz in 4 7, 4 -> 7 for fz in 7";
    assert_eq!(planned(graph, store, "4 = 100, 4 -> 7 = 10, 7 = 200"), expected);
}

#[test]
fn what_cannot_be_helped_is_told() {
    assert_eq!(
        planned("*app -> demo 4, demo 7", "", "4 = 5"),
        "4 for safe-to-deploy in 4, 7 lacks safe-to-deploy"
    );
    assert_eq!(planned("*app -> demo 4", "", "5 = 5"), "4 lacks safe-to-deploy");
}

/// Adds audits to a store.
fn with(loaded: &Loaded, audits: impl IntoIterator<Item = (Audit, Vec<String>)>) -> Store {
    let mut store = loaded.store.clone();
    let entries = audits.into_iter().map(|(audit, criteria)| AuditEntry {
        who: Vec::new(),
        criteria,
        kind: match audit.from {
            None => AuditKind::Full(audit.to),
            Some(from) => AuditKind::Delta { from, to: audit.to },
        },
        importable: true,
        notes: None,
        aggregated_from: Vec::new(),
    });
    store.audits.audits.entry("demo".to_owned()).or_default().extend(entries);
    store
}

fn lines(plan: &Plan, sizes: &BTreeMap<Audit, u64>) -> u64 {
    plan.audits.iter().map(|planned| sizes[&planned.audit]).sum()
}

fn statement() -> impl Strategy<Value = String> {
    let criteria = || prop_oneof![Just("D"), Just("R"), Just("fz"), Just("crypto"), Just("D, fz")];
    prop_oneof![
        (1..6, criteria()).prop_map(|(version, criteria)| format!("audit demo {version}: {criteria}")),
        (1..6, 1..6, criteria())
            .prop_map(|(from, to, criteria)| format!("audit demo {from} -> {to}: {criteria}")),
        (1..6, criteria()).prop_map(|(version, criteria)| format!("exemption demo {version}: {criteria}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// No choice of offers does the same with fewer lines, and with the planned audits everything
    /// passes.
    #[test]
    fn no_choice_of_audits_is_cheaper(
        packages in proptest::collection::btree_set(1u64..6, 1..4),
        needs in proptest::sample::select(vec!["D", "R", "D, fz", "crypto, fz", "R, fz"]),
        tool_needs in proptest::sample::select(vec!["D", "R", "fz"]),
        statements in proptest::collection::vec(statement(), 0..5),
        sizes in proptest::collection::vec(0u64..40, 30),
        keep in proptest::collection::vec(any::<bool>(), 30),
    ) {
        let demos: Vec<String> = packages.iter().map(|version| format!("demo {version}")).collect();
        let (first, rest) = demos.split_first().unwrap();
        let graph = format!("*app -> {first}\n*tool -> {}", if rest.is_empty() { first.clone() } else { rest.join(", ") });
        let store = format!(
            "criterion fz\ncriterion crypto: D\npolicy app criteria: {needs}\npolicy tool criteria: {tool_needs}\n{}",
            statements.join("\n")
        );
        let (graph, loaded) = case(&graph, &store);
        let shortfall = shortfall(&graph, &loaded, Some(&PUBLISHED)).unwrap();
        let among = PUBLISHED.iter().map(|version| vet_testing::version(version)).collect();
        let all = shortfall.audits(&among);
        prop_assert!(shortfall.nearest().iter().all(|audit| all.contains(audit)));
        let offered: Vec<(Audit, u64)> = all
            .into_iter()
            .zip(sizes.iter().zip(&keep))
            .filter(|(_, (_, keep))| **keep)
            .map(|(audit, (size, _))| (audit, *size))
            .take(10)
            .collect();
        let plan = shortfall.plan(&offered);
        let passes = |store: &Store| resolve(&graph, store, &loaded.criteria).conclusion == Conclusion::Success;

        if plan.out_of_reach.is_empty() {
            let audits = plan.audits.iter();
            let audits = audits.map(|it| (it.audit.clone(), loaded.criteria.minimal_names(&it.criteria)));
            prop_assert!(passes(&with(&loaded, audits)), "{plan:?}");
        }
        let everything: Vec<String> = loaded.criteria.names().map(str::to_owned).collect();
        let cheapest = (0..1u32 << offered.len())
            .filter_map(|choice| {
                let chosen = offered.iter().enumerate().filter(|(number, _)| choice >> number & 1 == 1);
                let chosen: Vec<&(Audit, u64)> = chosen.map(|(_, offer)| offer).collect();
                let lines: u64 = chosen.iter().map(|(_, lines)| lines).sum();
                let audits = chosen.iter().map(|(audit, _)| (audit.clone(), everything.clone()));
                passes(&with(&loaded, audits)).then_some(lines)
            })
            .min();
        let sizes: BTreeMap<Audit, u64> = offered.iter().cloned().collect();
        let found = plan.out_of_reach.is_empty().then(|| lines(&plan, &sizes));
        prop_assert_eq!(found, cheapest, "{:?}\n{:?}", &plan, &offered);
        for version in plan.out_of_reach.keys() {
            prop_assert!(packages.contains(&version.semver.major));
        }
    }
}
