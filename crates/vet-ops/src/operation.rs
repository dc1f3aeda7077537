//! What every operation takes, tells, asks and returns.
//!
//! An operation takes a [`Context`](context::Context), tells an
//! [`Observer`](events::Observer) its progress, asks a [`Prompter`](questions::Prompter), and
//! returns a [`Report`](report::Report). Operations that write the store also return its
//! [`Changes`](changes::Changes), or a [`Preview`](preview::Preview) of them.

pub mod changes;
pub mod context;
pub mod events;
pub mod preview;
pub mod questions;
pub mod report;
