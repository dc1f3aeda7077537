//! The audits of other organisations: reads what peers publish and makes it part of this project.
//!
//! A peer's file passes through these steps, each with its own function:
//!
//! 1. [`parse_peer`] reads the text and leaves out what it cannot read.
//! 2. [`translate`] translates it into the criteria of this project.
//! 3. [`merge`] merges several files into one. An import with one URL skips this step.
//! 4. [`changed_criteria`] reports criteria whose text has changed, and [`fresh_entries`] tells
//!    which entries are new.

mod known;
mod merge;
mod translate;

pub use crate::peer::known::{
    changed_criteria, fresh_entries, fresh_of_peer, fresh_publishers, fresh_unpublished,
};
pub use crate::peer::merge::merge;
pub use crate::peer::translate::{TextNeeded, Translated, translate};
pub use crate::read::{PeerFile, Skipped, SkippedEntry, SkippedKind, parse_peer};
