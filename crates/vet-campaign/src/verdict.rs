//! A simple verdict over cargo's graph: what the store vets, and what is missing.
//!
//! It is independent of the tool and shares no code with it. Requirements and vetted versions are
//! computed as least fixed points.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::graph::{Graph, Node};
use crate::package::Kind;
use crate::tree::Tree;

type Names = BTreeSet<String>;

/// The relevant parts of a store, as tables.
#[derive(Debug)]
pub struct Store {
    audits: Table,
    config: Table,
    imports: Table,
}

impl Store {
    /// Parses the store of a checkout.
    pub fn parse(tree: &Tree) -> Option<Self> {
        let read = |name: &str| {
            let bytes = tree.get(&format!("supply-chain/{name}"))?;
            std::str::from_utf8(bytes).ok()?.parse::<Table>().ok()
        };
        Some(Store {
            audits: read("audits.toml")?,
            config: read("config.toml")?,
            imports: read("imports.lock")?,
        })
    }

    /// What the store does not vet: one sentence per package, criterion and violation.
    ///
    /// Only the packages in `kept` count, with the roots of the whole graph. `has_dev` says whether
    /// development dependencies count.
    pub fn missing(&self, graph: &Graph, kept: &BTreeSet<usize>, has_dev: bool) -> Vec<String> {
        let required = self.required(graph, kept, has_dev);
        let mut missing = Vec::new();
        for (place, node) in graph.nodes.iter().enumerate() {
            let is_third_party = node.is_published()
                || self.is_audited_as_published(&node.name, &node.vet_version()) == Some(true);
            if !kept.contains(&place) || !is_third_party {
                continue;
            }
            if self.is_violated(&node.name) {
                missing.push(format!("{} has a violation", node.name));
            }
            for criterion in &required[place] {
                if !self.vetted(&node.name, criterion).contains(&node.vet_version()) {
                    missing.push(format!("{} {} lacks {criterion}", node.name, node.vet_version()));
                }
            }
        }
        missing
    }

    fn required(&self, graph: &Graph, kept: &BTreeSet<usize>, has_dev: bool) -> Vec<Names> {
        let roots: BTreeSet<usize> = graph.roots().into_iter().collect();
        let mut required = vec![Names::new(); graph.nodes.len()];
        let own: Vec<Option<Names>> = graph
            .nodes
            .iter()
            .map(|node| {
                Some(self.closure(&names(self.policy(&node.name, &node.vet_version())?.get("criteria")?)))
            })
            .collect();
        loop {
            let mut changed = false;
            for (place, node) in graph.nodes.iter().enumerate().filter(|(place, _)| kept.contains(place)) {
                let mut of_node = required[place].clone();
                if roots.contains(&place) {
                    of_node.extend(self.closure(&["safe-to-deploy".to_owned()]));
                }
                if let Some(own) = &own[place] {
                    of_node = own.clone();
                }
                changed |= of_node != required[place];
                required[place] = of_node.clone();
                let policy = self.policy(&node.name, &node.vet_version());
                for (target, kind) in &node.dependencies {
                    if !kept.contains(target) || *kind == Kind::Dev && !(has_dev && node.is_member) {
                        continue;
                    }
                    let name = &graph.nodes[*target].name;
                    let given = policy.and_then(|policy| policy.get("dependency-criteria")?.get(name));
                    let dev = policy.and_then(|policy| policy.get("dev-criteria"));
                    let passed = match (given, kind, dev) {
                        (Some(given), ..) => self.closure(&names(given)),
                        (None, Kind::Dev, Some(dev)) => self.closure(&names(dev)),
                        (None, Kind::Dev, None) => self.closure(&["safe-to-run".to_owned()]),
                        _ => of_node.clone(),
                    };
                    if own[*target].is_none() && !passed.is_subset(&required[*target]) {
                        required[*target].extend(passed);
                        changed = true;
                    }
                }
            }
            if !changed {
                return required;
            }
        }
    }

    fn policy(&self, name: &str, version: &str) -> Option<&Table> {
        let policies = self.config.get("policy")?;
        policies.get(name).or_else(|| policies.get(format!("{name}:{version}")))?.as_table()
    }

    /// Whether the store says that a package that does not come from crates.io is audited as if it
    /// did; `None` if the store does not say.
    pub fn is_audited_as_published(&self, name: &str, version: &str) -> Option<bool> {
        self.policy(name, version)?.get("audit-as-crates-io")?.as_bool()
    }

