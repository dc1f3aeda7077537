//! `dump-graph`: prints the dependency graph.

use vet_graph::{EdgeKinds, Graph};
use vet_ops::graph::{self, WhenUnknown};
use vet_ops::settings::settings_alone;
use vet_report::dump_graph;

use super::Outcome;
use super::context::context;
use crate::ExitStatus;
use crate::args::{Depth, OutputFormat};
use crate::printer::Printer;
use crate::request::Settings;

pub(crate) fn run(settings: &Settings, depth: Depth, printer: &Printer) -> Outcome {
    let context = context(settings)?;
    let (kinds, as_json) = match printer.format() {
        // Diagrams do not distinguish normal from build dependencies.
        OutputFormat::Human => (EdgeKinds::OfLocalPackages, false),
        OutputFormat::Json => (EdgeKinds::OfAllPackages, true),
    };
    let project = context.project()?;
    let settings = settings_alone(&project, &context, printer)?;
    let read = graph::read(&project, &context, kinds, &WhenUnknown::FindOut, printer, &settings.graph)?;
    // Packages that are left out are marked. Policies do not matter here.
    let graph = Graph::new(read.whole.unwrap_or(read.data), |_, _| false);
    let graph = graph.filtered_by(&context.filters);
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
