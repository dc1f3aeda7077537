//! The output of `dump-graph`.

use std::fmt::Write as _;

use serde::Serialize;
use vet_graph::{Graph, Package, PackageIx};
use vet_ops::evaluation::outcome::rule_name;

use crate::json;

/// Which packages a diagram shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// The roots.
    Roots,
    /// The members of the workspace.
    Workspace,
    /// All packages that do not come from crates.io.
    FirstParty,
    /// These packages and their direct dependencies.
    FirstPartyAndDirects,
    /// All packages.
    Full,
}

impl Depth {
    /// Whether a package is shown, and also its dependencies as far as these are shown.
    fn includes(self, package: Package<'_>) -> bool {
        match self {
            Depth::Roots => package.is_root(),
            Depth::Workspace => package.is_member(),
            Depth::FirstParty | Depth::FirstPartyAndDirects => !package.is_third_party(),
            Depth::Full => true,
        }
    }
}

/// A kind of package, with its own box and shape.
struct Kind {
    title: &'static str,
    left: &'static str,
    right: &'static str,
    holds: fn(Package<'_>) -> bool,
}

/// The kinds; a package belongs to the first that matches.
const KINDS: [Kind; 4] = [
    Kind { title: "roots", left: "{", right: "}", holds: |package| package.is_root() },
    Kind { title: "workspace-members", left: "[/", right: "/]", holds: |package| package.is_member() },
    Kind { title: "first-party", left: "[", right: "]", holds: |package| !package.is_third_party() },
    Kind { title: "third-party", left: "(", right: ")", holds: |_| true },
];

/// The graph as a Mermaid flowchart. Node numbers are the same as in the JSON format. Packages that
/// are left out are grey, and edges from and to them are dotted.
pub fn mermaid(graph: &Graph, depth: Depth) -> String {
    let mut is_shown = vec![false; graph.len()];
    let mut show = |ix: PackageIx| {
        if let Some(slot) = is_shown.get_mut(ix.0) {
            *slot = true;
        }
    };
    for package in graph.packages().filter(|package| depth.includes(*package)) {
        show(package.ix());
        if depth == Depth::FirstPartyAndDirects {
            package.all_deps().iter().for_each(|&ix| show(ix));
        }
    }
    let is_left_out = |ix: PackageIx| graph.package(ix).is_some_and(|package| package.left_out().is_some());
    let is_shown = |ix: PackageIx| is_shown.get(ix.0).copied().unwrap_or(false);

    let mut members: [Vec<Package<'_>>; KINDS.len()] = Default::default();
    for package in graph.packages().filter(|package| is_shown(package.ix())) {
        let kind = KINDS.iter().position(|kind| (kind.holds)(package));
        if let Some(members) = kind.and_then(|kind| members.get_mut(kind)) {
            members.push(package);
        }
    }
    let mut text = String::from("graph LR\n");
    for (kind, members) in KINDS.iter().zip(members) {
        let _ = writeln!(text, "    subgraph {}", kind.title);
        for package in members {
            let PackageIx(number) = package.ix();
            let (name, version) = (package.name(), package.version());
            let class = if package.left_out().is_some() { ":::leftOut" } else { "" };
            let _ = writeln!(text, "        node{number}{}{name}:{version}{}{class}", kind.left, kind.right);
        }
        text.push_str("    end\n");
    }
    for package in graph.packages().filter(|package| depth.includes(*package)) {
        for to in package.all_deps().iter().filter(|&&to| is_shown(to)) {
            let is_dotted = [package.ix(), *to].into_iter().any(is_left_out);
            let arrow = if is_dotted { "-.->" } else { "-->" };
            let _ = writeln!(text, "    node{} {arrow} node{}", package.ix().0, to.0);
        }
    }
    if graph.packages().any(|package| is_shown(package.ix()) && package.left_out().is_some()) {
        text.push_str("    classDef leftOut fill:#eee,color:#999,stroke:#ccc\n");
    }
    text
}

/// The graph as an array of packages that refer to each other by index. Packages that are left out
/// name the rule.
pub fn json(graph: &Graph) -> String {
    let nodes: Vec<NodeJson<'_>> = graph.packages().map(NodeJson::from).collect();
    json::document(&nodes)
}

#[derive(Serialize)]
struct NodeJson<'g> {
    name: &'g str,
    version: String,
    normal_deps: Vec<usize>,
    build_deps: Vec<usize>,
    dev_deps: Vec<usize>,
    normal_and_build_deps: Vec<usize>,
    all_deps: Vec<usize>,
    reverse_deps: Vec<usize>,
    is_workspace_member: bool,
    is_third_party: bool,
    is_root: bool,
    is_dev_only: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<&'static str>,
}

impl<'g> From<Package<'g>> for NodeJson<'g> {
    fn from(package: Package<'g>) -> Self {
        let numbers = |list: &[PackageIx]| list.iter().map(|ix| ix.0).collect();
        NodeJson {
            name: package.name(),
            version: package.version().to_string(),
            normal_deps: numbers(package.normal_deps()),
            build_deps: numbers(package.build_deps()),
            dev_deps: numbers(package.dev_deps()),
            normal_and_build_deps: numbers(package.normal_and_build_deps()),
            all_deps: numbers(package.all_deps()),
            reverse_deps: numbers(package.reverse_deps()),
            is_workspace_member: package.is_member(),
            is_third_party: package.is_third_party(),
            is_root: package.is_root(),
            is_dev_only: package.is_dev_only(),
            left_out: package.left_out().map(rule_name),
        }
    }
}
