//! What the tool finds and reports, as data: codes, findings with their places, and levels.
//!
//! ```
//! use vet_diagnostics::{Code, Diagnostic, Source};
//!
//! let source = Source::new("audits.toml", "[[audits.lantern]]\nversion = \"1.4\"\n");
//! let problem = Diagnostic::error(Code::InvalidValue, "`1.4` is not a version")
//!     .at(&source, 29..34, "expected three numbers")
//!     .help("write `1.4.0`");
//! assert_eq!(problem.code.to_string(), "VET0107");
//! ```
//!
//! **Invariant**: this crate does not know what the findings are about. It reads no files and
//! prints nothing.

mod code;
mod diagnostic;
mod levels;
mod located;
mod problems;
pub mod wording;

pub use code::Code;
pub use diagnostic::{Diagnostic, Excerpt, Severity, Source};
pub use levels::{Judgement, Level, Levels, UnknownLevel, not_a_warning};
pub use located::{Located, TextPlace};
pub use problems::Problems;
