//! Source trees of crates as values, and the differences between two of them.
//!
//! # What this crate never does
//!
//! - It does not access the disk and starts no processes.
//! - It trusts nothing in an archive.

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
pub use file_role::{FileRole, Layout};
pub use outline::{Outline, at_least};
pub use size::{Comparison, Size, size};
pub use tree::{File, Tree};
