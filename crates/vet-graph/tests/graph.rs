//! The facts that follow from the edges: order, roots, development-only packages, reverse
//! dependencies, and parts of a graph.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use vet_graph::{About, Graph, GraphData, Package, PackageData, PackageIx, PackageSource};
use vet_testing::{graph, graph_data};

/// One line per package: its name, its properties, and the packages that depend on it.
fn described(graph: &Graph) -> String {
    let line = |package: Package<'_>| {
        let mut line = package.name().to_owned();
        for (is_true, word) in [(package.is_root(), " root"), (package.is_dev_only(), " dev-only")] {
            line += if is_true { word } else { "" };
        }
        match names(graph, package.reverse_deps()).as_str() {
            "" => line,
            parents => format!("{line} <- {parents}"),
        }
    };
    graph.packages().map(line).collect::<Vec<_>>().join("\n")
}

fn names(graph: &Graph, list: &[PackageIx]) -> String {
    list.iter()
        .filter_map(|&ix| graph.package(ix))
        .map(|package| package.name())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn roots_and_what_only_development_needs() {
    let cases = [
        // Only members are roots, and only those that no package needs to be built.
        ("*app", "app root"),
        ("*app -> serde\n serde -> itoa", "app root\nitoa <- serde\nserde <- app"),
        ("*app => cc", "app root\ncc <- app"),
        ("*a -> *b\n *b -> *c\n *d", "a root\nb <- a\nc <- b\nd root"),
        ("*app => *codegen", "app root\ncodegen <- app"),
        ("*app -> ./outside\n outside -> *lib", "app root\nlib <- outside\noutside <- app"),
        // A member that is needed for development only is still a root.
        ("*app ~> *testutil\n testutil -> memchr", "app root\nmemchr <- testutil\ntestutil root <- app"),
        ("*app ~> *testutil\n *lib -> testutil", "app root\nlib root\ntestutil <- app lib"),
        ("*a ~> *a", "a root <- a"),
        // Development-only packages: what development needs, and what those packages need to be
        // built, unless something else needs it to be built.
        ("*app ~> insta\n insta => console", "app root\nconsole dev-only <- insta\ninsta dev-only <- app"),
        (
            "*app ~> insta\n insta -> serde, similar\n app -> serde",
            "app root\ninsta dev-only <- app\nserde <- app insta\nsimilar dev-only <- insta",
        ),
        ("*app -> serde\n app ~> serde\n app => serde", "app root\nserde <- app"),
        ("*app ~> serde\n *lib => serde", "app root\nlib root\nserde <- app lib"),
        // Roots are decided before packages that only development needs are visited, even if such a
        // package needs a member.
        ("*a ~> b\n b -> *a", "a root <- b\nb dev-only <- a"),
        ("*a ~> b\n b -> c\n c -> *a", "a root <- c\nb dev-only <- a\nc dev-only <- b"),
        // A member that needs it is a real parent.
        ("*a ~> *b\n b -> *a", "a <- b\nb root <- a"),
        ("*a ~> *b\n b ~> *a", "a root <- b\nb root <- a"),
        // A member is not a root if a package needs it that is certainly in the graph.
        ("*a -> ?b\n b -> *c", "a root\nb <- a\nc root <- b"),
        ("*a -> ?b\n b -> d\n d -> *c", "a root\nb <- a\nc root <- d\nd <- b"),
        ("*a -> ?b, d\n b -> d\n d -> *c", "a root\nb <- a\nc <- d\nd <- a b"),
        ("*a -> d\n *e ~> ?b\n b -> *c\n d -> c", "a root\nb dev-only <- e\nc <- b d\nd <- a\ne root"),
        // Cargo refuses such cycles. The walk must end anyway.
        ("*a -> *b\n b -> *a", "a <- b\nb <- a"),
        ("*a -> b\n b -> b, a", "a <- b\nb <- a b"),
    ];
    for (text, expected) in cases {
        assert_eq!(described(&graph(text)), expected, "{text}");
    }
}

#[test]
fn what_decides_about_packages() {
    let cases = [
        ("*app -> ?a\n a -> ?b\n b -> c\n app -> ?d, c", "c", "a b"),
        ("*app -> ?a\n a -> ?b\n b -> c\n app -> ?d, c", "a d", "a d"),
        ("*app -> ?a\n a -> ?b\n b -> c\n app -> ?d, c", "app", ""),
        ("*app -> b, *lib\n lib ~> ?a\n a -> b", "b", "a"),
        ("*app -> ?a\n a -> *lib\n *tool -> ?b\n lib ~> b", "b", "a b"),
    ];
    for (text, of, expected) in cases {
        let graph = graph(text);
        let of = graph.packages().filter(|package| of.split(' ').any(|name| name == package.name()));
        let of: Vec<PackageIx> = of.map(|package| package.ix()).collect();
        assert_eq!(names(&graph, &graph.maybe_no_libraries_above(of)), expected, "{text}");
    }
}

#[test]
fn order() {
    let cases = [
        ("*app -> b, a\n a -> c\n b -> c", "c a b app"),
        ("*app -> a\n a => b", "b a app"),
        // Packages that only development needs come last.
        ("*app ~> a, b\n app -> z\n b -> z, y", "z app a y b"),
        ("*a ~> b\n b -> *a", "a b"),
        ("*a ~> *b\n b -> *a", "a b"),
        ("*b ~> *a\n a -> *b", "b a"),
    ];
    for (text, expected) in cases {
        let graph = graph(text);
        assert_eq!(names(&graph, graph.order()), expected, "{text}");
    }
}

#[test]
fn lists_of_dependencies() {
    let graph = graph(
        "*app -> both, twice, normal
         app => both, twice, build
         app ~> dev, twice",
    );
    let app = graph.packages().next().unwrap();
    for (list, expected) in [
        (app.normal_deps(), "both normal twice"),
        (app.build_deps(), "both build twice"),
        (app.dev_deps(), "dev twice"),
        (app.normal_and_build_deps(), "both build normal twice"),
        (app.all_deps(), "both build dev normal twice"),
    ] {
        assert_eq!(names(&graph, list), expected);
    }
}

/// A package that depends on another one under several names has one edge to it.
#[test]
fn an_edge_is_an_edge_however_often_it_is_written() {
    let mut data = graph_data("*app -> serde");
    data.packages[0].normal = vec![1, 1, 1];
    data.packages[0].build = vec![1, 7];
    let graph = Graph::new(data, |_, _| false);
    assert_eq!(described(&graph), "app root\nserde <- app");
    let app = graph.packages().next().unwrap();
    assert_eq!((app.normal_deps().len(), app.build_deps().len(), app.all_deps().len()), (1, 1, 1));
}

#[test]
fn packages_are_sorted_by_name_version_and_id() {
    const REV: &str = "0123456789abcdef0123456789abcdef01234567";
    let other = |text: &str| PackageSource::Other(text.to_owned());
    let at_rev = &*format!("0.10.0@git:{REV}");
    let sorted = [
        ("A", "9.0.0", PackageSource::CratesIo),
        ("a", "0.2.0", PackageSource::CratesIo),
        ("a", "0.10.0-rc.2", PackageSource::CratesIo),
        ("a", "0.10.0-rc.10", PackageSource::CratesIo),
        ("a", "0.10.0", PackageSource::Path),
        ("a", "0.10.0", other("registry+https://a.example/index")),
        ("a", "0.10.0", PackageSource::CratesIo),
        ("a", "0.10.0", other("registry+https://z.example/index")),
        ("a", "0.10.0", other("sparse+https://a.example/index/")),
        ("a", at_rev, other(&format!("git+https://git.example/a#{REV}"))),
        ("a", at_rev, other(&format!("git+https://git.example/a?branch=b#{REV}"))),
        ("a", at_rev, other(&format!("git+https://git.example/b#{REV}"))),
        ("a", "0.10.0+build", PackageSource::CratesIo),
        ("a-b", "0.1.0", PackageSource::CratesIo),
        ("a_b", "0.1.0", PackageSource::CratesIo),
        ("ab", "0.1.0", PackageSource::CratesIo),
    ];
    // Reversed as a whole, and in two halves.
    for start in [0, sorted.len() / 2] {
        let (before, after) = sorted.split_at(start);
        let packages = before.iter().rev().chain(after.iter().rev()).map(|(name, version, source)| {
            PackageData { version: version.parse().unwrap(), ..package(name, source.clone()) }
        });
        let graph = Graph::new(GraphData { packages: packages.collect() }, |_, _| false);
        let shown =
            |name: &str, version: &str, source: &PackageSource| format!("{name} {version} {source:?}");
        let found: Vec<String> =
            graph.packages().map(|p| shown(p.name(), &p.version().to_string(), p.source())).collect();
        let expected: Vec<String> =
            sorted.iter().map(|(name, version, source)| shown(name, version, source)).collect();
        assert_eq!(found, expected);
        assert!(graph.packages().enumerate().all(|(index, package)| package.ix() == PackageIx(index)));
    }
}

/// Sources are distinguished even if no builder would confuse them.
#[test]
fn sources_compare_equal_only_if_they_are() {
    let sources = [
        PackageSource::CratesIo,
        PackageSource::Path,
        PackageSource::Other("registry+https://github.com/".to_owned()),
        PackageSource::Other("path+file://".to_owned()),
        PackageSource::Other("git+https://git.example/a".to_owned()),
    ];
    for a in &sources {
        for b in &sources {
            assert_eq!(a.cmp(b).is_eq(), a == b, "{a:?} {b:?}");
        }
    }
}

#[test]
fn what_is_third_party() {
    let data = graph_data(
        "*app -> serde 1.0.0, serde 2.0.0, ./local, ./fork 1.0.0, ./fork 2.0.0, git+remote
         *lib",
    );
    let third_party = |audit_as: &[&str]| {
        let graph =
            Graph::new(data.clone(), |name, version| audit_as.contains(&&*format!("{name} {version}")));
        let shown = graph.packages().filter(Package::is_third_party);
        shown
            .map(|package| format!("{} {}", package.name(), package.version()))
            .collect::<Vec<_>>()
            .join(", ")
    };
    assert_eq!(third_party(&[]), "serde 1.0.0, serde 2.0.0");
    assert_eq!(third_party(&["fork 2.0.0"]), "fork 2.0.0, serde 1.0.0, serde 2.0.0");
    assert_eq!(
        third_party(&["app 1.0.0", "remote 1.0.0", "serde 1.0.0"]),
        "app 1.0.0, remote 1.0.0, serde 1.0.0, serde 2.0.0"
    );
}

#[test]
fn a_part_keeps_what_was_true_in_the_whole() {
    let whole = "*app -> *lib, serde\n *lib => cc\n app ~> insta\n insta -> console\n serde -> itoa";
    let cases = [
        (
            &[][..],
            "app root\ncc <- lib\nconsole dev-only <- insta\ninsta dev-only <- app\nitoa <- serde\n\
             lib <- app\nserde <- app",
        ),
        // `lib` does not become a root.
        (&["app"], "cc <- lib\nlib"),
        // The rest does not change when packages are removed.
        (&["lib", "serde"], "app root\nconsole dev-only <- insta\ninsta dev-only <- app"),
        (&["insta"], "app root\ncc <- lib\nitoa <- serde\nlib <- app\nserde <- app"),
        // Unreachable packages are removed too.
        (&["app", "lib"], ""),
        (&["app", "cc"], "lib"),
    ];
    for (without, expected) in cases {
        let part = graph(whole).filtered(|package| !without.contains(&package.name()));
        assert_eq!(described(&part), expected, "{without:?}");
        assert!(part.packages().enumerate().all(|(index, package)| package.ix() == PackageIx(index)));
    }

    let part = graph(whole).filtered(|package| package.name() != "serde");
    assert_eq!(names(&part, part.order()), "cc lib app console insta");
    let app = part.packages().next().unwrap();
    assert_eq!(names(&part, app.all_deps()), "insta lib");
    assert_eq!(names(&part, app.normal_deps()), "lib");
}

/// A package that passes is kept only if it is reachable.
#[test]
fn a_part_begins_at_members() {
    let part = graph("*app -> a\n a -> b\n *lib -> c").filtered(|package| package.name() != "a");
    assert_eq!(described(&part), "app root\nc <- lib\nlib root");
    let part = graph("*app ~> a\n a -> *lib\n lib -> b").filtered(|package| package.name() != "lib");
    assert_eq!(described(&part), "a dev-only <- app\napp root");
}

#[test]
fn depth_costs_no_stack() {
    const DEPTH: usize = 100_000;
    let chain = (0..DEPTH).map(|index| PackageData {
        is_member: index == 0,
        left_out: None,
        maybe_no_library: false,
        // From here on, only development needs the rest.
        dev: if index == 0 { vec![DEPTH / 2] } else { vec![] },
        normal: if index + 1 < DEPTH && index + 1 != DEPTH / 2 { vec![index + 1] } else { vec![] },
        ..package(&format!("p{index:06}"), PackageSource::CratesIo)
    });
    let data = GraphData { packages: chain.collect() };
    let work = || {
        let graph = Graph::new(data, |_, _| false);
        let built = graph.packages().filter(|package| !package.is_dev_only()).count();
        let part = graph.filtered(|_| true);
        (built, graph.order().len(), part.len())
    };
    let small = std::thread::Builder::new().stack_size(64 * 1024).spawn(work);
    assert_eq!(small.unwrap().join().unwrap(), (DEPTH / 2, DEPTH, DEPTH));
}

/// A package without edges, at version 1.0.0.
fn package(name: &str, source: PackageSource) -> PackageData {
    PackageData {
        name: name.to_owned(),
        version: semver::Version::new(1, 0, 0).into(),
        source,
        about: About::default(),
        folder: None,
        is_member: false,
        left_out: None,
        maybe_no_library: false,
        normal: vec![],
        build: vec![],
        dev: vec![],
    }
}

/// Packages where only members have development edges, and an order in which a builder might list
/// them.
fn data(cyclic: bool) -> impl Strategy<Value = (GraphData, Vec<usize>)> {
    let edges = || prop::collection::vec((0..10_usize, 0..10_usize), 0..14);
    let shuffled = Just((0..10).collect::<Vec<usize>>()).prop_shuffle();
    let members = prop::collection::vec(any::<bool>(), 10);
    (members, edges(), edges(), edges(), shuffled.clone(), shuffled).prop_map(
        move |(members, normal, build, dev, ranks, listing)| {
            let mut packages: Vec<PackageData> = members
                .iter()
                .enumerate()
                .map(|(index, &is_member)| PackageData {
                    is_member,
                    left_out: None,
                    maybe_no_library: false,
                    ..package(&format!("p{index}"), PackageSource::Path)
                })
                .collect();
            let is_possible = |from: usize, to: usize| cyclic || ranks.get(from) < ranks.get(to);
            for (index, package) in packages.iter_mut().enumerate() {
                let from_here = |&&(from, _): &&(usize, usize)| from == index;
                let to =
                    |edges: &[(usize, usize)]| edges.iter().filter(from_here).map(|&(_, to)| to).collect();
                let only_possible =
                    |to: Vec<usize>| to.into_iter().filter(|&to| is_possible(index, to)).collect();
                package.normal = only_possible(to(&normal));
                package.build = only_possible(to(&build));
                package.dev = if package.is_member { to(&dev) } else { vec![] };
            }
            (GraphData { packages }, listing)
        },
    )
}

/// The same packages in another order.
fn relisted(data: &GraphData, listing: &[usize]) -> GraphData {
    let position = |old: usize| listing.iter().position(|&other| other == old);
    let renumbered = |edges: &[usize]| edges.iter().rev().filter_map(|&old| position(old)).collect();
    let packages = listing.iter().filter_map(|&old| data.packages.get(old)).map(|package| PackageData {
        normal: renumbered(&package.normal),
        build: renumbered(&package.build),
        dev: renumbered(&package.dev),
        ..package.clone()
    });
    GraphData { packages: packages.collect() }
}

/// Everything that is reachable along the given edges, found by repeating until nothing is new.
fn reached(
    start: impl Iterator<Item = PackageIx>,
    edges: impl Fn(PackageIx) -> Vec<PackageIx>,
) -> BTreeSet<PackageIx> {
    let mut reached: BTreeSet<PackageIx> = start.collect();
    loop {
        let next: BTreeSet<PackageIx> = reached.iter().flat_map(|&ix| edges(ix)).collect();
        let before = reached.len();
        reached.extend(next);
        if reached.len() == before {
            return reached;
        }
    }
}

fn to_be_built(graph: &Graph, ix: PackageIx) -> Vec<PackageIx> {
    graph.package(ix).map_or_else(Vec::new, |package| package.normal_and_build_deps().to_vec())
}

proptest! {
    #[test]
    fn dependencies_come_before_dependents((data, _) in data(false)) {
        let graph = Graph::new(data, |_, _| false);
        let place: BTreeMap<PackageIx, usize> =
            graph.order().iter().enumerate().map(|(place, &ix)| (ix, place)).collect();
        for (&ix, &own) in &place {
            for dependency in to_be_built(&graph, ix) {
                prop_assert!(place.get(&dependency).is_some_and(|&its| its < own), "{ix:?} {dependency:?}");
            }
        }
    }

    #[test]
    fn all_follows_from_the_edges((data, listing) in data(true)) {
        let graph = Graph::new(data.clone(), |_, _| false);
        let members: Vec<Package<'_>> = graph.packages().filter(Package::is_member).collect();
        let built = reached(members.iter().map(Package::ix), |ix| to_be_built(&graph, ix));
        let developed = members.iter().flat_map(|member| member.dev_deps().iter().copied());
        let all = reached(built.iter().copied().chain(developed), |ix| to_be_built(&graph, ix));

        let order: BTreeSet<PackageIx> = graph.order().iter().copied().collect();
        prop_assert_eq!(graph.order().len(), all.len());
        prop_assert_eq!(&order, &all);
        prop_assert!(graph.order().iter().take(built.len()).all(|ix| built.contains(ix)));

        for package in graph.packages() {
            let ix = package.ix();
            let needs_it = |other: &Package<'_>| other.normal_and_build_deps().contains(&ix);
            let is_needed = graph.packages().any(|other| built.contains(&other.ix()) && needs_it(&other));
            prop_assert_eq!(package.is_root(), package.is_member() && !is_needed);
            prop_assert_eq!(package.is_dev_only(), !built.contains(&ix));
            let parents = graph.packages().filter(|other| {
                all.contains(&other.ix()) && needs_it(other) || other.dev_deps().contains(&ix)
            });
            prop_assert_eq!(package.reverse_deps(), parents.map(|other| other.ix()).collect::<Vec<_>>());
        }

        let again = Graph::new(relisted(&data, &listing), |_, _| false);
        prop_assert_eq!(described(&again), described(&graph));
        prop_assert_eq!(again.order(), graph.order());
    }

    #[test]
    fn a_part_is_what_is_reached((data, _) in data(true), passing in prop::collection::vec(any::<bool>(), 10)) {
        let whole = Graph::new(data, |_, _| false);
        let passes = |ix: PackageIx| passing.get(ix.0) == Some(&true);
        let members = whole.packages().filter(|package| package.is_member() && passes(package.ix()));
        let kept = reached(members.map(|package| package.ix()), |ix| {
            let all = whole.package(ix).map_or(&[][..], |package| package.all_deps());
            all.iter().copied().filter(|&ix| passes(ix)).collect()
        });
        let part = whole.filtered(|package| passes(package.ix()));
        let in_both: Vec<(PackageIx, Package<'_>)> = kept.iter().copied().zip(part.packages()).collect();
        prop_assert_eq!(in_both.len(), part.len());
        prop_assert_eq!(in_both.len(), kept.len());
        let kept_of = |list: &[PackageIx]| {
            let kept: Vec<PackageIx> = list.iter().copied().filter(|ix| kept.contains(ix)).collect();
            names(&whole, &kept)
        };
        prop_assert_eq!(names(&part, part.order()), kept_of(whole.order()));
        for (ix, package) in in_both {
            let Some(before) = whole.package(ix) else { continue };
            prop_assert_eq!(package.name(), before.name());
            prop_assert_eq!(
                (package.is_root(), package.is_dev_only(), package.is_member(), package.is_third_party()),
                (before.is_root(), before.is_dev_only(), before.is_member(), before.is_third_party())
            );
            for (now, then) in [
                (package.normal_deps(), before.normal_deps()),
                (package.build_deps(), before.build_deps()),
                (package.dev_deps(), before.dev_deps()),
                (package.normal_and_build_deps(), before.normal_and_build_deps()),
                (package.all_deps(), before.all_deps()),
                (package.reverse_deps(), before.reverse_deps()),
            ] {
                prop_assert_eq!(names(&part, now), kept_of(then));
            }
        }
    }
}
