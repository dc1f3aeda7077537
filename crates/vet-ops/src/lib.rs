//! The operations of the tool. Each is a function from a [`Context`](context::Context) to an
//! outcome.
//!
//! An outcome is a value; renderers decide how it looks. An operation returns it in a
//! [`Report`](report::Report), with what was found on the way. Progress is reported to an
//! [`Observer`](events::Observer).
//!
//! # What this crate never does
//!
//! - It does not print, prompt or end the process.
//! - It reads neither the environment nor the clock: both are part of the
//!   [`Context`](context::Context).
//! - It reaches files, cargo and git only through `vet-fetch`, and leaves every decision about
//!   trust to `vet-resolver`.
//! - It never writes an invalid store, and writes nothing if an operation fails or is a dry run.
//!
//! # Example
//!
//! ```
//! use std::fs;
//!
//! use vet_project::RegistryEnvironment;
//! use vet_fetch::cache::Cache;
//! use vet_fetch::http::HttpEnvironment;
//! use vet_fetch::run_log::RunLog;
//! use vet_project::state::State;
//! use vet_ops::check::check_locked;
//! use vet_ops::events::{Event, Observer};
//! use vet_ops::init::init;
//! use vet_ops::context::{Accepted, Features, Context, SettingOverrides, Unfetched};
//!
//! struct Silent;
//!
//! impl Observer for Silent {
//!     fn notice(&self, _: Event) {}
//! }
//!
//! let (project, cache) = (tempfile::tempdir()?, tempfile::tempdir()?);
//! fs::write(project.path().join("Cargo.toml"), "[package]\nname = \"app\"\nversion = \"0.1.0\"\n")?;
//! fs::write(
//!     project.path().join("Cargo.lock"),
//!     "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n",
//! )?;
//!
//! let place = Context {
//!     current_folder: project.path().to_owned(),
//!     manifest_path: None,
//!     store_path: None,
//!     cargo_home: None,
//!     cache: Cache::new(cache.path().join("cache")),
//!     state: State::new(cache.path().join("state")),
//!     cargo: "cargo".into(),
//!     cargo_arguments: Vec::new(),
//!     features: Features { all: true, default: true, named: Vec::new() },
//!     filters: Vec::new(),
//!     locked: true,
//!     frozen: false,
//!     dry_run: false,
//!     strict: false,
//!     overrides: SettingOverrides::default(),
//!     today: "2026-11-23".parse().expect("a day"),
//!     http: HttpEnvironment::default(),
//!     registries: RegistryEnvironment::default(),
//!     log: RunLog::default(),
//!     unfetched: Unfetched::default(),
//!     accepted: Accepted::default(),
//! };
//! init(&place, None, &Silent).answer.expect("there is no store yet");
//! let report = check_locked(&place, &Silent);
//! assert!(report.findings.is_empty() && report.denied.is_empty());
//! let checked = report.answer.expect("the project and its store can be read");
//! assert!(checked.outcome.is_success(), "a project without third-party packages is vetted");
//! # Ok::<(), std::io::Error>(())
//! ```

pub mod add_entry;
mod advice;
pub mod aggregate;
mod attempts;
mod backlog;
pub mod certify;
pub mod changes;
pub mod check;
pub mod context;
mod crate_sources;
pub mod credentials;
mod criteria_argument;
pub mod criteria_texts;
mod default_criteria;
mod dependency;
pub mod diff;
pub mod dump_graph;
mod evaluation;
pub mod events;
pub mod expiry;
pub mod explain_audit;
pub mod fetched_store;
pub mod fmt;
pub mod gc;
pub mod graph;
pub mod import;
pub mod init;
pub mod inspect;
pub mod left_out;
mod locked_warnings;
pub mod next;
mod open;
pub mod outcome;
mod peer_files;
mod periods;
mod policies;
pub mod preview;
pub mod prune;
mod publishers;
pub mod questions;
pub mod reading;
pub mod regenerate;
mod registry;
pub mod renew;
pub mod report;
pub mod search;
pub mod session;
pub mod settings;
pub mod status;
pub mod suggest;
pub mod trust;
mod unchecked;
mod version_in_use;
mod violations;
mod withdrawn;
