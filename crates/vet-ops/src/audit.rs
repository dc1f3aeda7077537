//! Audits: what to read, reading it, and recording the result.
//!
//! In the order in which users need them:
//!
//! - [`suggest`] plans the audits that are missing, and [`status`] shows how far the plan is;
//! - [`inspect`] and [`diff`] prepare the source of a version, or the changes between two versions,
//!   for reading ([`reading`]);
//! - [`certify`] records an audit; [`add_entry`] records an exemption or a violation;
//! - [`next`] goes through the plan, and reads and certifies one audit after the other.

pub mod add_entry;
pub mod certify;
mod default_criteria;
pub mod diff;
pub mod inspect;
pub mod next;
pub mod reading;
pub mod status;
pub mod suggest;
mod trees;
