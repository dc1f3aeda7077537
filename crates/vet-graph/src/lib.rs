//! The dependency graph of a workspace, as an immutable value with small views.
//!
//! A [`Graph`] is made once, from [`GraphData`] that one of the builders collected, and then only read.

pub mod graph;

pub use graph::{Graph, GraphData, Package, PackageData, PackageIx, PackageSource};
