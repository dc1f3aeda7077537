//! `dump-graph`: prints the dependency graph.

use clap::{Args, ValueEnum};
use vet_graph::EdgeKinds;
use vet_report::dump_graph;

use super::command::{
    Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT_AND_JSON, Writes,
};
use super::context::context;
use crate::args::{OutputFormat, UsageError};
use crate::exit_status::ExitStatus;
use crate::options::Options;
use crate::printer::Printer;

/// Print the dependency graph
///
/// Prints a Mermaid diagram. With --output-format json, prints all packages and edges as data,
/// and ignores --depth.
#[derive(Args, Debug)]
pub(crate) struct DumpGraphCommand {
    /// How much of the graph to draw
    #[arg(long, value_name = "DEPTH", default_value = "first-party")]
    depth: Depth,
}

/// How much of the graph is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Depth {
    /// Packages that no other one depends on
    Roots,
    /// Also the other members of the workspace
    Workspace,
    /// Also other packages that do not come from crates.io
    FirstParty,
    /// Also the packages from crates.io that those depend on directly
    FirstPartyAndDirects,
    /// All packages
    Full,
}

impl Command for DumpGraphCommand {
    const FACTS: Facts = Facts {
        name: "dump-graph",
        group: Group::Check,
        is_common: false,
        reads: Reads::Graph,
        writes: Writes::Nothing,
        network: NetworkUse::Nothing,
        dry_run: DryRun::NEEDLESS,
        strict: false,
        formats: TEXT_AND_JSON,
    };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(move |options, printer| run(options, self.depth, printer)))
    }
}

fn run(options: &Options, depth: Depth, printer: &Printer) -> Outcome {
    let context = context(options, printer)?;
    let (kinds, as_json) = match printer.format() {
        // Diagrams do not distinguish normal from build dependencies.
        OutputFormat::Human => (EdgeKinds::OfLocalPackages, false),
        OutputFormat::Json => (EdgeKinds::OfAllPackages, true),
    };
    let graph = printer.take(vet_ops::check::dump_graph::dump_graph(&context, kinds, printer))?;
    printer.answer(match as_json {
        true => dump_graph::json(&graph),
        false => dump_graph::mermaid(&graph, depth.into()),
    });
    Ok(ExitStatus::Success)
}

impl From<Depth> for dump_graph::Depth {
    fn from(depth: Depth) -> Self {
        match depth {
            Depth::Roots => dump_graph::Depth::Roots,
            Depth::Workspace => dump_graph::Depth::Workspace,
            Depth::FirstParty => dump_graph::Depth::FirstParty,
            Depth::FirstPartyAndDirects => dump_graph::Depth::FirstPartyAndDirects,
            Depth::Full => dump_graph::Depth::Full,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::parsed;

    #[test]
    fn depths() {
        for (line, expected) in [
            ("", Depth::FirstParty),
            ("--depth roots", Depth::Roots),
            ("--depth workspace", Depth::Workspace),
            ("--depth first-party", Depth::FirstParty),
            ("--depth first-party-and-directs", Depth::FirstPartyAndDirects),
            ("--depth full", Depth::Full),
        ] {
            assert_eq!(parsed::<DumpGraphCommand>(line).unwrap().depth, expected, "{line}");
        }
    }
}
