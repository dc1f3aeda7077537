//! Questions that an operation may ask the user.

use std::path::Path;

use vet_diagnostics::Diagnostic;
use vet_store::{Criteria, Store};

use crate::criteria_texts::texts;
use crate::events::Observer;

/// A user who can be asked.
pub trait Prompter {
    /// Whether a user can be asked. A missing answer never counts as an answer.
    fn is_there(&self) -> bool;

    /// Asks which criteria are met.
    ///
    /// # Errors
    ///
    /// No user can be asked, or the user stops.
    fn choose_criteria(&self, question: &CriteriaQuestion) -> Result<Vec<String>, Diagnostic>;

    /// Asks a yes-or-no question.
    ///
    /// # Errors
    ///
    /// No user can be asked, or the user stops.
    fn agrees(&self, question: &str) -> Result<bool, Diagnostic>;

    /// Asks what to do about a planned audit, such as `serde:1.0.0`.
    ///
    /// # Errors
    ///
    /// No user can be asked. A user who stops quits.
    fn choose_step(&self, about: &str) -> Result<Step, Diagnostic>;

    /// Opens a file in an editor and waits until the user closes it.
    ///
    /// # Errors
    ///
    /// No user can be asked, there is no editor, or it failed. The file contains what was saved.
    fn edit(&self, file: &Path) -> Result<(), Diagnostic>;

    /// Says what comes next, and waits until the user agrees.
    ///
    /// # Errors
    ///
    /// No user can be asked, or the user stops.
    fn press_enter(&self, what: &str) -> Result<(), Diagnostic>;
}

/// What to do about a planned audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Read the source or the changes.
    Look,
    /// Certify it.
    Certify,
    /// Go on with the next audit.
    Skip,
    /// Stop the walk.
    Quit,
}

/// The question which criteria something meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CriteriaQuestion {
    /// The subject, such as `serde:* published by dtolnay`.
    pub about: String,
    /// The available criteria, in their order.
    pub choices: Vec<Choice>,
    /// The likely criteria.
    pub preselected: Vec<String>,
}

/// A criterion that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The name.
    pub name: String,
    /// The start of its text, or its URL. Untrusted text: it may contain anything.
    pub summary: String,
}

/// The criteria that can be chosen.
pub(crate) fn choices(criteria: &Criteria, store: &Store, observer: &dyn Observer) -> Vec<Choice> {
    let names: Vec<String> = criteria.names().map(str::to_owned).collect();
    // A text that has to be fetched is shown only after the user has chosen its criterion.
    let texts = texts(&names, store, None, observer).into_iter();
    let summary =
        |text: &str| text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned();
    let url =
        |name: &str| store.audits.criteria.get(name)?.description_url.as_deref().map(vet_fetch::http::shown);
    let choice = |text: crate::criteria_texts::CriterionText| Choice {
        summary: match text.is_complete {
            true => summary(&text.text),
            false => url(&text.name).unwrap_or_default(),
        },
        name: text.name,
    };
    texts.map(choice).collect()
}

/// The named criteria, or those that the user chooses; in minimal form.
///
/// # Errors
///
/// A criterion does not exist, there are none, or no user can be asked.
pub(crate) fn criteria(
    named: &[String],
    about: String,
    preselected: Vec<String>,
    criteria: &Criteria,
    store: &Store,
    prompter: &dyn Prompter,
    observer: &dyn Observer,
) -> Result<Vec<String>, Vec<Diagnostic>> {
    let chosen = match named {
        [] => {
            let choices = choices(criteria, store, observer);
            let question = CriteriaQuestion { about, choices, preselected };
            prompter.choose_criteria(&question).map_err(|problem| vec![problem])?
        }
        named => crate::criteria_argument::split(named, criteria)?,
    };
    Ok(criteria.minimal_names(&criteria.set(&chosen)))
}
