//! Properties of every graph and every store, tested on small random ones.

use std::collections::BTreeSet;

use proptest::prelude::*;
use vet_graph::{Graph, Package};
use vet_resolver::{Goal, Requirements, Resolver, UpdateMode, Verdict, resolve, update, update_part};
use vet_store::{Loaded, Store};
use vet_testing::listed;

use crate::case;
use crate::naive::requirements::{is_root, required};
use crate::naive::search::{Entry, chain, has_conflict};
use crate::naive::update::Naive;
use crate::naive::{CRITERIA, Set};

/// Packages in an order in which normal and build dependencies only lead downwards.
const PACKAGES: [&str; 9] = ["*app", "*lib", "*tool", "./here", "a 3", "a 2", "b 2", "b 1", "c 2"];

/// A random graph: some of the packages, and edges between them.
fn graphs() -> impl Strategy<Value = String> {
    graphs_of(PACKAGES)
}

/// The same as [`graphs`], with packages in a given order, three of which are members.
pub(crate) fn graphs_of(packages: [&'static str; 9]) -> impl Strategy<Value = String> {
    let ends = (0..packages.len(), 0..packages.len());
    let members: Vec<&str> = packages.into_iter().filter(|name| name.starts_with('*')).collect();
    let edge = (ends, 0..6usize).prop_map(move |((from, to), kind)| {
        let name = |index: usize| packages[index].trim_start_matches(['*', '.', '/']);
        let (from, to) = if kind < 5 && from > to { (to, from) } else { (from, to) };
        match (from == to, kind) {
            (true, _) => packages[from].to_owned(),
            (_, 0..4) => format!("{} -> {}", packages[from], name(to)),
            (_, 4) => format!("{} => {}", packages[from], name(to)),
            // Only members have development dependencies.
            _ => format!("{} ~> {}", members[from % 3], packages[to]),
        }
    });
    prop::collection::vec(edge, 0..14).prop_map(|edges| format!("*app -> a 3\n{}", edges.join("\n")))
}

fn names() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["D", "D", "D", "R", "crypto", "fz", "fz, D", "R, D", "crypto, fz", ""])
}

fn crates() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "a", "a", "a", "b", "b", "c", "here", "lib", "other"])
}

/// An entry about one of a few versions of one of a few crates.
fn entry() -> impl Strategy<Value = String> {
    let sources = prop::sample::select(vec!["", "", "p: ", "+ p: ", "q: ", "+ q: "]);
    let audit = (sources.clone(), crates(), 0..4u8, 1..4u8, any::<bool>(), names()).prop_map(
        |(source, name, from, to, private, names)| {
            let kind = if private && source.is_empty() { "private" } else { "audit" };
            let from = if from == 0 { String::new() } else { format!("{from} -> ") };
            format!("{source}{kind} {name} {from}{to}: {names}")
        },
    );
    let wildcard =
        (sources, crates(), 7..9u8, 1..6u8, names()).prop_map(|(source, name, user, end, names)| {
            format!("{source}wildcard {name} by {user} in 2..{end}: {names}")
        });
    let trusted = (crates(), 7..9u8, names())
        .prop_map(|(name, user, names)| format!("trusted {name} by {user} in 2..5: {names}"));
    let exemption =
        (prop::bool::weighted(0.3), crates(), 1..4u8, names()).prop_map(|(quiet, name, version, names)| {
            format!("{} {name} {version}: {names} # note", if quiet { "unsuggested" } else { "exemption" })
        });
    let fresh = || prop::sample::select(vec!["", "+ "]);
    let release =
        (fresh(), crates(), 1..4u8, 7..9u8, 1..6u8).prop_map(|(fresh, name, version, user, day)| {
            format!("{fresh}release {name} {version} by {user} on {day}")
        });
    let alias = (fresh(), crates(), 1..4u8, 1..4u8)
        .prop_map(|(fresh, name, version, base)| format!("{fresh}alias {name} {version} as {base}"));
    prop_oneof![8 => audit, 2 => wildcard, 1 => trusted, 4 => exemption, 3 => release, 2 => alias]
}

fn violation() -> impl Strategy<Value = String> {
    let source =
        prop::sample::select(vec!["violation", "private-violation", "p: violation", "+ q: violation"]);
    let range = prop::sample::select(vec!["=1.0.0", "2", ">2", "*"]);
    (source, crates(), range, names())
        .prop_map(|(source, name, range, names)| format!("{source} {name} {range}: {names}"))
}

