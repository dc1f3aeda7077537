//! Compares the answer for a graph that has only the needed facts with the answer for the graph
//! that cargo reports.

use std::collections::BTreeSet;

use proptest::prelude::*;
use vet_graph::{Graph, GraphData, Package, PackageData, PackageIx};
use vet_resolver::{Conclusion, PolicyProblems, Resolver, Verdict};
use vet_store::Loaded;
use vet_testing::{graph_data, graph_under};

use crate::case;
use crate::naive::CRITERIA;
use crate::properties::{entries, graphs_of};

/// Packages by name and version.
type Names = BTreeSet<String>;

fn name(package: Package<'_>) -> String {
    format!("{} {}", package.name(), package.version())
}

/// Builds the graph from the known facts, where some packages are not libraries. If all facts are
/// known, it is cargo's graph.
fn known(data: &GraphData, no_libraries: &Names, asked: &Names, loaded: &Loaded) -> Graph {
    let is_asked = |package: &PackageData| asked.contains(&format!("{} {}", package.name, package.version));
    let is_none =
        |package: &PackageData| no_libraries.contains(&format!("{} {}", package.name, package.version));
    let mut data = data.clone();
    for package in &mut data.packages {
        package.maybe_no_library &= !is_asked(package);
    }
    let left_out: Vec<bool> =
        data.packages.iter().map(|package| is_asked(package) && is_none(package)).collect();
    let is_left_out = |to: &usize| left_out.get(*to) == Some(&true);
    let mut pending: Vec<usize> =
        (0..data.packages.len()).filter(|index| data.packages[*index].is_member).collect();
    let mut reached = vec![false; data.packages.len()];
    while let Some(index) = pending.pop() {
        if !std::mem::replace(&mut reached[index], true) {
            let package = &data.packages[index];
            let all = package.normal.iter().chain(&package.build).chain(&package.dev).copied();
            pending.extend(all.filter(|to| !is_left_out(to)));
        }
    }
    let number = |to: &usize| {
        let before = reached[..*to].iter().filter(|is_reached| **is_reached).count();
        (reached[*to] && !is_left_out(to)).then_some(before)
    };
    let kept = data.packages.iter().zip(&reached).filter(|(_, is_reached)| **is_reached);
    let packages = kept.map(|(package, _)| PackageData {
        normal: package.normal.iter().filter_map(number).collect(),
        build: package.build.iter().filter_map(number).collect(),
        dev: package.dev.iter().filter_map(number).collect(),
        ..package.clone()
    });
    let policies = &loaded.store.config.policy;
    Graph::new(GraphData { packages: packages.collect() }, |name, version| {
        policies.get(name, version).and_then(|policy| policy.audit_as_crates_io) == Some(true)
    })
}

/// Returns the whole answer for a graph, except how packages pass.
fn said(graph: &Graph, loaded: &Loaded) -> String {
    let resolver = Resolver::new(graph, &loaded.store, &loaded.criteria);
    let resolution = resolver.decide();
    let shown = |ix: PackageIx| {
        let package = graph.package(ix).unwrap();
        let parents = package.reverse_deps().iter().map(|&ix| name(graph.package(ix).unwrap()));
        let required: Vec<usize> = resolver.required(ix).iter().collect();
        format!("{} below {:?} has to meet {required:?}", name(package), parents.collect::<Vec<_>>())
    };
    let mut said = vec![format!("{:?}", resolution.conclusion)];
    for (ix, verdict) in &resolution.verdicts {
        match verdict {
            Verdict::Unvetted(missing) => {
                said.push(format!("{} lacks {:?}", shown(*ix), missing.iter().collect::<Vec<_>>()));
            }
            Verdict::Violation => said.push(format!("{} is forbidden", shown(*ix))),
            Verdict::FullyAudited | Verdict::PartiallyAudited | Verdict::Exempted => {}
        }
    }
    let in_use = resolver.violations_in_use();
    said.extend(
        in_use.into_iter().map(|it| format!("{} {:?} {:?}", shown(it.package), it.source, it.violation)),
    );
    let (members, packages) = resolver.weakened();
    said.extend(members.into_iter().map(|ix| format!("weak: {}", shown(ix))));
    said.extend(packages.into_iter().map(|ix| format!("weakened: {}", shown(ix))));
    said.push(format!("{:?}", PolicyProblems::find(graph, &loaded.store.config.policy)));
    let own = graph.packages().filter(|package| !package.is_third_party());
    said.extend(own.map(|package| format!("{} {}", shown(package.ix()), package.is_root())));
    said.join("\n")
}

/// Returns the facts that are looked up, starting from a graph without facts.
fn find_out(data: &GraphData, no_libraries: &Names, loaded: &Loaded) -> (Graph, Names) {
    let mut asked = Names::new();
    loop {
        let graph = known(data, no_libraries, &asked, loaded);
        let resolver = Resolver::new(&graph, &loaded.store, &loaded.criteria);
        let open = resolver.unsettled(&resolver.decide(), []);
        if open.is_empty() {
            return (graph, asked);
        }
        asked.extend(open.into_iter().map(|ix| name(graph.package(ix).unwrap())));
    }
}

