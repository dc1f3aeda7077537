//! Why a command failed.

use vet_diagnostics::{Diagnostic, Problems};

/// The findings that made a command fail, the main one first.
#[derive(Debug)]
pub(crate) struct Failure(Vec<Diagnostic>);

impl Failure {
    pub(crate) fn diagnostics(&self) -> &[Diagnostic] {
        &self.0
    }
}

impl Failure {
    /// Adds further findings.
    #[must_use]
    pub(crate) fn and(mut self, others: Vec<Diagnostic>) -> Self {
        self.0.extend(others);
        self
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Failure(vec![diagnostic])
    }
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Failure(diagnostics)
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Failure(problems.into_vec())
    }
}

impl From<Failure> for Problems {
    fn from(failure: Failure) -> Self {
        failure.0.into()
    }
}
