//! What is required of each package.

use vet_resolver::Requirements;

use crate::case;

/// Returns what each third-party package must meet, in minimal form: `D` is safe-to-deploy, `R` is
/// safe-to-run, `-` is nothing.
fn required(graph: &str, store: &str) -> String {
    let (graph, loaded) = case(graph, store);
    let requirements = Requirements::new(&graph, &loaded.store.config.policy, &loaded.criteria);
    let shown = graph.packages().filter(|package| package.is_third_party()).map(|package| {
        let names = loaded.criteria.minimal_names(requirements.of(package.ix()));
        let names = match names.join("+").replace("safe-to-deploy", "D").replace("safe-to-run", "R") {
            names if names.is_empty() => "-".to_owned(),
            names => names,
        };
        let others = graph.packages().filter(|other| other.name() == package.name()).count() > 1;
        let version = if others { format!(" {}", package.version()) } else { String::new() };
        format!("{}{version}: {names}", package.name())
    });
    shown.collect::<Vec<_>>().join(", ")
}

#[track_caller]
fn check(graph: &str, policies: &str, expected: &str) {
    let store = format!("criterion crypto: D\ncriterion fuzzed\ncriterion lic\n{policies}");
    assert_eq!(required(graph, &store), expected, "under\n{policies}");
}

/// An example: `app` and `util` are roots, `lib` is a member that `app` needs.
const EXAMPLE: &str = "
    *app -> *lib, either
    *app ~> fnv, itoa, *util
    *app => vc
    lib -> itoa, lock_api 0.4.12
    lock_api 0.4.12 => autocfg
    lock_api 0.4.12 -> scopeguard
    lib ~> ryu, app
    util -> memchr
";

#[test]
fn the_worked_example() {
    check(
        EXAMPLE,
        "",
        "autocfg: D, either: D, fnv: R, itoa: D, lock_api: D, memchr: D, ryu: R, scopeguard: D, vc: D",
    );
    check(
        EXAMPLE,
        "policy lib criteria: fuzzed",
        "autocfg: fuzzed, either: D, fnv: R, itoa: R+fuzzed, lock_api: fuzzed, memchr: D, ryu: R, \
         scopeguard: fuzzed, vc: D",
    );
    check(
        EXAMPLE,
        "policy app dependency-criteria.lib: fuzzed
         policy app dependency-criteria.my-e: lic
         policy app dependency-criteria.either: crypto
         policy app dependency-criteria.vc:
         policy app dependency-criteria.fnv: lic
         policy app dependency-criteria.itoa:",
        "autocfg: fuzzed, either: crypto, fnv: lic, itoa: fuzzed, lock_api: fuzzed, memchr: D, ryu: R, \
         scopeguard: fuzzed, vc: -",
    );
    check(
        EXAMPLE,
        "policy app criteria:
         policy app dev-criteria: lic",
        "autocfg: -, either: -, fnv: lic, itoa: lic, lock_api: -, memchr: D+lic, ryu: R, scopeguard: -, vc: -",
    );
    check(
        EXAMPLE,
        "policy \"lock_api:0.4.12\" criteria: fuzzed
         policy \"lock_api:0.4.12\" dependency-criteria.autocfg: lic",
        "autocfg: lic, either: D, fnv: R, itoa: D, lock_api: fuzzed, memchr: D, ryu: R, scopeguard: fuzzed, \
         vc: D",
    );
    check(
        EXAMPLE,
        "policy app criteria: fuzzed, lic, R, crypto",
        "autocfg: crypto+fuzzed+lic, either: crypto+fuzzed+lic, fnv: R, itoa: crypto+fuzzed+lic, \
         lock_api: crypto+fuzzed+lic, memchr: D, ryu: R, scopeguard: crypto+fuzzed+lic, vc: crypto+fuzzed+lic",
    );
}

#[test]
fn criteria_of_a_package_are_absolute() {
    let graph = "*app -> a\n*tool -> a\n*app ~> a";
    check(graph, "policy \"a:1.0.0\" criteria: R", "a: R");
    check(graph, "policy \"a:1.0.0\" criteria: lic", "a: lic");
    check(graph, "policy \"a:1.0.0\" criteria:", "a: -");
    // The default of a root, and what reaches a member from the members that need it.
    check("*app -> a", "policy app criteria: lic", "a: lic");
    check("*app -> *lib\nlib -> a", "policy lib criteria: lic", "a: lic");
    // A member that is not a root adds nothing of its own to what it inherits.
    check("*app -> *lib\nlib -> a", "policy app criteria: fuzzed", "a: fuzzed");
}

