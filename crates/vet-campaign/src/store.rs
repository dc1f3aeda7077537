//! Generates stores that vet everything that a project needs, or almost everything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use toml::{Table, Value};

use crate::graph::Graph;
use crate::random::Random;
use crate::registry::{PEER_URL, Peer, Release};
use crate::tree::Tree;
use crate::universe::Universe;

/// Writes a store that vets everything except the given packages, and says nothing about crates
/// that are not in the graph.
pub fn write_store(
    random: &mut Random,
    graph: &Graph,
    universe: &Universe,
    unvetted: &BTreeSet<(String, String)>,
    tree: &mut Tree,
) {
    let crates_io = &universe.crates_io;
    // A crate is unvetted because nothing vets it, or because of a violation.
    let is_violated = random.chance(25);
    let has_peer = random.chance(40) && unvetted.iter().all(|one| !universe.peer.audited.contains(one));
    let mut of_peer = Peer::default();
    let mut audits: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut wildcards: BTreeMap<String, String> = BTreeMap::new();
    let mut exemptions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut publishers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut policies = String::new();
    let has_own = random.chance(20);
    let has_policies = random.chance(90);
    for node in &graph.nodes {
        let (name, version) = (node.name.clone(), node.vet_version());
        if node.is_member {
            policies += &policy_of_member(random, &name);
            continue;
        }
        let mut is_third_party = node.is_published();
        // A check that may ask crates.io requires a policy for packages that seem to be published
        // there.
        let last = crates_io.versions(&name).last().copied();
        let is_described = node.description.is_some()
            && last.is_some_and(|release| release.package.description == node.description);
        let has_policy = is_described && has_policies || random.chance(15);
        if !is_third_party && has_policy && !is_ambiguous(graph, &name) {
            let value = random.chance(50);
            writeln!(policies, "[policy.\"{name}:{version}\"]\naudit-as-crates-io = {value}\n").unwrap();
            is_third_party = value;
        }
        if !is_third_party {
            continue;
        }
        let criteria = if has_own && random.chance(30) { "reviewed" } else { "safe-to-deploy" };
        let audit =
            |what: &str| format!("[[audits.{name}]]\nwho = \"Ann\"\ncriteria = \"{criteria}\"\n{what}\n");
        let entries = audits.entry(name.clone()).or_default();
        let key = (name.clone(), version.clone());
        if node.is_published() && has_peer && universe.peer.audited.contains(&key) {
            of_peer.audited.insert(key.clone());
            if random.chance(60) {
                continue;
            }
        } else if node.is_published() && has_peer && !unvetted.contains(&key) && random.chance(4) {
            // The peer has since withdrawn the audit.
            of_peer.audited.insert(key);
            continue;
        }
        if unvetted.contains(&key) && is_violated {
            entries.push(audit(&format!("version = \"{version}\"")));
            entries.push(audit("violation = \"*\""));
            continue;
        }
        if unvetted.contains(&key) {
            let others: Vec<String> =
                crates_io.versions(&name).iter().map(|one| one.package.version.clone()).collect();
            if let Some(other) = random.maybe(&others).filter(|other| **other != version && random.chance(40))
            {
                entries.push(audit(&format!("version = \"{other}\"")));
            }
            continue;
        }
        match random.below(10) {
            0..5 => entries.push(audit(&format!("version = \"{version}\""))),
            5 => {
                entries.push(audit("version = \"0.0.1\""));
                entries.push(audit(&format!("delta = \"0.0.1 -> {version}\"")));
            }
            6 if node.is_published() && !unvetted.iter().any(|(other, _)| *other == name) => {
                wildcards.insert(
                    name.clone(),
                    format!(
                        "[[wildcard-audits.{name}]]\nwho = \"Ann\"\ncriteria = \"{criteria}\"\nuser-id = 1\n\
                         start = \"2020-01-01\"\nend = \"2025-01-01\"\n"
                    ),
                );
                publishers.entry(name.clone()).or_default().push(format!(
                    "[[publisher.{name}]]\nversion = \"{version}\"\nwhen = \"2023-01-01\"\nuser-id = 1\n\
                     user-login = \"ann\"\nuser-name = \"Ann Author\"\n"
                ));
            }
            _ => exemptions.entry(name.clone()).or_default().push(format!(
                "[[exemptions.{name}]]\nversion = \"{version}\"\ncriteria = \"safe-to-deploy\"\n"
            )),
        }
    }
    let own =
        "[criteria.reviewed]\ndescription = \"A person read the code.\"\nimplies = \"safe-to-deploy\"\n\n";
    let text = |head: &str, parts: &[&str]| {
        let body = parts.iter().filter(|part| !part.is_empty()).copied().collect::<String>();
        format!("\n# cargo-vet {head}\n\n{}\n", body.trim_end())
    };
    let joined = |map: &BTreeMap<String, Vec<String>>| {
        map.values().flatten().map(|one| one.clone() + "\n").collect::<String>()
    };
    let wild: String = wildcards.values().map(|one| one.clone() + "\n").collect();
    let mut body = joined(&audits);
    if body.is_empty() {
        body = "[audits]\n".to_owned();
    }
    for (name, range) in &universe.peer.violations {
        // The others are new.
        if graph.nodes.iter().any(|node| node.name == *name) && random.chance(20) {
            of_peer.violations.insert((name.clone(), range.clone()));
        }
    }
    let mut imports = String::new();
    let mut locked = String::new();
    if has_peer {
        imports = format!("[imports.peer]\nurl = \"{PEER_URL}\"\n\n");
        locked = of_peer.entries("audits.peer.");
        if locked.is_empty() {
            locked = "[audits.peer.audits]\n".to_owned();
        }
    }
    let files = [
        ("audits.toml", text("audits file", &[if has_own { own } else { "" }, &wild, &body])),
        (
            "config.toml",
            text(
                "config file",
                &["[cargo-vet]\nversion = \"0.10\"\n\n", &imports, &policies, &joined(&exemptions)],
            ),
        ),
        ("imports.lock", text("imports lock", &[&joined(&publishers), &locked])),
    ];
    for (name, text) in files {
        tree.insert(format!("supply-chain/{name}"), text.into_bytes());
    }
}

/// The store with everything that the peer says now, and everything that crates.io knows about
/// publishers.
pub fn store_with_news(tree: &Tree, universe: &Universe) -> Tree {
    let mut tree = tree.clone();
    let lock = tree.entry("supply-chain/imports.lock".to_owned()).or_default();
    let mut table: Table = String::from_utf8_lossy(lock).parse().unwrap_or_default();
    if let Some(peer) = table.get_mut("audits").and_then(|audits| audits.get_mut("peer")) {
        *peer = Value::Table(universe.peer.entries("").parse().unwrap());
    }
    table.remove("publisher");
    let mut text = table.to_string();
    for Release { package, .. } in &universe.crates_io.releases {
        let (name, version) = (&package.name, &package.version);
        writeln!(text, "\n[[publisher.{name}]]\nversion = \"{version}\"\nwhen = \"2023-01-01\"\nuser-id = 1")
            .unwrap();
    }
    *lock = text.into_bytes();
    tree
}

fn is_ambiguous(graph: &Graph, name: &str) -> bool {
    graph.nodes.iter().filter(|node| node.name == name).count() > 1
}

fn policy_of_member(random: &mut Random, name: &str) -> String {
    let line = match random.below(12) {
        0 => "criteria = \"safe-to-run\"",
        1 => "dev-criteria = \"safe-to-deploy\"",
        2 => "dev-criteria = []",
        _ => return String::new(),
    };
    format!("[policy.{name}]\n{line}\n\n")
}
