//! The dependency graph of a workspace, as an immutable value with small views.
//!
//! A builder collects [`GraphData`], and a [`Graph`] is made from it once and then only read. There
//! are two builders: [`graph_from_lock`] reads `Cargo.lock` and manifests, [`graph_from_metadata`]
//! reads the output of `cargo metadata`. Both give the same graph. With a [`GraphFilter`], the user
//! selects a part of the graph.
//!
//! # What this crate never does
//!
//! - It does not access the disk or the network, and starts no process. A builder gets facts about
//!   published packages from a [`PublishedFacts`].
//! - It does not resolve versions. If a lock file does not match the manifests, the result is a
//!   [`LockMismatch`], never a guess.
//! - It leaves nothing out on a guess. If it is unknown whether an edge counts, the graph has it.
//! - It does not change a [`Graph`]. Filtering makes a new one.
//!
//! # Example
//!
//! ```
//! use std::path::Path;
//!
//! use vet_graph::lock_file::LockedPackage;
//! use vet_graph::workspace::{LocalPackage, Workspace};
//! use vet_graph::{
//!     EdgeKinds, Graph, LockFile, Manifest, Published, PublishedFacts, Rules,
//!     graph_from_lock,
//! };
//! use vet_diagnostics::Source;
//!
//! let manifest = r#"
//! [package]
//! name = "app"
//! version = "0.1.0"
//!
//! [dependencies]
//! lantern = { version = "1.4", git = "https://git.example/lantern" }
//! "#;
//! let lock = r#"version = 4
//!
//! [[package]]
//! name = "app"
//! version = "0.1.0"
//! dependencies = [
//!  "lantern",
//! ]
//!
//! [[package]]
//! name = "lantern"
//! version = "1.4.2"
//! source = "git+https://git.example/lantern#0123456789abcdef0123456789abcdef01234567"
//! "#;
//!
//! /// All that comes from elsewhere is a library, and nothing more is known about it.
//! struct Libraries;
//!
//! impl PublishedFacts for Libraries {
//!     fn is_library(&self, _: &LockedPackage) -> Option<bool> {
//!         Some(true)
//!     }
//!
//!     fn declared(&self, _: &LockedPackage) -> Published<'_> {
//!         Published::Unknown
//!     }
//! }
//!
//! let manifest = Manifest::parse(&Source::new("Cargo.toml", manifest)).expect("a manifest");
//! let lock = LockFile::parse(&Source::new("Cargo.lock", lock)).expect("a lock file");
//! let app = LocalPackage::new(&manifest, Path::new("/app"), None, true, || false).expect("nothing is inherited");
//! let workspace = Workspace { packages: app.into_iter().collect(), ..Workspace::default() };
//!
//! let kinds = EdgeKinds::OfLocalPackages;
//! let built = graph_from_lock(&lock, &workspace, &Libraries, kinds, &Rules::default()).expect("they fit");
//! // Code from git is audited if the project wants it.
//! let graph = Graph::new(built.data, |name, _version| name == "lantern");
//!
//! let third_party: Vec<String> = graph
//!     .packages()
//!     .filter(|package| package.is_third_party())
//!     .map(|package| format!("{} {}", package.name(), package.version()))
//!     .collect();
//! assert_eq!(third_party, ["lantern 1.4.2@git:0123456789abcdef0123456789abcdef01234567"]);
//! ```

pub mod declared;
pub mod filter;
pub mod from_lock;
pub mod from_metadata;
pub mod graph;
pub mod lock_file;
mod locked_source;
pub mod manifest;
pub mod platform;
pub mod published;
pub mod rules;
mod verify;
pub mod workspace;

pub use declared::Declared;
pub use filter::{FilterError, FilterProblem, GraphFilter};
pub use from_lock::{EdgeKinds, LockGraph, graph_from_lock};
pub use from_metadata::graph_from_metadata;
pub use graph::{About, Graph, GraphData, Package, PackageData, PackageIx, PackageSource};
pub use lock_file::LockFile;
pub use manifest::Manifest;
pub use platform::{Flags, Platform};
pub use published::{Published, PublishedFacts};
pub use rules::{FeaturesOn, Platforms, Rule, Rules};
pub use verify::{LockMismatch, Mismatch, patched_by_chance};
