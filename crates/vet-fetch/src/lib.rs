//! Network access and facts about published packages: crates.io, archives, git sources, and caches.
//!
//! - [`http`] fetches texts and archives.
//! - [`crates_io`] provides the versions of crates, their publishers and their dates.
//! - [`archives`] provides the archives of published versions, after it has verified their
//!   checksums.
//! - [`published`] provides what published packages declare and whether they are libraries.
//! - [`vendored`] compares vendored sources with what was published.
//! - [`git_sources`] provides the files of packages from git, in cargo's checkouts. [`git`] asks
//!   git.
//! - [`sources`] writes the files of a package to disk, for people to read.
//! - [`cache`] is the cache, in which all of these remember facts.
//! - [`sizes`] remembers how much differs between versions.
//! - [`seen_violations`] remembers the violations that peers reported in failed checks.
//!
//! # What this crate never does
//!
//! - It does not decide about trust: it does not know what an audit means.
//! - It uses a download for a locked package only if the archive has the locked checksum, or the
//!   checkout has the locked revision.
//! - It does not rely on a cache: everything in it may be lost at any time, and is then determined
//!   again.
//! - It opens connections only through an [`http::Client`] that its caller created.

pub mod archives;
pub mod cache;
mod clock;
pub mod crates_io;
pub mod git;
pub mod git_sources;
pub mod http;
pub mod published;
pub mod run_log;
pub mod seen_violations;
pub mod sizes;
pub mod sources;
pub mod vendored;
