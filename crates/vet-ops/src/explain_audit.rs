//! `explain-audit`: why does a version meet a criterion, or how far is it from doing so?

use vet_resolver::Explanation;

use crate::check::PackageName;

/// The answer to `explain-audit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainAuditOutcome {
    /// The package that was asked about.
    pub package: PackageName,
    /// The criterion that was asked about.
    pub criterion: String,
    /// Why it does, or does not, meet the criterion.
    pub explanation: Explanation,
}
