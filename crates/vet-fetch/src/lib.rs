//! Everything outside of the process: files and folders, cargo, git, the network.
//!
//! What is read comes back as bytes, texts and values of the crates below.
//!
//! - [`project`] finds a workspace as cargo does, and reads its manifests, `Cargo.lock` and cargo's configuration.
//! - [`store_folder`] reads the files of a store as they are at one moment, and replaces them all or not at all.
//! - [`published`] knows whether published packages are libraries, from sources at hand and from earlier runs.
//! - [`looked_at`] remembers what somebody read, and where they like to read it.
//! - [`seen_violations`] remembers what peers reported in checks that failed.
//! - [`git_sources`] knows the files of packages from git, in cargo's checkouts.
//! - [`sources`] puts the files of a package on disk, for people to read.
//! - [`sizes`] remembers how much is different between source trees.
//! - [`outside`] is where programs run, so that the checkout does not decide what they do.
//! - [`cargo`] and [`git`] ask those programs; [`browser`], [`nested_shell`], [`pager`] and [`viewer`] start others, for
//!   people who read.
//! - [`http`] fetches texts and archives.
//! - [`crates_io`] knows the versions of crates, who published them and when.
//! - [`archives`] brings the archives of published versions, which have the right checksum.
//! - [`cache_folder`] marks the folder of the cache, and removes what is old there.
//! - [`editor`] and [`drafts`] let a person write a text, and keep what was written.
//!
//! # What this crate never does
//!
//! - It decides nothing about trust: it does not know what an audit means.
//! - It leaves no store half written, whenever the process ends.
//! - It takes no download for a locked package unless the archive has the locked checksum, or the checkout the locked
//!   revision. What was vendored counts as it does for cargo: by the checksum that is noted beside it.
//! - It relies on no cache: whatever is remembered may be lost at any time, and is then found out again.
//! - It opens no connection but through a [`http::Client`] that its caller made, and through cargo when it is asked.
//!
//! # Example
//!
//! ```
//! use vet_project::store_folder::StoreFolder;
//! use vet_store::StoreFile;
//!
//! let project = tempfile::tempdir()?;
//! let folder = StoreFolder::new(project.path().join("supply-chain"), "supply-chain");
//! folder
//!     .create(&[
//!         (StoreFile::Config.into(), b"[cargo-vet]\nversion = \"0.10\"\n"),
//!         (StoreFile::Audits.into(), b"[audits]\n"),
//!         (StoreFile::Imports.into(), b""),
//!     ])
//!     .expect("there was nothing");
//!
//! let mut store = folder.lock(|| eprintln!("somebody else uses the store")).expect("all three files are there");
//! let changes = [(StoreFile::Audits.into(), &b"\n[audits]\n"[..]), (StoreFile::Imports.into(), b"")];
//! let written = store.commit(&changes).expect("nobody interferes");
//! assert_eq!(written, [StoreFile::Audits.into()], "a file whose bytes stay the same is not touched");
//! # Ok::<(), std::io::Error>(())
//! ```

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
