//! Source trees of crates as values, and what is different between two of them.
//!
//! # What this crate never does
//!
//! - It touches no disk and starts no process.
//! - It believes nothing of what is in an archive.

pub mod archive;
mod changes;
pub mod diff;
mod file_role;
mod lines;
mod outline;
mod script;
mod size;
mod tree;

pub use archive::{ArchiveProblem, Limits};
pub use diff::{Diff, diff};
pub use file_role::{Layout, Part};
pub use outline::{Outline, at_least};
pub use size::{Comparison, Size, size};
pub use tree::{File, Tree};
