//! The operations: each a function from a place to an outcome.
//!
//! Nothing here prints, prompts or ends the process. What an operation found out is a value; how it looks is the
//! business of the renderers. What happens on the way is told to an [`Observer`](events::Observer).

pub mod add_entry;
pub mod changes;
pub mod check;
mod criteria_argument;
pub mod events;
pub mod explain_audit;
pub mod fmt;
pub mod graph;
pub mod init;
pub mod place;
mod policies;
pub mod regenerate;
pub mod session;
