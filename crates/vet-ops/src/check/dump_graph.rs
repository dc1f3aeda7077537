//! `dump-graph`: the dependency graph that other operations look at.

use vet_graph::{EdgeKinds, Graph};

use crate::graph::{self, WhenUnknown};
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::Report;
use crate::session::settings::settings_without_store;

/// Reads the part of the graph that matches the filters. Packages that the settings leave out are
/// marked. Policies do not matter, so no package from elsewhere counts as third-party.
pub fn dump_graph(context: &Context, kinds: EdgeKinds, observer: &dyn Observer) -> Report<Graph> {
    Report::of(observer, &context.overrides.levels, |run| {
        let project = context.project()?;
        let settings = settings_without_store(&project, context, run)?;
        let read = graph::read_in(&project, context, kinds, &WhenUnknown::FindOut, run, &settings.graph)?;
        let graph = Graph::new(read.whole.unwrap_or(read.data), |_, _| false);
        Ok(graph.filtered_by(&context.filters).into_owned())
    })
}
