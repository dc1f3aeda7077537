//! `certify`: records an audit.
//!
//! There are three steps, each of them a function. [`prepare`] finds out what was audited, whether
//! it exists, and which criteria it most likely meets. It asks nothing. [`sign`] asks the user
//! which criteria are met, and for the statement. [`record`] writes the audits.
//!
//! A caller without a terminal, such as a page in a browser, asks in its own way between
//! [`prepare`] and [`record`]: it shows the [choices](Prepared::choices) and the
//! [statement](Prepared::statement), [sets](Prepared::choose) the criteria, and says that the user
//! [agrees](Prepared::agreed).
//!
//! The store is not locked meanwhile, because a person may work on a text for an hour. The store is
//! written at the end, if what the person agreed to is still the same.

mod contradictions;
mod editor;
mod entry;
mod form;
mod list;
mod merge;
mod outcome;
mod pending;
mod prepare;
mod record;
mod sign;
mod stages;
mod statement;
mod subject;
mod versions;

#[cfg(test)]
mod tests;

use vet_diagnostics::{Code, Diagnostic};

pub use entry::NewEntry;
pub use list::List;
pub use outcome::{CertifyOutcome, ChangedExemption, Fate, Imported, ImportedEntry, Left, Recorded};
pub use pending::PendingAudit;
pub use prepare::prepare;
pub use record::record;
pub use sign::sign;
pub use stages::{Prepared, Signed};
pub use subject::Subject;

/// What to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What was audited.
    pub what: What,
    /// The criteria that are met, unless a list names them; if empty, the user is asked.
    pub criteria: Vec<String>,
    /// The criteria that are preselected when the user is asked; if empty, the likely ones.
    pub preselected: Vec<String>,
    /// The auditors; if empty, git's user.
    pub who: Vec<String>,
    /// Notes to record with the audit. If an editor is opened, the user can change them there.
    pub notes: Option<String>,
    /// The number of lines of the changes, if the caller knows it; otherwise an earlier measurement
    /// counts. For few lines, the statement needs no editor.
    pub lines: Option<u64>,
    /// Whether to accept audits of a list that were never shown to a person.
    pub unread: bool,
    /// Whether to accept crates and versions without checking that they exist.
    pub force: bool,
    /// Whether to merge an audit of changes from a git revision with the audit that leads to that
    /// revision.
    pub merge: bool,
}

/// What was audited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// What was last read; of this crate, if one is named.
    LookedAtLast {
        /// The crate.
        package: Option<String>,
    },
    /// One subject.
    One(Subject),
    /// All audits of a list, or none.
    All(List),
}

/// What counts as consent to the texts of the criteria.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The statement that a person signs in the editor.
    Statement,
    /// The command line. The user is asked for criteria that are not named.
    Given,
    /// The command line, also for likely criteria that it does not name. The user is asked nothing.
    GivenWithLikelyCriteria,
}

impl Request {
    /// Checks, for a run without a user who can be asked, that [`sign`] has nothing to ask.
    ///
    /// # Errors
    ///
    /// There is something to ask. The finding names the options that answer it.
    pub fn check_without_prompter(&self, consent: Consent) -> Result<(), Diagnostic> {
        let are_named = match &self.what {
            What::All(list) => list.names_criteria(),
            What::One(_) | What::LookedAtLast { .. } => false,
        };
        let lacks_criteria = self.criteria.is_empty() && !are_named;
        let (what, options) = match (consent, lacks_criteria) {
            (Consent::GivenWithLikelyCriteria, _) | (Consent::Given, false) => return Ok(()),
            (Consent::Given, true) => (
                "which criteria are met",
                "name the criteria with `--criteria`, or take the likely ones with `--yes`",
            ),
            (Consent::Statement, false) => (
                "for the statement",
                "add `--accept-all` if you have read the texts of the criteria and agree",
            ),
            (Consent::Statement, true) => (
                "which criteria are met, or for the statement",
                "name the criteria with `--criteria` and add `--accept-all`, or take the likely criteria with `--yes`",
            ),
        };
        Err(Diagnostic::error(Code::NeedsAnswer, format!("cannot ask {what}"))
            .note("stdin or stderr is not a terminal, and a missing answer does not count as agreement")
            .help(options))
    }
}
