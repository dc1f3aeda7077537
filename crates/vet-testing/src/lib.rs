//! Shared code of tests: dependency graphs and stores in a notation that makes tables of cases
//! readable, a server with scripted answers, and a registry for it to serve.
//!
//! Everything here panics on a mistake in a test, with the line that is wrong. Only tests depend on
//! this crate; it is never part of the tool.
#![expect(clippy::panic, reason = "a mistake in a test should stop it, with the line that is wrong")]

mod archive;
mod graph;
mod index;
mod project;
mod server;
mod statements;
mod store;
mod version;
mod world;

pub use archive::{archive, manifest_in, sha256};
pub use graph::{graph, graph_data, graph_under};
pub use index::index_line;
pub use project::{CRATES_IO, TestProject, checksum, lock_file};
pub use server::{Asked, Authority, Reply, TestServer};
pub use statements::{listed, statements};
pub use store::{TODAY, store};
pub use version::version;
pub use world::{Fault, World};
