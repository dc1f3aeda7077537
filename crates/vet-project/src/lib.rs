//! A project and its store on disk: the workspace, cargo's configuration, and the folder of the store.
//!
//! Every value of cargo's configuration knows whether the user or the checkout has set it.
//!
//! **Invariant**: this crate does not use the network, and decides nothing about trust.
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

pub mod cargo;
pub mod outside;
pub mod permissions;
pub mod program;
mod project;
pub mod regular_file;
pub mod store_folder;
pub mod text_file;

pub use project::*;
