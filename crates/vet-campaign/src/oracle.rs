//! What cargo and the independent verdict say about a checkout.

use std::collections::BTreeSet;

use crate::graph::{Graph, Node};
use crate::machine::Machine;
use crate::project::Rules;
use crate::store::store_with_news;
use crate::tree::{Tree, read_tree};
use crate::universe::Universe;
use crate::verdict::Store;

/// The judgement about a checkout.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// Why cargo refuses the checkout, if it does.
    pub refused: Option<String>,
    /// The packages that are compiled but not vetted.
    pub missing: Vec<String>,
    /// The packages that are compiled but not vetted when the checkout's configuration is applied.
    /// The rules of the store do not cover that configuration.
    pub missing_by_configuration: Vec<String>,
    /// Published packages whose files differ from the published ones.
    pub tampered: Vec<String>,
    /// Packages from git or another registry that are compiled under the rules and that the store
    /// does not accept.
    pub remote: Vec<Remote>,
    /// Packages in folders outside of the checkout that are compiled under the rules.
    pub outside: Vec<String>,
    /// Why cargo cannot build parts of what the rules select, although it accepts the checkout.
    pub not_built: Vec<String>,
    /// Cargo's graph.
    pub graph: Graph,
    /// The packages that are compiled under the rules, as indexes into the graph.
    pub kept: BTreeSet<usize>,
}

/// A package from another source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The source.
    pub source: String,
}

impl Judgement {
    /// The packages that are compiled but not vetted by a store with everything that peers and
    /// crates.io say now, and the policies that are missing.
    pub fn missing_online(&self, tree: &Tree, universe: &Universe, rules: &Rules) -> Vec<String> {
        if self.refused.is_some() {
            return Vec::new();
        }
        let live = store_with_news(tree, universe);
        let (Some(live), Some(locked)) = (Store::parse(&live), Store::parse(tree)) else {
            return vec!["the store cannot be read".to_owned()];
        };
        let published = |name: &str| {
            let last = universe.crates_io.versions(name).last().copied()?;
            Some(last.package.description.clone())
        };
        let nodes = self.kept.iter().map(|place| &self.graph.nodes[*place]);
        let mut missing = live.missing(&self.graph, &self.kept, !rules.exclude_dev);
        // For policies, a peer's statement about a name counts once it is locked.
        missing.extend(locked.missing_policies(nodes, published));
        missing
    }

    /// Whether cargo refuses the checkout because of its lock file or its sources, and not because
    /// a manifest is invalid.
    pub fn refused_for_lock_or_sources(&self) -> bool {
        let Some(reason) = &self.refused else { return false };
        const OTHERS: &[&str] = &[
            "failed to parse manifest",
            "no targets specified",
            "can't find",
            "is not a member of the workspace",
            "believes it's in a workspace",
            "could not parse TOML configuration",
            "error in ",
            "could not load Cargo configuration",
        ];
        if OTHERS.iter().any(|one| reason.contains(one)) && !reason.contains("vendor/") {
            return false;
        }
        const REASONS: &[&str] = &[
            "lock file",
            "Cargo.lock",
            "--locked",
            "checksum",
            "failed to select a version",
            "Unable to update",
            "unable to update",
            "failed to load source",
            "failed to get `",
            "no matching package",
            "failed to find",
            "patch for",
            "failed to resolve patches",
            "source",
            "failed to query replaced",
            // Cargo compiles the package before it stops at its name.
            "UTF-8",
        ];
        REASONS.iter().any(|one| reason.contains(one))
    }
}

/// The graph of a checkout, or the reason why cargo refuses it.
pub fn graph(machine: &Machine) -> Result<Graph, String> {
    let outcome = machine.oracle(&["metadata", "--format-version", "1", "--locked", "--all-features"]);
    if outcome.hung {
        return Err("error: cargo does not end, perhaps because of its sources".to_owned());
    }
    match outcome.passed() {
        true => Graph::parse(&outcome.stdout).ok_or_else(|| "cargo's answer cannot be read".to_owned()),
        false => Err(outcome.stderr),
    }
}

