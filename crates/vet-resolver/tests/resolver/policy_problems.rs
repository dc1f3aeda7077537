//! Whether the policies fit the graph.

use vet_resolver::PolicyProblems;

use crate::case;

/// Returns the problems, list by list.
#[track_caller]
fn check(graph: &str, policies: &str, expected: [&[&str]; 3]) {
    let (graph, loaded) = case(graph, policies);
    let problems = PolicyProblems::find(&graph, &loaded.store.config.policy);
    let unused = problems.unused.iter().map(|(name, version)| match version {
        Some(version) => format!("{name}:{version}"),
        None => name.clone(),
    });
    let packages = |list: &[(String, vet_store::Version)]| -> Vec<String> {
        list.iter().map(|(name, version)| format!("{name}:{version}")).collect()
    };
    let found = [packages(&problems.needs_version), unused.collect(), packages(&problems.unversioned)];
    assert_eq!(found, expected, "needs a version, unused, unversioned, under\n{policies}");
    assert_eq!(problems.is_empty(), expected.iter().all(|list| list.is_empty()));
}

#[test]
fn policies_that_fit() {
    check("*app -> a", "", [&[], &[], &[]]);
    check("*app -> a", "policy app criteria: R\npolicy \"a:1.0.0\" criteria: R", [&[], &[], &[]]);
    // Packages of this workspace, from folders and from git may have one policy for all versions,
    // or one for each.
    check("*app -> ./here 1, ./here 2", "policy here dependency-criteria.a: R", [&[], &[], &[]]);
    check("*app -> ./here 1, ./here 2", "policy \"here:1.0.0\" dependency-criteria.a: R", [&[], &[], &[]]);
    check("*app -> git+g 1@git:7", "policy g audit-as-crates-io", [&[], &[], &[]]);
    // Without `dependency-criteria`, policies for some of the versions suffice.
    check("*app -> a 1, a 2", "policy \"a:1.0.0\" criteria: R", [&[], &[], &[]]);
}

#[test]
fn crates_from_crates_io_need_versions() {
    let policy = "policy a criteria: R";
    check("*app -> a 1, a 2", policy, [&[], &[], &["a:1.0.0", "a:2.0.0"]]);
    // One version from crates.io is enough.
    check("*app -> a 1, ./a 2", policy, [&[], &[], &["a:1.0.0", "a:2.0.0"]]);
    check("*app -> ./a 1, ./a 2", policy, [&[], &[], &[]]);
}

#[test]
fn dependency_criteria_need_every_version() {
    let graph = "*app -> a 1, a 2, ./a 3, git+a 1@git:7";
    let rest: &[&str] = &["a:1.0.0@git:7777777777777777777777777777777777777777", "a:2.0.0", "a:3.0.0"];
    check(graph, "policy \"a:1.0.0\" dependency-criteria.b: R", [rest, &[], &[]]);
    // Policies of another version count, too.
    check(
        "*app -> a 1, a 2, a 3",
        "policy \"a:1.0.0\" dependency-criteria.b: R\npolicy \"a:2.0.0\" criteria: R",
        [&["a:3.0.0"], &[], &[]],
    );
    // An unversioned policy with `dependency-criteria` is reported only in the first list.
    check("*app -> a 1, a 2", "policy a dependency-criteria.b: R", [&["a:1.0.0", "a:2.0.0"], &[], &[]]);
}

#[test]
fn unused_policies() {
    check("*app -> a", "policy z criteria: R\npolicy b criteria: R", [&[], &["b", "z"], &[]]);
    check(
        "*app -> a",
        "policy \"a:2.0.0\" criteria: R\npolicy \"a:3.0.0\" criteria: R\npolicy z criteria: R",
        [&[], &["z", "a:2.0.0", "a:3.0.0"], &[]],
    );
    // A policy for a version of a crate that is not in use is unused in both ways.
    check(
        "*app -> a",
        "policy \"a:2.0.0\" criteria: R\npolicy \"z:1.0.0\" criteria: R",
        [&[], &["z", "a:2.0.0", "z:1.0.0"], &[]],
    );
    // A revision is part of the version.
    check("*app -> git+g 1@git:7", "policy \"g:1.0.0\" criteria: R", [&[], &["g:1.0.0"], &[]]);
}

#[test]
fn problems_of_all_kinds_come_together() {
    check(
        "*app -> a 1, a 2, b, c",
        "policy \"a:1.0.0\" dependency-criteria.x: R
         policy \"c:9.0.0\" dependency-criteria.x: R
         policy b criteria: R
         policy z criteria: R",
        [&["a:2.0.0", "c:1.0.0"], &["z", "c:9.0.0"], &["b:1.0.0"]],
    );
}
