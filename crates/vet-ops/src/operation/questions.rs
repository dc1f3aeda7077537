//! Questions that an operation may ask the user.

use std::path::Path;

use vet_diagnostics::Diagnostic;

/// A user who can be asked.
pub trait Prompter {
    /// Whether a user can be asked. A missing answer never counts as an answer.
    fn is_there(&self) -> bool;

    /// Shows findings that the user should know before a question.
    fn inform(&self, findings: &[Diagnostic]);

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

    /// Asks what to do about a planned audit.
    ///
    /// # Errors
    ///
    /// No user can be asked. A user who stops quits.
    fn choose_step(&self, question: &StepQuestion) -> Result<NextStep, Diagnostic>;

    /// Asks for consent to a short statement, without an editor. Shows the texts of the criteria
    /// that it has not shown before.
    ///
    /// # Errors
    ///
    /// No user can be asked, or the user stops.
    fn sign(&self, statement: &str, criteria: &[CriterionText]) -> Result<StatementAnswer, Diagnostic>;

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

/// The answer to a short statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementAnswer {
    /// The user makes the statement.
    Yes,
    /// The user does not.
    No,
    /// The user wants to write notes in the editor.
    Editor,
}

/// The question what to do about a planned audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepQuestion {
    /// The subject, such as `serde:1.0.0`.
    pub about: String,
    /// The registry member whose audits would make the most of it unnecessary.
    pub import: Option<String>,
    /// The publisher who could be trusted instead, as a command-line argument.
    pub trust: Option<String>,
    /// Whether an earlier audit can be returned to.
    pub has_earlier: bool,
}

/// What to do about a planned audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// Explain the keys and the criteria.
    Explain,
    /// Import the audits of the member that is named in the question.
    Import,
    /// Trust the publisher that is named in the question.
    Trust,
    /// Return to the audit before.
    Back,
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

/// A criterion, and its requirements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CriterionText {
    /// The name.
    pub name: String,
    /// What an auditor must understand before certifying it. Untrusted text: it may contain
    /// anything.
    pub text: String,
    /// Whether the text is complete. If not, the text says where the rest is.
    pub is_complete: bool,
}