    /// The missing policies for packages that do not come from crates.io but have the name of a
    /// crate there. `published` returns for a name whether there is such a crate, and its
    /// description. Only a check that may ask crates.io knows this.
    pub fn missing_policies<'a>(
        &self,
        nodes: impl Iterator<Item = &'a Node>,
        published: impl Fn(&str) -> Option<Option<String>>,
    ) -> Vec<String> {
        let mut missing = Vec::new();
        for node in nodes.filter(|node| !node.is_published()) {
            let is_described = node.description.is_some()
                && published(&node.name).is_some_and(|description| description == node.description);
            let is_known = is_described || self.mentions(&node.name);
            let what = match self.is_audited_as_published(&node.name, &node.vet_version()) {
                None if is_known => "needs a policy",
                Some(true) if !is_known => "has a policy as if it were published",
                _ => continue,
            };
            missing.push(format!("{} {} {what}", node.name, node.version));
        }
        missing
    }

    fn mentions(&self, name: &str) -> bool {
        let own = ["audits", "wildcard-audits", "trusted"].map(|table| list(&self.audits, table, name));
        own.iter().any(|entries| !entries.is_empty())
            || !list(&self.config, "exemptions", name).is_empty()
            || self.of_peers(name).next().is_some()
    }

    /// The versions that meet a criterion.
    fn vetted(&self, name: &str, criterion: &str) -> BTreeSet<String> {
        let meets = |entry: &Value| self.closure(&names(&entry["criteria"])).contains(criterion);
        let mut vetted = BTreeSet::new();
        let mut deltas = Vec::new();
        let own = list(&self.audits, "audits", name);
        for entry in own.iter().chain(self.of_peers(name)).filter(|entry| meets(entry)) {
            if let Some(version) = entry.get("version").and_then(Value::as_str) {
                vetted.insert(version.to_owned());
            } else if let Some(delta) = entry.get("delta").and_then(Value::as_str) {
                deltas.extend(delta.split_once(" -> "));
            }
        }
        for entry in list(&self.config, "exemptions", name).iter().filter(|entry| meets(entry)) {
            vetted.extend(entry.get("version").and_then(Value::as_str).map(str::to_owned));
        }
        for table in ["wildcard-audits", "trusted"] {
            for entry in list(&self.audits, table, name).iter().filter(|entry| meets(entry)) {
                vetted.extend(self.released(name, entry));
            }
        }
        loop {
            let before = vetted.len();
            for (from, to) in &deltas {
                if vetted.contains(*from) {
                    vetted.insert((*to).to_owned());
                }
            }
            if vetted.len() == before {
                return vetted;
            }
        }
    }

    /// The locked audits of peers.
    fn of_peers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        let peers = self.config.get("imports").and_then(Value::as_table).into_iter().flatten();
        let files = peers.filter_map(|(peer, _)| self.imports.get("audits")?.get(peer)?.as_table());
        files.flat_map(move |file| list(file, "audits", name))
    }

    fn released(&self, name: &str, wildcard: &Value) -> Vec<String> {
        let day = |value: &Value, key: &str| {
            value.get(key).map(ToString::to_string).unwrap_or_default().replace('"', "")
        };
        let fits = |record: &&Value| {
            record.get("user-id") == wildcard.get("user-id")
                && day(wildcard, "start") <= day(record, "when")
                && day(record, "when") < day(wildcard, "end")
        };
        let records = list(&self.imports, "publisher", name);
        records.iter().filter(fits).filter_map(|one| Some(one.get("version")?.as_str()?.to_owned())).collect()
    }

    fn is_violated(&self, name: &str) -> bool {
        let audits: Vec<&Value> =
            list(&self.audits, "audits", name).iter().chain(self.of_peers(name)).collect();
        let exemptions = list(&self.config, "exemptions", name);
        for violation in &audits {
            let Some(range) = violation.get("violation").and_then(Value::as_str) else { continue };
            let Ok(range) = range.parse::<semver::VersionReq>() else { continue };
            let hits = |text: &str| {
                text.split(" -> ").any(|one| one.parse().is_ok_and(|version| range.matches(&version)))
            };
            for entry in audits.iter().copied().chain(exemptions) {
                let text = entry.get("version").or_else(|| entry.get("delta")).and_then(Value::as_str);
                let claimed = self.closure(&names(&entry["criteria"]));
                let denied = names(&violation["criteria"]);
                if text.is_some_and(hits)
                    && denied.iter().any(|one| self.closure(std::slice::from_ref(one)).is_subset(&claimed))
                {
                    return true;
                }
            }
        }
        false
    }

    /// The given criteria and all that they imply.
    fn closure(&self, criteria: &[String]) -> Names {
        let mut closure = Names::new();
        let mut open = criteria.to_vec();
        while let Some(criterion) = open.pop() {
            if criterion == "safe-to-deploy" {
                open.push("safe-to-run".to_owned());
            }
            let defined =
                self.audits.get("criteria").and_then(|criteria| criteria.get(&criterion)?.get("implies"));
            if closure.insert(criterion) {
                open.extend(defined.map(names).unwrap_or_default());
            }
        }
        closure
    }
}

/// The strings of a value that is a string or a list of strings.
fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) => vec![name.clone()],
        Value::Array(names) => names.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect(),
        _ => Vec::new(),
    }
}

fn list<'a>(table: &'a Table, key: &str, name: &str) -> &'a [Value] {
    let entries = table.get(key).and_then(|entries| entries.get(name)?.as_array());
    entries.map_or(&[], Vec::as_slice)
}
