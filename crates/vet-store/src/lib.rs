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
mod read;
mod text;
pub mod version;
mod wording;
mod write;

pub use criteria::{Criteria, CriteriaSet};
pub use diagnostic::{Code, Diagnostic, Severity};
pub use entries::Date;
pub use files::Store;
pub use read::{Parsed, parse_audits, parse_config, parse_imports};
pub use text::Text;
pub use version::Version;
pub use write::{Accounts, write_audits, write_config, write_imports};
