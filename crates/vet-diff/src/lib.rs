//! Source trees of crates as values, and what is different between two of them.
//!
//! # What this crate never does
//!
//! - It touches no disk and starts no process.

mod tree;

pub use tree::{File, Tree};
