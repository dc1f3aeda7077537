//! What a peer's audits mean here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use vet_diagnostics::Diagnostic;
use vet_store::entries::CriteriaEntry;
use vet_store::files::ImportConfig;
use vet_store::peer::{TextNeeded, Translated, translate};
use vet_store::{Criteria, write_aggregate};

use crate::peer::{by_publisher, peer};
use crate::rendering::render_all;

type Lists = BTreeMap<String, Vec<String>>;

/// Parses lists by name, from lines such as `fast: safe-to-run, tested`.
fn lists(lines: &[&str]) -> Lists {
    let list = |line: &&str| {
        let (name, names) = line.split_once(':').unwrap();
        let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
        (name.to_owned(), names.map(str::to_owned).collect())
    };
    lines.iter().map(list).collect()
}

fn definitions(implies: Lists) -> BTreeMap<String, CriteriaEntry> {
    implies
        .into_iter()
        .map(|(name, implies)| (name, CriteriaEntry { implies, ..Default::default() }))
        .collect()
}

fn criteria(implies: &[&str]) -> Criteria {
    Criteria::new(&definitions(lists(implies))).0
}

fn translated(
    file: &str,
    map: &[&str],
    exclude: &[&str],
    local: &[&str],
) -> Result<Translated, Vec<Diagnostic>> {
    let exclude = exclude.iter().map(|&name| name.to_owned()).collect();
    let import = ImportConfig { exclude, criteria_map: lists(map), ..ImportConfig::default() };
    translate(peer(file), "acme", &import, &criteria(local))
}

/// Returns the meaning here of a list of criteria of a peer with these definitions.
fn meaning(definitions: &[&str], map: &[&str], local: &[&str], names: &str) -> String {
    let mut file = String::new();
    for (name, implies) in lists(definitions) {
        let _ = writeln!(file, "[criteria.{name}]\ndescription = \"x\"\nimplies = {implies:?}");
    }
    let list: Vec<&str> = names.split(", ").collect();
    let _ = writeln!(file, "[[audits.a]]\nversion = \"1.0.0\"\ncriteria = {list:?}");
    let audits = translated(&file, map, &[], local).unwrap().audits.audits;
    audits.values().flatten().map(|entry| entry.criteria.join(", ")).collect()
}

#[test]
fn everything_that_is_implied_is_translated() {
    type Lines = &'static [&'static str];
    let cases: &[(Lines, Lines, Lines, &str, &str)] = &[
        (&[], &[], &[], "safe-to-run", "safe-to-run"),
        (&[], &[], &[], "safe-to-run, safe-to-deploy", "safe-to-deploy"),
        // A criterion that the map does not name counts for what it implies.
        (&["good: safe-to-deploy"], &[], &[], "good", "safe-to-deploy"),
        (&["good: fine", "fine: safe-to-run"], &[], &[], "good", "safe-to-run"),
        (&["good:"], &[], &[], "good", ""),
        // The map has precedence over the names of the built-in criteria.
        (&[], &["safe-to-run:"], &[], "safe-to-run", ""),
        (&[], &["safe-to-deploy:"], &[], "safe-to-deploy", "safe-to-run"),
        (&[], &["safe-to-run: safe-to-deploy"], &[], "safe-to-run", "safe-to-deploy"),
        (&[], &["safe-to-deploy: z, a"], &["a:", "z:"], "safe-to-deploy", "safe-to-run, a, z"),
        // Lists are as short as possible, in the order of this project's criteria.
        (&["good:"], &["good: weak, strong"], &["strong: weak", "weak:"], "good", "strong"),
        (&["a:", "b:"], &["a: z", "b: safe-to-run, y"], &["y:", "z:"], "a, b", "safe-to-run, y, z"),
        // A criterion here says nothing about a peer's criterion of the same name.
        (&["good:"], &[], &["good: safe-to-deploy"], "good", ""),
        (&["good:"], &["gone: good", "good: good"], &["good: safe-to-deploy"], "good", "good"),
        // Members of a cycle imply each other.
        (&["a: b", "b: c", "c: a"], &["c: x", "b: y"], &["x:", "y:"], "a", "x, y"),
        (&["a: a"], &["a: x"], &["x:"], "a", "x"),
    ];
    for (definitions, map, local, names, expected) in cases {
        assert_eq!(
            meaning(definitions, map, local, names),
            *expected,
            "{definitions:?} {map:?} {local:?} {names}"
        );
    }
}

#[test]
fn what_is_kept_of_a_file() {
    let file = [
        "[criteria.mapped]\ndescription = \"m\"\ndescription-url = \"https://a.example\"\nimplies = \"safe-to-run\"\n\
         aggregated-from = \"https://b.example\"\n[criteria.by-url]\ndescription-url = \"https://c.example\"\n\
         [criteria.other]\n\
         [[audits.a]]\nversion = \"1.0.0\"\ncriteria = \"mapped\"\n[[audits.a]]\nversion = \"2.0.0\"\ncriteria = \"other\"\n\
         [[audits.b]]\nviolation = \"*\"\ncriteria = \"safe-to-deploy\"\n"
            .to_owned(),
        by_publisher("wildcard-audits", "b", "criteria = \"mapped\""),
        by_publisher("trusted", "b", "criteria = [\"mapped\", \"safe-to-deploy\"]"),
    ]
    .concat();
    let map = ["mapped: m", "by-url: m", "nowhere: m"];
    let mut translated = translated(&file, &map, &["b", "c"], &["m:"]).unwrap();
    let need = TextNeeded { criterion: "by-url".to_owned(), url: "https://c.example".to_owned() };
    assert_eq!(translated.needs, [need]);
    translated.describe("by-url", "fetched\n".to_owned());
    translated.describe("nowhere", "never asked for".to_owned());
    assert_eq!(translated.needs, []);
    let audits = &translated.audits;
    insta::assert_snapshot!(write_aggregate(audits));
}

