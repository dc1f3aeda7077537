//! The audits of other organisations: reading what they publish, and making it part of this project.
//!
//! A peer's file goes through these steps, each a function of its own:
//!
//! 1. [`parse_peer`] reads the text, leaving out what it cannot read.

pub use crate::read::{PeerFile, Skipped, SkippedEntry, SkippedKind, parse_peer};
