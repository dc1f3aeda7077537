//! The store of a project: audits, criteria, policy and imports, as text and as typed values.
//!
//! This crate converts texts to values and values to texts.
//!
//! - [`load`] reads the three files together and reports everything that is wrong with them, each
//!   problem with its code, its place and how to fix it. [`parse_audits`], [`parse_config`] and
//!   [`parse_imports`] read one file each.
//! - [`validate()`] checks whether a store that was changed in memory is still valid.
//! - [`write_audits`], [`write_config`] and [`write_imports`] return the canonical text. For a file
//!   in canonical form, these are the same bytes. [`dropped_text`] lists what a write loses of the
//!   old text.
//! - [`peer`] reads the audits of other organisations, translates them into the criteria of this
//!   project, merges several files, and tells which entries are new. [`write_aggregate`] returns
//!   the text of merged files.
//! - [`parse_settings`] reads the settings of this tool. [`format_settings`] returns their
//!   canonical text and keeps the comments.
//! - [`check_formatting`], [`check_lock`] and [`check_version`] check a store that must not be
//!   changed: whether it is formatted, and whether its files fit each other and this tool.
//!
//! # What this crate never does
//!
//! - It accesses neither disk nor network nor clock: texts and today's date are arguments.
//! - It knows nothing about dependency graphs. A problem that depends on one is a [`Conditional`]
//!   finding, which the caller settles.
//! - It does not stop at the first mistake: it reports everything that is wrong with a store at
//!   once.
//! - It never panics, whatever a text contains.
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
//! Problems are values, too:
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
pub mod fetched;
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
mod store;
mod text;
pub mod validate;
pub mod version;
mod write;

pub use criteria::{Criteria, CriteriaSet};
pub use dropped::{Dropped, DroppedKind, dropped_text, dropped_warning};
pub use entries::Date;
pub use files::{FolderFile, StoreFile};
pub use formatting::{check_formatting, check_settings_formatting};
pub use import_changes::changed_imports;
pub use load::{Bytes, Loaded, StoreBytes, load, problems_of};
pub use locate::{exemption_place, policy_place, setting_place};
pub use lock_consistency::{check_lock, check_version};
pub use read::{
    MOST_PROBLEMS, Parsed, TomlPiece, parse_audits, parse_config, parse_imports, parse_registry,
    parse_settings, toml_document, toml_pieces,
};
pub use settings::Settings;
pub use store::Store;
pub use text::{Text, Texts};
pub use validate::{Conditional, Validation, validate};
pub use version::Version;
pub use write::{Accounts, format_settings, write_aggregate, write_audits, write_config, write_imports};