/// Judges a checkout by a store that the checkout does not choose.
pub fn judge(machine: &Machine, universe: &Universe, rules: &Rules, store: &Tree) -> Judgement {
    let graph = match graph(machine) {
        Ok(graph) => graph,
        Err(reason) => return Judgement { refused: Some(reason), ..Judgement::default() },
    };
    let mut judgement = Judgement::default();
    let Some(store) = Store::parse(store) else {
        judgement.missing.push("the store cannot be read".to_owned());
        return judgement;
    };
    let mut kept: BTreeSet<usize> = (0..graph.nodes.len()).collect();
    if !rules.is_empty() {
        // Without a target, everything is built for the platform of this machine.
        if rules.has_host() {
            kept = compiled(machine, &graph, rules, false, &mut judgement.not_built);
            judgement.missing_by_configuration = store.missing(&graph, &kept, !rules.exclude_dev);
        }
        kept = compiled(machine, &graph, rules, true, &mut judgement.not_built);
    }
    judgement.missing = store.missing(&graph, &kept, !rules.exclude_dev);
    judgement.missing_by_configuration.retain(|one| !judgement.missing.contains(one));
    for (place, node) in graph.nodes.iter().enumerate() {
        if !node.is_published() {
            let is_in_order = match store.is_audited_as_published(&node.name, &node.vet_version()) {
                Some(true) => node.is_from_git(),
                Some(false) => true,
                None => false,
            };
            let is_outside = node.source.is_none() && !node.folder.starts_with(machine.repository());
            let (name, version) = (node.name.clone(), node.version.clone());
            if is_in_order || !kept.contains(&place) {
                continue;
            }
            if let Some(source) = node.source.clone() {
                judgement.remote.push(Remote { name, version, source });
            } else if is_outside {
                judgement.outside.push(name);
            }
            continue;
        }
        let Some(release) = universe.crates_io.find(&node.name, &node.version) else {
            judgement.tampered.push(format!("{} {} was not published", node.name, node.version));
            continue;
        };
        let files = read_tree(&node.folder);
        let is_equal = release
            .files
            .iter()
            .all(|(path, text)| files.get(path).is_some_and(|one| one == text.as_bytes()))
            && files.keys().all(|path| path.starts_with(".cargo") || release.files.contains_key(path));
        if !is_equal {
            judgement.tampered.push(format!("{} {}", node.name, node.version));
        }
    }
    judgement.graph = graph;
    judgement.kept = kept;
    judgement
}

/// The packages that cargo compiles under the rules. `strictly` leaves out the build whose target
/// the checkout's configuration chooses.
fn compiled(
    machine: &Machine,
    graph: &Graph,
    rules: &Rules,
    strictly: bool,
    not_built: &mut Vec<String>,
) -> BTreeSet<usize> {
    let mut targets: Vec<Option<&str>> = rules.targets.iter().map(|target| Some(target.as_str())).collect();
    if targets.is_empty() {
        targets.push(Some("x86_64-unknown-linux-gnu"));
        targets.push(Some("x86_64-pc-windows-msvc"));
    }
    if !strictly {
        targets = vec![None];
    }
    let mut ids = BTreeSet::new();
    for target in &targets {
        let mut build = |selection: &[String]| {
            let mut arguments = vec!["build", "--locked", "--unit-graph", "-Zunstable-options"];
            if !rules.exclude_dev {
                arguments.push("--all-targets");
            }
            arguments.extend(selection.iter().map(String::as_str));
            if let Some(target) = target {
                arguments.extend(["--target", *target]);
            }
            let outcome = machine.oracle(&arguments);
            let units = Graph::units(&outcome.stdout, rules.has_host()).filter(|_| outcome.passed());
            ids.extend(units.ok_or(outcome.stderr)?);
            Ok::<(), String>(())
        };
        // Packages that are built together share features. Cargo cannot always build everything
        // together.
        if build(&together(graph, rules)).is_err() {
            for selection in one_by_one(graph, rules) {
                not_built.extend(build(&selection).err());
            }
        }
    }
    (0..graph.nodes.len()).filter(|place| ids.contains(&graph.nodes[*place].id)).collect()
}

fn members<'a>(graph: &'a Graph, rules: &'a Rules) -> impl Iterator<Item = &'a Node> {
    graph.nodes.iter().filter(|node| node.is_member && rules.has_member(&node.name))
}

/// Cargo's arguments to build all members that count, with the features that count.
fn together(graph: &Graph, rules: &Rules) -> Vec<String> {
    let mut selection = Vec::new();
    let mut features = Vec::new();
    for node in members(graph, rules) {
        selection.extend(["-p".to_owned(), node.id.clone()]);
        let named = rules.features.get(&node.name).unwrap_or(&node.features);
        features.extend(named.iter().map(|feature| format!("{}/{feature}", node.name)));
    }
    match rules.features.is_empty() {
        true => selection.push("--all-features".to_owned()),
        false => selection.push(format!("--features={}", features.join(","))),
    }
    selection
}

fn one_by_one(graph: &Graph, rules: &Rules) -> Vec<Vec<String>> {
    let selection = |node: &Node| {
        let features = match rules.features.get(&node.name) {
            None => "--all-features".to_owned(),
            Some(features) => format!("--features={}", features.join(",")),
        };
        vec!["-p".to_owned(), node.id.clone(), features]
    };
    members(graph, rules).map(selection).collect()
}
