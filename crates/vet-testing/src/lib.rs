//! What tests share: dependency graphs and stores, written down so that a table of cases can be read, a server that
//! answers as a test wants, and a registry to be served by it.
//!
//! Everything here panics on a mistake in a test, with the line that is wrong. Nothing here is ever part of the tool: only
//! tests depend on this crate.
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
