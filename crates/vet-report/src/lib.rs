//! What was found out, for people and for programs: outcomes, graphs and findings as text and as JSON.
//!
//! Everything here is a function from a value to a text. Nothing is computed that is not shown, and nothing is written
//! anywhere. Texts for people end in a line feed; JSON documents do not, apart from errors, which are a line each.
//!
//! Names, notes and excerpts come from files that somebody else wrote. Control characters in them are shown, not sent to
//! the terminal.

pub mod changes;
pub mod check;
mod conflicts;
pub mod diagnostics;
pub mod dump_graph;
pub mod explain_audit;
mod json;
mod short_list;
mod visible;

pub use short_list::short_list;
