//! The store of a project: audits, criteria, policy and imports, between text and typed values.
//!
//! This crate takes texts and returns values, and the other way round.
//!
//! - [`load`] reads the three files together and names everything that is wrong with any of them, each problem with
//!   its code, its place and its way out. [`parse_audits`], [`parse_config`] and [`parse_imports`] read one file.
//! - [`validate()`] says whether a store that was changed in memory still makes sense.
//! - [`write_audits`], [`write_config`] and [`write_imports`] give the canonical text: for a file that is in canonical
//!   form, the same bytes. [`dropped_text`] lists what of the old text they leave behind.
//! - [`peer`] reads what other organisations publish, says it in this project's criteria, merges several files, for which
//!   [`write_aggregate`] gives the text, and tells which of the entries are new.
//! - [`parse_settings`] reads the settings of this tool, and [`format_settings`] gives their canonical text, in which
//!   comments stay.
//! - [`check_formatting`], [`check_lock`] and [`check_version`] tell whether a store that must not be changed is as it
//!   would be written, and fits together.
//!
//! # What this crate never does
//!
//! - It touches neither disk nor network nor clock: texts and today's date are arguments.
//! - It knows nothing of dependency graphs. What can be said only with one is a
//!   [`Conditional`] finding, for somebody else to settle.
//! - It stops at no first mistake: everything that is wrong with a store is found at once.
//! - It panics at no text, whoever wrote it.
//! - It writes a store in one way only: the same values give the same bytes.
//!
//! # Examples
//!
//! ```
//! use vet_store::entries::Exemption;
//! use vet_store::{Bytes, StoreBytes, load, write_config};
//!
//! let files = StoreBytes {
//!     config: Bytes { name: "config.toml", bytes: b"[cargo-vet]\nversion = \"0.10\"\n" },
//!     audits: Bytes { name: "audits.toml", bytes: b"[audits]\n" },
//!     imports: Bytes { name: "imports.lock", bytes: b"" },
//! };
//! let today = "2026-11-23".parse().expect("a day");
//! let mut store = load(files, today).expect("nothing is wrong with these files").store;
//!
//! store.config.exemptions.entry("lantern".to_owned()).or_default().push(Exemption {
//!     version: "1.4.2".parse().expect("a version"),
//!     criteria: vec!["safe-to-run".to_owned()],
//!     suggest: true,
//!     notes: None,
//! });
//! assert_eq!(
//!     write_config(&store.config),
//!     "\n# cargo-vet config file\n\n[cargo-vet]\nversion = \"0.10\"\n\n\
//!      [[exemptions.lantern]]\nversion = \"1.4.2\"\ncriteria = \"safe-to-run\"\n",
//! );
//! ```
//!
//! What is wrong is a value too:
//!
//! ```
//! use vet_diagnostics::Source;
//! use vet_diagnostics::Code;
//! use vet_store::parse_audits;
//!
//! let text = "[[audits.lantern]]\nversion = \"1.4\"\ncritera = \"safe-to-run\"\n";
//! let problems = parse_audits(&Source::new("audits.toml", text)).into_result().unwrap_err();
//! let codes: Vec<Code> = problems.iter().map(|problem| problem.code).collect();
//! assert_eq!(codes, [Code::UnknownField, Code::InvalidValue]);
//! ```

pub mod criteria;
mod difference;
mod dropped;
pub mod entries;
pub mod files;
mod formatting;
mod import_changes;
mod load;
mod locate;
mod lock_consistency;
mod order;
pub mod peer;
mod read;
pub mod settings;
mod text;
pub mod validate;
pub mod version;
mod write;

pub use criteria::{Criteria, CriteriaSet};
pub use dropped::{Dropped, DroppedKind, dropped_text, dropped_warning};
pub use entries::Date;
pub use files::Store;
pub use formatting::{check_formatting, check_settings_formatting};
pub use import_changes::changed_imports;
pub use load::{Bytes, FolderFile, Loaded, StoreBytes, StoreFile, Texts, load, problems_of};
pub use locate::{exemption_place, policy_place, setting_place};
pub use lock_consistency::{check_lock, check_version};
pub use read::{
    Parsed, TomlPiece, parse_audits, parse_config, parse_imports, parse_registry, parse_settings,
    toml_document, toml_pieces,
};
pub use settings::Settings;
pub use text::Text;
pub use validate::{Conditional, Validation, validate};
pub use version::Version;
pub use write::{Accounts, format_settings, write_aggregate, write_audits, write_config, write_imports};
