//! The audits of other organisations: reading what they publish, and making it part of this project.
//!
//! A peer's file goes through these steps, each a function of its own:
//!
//! 1. [`parse_peer`] reads the text, leaving out what it cannot read.
//! 2. [`translate`] says it in this project's criteria.
//! 3. [`merge`] makes one of several files. An import with one address goes without.
//! 4. [`changed_criteria`] tells whether a criterion is still what it was, [`mark_known`] which entries are new.

mod known;
mod merge;
mod translate;

pub use crate::peer::known::{changed_criteria, mark_known, mark_known_publishers};
pub use crate::peer::merge::merge;
pub use crate::peer::translate::{TextNeeded, Translated, translate};
pub use crate::read::{PeerFile, Skipped, SkippedEntry, SkippedKind, parse_peer};