#[test]
fn dependency_criteria_replace_what_comes_along_one_edge() {
    // Other dependents still add their requirements.
    check("*app -> a\n*tool -> a", "policy app dependency-criteria.a: lic", "a: D+lic");
    check(
        "*app -> a\n*tool -> a",
        "policy app dependency-criteria.a: lic\npolicy tool dependency-criteria.a: fuzzed",
        "a: fuzzed+lic",
    );
    // Edges of all kinds, and all versions of the dependency.
    check("*app -> a\n*app => b\n*app ~> c", "policy app dependency-criteria.a: lic", "a: lic, b: D, c: R");
    check("*app -> a\n*app => b\n*app ~> c", "policy app dependency-criteria.b: lic", "a: D, b: lic, c: R");
    check("*app -> a\n*app => b\n*app ~> c", "policy app dependency-criteria.c: lic", "a: D, b: D, c: lic");
    check(
        "*app -> a 1, a 2\n*app ~> a 3",
        "policy app dependency-criteria.a: lic",
        "a 1.0.0: lic, a 2.0.0: lic, a 3.0.0: lic",
    );
    // The criteria themselves are not inherited, but what follows from them is.
    check("*app -> a\na -> b", "policy app dependency-criteria.b: lic", "a: D, b: D");
    check("*app -> a\na -> b\nb => c", "policy app dependency-criteria.a: lic", "a: lic, b: lic, c: lic");
    // Each edge counts separately if a package is needed directly and through another package.
    check("*app -> a, b\na -> b", "policy app dependency-criteria.b: lic", "a: D, b: D+lic");
}

#[test]
fn empty_lists_are_not_absent_ones() {
    let graph = "*app -> a\n*app ~> b";
    check(graph, "", "a: D, b: R");
    check(graph, "policy app criteria:", "a: -, b: R");
    check(graph, "policy app dev-criteria:", "a: D, b: -");
    check(graph, "policy app dependency-criteria.a:", "a: -, b: R");
    check(graph, "policy app dependency-criteria.b:", "a: D, b: -");
}

#[test]
fn dev_criteria_belong_to_the_member_that_owns_the_edge() {
    // The default applies to every member, including members that are not roots.
    check("*app -> *lib\nlib ~> a", "", "a: R");
    check("*app -> *lib\nlib ~> a", "policy app dev-criteria: lic", "a: R");
    check("*app -> *lib\nlib ~> a", "policy lib dev-criteria: lic", "a: lic");
    // The criteria of the member do not matter, and do not pass through to a second level of
    // development.
    check("*app ~> a", "policy app criteria: fuzzed", "a: R");
    check("*app ~> *lib\nlib ~> a\nlib -> b", "", "a: R, b: D");
    check("*app ~> a\na -> b", "policy app dev-criteria: lic, fuzzed", "a: fuzzed+lic, b: fuzzed+lic");
}

#[test]
fn members_that_only_development_needs_are_roots() {
    check("*app ~> *testing\ntesting -> a", "", "a: D");
    check("*app -> *testing\ntesting -> a", "policy app criteria: R", "a: R");
    // A cycle through development does not stop roots from being roots.
    check("*app ~> *testing\ntesting -> app, a", "", "a: D");
    check("*app ~> ./testing\n./testing -> app, a", "", "a: R");
}

#[test]
fn edges_of_development_may_form_cycles() {
    // `app` passes on its own requirements only after it has received those of `testing`.
    check("*app -> a\n*app ~> *testing\ntesting -> app", "policy testing criteria: crypto", "a: crypto");
    check("*app -> a\n*app ~> *testing\ntesting -> app", "policy app criteria: lic", "a: lic");
}

#[test]
fn build_dependencies_and_packages_of_other_sources_are_treated_alike() {
    check("*app => a\na => b", "", "a: D, b: D");
    // Packages from folders and from git pass on their requirements, but are not audited.
    check("*app -> ./here\n./here -> a", "", "a: D");
    check("*app -> git+g 1@git:7\ngit+g 1@git:7 -> a", "policy g criteria: lic", "a: lic");
    check(
        "*app -> ./here\n./here -> a",
        "policy here audit-as-crates-io\npolicy here criteria: lic",
        "a: lic, here: lic",
    );
    check(
        "*app -> git+g 1@git:7",
        "policy \"g:1.0.0@git:7777777777777777777777777777777777777777\" \
         audit-as-crates-io",
        "g: D",
    );
}

