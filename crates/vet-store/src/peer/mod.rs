//! The audits of other organisations: reading what they publish, and making it part of this project.
//!
//! A peer's file goes through these steps, each a function of its own:
//!
//! 1. [`parse_peer`] reads the text, leaving out what it cannot read.
//! 2. [`merge`] makes one of several files.

mod merge;

pub use crate::peer::merge::merge;
pub use crate::read::{PeerFile, Skipped, SkippedEntry, SkippedKind, parse_peer};