/// Policies, each about something else.
fn policies() -> impl Strategy<Value = Vec<String>> {
    let subjects = [
        "app criteria",
        "app dev-criteria",
        "app dependency-criteria.a",
        "app dependency-criteria.lib",
        "lib criteria",
        "lib dev-criteria",
        "lib dependency-criteria.a",
        "tool dependency-criteria.here",
        "\"a:3.0.0\" criteria",
        "\"a:3.0.0\" dependency-criteria.b",
        "\"b:2.0.0\" criteria",
    ];
    let subset = prop::sample::subsequence(subjects.to_vec(), 0..4);
    let policies = (subset, prop::collection::vec(names(), 4), any::<bool>());
    policies.prop_map(|(subjects, names, audits_folder)| {
        let named = subjects.iter().zip(names).map(|(subject, names)| format!("policy {subject}: {names}"));
        named.chain(audits_folder.then(|| "policy here audit-as-crates-io".to_owned())).collect()
    })
}

/// The entries of a store. Most stores have no violations.
pub(crate) fn entries() -> impl Strategy<Value = Vec<String>> {
    let violations = prop_oneof![3 => Just(0..1usize), 1 => Just(1..3usize)];
    let violations = violations.prop_flat_map(|count| prop::collection::vec(violation(), count));
    (policies(), prop::collection::vec(entry(), 0..18), violations).prop_map(|lists| {
        let (policies, entries, violations) = lists;
        [policies, entries, violations].concat()
    })
}

fn loaded(graph: &str, entries: &[String]) -> (Graph, Loaded) {
    case(graph, &format!("{CRITERIA}{}", entries.join("\n")))
}

fn updated(graph: &Graph, loaded: &Loaded, mode: UpdateMode) -> Loaded {
    let resolver = Resolver::new(graph, &loaded.store, &loaded.criteria);
    let update = update(&resolver, |_| mode);
    Loaded { store: update.applied_to(&loaded.store), ..loaded.clone() }
}

/// A graph, and a part of it: some of its edges and what they lead to.
fn parts() -> impl Strategy<Value = (String, String)> {
    (graphs(), any::<u32>()).prop_map(|(whole, kept)| {
        let lines = whole.lines().enumerate();
        let kept = lines.filter(|(index, _)| kept >> (index % 32) & 1 == 1).map(|(_, line)| line);
        let part = format!("*app\n{}", kept.collect::<Vec<_>>().join("\n"));
        (whole, part)
    })
}

fn updated_part(whole: &Graph, part: &Graph, loaded: &Loaded, mode: UpdateMode) -> Loaded {
    let part = Resolver::new(part, &loaded.store, &loaded.criteria);
    let whole = Resolver::new(whole, &loaded.store, &loaded.criteria);
    let update = update_part(&part, Some(&whole), |_| mode);
    Loaded { store: update.applied_to(&loaded.store), ..loaded.clone() }
}

/// Returns the entries of a store that were not fetched in this run.
fn stored(store: &Store) -> Store {
    let mut store = store.clone();
    let Store { imports, fetched, .. } = &mut store;
    for (peer, file) in &mut imports.audits {
        let fresh = fetched.peers.entry(peer.clone()).or_default();
        fresh.audits.retain(&mut file.audits, |_, _, is_fresh| !is_fresh);
        fresh.wildcard_audits.retain(&mut file.wildcard_audits, |_, _, is_fresh| !is_fresh);
    }
    fetched.publisher.retain(&mut imports.publisher, |_, _, is_fresh| !is_fresh);
    fetched.unpublished.retain(&mut imports.unpublished, |_, _, is_fresh| !is_fresh);
    store
}

/// Returns the crates with a version that does not pass.
fn failing(graph: &Graph, loaded: &Loaded, store: &Store) -> BTreeSet<String> {
    let verdicts = resolve(graph, store, &loaded.criteria).verdicts.into_iter();
    let fails = |verdict: &Verdict| matches!(verdict, Verdict::Unvetted(_) | Verdict::Violation);
    let failing = verdicts.filter(|(_, verdict)| fails(verdict));
    failing.map(|(ix, _)| graph.package(ix).unwrap().name().to_owned()).collect()
}

