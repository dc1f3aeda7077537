//! Extreme stores and graphs. They show that work and depth do not grow faster than the input.

use vet_graph::{About, Graph, GraphData, PackageData, PackageSource};
use vet_resolver::{
    Audit, Conclusion, Explanation, MOST_CONFLICTS, Requirements, Resolver, Shortfall, UpdateMode, Verdict,
    explain, resolve, update,
};
use vet_store::entries::{
    AuditEntry, AuditKind, Date, Publisher, PublisherEntry, PublisherId, TrustedEntry, WildcardEntry,
};
use vet_store::files::AuditsFile;
use vet_store::{Criteria, CriteriaSet, Store, Version};
use vet_testing::graph;

fn version(number: u64) -> Version {
    semver::Version::new(number, 0, 0).into()
}

fn audit(kind: AuditKind, criteria: &str) -> AuditEntry {
    AuditEntry {
        who: Vec::new(),
        criteria: vec![criteria.to_owned()],
        kind,
        importable: true,
        notes: None,
        aggregated_from: Vec::new(),
    }
}

fn store(audits: impl IntoIterator<Item = AuditEntry>) -> Store {
    let mut store = Store::default();
    store.audits.audits.insert("demo".to_owned(), audits.into_iter().collect());
    store
}

/// One crate with an audit of each version that starts from the version before.
fn chain_of_audits(length: u64) -> Store {
    let delta = |number| AuditKind::Delta { from: version(number), to: version(number + 1) };
    store((1..length).map(|number| audit(delta(number), "safe-to-deploy")))
}

const LENGTH: u64 = 100_000;

#[test]
fn a_chain_of_a_hundred_thousand_audits() {
    let criteria = Criteria::built_in();
    let graph = graph(&format!("*app -> demo {LENGTH}"));
    let mut store = chain_of_audits(LENGTH);
    let app = graph.packages().find(|package| package.name() == "demo").unwrap().ix();

    // Not vetted: every version leads to the wanted one, and every version is a candidate.
    let resolver = Resolver::new(&graph, &store, &criteria);
    let missing = criteria.closure(Criteria::SAFE_TO_DEPLOY);
    assert_eq!(resolver.decide().verdicts, [(app, Verdict::Unvetted(missing.clone()))]);
    let lacking = [(version(LENGTH), missing)];
    let shortfall = Shortfall::find(&store, &criteria, "demo", &lacking, None).unwrap();
    let nearest = shortfall.nearest();
    assert_eq!(nearest.len() as u64, LENGTH);
    let offered: Vec<(Audit, u64)> = nearest.into_iter().map(|audit| (audit, 9)).collect();
    let plan = shortfall.plan(&offered);
    assert_eq!(plan.audits.len(), 1);
    let exemptions = update(&resolver, |_| UpdateMode::REGENERATE_EXEMPTIONS).exemptions;
    assert_eq!(exemptions["demo"].first().unwrap().version, version(1));

    // Vetted.
    store.audits.audits.get_mut("demo").unwrap().push(audit(AuditKind::Full(version(1)), "safe-to-deploy"));
    let resolver = Resolver::new(&graph, &store, &criteria);
    assert_eq!(resolver.decide().verdicts, [(app, Verdict::FullyAudited)]);
    let kept = update(&resolver, |_| UpdateMode::PRUNE).audits;
    assert_eq!(kept["demo"].len() as u64, LENGTH);
    let explanation = explain(&store, &criteria, "demo", &version(LENGTH), Criteria::SAFE_TO_DEPLOY);
    let Explanation::Certified(steps) = explanation else { panic!("not certified") };
    assert_eq!(steps.len() as u64, LENGTH);
}

#[test]
fn a_chain_of_a_hundred_thousand_packages() {
    let package = |number: u64| PackageData {
        name: format!("p{number}"),
        version: version(1),
        source: if number == 0 { PackageSource::Path } else { PackageSource::CratesIo },
        about: About::default(),
        folder: None,
        is_member: number == 0,
        left_out: None,
        maybe_no_library: false,
        normal: if number + 1 < LENGTH { vec![number as usize + 1] } else { Vec::new() },
        build: Vec::new(),
        dev: Vec::new(),
    };
    let graph = Graph::new(GraphData { packages: (0..LENGTH).map(package).collect() }, |_, _| false);
    let (store, criteria) = (Store::default(), Criteria::built_in());
    let requirements = Requirements::new(&graph, &store.config.policy, &criteria);
    let everything: CriteriaSet = criteria.all();
    assert!(graph.packages().all(|package| *requirements.of(package.ix()) == everything));

    let resolver = Resolver::new(&graph, &store, &criteria);
    assert_eq!(resolver.decide().conclusion, Conclusion::Unvetted);
    let exemptions = update(&resolver, |_| UpdateMode::REGENERATE_EXEMPTIONS).exemptions;
    assert_eq!(exemptions.len() as u64, LENGTH - 1);
}

