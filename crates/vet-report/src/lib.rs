//! Renders outcomes, graphs and findings as text for people and as JSON for programs.
//!
//! Every function here turns a value into a text. Texts for people end with a line feed. JSON
//! documents do not, except errors, which take one line each.
//!
//! # What this crate never does
//!
//! - It makes no decision about trust: everything that it shows is in the outcome.
//! - It writes nothing, and does not query the terminal. A [`Look`](diagnostics::Look) says how
//!   wide a text may be and whether it has colours.
//! - It never passes control characters in names, notes or excerpts to the terminal, because they
//!   come from untrusted files. It shows them as escape sequences. Only [`patch::exact`],
//!   [`diff::exact`] and JSON are meant for programs.
//!
//! # Example
//!
//! ```
//! use vet_ops::evaluation::outcome::{CheckOutcome, Checked, PackageId};
//! use vet_report::suggest::Form;
//! use vet_report::{check, diagnostics};
//! use vet_diagnostics::Source;
//! use vet_store::parse_audits;
//!
//! let lantern = PackageId { name: "lantern".to_owned(), version: "1.4.2".parse().expect("a version") };
//! let outcome = CheckOutcome::Unvetted { failures: vec![(lantern, vec!["safe-to-deploy".to_owned()])], suggestions: None };
//! assert_eq!(
//!     check::human(&Checked { outcome, left_out: None }, Form::default()),
//!     "Vetting Failed!\n\n1 unvetted dependencies:\n  lantern:1.4.2 missing [\"safe-to-deploy\"]\n",
//! );
//!
//! let audits = Source::new("audits.toml", "[audits]\nlantern = 3\n");
//! let problems = parse_audits(&audits).into_result().unwrap_err();
//! let text = diagnostics::human(&problems, diagnostics::Look { colored: false, width: 80 });
//! assert!(text.starts_with("error[VET0104]: "), "{text}");
//! assert!(text.contains("audits.toml:2:11"), "{text}");
//! ```

mod amount;
pub mod certify;
pub mod changes;
pub mod check;
mod conflicts;
pub mod diagnostics;
pub mod diff;
pub mod dump_graph;
pub mod explain_audit;
pub mod gc;
mod json;
pub mod left_out;
pub mod next;
pub mod patch;
pub mod reading;
pub mod renew;
pub mod settings;
mod short_list;
pub mod status;
pub mod suggest;
pub mod visible;
pub mod wrapped;

pub use short_list::short_list;
