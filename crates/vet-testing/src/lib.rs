//! What tests share: dependency graphs and stores, written down so that a table of cases can be read.
//!
//! Everything here panics on a mistake in a test, with the line that is wrong. Nothing here is ever part of the tool: only
//! tests depend on this crate.
#![expect(clippy::panic, reason = "a mistake in a test should stop it, with the line that is wrong")]

mod graph;
mod project;
mod statements;
mod store;
mod version;

pub use graph::{graph, graph_data, graph_under};
pub use project::{CRATES_IO, TestProject, checksum};
pub use statements::{listed, statements};
pub use store::{TODAY, store};
pub use version::version;
