//! The dependency graph of a workspace, as an immutable value with small views.
//!
//! A [`Graph`] is made once, from [`GraphData`] that one of the builders collected, and then only read.
//! [`graph_from_lock`] collects it from `Cargo.lock` and manifests, [`graph_from_metadata`] from what
//! `cargo metadata` prints. Both give the same graph. A [`GraphFilter`] is what a user writes to look at a part of it.

pub mod filter;
pub mod from_lock;
pub mod from_metadata;
mod git_source;
pub mod graph;
pub mod lock_file;
pub mod manifest;
pub mod workspace;

pub use filter::{FilterError, FilterProblem, GraphFilter};
pub use from_lock::{EdgeKinds, LockGraph, LockMismatch, PublishedFacts, graph_from_lock};
pub use from_metadata::graph_from_metadata;
pub use graph::{About, Graph, GraphData, Package, PackageData, PackageIx, PackageSource};
pub use lock_file::LockFile;
pub use manifest::Manifest;
