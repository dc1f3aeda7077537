//! Everything outside of the process: files and folders, cargo, git.
//!
//! What is read comes back as bytes, texts and values of the crates below; nothing is decided about trust.

mod cache_file;
pub mod cargo;
pub mod git;
pub mod project;
pub mod published;
pub mod store_folder;
