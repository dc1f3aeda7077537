//! Sharing: the statements of others, used here, and those of several projects in one file.
//!
//! - [`import`] uses the audits of another project;
//! - [`trust`] relies on the releases of a publisher;
//! - [`aggregate`] merges the audits of several projects, for others to import.

pub mod aggregate;
pub mod import;
pub mod trust;
