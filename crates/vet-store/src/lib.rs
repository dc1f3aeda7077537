//! The store of a project: audits, criteria, policy and imports, between text and typed values.
//!
//! This crate takes texts and returns values, and the other way round. It touches neither disk nor network nor clock,
//! and knows nothing of dependency graphs.

mod code;
pub mod criteria;
pub mod diagnostic;
mod dropped;
pub mod entries;
pub mod files;
mod formatting;
mod in_step;
mod load;
mod locate;
mod order;
mod read;
mod text;
pub mod validate;
pub mod version;
mod wording;
mod write;

pub use criteria::{Criteria, CriteriaSet};
pub use diagnostic::{Code, Diagnostic, Severity};
pub use dropped::{Dropped, DroppedKind, dropped_text, dropped_warning};
pub use entries::Date;
pub use files::Store;
pub use formatting::check_formatting;
pub use in_step::{check_lock, check_version};
pub use load::{Bytes, Loaded, StoreBytes, StoreFile, Texts, load};
pub use read::{Parsed, parse_audits, parse_config, parse_imports};
pub use text::Text;
pub use validate::{Conditional, Validation, validate};
pub use version::Version;
pub use write::{Accounts, write_audits, write_config, write_imports};
