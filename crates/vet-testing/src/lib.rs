//! What tests share: dependency graphs and stores, written down so that a table of cases can be read.
//!
//! Everything here panics on a mistake in a test, with the line that is wrong.
#![expect(clippy::panic, reason = "a mistake in a test should stop it, with the line that is wrong")]

mod graph;
mod project;

pub use graph::{graph, graph_data};
pub use project::{CRATES_IO, TestProject, checksum};
