//! Maintenance of the store and the cache.
//!
//! - [`init`] creates a store;
//! - [`prune`] removes what the check does not need, and [`regenerate`] computes parts of the store
//!   again;
//! - [`renew`] extends wildcard audits;
//! - [`fmt`] writes the files of the store in canonical form;
//! - [`gc`] deletes old files from the cache.

pub mod fmt;
pub mod gc;
pub mod init;
pub mod prune;
pub mod regenerate;
pub mod renew;
