//! Why a command failed.

use vet_diagnostics::Diagnostic;

/// The findings that made a command fail, the main one first.
#[derive(Debug)]
pub(crate) struct Failure(Vec<Diagnostic>);

impl Failure {
    pub(crate) fn diagnostics(&self) -> &[Diagnostic] {
        &self.0
    }

    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.0
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