#[test]
fn maps_that_cannot_be_followed() {
    let map = ["a: x, safe-to-run", "b: x", "c: safe-to-rum", "\u{1b}[31m: \u{1b}[31m"];
    let unknown = translated("[criteria.a]\n", &map, &[], &["y:"]).unwrap_err();
    let many: Vec<String> = (0..30).map(|index| format!("c{index}: x")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let many = translated("", &many, &[], &[]).unwrap_err();
    insta::assert_snapshot!(render_all(&unknown) + "\n" + &render_all(&many));
}

#[test]
fn large_files_are_translated_in_no_time() {
    const N: usize = 20_000;
    let circle: String = (0..N)
        .map(|index| {
            format!("[criteria.c{index}]\ndescription = \"x\"\nimplies = [\"c{}\"]\n", (index + 1) % N)
        })
        .collect();
    let entries: String = (0..N)
        .map(|index| format!("[[audits.a]]\nversion = \"1.0.{index}\"\ncriteria = \"c{index}\"\n"))
        .collect();
    let start = Instant::now();
    let map: Vec<String> = (0..60).map(|index| format!("c{index}: l{index}")).collect();
    let local: Vec<String> = (0..60).map(|index| format!("l{index}:")).collect();
    let (map, local): (Vec<&str>, Vec<&str>) =
        (map.iter().map(String::as_str).collect(), local.iter().map(String::as_str).collect());
    let audits = translated(&(circle + &entries), &map, &[], &local).unwrap().audits;
    assert_eq!(audits.audits["a"][N - 1].criteria.len(), 60);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

/// The rule in its plain form: close the list there, map each member, close the union here, drop
/// what is implied.
fn by_the_rule(foreign: &Criteria, map: &Lists, local: &Criteria, names: &[String]) -> Vec<String> {
    let reached = foreign.set(names);
    let mut means = BTreeSet::new();
    for name in reached.iter().map(|index| foreign.name(index)) {
        match map.get(name) {
            Some(names) => means.extend(names.iter().cloned()),
            None if vet_store::criteria::BUILT_IN.contains(&name) => {
                means.insert(name.to_owned());
            }
            None => {}
        }
    }
    local.minimal_names(&local.set(&means))
}

/// Definitions that each imply some of the others and of the built-in ones. With `circles`, they
/// may have cycles.
fn implications(prefix: &'static str, circles: bool) -> impl Strategy<Value = Lists> {
    proptest::collection::vec(proptest::collection::vec(0..8usize, 0..3), 0..6).prop_map(move |all| {
        let name = |index: usize| match vet_store::criteria::BUILT_IN.get(index) {
            Some(&name) => name.to_owned(),
            None => format!("{prefix}{}", index - 2),
        };
        let count = all.len() + 2;
        let known = |index: usize, implied: usize| implied < if circles { count } else { index + 2 };
        let list = |(index, implied): (usize, Vec<usize>)| {
            let implied = implied.into_iter().filter(|&implied| known(index, implied)).map(name).collect();
            (name(index + 2), implied)
        };
        all.into_iter().enumerate().map(list).collect()
    })
}

proptest! {
    #[test]
    fn translation_keeps_to_the_rule(
        foreign in implications("f", true),
        local in implications("l", false),
        map in proptest::collection::btree_map(0..8usize, proptest::collection::vec(0..8usize, 0..3), 0..5),
        entries in proptest::collection::vec(proptest::collection::vec(0..8usize, 1..4), 1..5),
    ) {
        let names = |definitions: &Lists| -> Vec<String> {
            vet_store::criteria::BUILT_IN.map(str::to_owned).into_iter().chain(definitions.keys().cloned()).collect()
        };
        let (theirs, ours) = (names(&foreign), names(&local));
        let pick = |all: &[String], picked: &[usize]| -> Vec<String> {
            picked.iter().filter_map(|&index| all.get(index).cloned()).collect()
        };
        let map: Lists = map
            .into_iter()
            .map(|(key, values)| (theirs.get(key).cloned().unwrap_or("nowhere".to_owned()), pick(&ours, &values)))
            .collect();
        let entries: Vec<Vec<String>> = entries.iter().map(|entry| pick(&theirs, entry)).collect();
        let mut file = "[audits]\n".to_owned();
        for (name, implies) in &foreign {
            let _ = writeln!(file, "[criteria.{name}]\ndescription = \"x\"\nimplies = {implies:?}");
        }
        for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| !entry.is_empty()) {
            let _ = writeln!(file, "[[audits.a{index}]]\nversion = \"1.0.0\"\ncriteria = {entry:?}");
        }
        let (local, _) = Criteria::new(&definitions(local));
        let (foreign, _) = Criteria::new(&definitions(foreign));
        let import = ImportConfig { criteria_map: map.clone(), ..ImportConfig::default() };
        let translated = translate(peer(&file), "acme", &import, &local).unwrap().audits;
        for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| !entry.is_empty()) {
            let expected = by_the_rule(&foreign, &map, &local, entry);
            prop_assert_eq!(&translated.audits[&format!("a{index}")][0].criteria, &expected, "{}", file);
        }
    }
}