#[test]
fn policies_with_versions_apply_to_these_versions_only() {
    let graph = "*app -> a 1, a 2\na 1 -> b\na 2 -> c";
    check(graph, "policy \"a:1.0.0\" criteria: lic", "a 1.0.0: lic, a 2.0.0: D, b: lic, c: D");
    check(
        graph,
        "policy \"a:1.0.0\" dependency-criteria.b: lic\npolicy \"a:2.0.0\" dependency-criteria.b: fuzzed",
        "a 1.0.0: D, a 2.0.0: D, b: lic, c: D",
    );
}

#[test]
fn unreachable_packages_need_nothing() {
    check("*app -> a\nb -> a", "", "a: D, b: -");
    // `default-criteria` is only for commands that record an entry.
    let (graph, mut loaded) = case("*app -> a", "criterion lic");
    loaded.store.config.default_criteria = "lic".to_owned();
    let requirements = Requirements::new(&graph, &loaded.store.config.policy, &loaded.criteria);
    let a = graph.packages().find(|package| package.name() == "a").unwrap();
    assert_eq!(loaded.criteria.minimal_names(requirements.of(a.ix())), ["safe-to-deploy"]);
}

#[test]
fn a_filter_leaves_roots_what_they_are() {
    let (graph, loaded) = case("*app -> *lib, a\nlib -> b", "");
    let required = |dropped: &str| {
        let graph = graph.filtered(|package| package.name() != dropped);
        let requirements = Requirements::new(&graph, &loaded.store.config.policy, &loaded.criteria);
        let shown = graph.packages().filter(|package| package.is_third_party()).map(|package| {
            format!(
                "{}: {}",
                package.name(),
                loaded.criteria.minimal_names(requirements.of(package.ix())).join("+")
            )
        });
        shown.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(required("none"), "a: safe-to-deploy, b: safe-to-deploy");
    assert_eq!(required("lib"), "a: safe-to-deploy");
    assert_eq!(required("app"), "b: ");
}

/// Returns members that pass on less than before, and the packages that have to meet less.
/// Exemptions show the earlier requirements.
#[test]
fn members_that_are_no_roots_any_more() {
    let weakened = |graph: &str, store: &str| {
        let (graph, loaded) = case(graph, store);
        let (members, packages) =
            vet_resolver::Resolver::new(&graph, &loaded.store, &loaded.criteria).weakened();
        let names = |list: Vec<vet_graph::PackageIx>| {
            let names = list.into_iter().filter_map(|ix| Some(graph.package(ix)?.name().to_owned()));
            names.collect::<Vec<_>>().join(" ")
        };
        format!("{}: {}", names(members), names(packages))
    };
    let graph = "*a -> itoa\n*b -> a";
    let policy = "policy b criteria: R\n";
    for (graph, store, expected) in [
        (graph, "exemption itoa 1: D", "a: itoa"),
        (graph, "exemption itoa 1: R", ": "),
        (graph, "", ": "),
        (graph, "exemption itoa 2: D", ": "),
        // An audit often certifies more than is required.
        (graph, "audit itoa 1: D", ": "),
        // The policy of the member states an intention.
        (graph, "policy a criteria: R\nexemption itoa 1: D", ": "),
        // The package still has to meet as much for another reason, or the member is still a root.
        ("*a -> itoa\n*b -> a\n*c -> itoa", "exemption itoa 1: D", ": "),
        ("*a -> itoa\n*b ~> a", "exemption itoa 1: D", ": "),
        ("*a -> itoa\n*b -> a\n*c -> a", "exemption itoa 1: D", ": "),
        // Only the member that makes the difference is named.
        ("*a -> itoa\n*b -> a, other\n*other -> fnv", "exemption itoa 1: D\nexemption fnv 1: R", "a: itoa"),
    ] {
        assert_eq!(weakened(graph, &format!("{policy}{store}")), expected, "{graph}\n{store}");
    }
    // Without a policy, no requirement is weaker.
    assert_eq!(weakened(graph, "exemption itoa 1: D"), ": ");
}