/// The packages from crates.io of a graph, which may or may not be libraries.
fn unknown(text: &str) -> GraphData {
    let mut data = graph_data(text);
    for package in &mut data.packages {
        package.maybe_no_library = package.source == vet_graph::PackageSource::CratesIo;
    }
    data
}

/// With a patch, published packages can need members.
const PACKAGES: [&str; 9] = ["*app", "a 3", "*lib", "b 2", "*tool", "./here", "a 2", "b 1", "c 2"];

fn no_libraries() -> impl Strategy<Value = Names> {
    let names = prop::sample::subsequence(vec!["a 3.0.0", "a 2.0.0", "b 2.0.0", "b 1.0.0", "c 2.0.0"], 0..4);
    names.prop_map(|names| names.into_iter().map(str::to_owned).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_found_out_is_enough(
        text in graphs_of(PACKAGES),
        entries in entries(),
        no_libraries in no_libraries(),
    ) {
        let (_, loaded) = case(&text, &format!("{CRITERIA}{}", entries.join("\n")));
        let data = unknown(&text);
        let everything = data.packages.iter().map(|it| format!("{} {}", it.name, it.version)).collect();
        let cargos = known(&data, &no_libraries, &everything, &loaded);
        let (graph, asked) = find_out(&data, &no_libraries, &loaded);
        prop_assert_eq!(said(&graph, &loaded), said(&cargos, &loaded), "asked about {:?}", asked);
    }

    /// The property also holds before any fact is known, and if missing facts make members roots.
    #[test]
    fn what_passes_with_less_known_passes_with_all(
        text in graphs_of(PACKAGES),
        entries in entries(),
        no_libraries in no_libraries(),
    ) {
        let (_, loaded) = case(&text, &format!("{CRITERIA}{}", entries.join("\n")));
        let data = unknown(&text);
        let everything = data.packages.iter().map(|it| format!("{} {}", it.name, it.version)).collect();
        let passes = |asked: &Names| {
            let graph = known(&data, &no_libraries, asked, &loaded);
            Resolver::new(&graph, &loaded.store, &loaded.criteria).decide().conclusion == Conclusion::Success
        };
        prop_assert!(!passes(&Names::new()) || passes(&everything));
    }
}

#[test]
fn only_what_leads_to_what_is_missing_is_asked_about() {
    let audits = "audit b 1: D\naudit c 1: D";
    for (text, store, expected) in [
        ("*app -> ?a, ?b\n a -> ?c", "audit a 1: D\naudit b 1: D\naudit c 1: D", ""),
        ("*app -> ?a, ?b\n b -> ?c", audits, "a"),
        ("*app -> ?a, ?b\n b -> a, ?c", audits, "a b"),
        ("*app -> ?a, ?b\n b -> ?c, *lib\n c -> a", &format!("{audits}\naudit a 1: D"), "b"),
        (
            "*app -> ?a, ?b\n b -> ?c",
            &format!("{audits}\naudit a 1: D\npolicy \"c:1.0.0\" criteria: D"),
            "b c",
        ),
        // A violation that contradicts nothing, because the publisher is trusted.
        (
            "*app -> ?b\n b -> ?c",
            "audit b 1: D\ntrusted c by 7 in 2..5: D\nrelease c 1 by 7 on 3\nviolation c *: R",
            "b c",
        ),
        // Without `a`, `b` must meet less than its exemption from the time when `lib` was a root.
        (
            "*app -> *lib\n lib -> ?b\n *tool -> ?a\n a -> b",
            "policy app criteria: R\naudit a 1: D\nexemption b 1: D",
            "a b",
        ),
    ] {
        let (_, loaded) = case(text, store);
        let graph = graph_under(&loaded.store, text);
        let resolver = Resolver::new(&graph, &loaded.store, &loaded.criteria);
        let open = resolver.unsettled(&resolver.decide(), []);
        let open: Vec<&str> = open.into_iter().map(|ix| graph.package(ix).unwrap().name()).collect();
        assert_eq!(open.join(" "), expected, "{text}\n{store}");
    }
}

/// A package that may be left out does not stop a member from being a root.
#[test]
fn members_stay_roots_until_more_is_known() {
    let store = "policy app criteria: R\naudit a 1: R\naudit b 1: R";
    for (text, expected) in [
        ("*app -> a\n a -> *lib\n lib -> b", Conclusion::Success),
        ("*app -> ?a\n a -> *lib\n lib -> b", Conclusion::Unvetted),
        ("*app\n *lib -> b", Conclusion::Unvetted),
    ] {
        let (graph, loaded) = case(text, store);
        assert_eq!(
            Resolver::new(&graph, &loaded.store, &loaded.criteria).decide().conclusion,
            expected,
            "{text}"
        );
    }
}
