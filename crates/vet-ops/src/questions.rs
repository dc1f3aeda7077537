//! What an operation may have to ask a person.

use vet_store::{Criteria, Diagnostic};

/// Somebody who can be asked.
pub trait Person {
    /// Chooses criteria.
    ///
    /// # Errors
    ///
    /// Nobody is there, or whoever is there wants to stop.
    fn choose_criteria(&self, question: &CriteriaQuestion) -> Result<Vec<String>, Diagnostic>;

    /// Waits until somebody who was told what comes next agrees to it.
    ///
    /// # Errors
    ///
    /// Nobody is there, or whoever is there wants to stop.
    fn press_enter(&self, what: &str) -> Result<(), Diagnostic>;
}

/// Which criteria does something meet?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CriteriaQuestion {
    /// What it is, such as `serde:* published by dtolnay`.
    pub about: String,
    /// The criteria to choose from, in their order.
    pub choices: Vec<String>,
    /// Those that are likely.
    pub preselected: Vec<String>,
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
    person: &dyn Person,
) -> Result<Vec<String>, Vec<Diagnostic>> {
    let chosen = match named {
        [] => {
            let choices = criteria.names().map(str::to_owned).collect();
            let question = CriteriaQuestion { about, choices, preselected };
            person.choose_criteria(&question).map_err(|problem| vec![problem])?
        }
        named => {
            crate::criteria_argument::check(named, criteria)?;
            named.to_vec()
        }
    };
    Ok(criteria.minimal_names(&criteria.set(&chosen)))
}
