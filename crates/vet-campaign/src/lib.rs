//! A fuzzing campaign that searches for false passes.
//!
//! A generator creates honest projects and lets an attacker change them: lock files, manifests,
//! configuration, sources, and what an earlier run left on the machine. The real binary checks each
//! checkout. If it passes, cargo says what it would compile, and a simple independent verdict over
//! cargo's graph says whether that is vetted.
//!
//! The seed and the number of a checkout determine everything. Only tests and the example depend on
//! this crate. It panics if something is wrong with the machine that it runs on.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a mistake in the campaign should stop it"
)]

pub mod base;
mod campaign;
pub mod graph;
pub mod lock;
pub mod machine;
pub mod mutations;
pub mod odd_trees;
pub mod oracle;
pub mod package;
pub mod project;
pub mod random;
pub mod registry;
pub mod report;
pub mod repositories;
pub mod store;
pub mod tree;
pub mod universe;
pub mod verdict;

pub use base::Base;
pub use campaign::{Job, Settings};
pub use machine::{Programs, find_cargo};
pub use report::{Finding, Report, Wrong};