/// Every violation could contradict every audit, whether criteria or versions tell them apart.
/// Comparing all pairs takes minutes.
#[test]
fn twenty_thousand_violations_and_as_many_audits() {
    const COUNT: u64 = 20_000;
    let criteria = Criteria::built_in();
    let graph = graph("*app -> demo 1");
    let violation = |range: &str, names: &str| audit(AuditKind::Violation(range.parse().unwrap()), names);
    let audits =
        |names: &'static str| (1..=COUNT).map(move |number| audit(AuditKind::Full(version(number)), names));

    let by_criteria =
        store((0..COUNT).map(|_| violation("*", "safe-to-deploy")).chain(audits("safe-to-run")));
    assert_eq!(Resolver::new(&graph, &by_criteria, &criteria).conflicts("demo"), []);

    let ranges = (1..=COUNT).map(|number| violation(&format!(">{number}.0.0, <{number}.9.0"), "safe-to-run"));
    let by_version = store(ranges.chain(audits("safe-to-deploy")));
    assert_eq!(Resolver::new(&graph, &by_version, &criteria).conflicts("demo"), []);

    let ranges = (1..=COUNT).map(|number| violation(&format!("={number}.0.0"), "safe-to-run"));
    let each_one = store(ranges.chain(audits("safe-to-deploy")));
    assert_eq!(resolve(&graph, &each_one, &criteria).conclusion, Conclusion::Violation);
    assert_eq!(Resolver::new(&graph, &each_one, &criteria).conflicts("demo").len(), MOST_CONFLICTS);

    // Everything contradicts everything.
    let all = store((0..COUNT).map(|_| violation("*", "safe-to-run")).chain(audits("safe-to-deploy")));
    assert_eq!(Resolver::new(&graph, &all, &criteria).conflicts("demo").len(), MOST_CONFLICTS);

    // Pre-releases, which few ranges cover.
    let version = |number: u64| format!("1.0.0-a.{number}").parse::<Version>().unwrap();
    let pre = (0..COUNT).map(|number| audit(AuditKind::Full(version(number)), "safe-to-deploy"));
    for range in [">=1.0.0", ">1.0.0-b, <1.0.0-a", ">=1.0.0-a, =1.0.0", "<2.0.0-a"] {
        let ranges = (0..COUNT).map(|_| violation(range, "safe-to-run"));
        let prereleases = store(ranges.chain(pre.clone()));
        assert_eq!(Resolver::new(&graph, &prereleases, &criteria).conflicts("demo"), [], "{range}");
    }
}

/// Every entry about a publisher covers every release of that publisher.
#[test]
fn a_hundred_thousand_releases_and_as_many_entries_about_their_publisher() {
    let criteria = Criteria::built_in();
    let graph = graph("*app -> demo 7");
    let mut store = Store::default();
    let day = |day: &str| day.parse::<Date>().unwrap();
    let releases = (1..=LENGTH).map(|number| PublisherEntry {
        version: version(number),
        when: day("2025-01-01"),
        publisher: Publisher::User { id: 1, login: "u".to_owned(), name: None },
    });
    store.imports.publisher.insert("demo".to_owned(), releases.collect());
    let trusted = TrustedEntry {
        criteria: vec!["safe-to-run".to_owned()],
        publisher: PublisherId::User(1),
        start: day("2024-01-01"),
        end: day("2026-01-01"),
        notes: None,
        aggregated_from: Vec::new(),
    };
    store.audits.trusted.insert("demo".to_owned(), vec![trusted.clone(); LENGTH as usize]);
    let wildcard = WildcardEntry {
        who: Vec::new(),
        criteria: vec!["safe-to-deploy".to_owned()],
        publisher: PublisherId::User(1),
        start: day("2024-01-01"),
        end: day("2026-01-01"),
        renew: None,
        notes: None,
        aggregated_from: Vec::new(),
    };
    store.audits.wildcard_audits.insert("demo".to_owned(), vec![wildcard; LENGTH as usize]);
    assert_eq!(resolve(&graph, &store, &criteria).conclusion, Conclusion::Success);
}

/// Each peer could have entries about each package.
#[test]
fn ten_thousand_crates_and_as_many_peers() {
    const COUNT: u64 = 10_000;
    let criteria = Criteria::built_in();
    let packages: Vec<String> = (0..COUNT).map(|number| format!("p{number} 1")).collect();
    let graph = graph(&format!("*app -> {}", packages.join(", ")));
    let mut store = Store::default();
    for number in 0..COUNT {
        let mut file = AuditsFile::default();
        let audit = audit(AuditKind::Full(version(1)), "safe-to-deploy");
        file.audits.insert(format!("p{number}"), vec![audit]);
        store.imports.audits.insert(format!("peer{number:06}"), file);
    }
    let resolver = Resolver::new(&graph, &store, &criteria);
    assert_eq!(resolver.decide().conclusion, Conclusion::Success);
    assert_eq!(update(&resolver, |_| UpdateMode::PRUNE).imports.audits, store.imports.audits);
}
