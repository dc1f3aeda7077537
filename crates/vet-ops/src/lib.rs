//! The operations: each a function from a session to an outcome.
//!
//! Nothing here prints, prompts or ends the process. What an operation found out is a value; how it looks is the
//! business of the renderers.

pub mod check;
pub mod explain_audit;