fn modes() -> impl Strategy<Value = UpdateMode> {
    let goal = prop::sample::select(vec![Goal::Keep, Goal::Replace, Goal::Invent]);
    (goal, any::<[bool; 3]>()).prop_map(|(goal, [prune_exemptions, prune_audits, prune_imports])| {
        UpdateMode { goal, prune_exemptions, prune_audits, prune_imports }
    })
}

/// Returns the verdict on a package, by the rules for counting.
fn naive_verdict(graph: &Graph, store: &Store, package: Package<'_>) -> Result<&'static str, Set> {
    if has_conflict(store, package.name()) {
        return Ok("violation");
    }
    let (mut missing, mut uses_exemption, mut only_exemption) = (Set::new(), false, false);
    for criterion in required(graph, &store.config.policy, package) {
        match chain(store, package.name(), package.version(), &criterion, Goal::Keep) {
            None => drop(missing.insert(criterion)),
            Some(path) => {
                let is_exemption = |entry: &Entry| matches!(entry, Entry::Exemption(_));
                uses_exemption |= path.iter().any(is_exemption);
                only_exemption |=
                    path.iter().all(|entry| is_exemption(entry) || matches!(entry, Entry::Alias(_)));
            }
        }
    }
    match (missing.is_empty(), uses_exemption, only_exemption) {
        (false, ..) => Err(missing),
        (true, false, _) => Ok("fully"),
        (true, true, true) => Ok("exempted"),
        (true, true, false) => Ok("partially"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn requirements_are_those_of_the_rule(graph in graphs(), policies in policies()) {
        let (graph, loaded) = loaded(&graph, &policies);
        let requirements = Requirements::new(&graph, &loaded.store.config.policy, &loaded.criteria);
        for package in graph.packages() {
            prop_assert_eq!(package.is_root(), is_root(&graph, package));
            let found = requirements.of(package.ix()).iter().map(|index| loaded.criteria.name(index).to_owned());
            prop_assert_eq!(found.collect::<Set>(), required(&graph, &loaded.store.config.policy, package));
        }
    }

    #[test]
    fn verdicts_are_those_of_the_rule(graph in graphs(), entries in entries()) {
        let (graph, loaded) = loaded(&graph, &entries);
        let resolution = resolve(&graph, &loaded.store, &loaded.criteria);
        let third_party: Vec<_> = graph.packages().filter(Package::is_third_party).map(|it| it.ix()).collect();
        prop_assert_eq!(resolution.verdicts.iter().map(|(ix, _)| *ix).collect::<Vec<_>>(), third_party);
        for (ix, verdict) in &resolution.verdicts {
            let found = match verdict {
                Verdict::FullyAudited => Ok("fully"),
                Verdict::PartiallyAudited => Ok("partially"),
                Verdict::Exempted => Ok("exempted"),
                Verdict::Violation => Ok("violation"),
                Verdict::Unvetted(missing) => {
                    Err(missing.iter().map(|index| loaded.criteria.name(index).to_owned()).collect())
                }
            };
            prop_assert_eq!(found, naive_verdict(&graph, &loaded.store, graph.package(*ix).unwrap()));
        }
    }

    #[test]
    fn updates_are_those_of_the_rule(graph in graphs(), entries in entries(), mode in modes()) {
        let (graph, loaded) = loaded(&graph, &entries);
        let expected = Naive { graph: &graph, store: &loaded.store, mode }.updated();
        let found = updated(&graph, &loaded, mode).store;
        prop_assert_eq!(listed(&found), listed(&expected));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn what_was_invented_makes_everything_pass(graph in graphs(), entries in entries()) {
        let (graph, loaded) = loaded(&graph, &entries);
        let after = updated(&graph, &loaded, UpdateMode::REGENERATE_EXEMPTIONS);
        for (ix, verdict) in resolve(&graph, &after.store, &loaded.criteria).verdicts {
            let name = graph.package(ix).unwrap().name();
            // An invented exemption can contradict a violation that contradicted nothing before.
            let fails = matches!(verdict, Verdict::Unvetted(_));
            prop_assert!(!fails || has_conflict(&loaded.store, name), "{name}: {verdict:?}\n{}", listed(&after.store));
        }
    }

    /// This holds even if everything that can be removed is removed. A crate passes if all of its
    /// versions pass.
    #[test]
    fn crates_that_pass_still_pass_after_an_update(graph in graphs(), entries in entries(), mode in modes()) {
        let (graph, loaded) = loaded(&graph, &entries);
        let failing = |store: &Store| failing(&graph, &loaded, store);
        let (before, after) = (failing(&loaded.store), failing(&updated(&graph, &loaded, mode).store));
        prop_assert!(mode.goal == Goal::Invent || after.is_subset(&before), "{before:?}, then {after:?}");
    }

    /// Crates that pass with the stored entries, also in the larger graph, still pass. Fetched
    /// entries may contradict them.
    #[test]
    fn crates_of_a_larger_graph_that_pass_still_pass((whole, part) in parts(), entries in entries(), mode in modes()) {
        let ((whole, loaded), (part, _)) = (loaded(&whole, &entries), self::loaded(&part, &entries));
        let after = updated_part(&whole, &part, &loaded, mode).store;
        let is_agreed = |name: &&String| !has_conflict(&loaded.store, name) && !has_conflict(&after, name);
        let before = failing(&whole, &loaded, &stored(&loaded.store));
        let worse: Vec<String> = failing(&whole, &loaded, &after).difference(&before).filter(is_agreed).cloned().collect();
        prop_assert!(worse.is_empty(), "{worse:?}\n{}", listed(&after));
        let before = failing(&part, &loaded, &loaded.store);
        let worse: Vec<String> = failing(&part, &loaded, &after).difference(&before).filter(is_agreed).cloned().collect();
        prop_assert!(worse.is_empty(), "{worse:?}\n{}", listed(&after));
    }

    /// The larger graph keeps stored entries from being removed, and changes nothing else.
    #[test]
    fn a_larger_graph_adds_nothing((whole, part) in parts(), entries in entries(), mode in modes()) {
        let ((whole, loaded), (part, _)) = (loaded(&whole, &entries), self::loaded(&part, &entries));
        let alone = updated(&part, &loaded, mode).store;
        let both = updated_part(&whole, &part, &loaded, mode).store;
        prop_assert_eq!(&updated_part(&part, &part, &loaded, mode).store, &alone);
        let imports = |store: &Store| -> BTreeSet<String> {
            let (imports, fetched) = (store.imports.clone(), store.fetched.clone());
            let store = Store { imports, fetched, ..Store::default() };
            listed(&store).lines().filter(|line| !line.ends_with(": nothing")).map(str::to_owned).collect()
        };
        let allowed: BTreeSet<String> = imports(&alone).union(&imports(&stored(&loaded.store))).cloned().collect();
        prop_assert!(imports(&alone).is_subset(&imports(&both)), "{}\n{}", listed(&alone), listed(&both));
        let added: Vec<String> = imports(&both).difference(&allowed).cloned().collect();
        prop_assert!(added.is_empty(), "{added:?}");
    }

    /// The order of entries, and what the store has already, decide which of two equally good
    /// entries is taken. So this property holds for a store after a check: sorted, without new
    /// entries. Regenerating can change the store once more, to rely on exemptions that it invented
    /// or widened the first time.
    #[test]
    fn updates_that_are_repeated_change_nothing(graph in graphs(), entries in entries()) {
        let (graph, loaded) = loaded(&graph, &entries);
        let again = |loaded: &Loaded, mode| updated(&graph, loaded, mode);
        let checked = again(&loaded, UpdateMode::CHECK);
        for mode in [UpdateMode::PRUNE, UpdateMode { goal: Goal::Keep, ..UpdateMode::PRUNE }] {
            let once = again(&checked, mode);
            prop_assert_eq!(listed(&once.store), listed(&again(&once, mode).store), "{:?}", mode);
        }
        prop_assert_eq!(listed(&checked.store), listed(&again(&checked, UpdateMode::CHECK).store));
        let mode = UpdateMode::REGENERATE_EXEMPTIONS;
        let twice = again(&again(&checked, mode), mode);
        prop_assert_eq!(listed(&twice.store), listed(&again(&twice, mode).store));
    }

    #[test]
    fn the_order_of_entries_does_not_matter(
        graph in graphs(),
        (entries, shuffled) in entries().prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())),
    ) {
        let ((graph, one), (_, other)) = (loaded(&graph, &entries), loaded("", &shuffled));
        let verdicts = |loaded: &Loaded| resolve(&graph, &loaded.store, &loaded.criteria);
        prop_assert_eq!(verdicts(&one), verdicts(&other));
    }
}
