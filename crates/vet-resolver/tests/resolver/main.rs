//! The resolver as its users see it: it takes a graph and a store, and returns decisions.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod exemptions;
mod explanations;
mod naive;
mod parts;
mod plans;
mod policy_problems;
mod preferences;
mod properties;
mod requirements;
mod scale;
mod shortfall;
mod unsettled;
mod updates;
mod verdicts;
mod violations;

use vet_graph::Graph;
use vet_store::Loaded;
use vet_testing::{graph_under, statements};

/// A graph and a store, in the notation of `vet-testing`. Policies make packages third-party.
fn case(graph: &str, store: &str) -> (Graph, Loaded) {
    let loaded = statements(store);
    (graph_under(&loaded.store, graph), loaded)
}

/// Returns a table of a test without the spaces that only indent it.
fn lines(text: &str) -> String {
    let trimmed = text.lines().map(str::trim).filter(|line| !line.is_empty());
    trimmed.map(|line| format!("{line}\n")).collect()
}
