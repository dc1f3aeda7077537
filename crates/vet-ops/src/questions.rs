//! What an operation may have to ask a person.

use std::path::Path;

use vet_diagnostics::Diagnostic;
use vet_store::{Criteria, Store};

use crate::criteria_texts::texts;
use crate::events::Observer;

/// Somebody who can be asked.
pub trait Prompter {
    /// Whether anybody is there. Silence is never taken for an answer.
    fn is_there(&self) -> bool;

    /// Chooses criteria.
    ///
    /// # Errors
    ///
    /// Nobody is there, or whoever is there wants to stop.
    fn choose_criteria(&self, question: &CriteriaQuestion) -> Result<Vec<String>, Diagnostic>;

    /// Answers yes or no.
    ///
    /// # Errors
    ///
    /// Nobody is there, or whoever is there wants to stop.
    fn agrees(&self, question: &str) -> Result<bool, Diagnostic>;

    /// Says what to do about an audit that is planned, such as `serde:1.0.0`.
    ///
    /// # Errors
    ///
    /// Nobody is there. Whoever wants to stop quits.
    fn choose_step(&self, about: &str) -> Result<Step, Diagnostic>;

    /// Edits a file, as long as the person likes.
    ///
    /// # Errors
    ///
    /// Nobody is there, there is no editor, or it failed. What was saved is in the file.
    fn edit(&self, file: &Path) -> Result<(), Diagnostic>;

    /// Waits until somebody who was told what comes next agrees to it.
    ///
    /// # Errors
    ///
    /// Nobody is there, or whoever is there wants to stop.
    fn press_enter(&self, what: &str) -> Result<(), Diagnostic>;
}

/// What to do about an audit that is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Read what is to be audited.
    Look,
    /// Certify it.
    Certify,
    /// Go on with the next one.
    Skip,
    /// Stop here.
    Quit,
}

/// Which criteria does something meet?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CriteriaQuestion {
    /// What it is, such as `serde:* published by dtolnay`.
    pub about: String,
    /// The criteria to choose from, in their order.
    pub choices: Vec<Choice>,
    /// Those that are likely.
    pub preselected: Vec<String>,
}

/// A criterion to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The name.
    pub name: String,
    /// How its text begins, or where it is. Text from outside: anything may be in it.
    pub summary: String,
}

/// The criteria that can be chosen.
pub(crate) fn choices(criteria: &Criteria, store: &Store, observer: &dyn Observer) -> Vec<Choice> {
    let names: Vec<String> = criteria.names().map(str::to_owned).collect();
    // What would have to be fetched is shown to whoever has chosen it.
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

/// The criteria that were named, or else that somebody chooses; as few as say it all.
///
/// # Errors
///
/// One of them does not exist, there are none, or nobody can be asked.
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
