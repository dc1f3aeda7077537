//! A project and its store on disk: the workspace, cargo's configuration, and the folder of the
//! store.
//!
//! - [`Project`] finds a workspace as cargo does, and reads its manifests, `Cargo.lock` and cargo's
//!   configuration. Every value of the configuration records whether the user or the checkout set
//!   it.
//! - [`store_folder`] reads the files of a store as they are at one moment, and replaces all of
//!   them or none.
//! - [`outside`] runs programs in a place where the checkout does not decide what they do.
//! - [`cargo`] asks cargo for the dependency graph.
//! - [`state`] keeps what a user would not want to lose: drafts, what was read, and habits.
//!
//! # What this crate never does
//!
//! - It does not use the network.
//! - It does not decide about trust.
//! - It never leaves a store half written, even if the process is killed.
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
//! let mut store = folder.lock(|| eprintln!("waiting for another process")).expect("all three files are there");
//! let changes = [(StoreFile::Audits.into(), &b"\n[audits]\n"[..]), (StoreFile::Imports.into(), b"")];
//! let written = store.commit(&changes).expect("no other process uses the store");
//! assert_eq!(written, [StoreFile::Audits.into()], "a file whose bytes stay the same is not touched");
//! # Ok::<(), std::io::Error>(())
//! ```

pub mod cargo;
pub mod outside;
pub mod permissions;
pub mod program;
mod project;
pub mod regular_file;
pub mod sha256;
pub mod state;
pub mod store_folder;
pub mod text_file;

pub use project::{
    BuildSettings, CRATES_IO, CargoConfiguration, Checkout, Neighbour, NetworkConfiguration, Origin,
    OwnFolders, Project, ProjectFiles, Provider, Redirection, RegistryConfiguration, RegistryEnvironment,
    RegistryPlaces, ReplacedByItself, SettingsForCargo, SourceConfiguration, StatedTarget, Token, Told,
    VendoredSources, Whereabouts, accept, in_variable, other_lock_files, same_index,
};
