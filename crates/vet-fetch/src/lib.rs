//! The network, and what was fetched: crates.io, archives, git sources, and what is known about published packages.
//!
//! - [`http`] fetches texts and archives.
//! - [`crates_io`] knows the versions of crates, who published them and when.
//! - [`archives`] provides the archives of published versions, whose checksums it has verified.
//! - [`published`] knows what published packages declare and whether they are libraries.
//! - [`vendored`] compares vendored sources with what was published.
//! - [`git_sources`] knows the files of packages from git, in cargo's checkouts. [`git`] asks git.
//! - [`sources`] writes the files of a package to disk, for people to read.
//! - [`sizes`] remembers how much differs between versions.
//! - [`cache_folder`] marks the folder of the cache, and removes what is old there.
//! - [`review_history`] remembers what a user has read; [`drafts`] keeps the texts that a user was writing.
//! - [`seen_violations`] remembers the violations that peers reported in failed checks.
//!
//! # What this crate never does
//!
//! - It does not decide about trust: it does not know what an audit means.
//! - It uses no download for a locked package unless the archive has the locked checksum, or the checkout the locked revision.
//! - It does not rely on a cache: everything in it may be lost at any time, and is then found out again.
//! - It opens no connection except through an [`http::Client`] that its caller made.

pub mod archives;
mod cache_file;
pub mod cache_folder;
mod clock;
pub mod crates_io;
pub mod drafts;
pub mod git;
pub mod git_sources;
pub mod http;
pub mod published;
pub mod review_history;
pub mod seen_violations;
mod sha256;
pub mod sizes;
pub mod sources;
pub mod vendored;
