//! The store of a project: audits, criteria, policy and imports, between text and typed values.
//!
//! This crate takes texts and returns values, and the other way round. It touches neither disk nor network nor clock,
//! and knows nothing of dependency graphs.

mod code;
pub mod criteria;
pub mod diagnostic;
pub mod entries;
pub mod files;
mod order;
pub mod version;

pub use criteria::{Criteria, CriteriaSet};
pub use diagnostic::{Code, Diagnostic, Severity};
pub use entries::Date;
pub use files::Store;
pub use version::Version;
