//! The operations of the tool. Each is a function from a [`Context`](operation::context::Context)
//! to an outcome.
//!
//! An outcome is a value; renderers decide how it looks. An operation returns it in a
//! [`Report`](operation::report::Report), with what was found on the way. Progress is reported to
//! an [`Observer`](operation::events::Observer).
//!
//! # Where to find things
//!
//! Operations are grouped by what users do: [`check`], [`audit`], [`share`] and [`maintain`]. No
//! group uses another. What they have in common is below, and each of these uses only those before
//! it:
//!
//! 1. [`operation`]: what every operation takes, tells, asks and returns;
//! 2. [`graph`]: the dependency graph, from `Cargo.lock` or from cargo;
//! 3. [`session`]: a project and its store, read and replaced;
//! 4. [`fetched_store`]: the store with what peers and crates.io say today;
//! 5. [`arguments`]: what users name on the command line;
//! 6. [`evaluation`]: the decision over a store, and what follows from it;
//! 7. [`search`]: what to audit, and `update`: the store to write.
//!
//! # What this crate never does
//!
//! - It does not print, prompt or end the process.
//! - It reads neither the environment nor the clock: both are part of the
//!   [`Context`](operation::context::Context).
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
//! use vet_ops::operation::events::{Event, Observer};
//! use vet_ops::maintain::init::init;
//! use vet_ops::operation::context::{Accepted, Features, Context, SettingOverrides, Unfetched};
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

pub mod arguments;
pub mod audit;
pub mod check;
pub mod evaluation;
pub mod fetched_store;
pub mod graph;
#[cfg(test)]
mod layers;
pub mod maintain;
pub mod operation;
pub mod search;
pub mod session;
pub mod share;
mod update;
