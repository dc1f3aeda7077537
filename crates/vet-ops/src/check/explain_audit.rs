//! `explain-audit`: why a version meets a criterion, or what it lacks.

use vet_diagnostics::Problems;
use vet_resolver::{Explanation, explain};
use vet_store::Version;

use crate::arguments::named_criteria;
use crate::arguments::version_in_use::version_in_use;
use crate::check::left_out::Reason;
use crate::check::unchecked::Unchecked;
use crate::evaluation::outcome::PackageId;
use crate::evaluation::outcome::WhyLeftOut;
use crate::fetched_store::{self, Network, Offline};
use crate::graph::WhenUnknown;
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::Report;
use crate::session::Session;

/// Explains whether a version of a package meets a criterion. Without a version, it explains the
/// version in use; if the settings leave the package out, the version that is left out. Without a
/// network, it uses locked entries.
///
/// # Errors
///
/// The version is ambiguous, the criterion does not exist, or the project or the store cannot be
/// read.
pub fn explain_audit(
    context: &Context,
    network: Option<Network<'_>>,
    name: String,
    version: Option<Version>,
    criterion: String,
    observer: &dyn Observer,
) -> Report<ExplainAuditOutcome> {
    Report::of(observer, &context.overrides.levels, |run| {
        // A possible dependency may be treated as one here.
        let session = Session::read_when(&WhenUnknown::Assume, context, run)?;
        let (store, criteria) = (&session.loaded.store, &session.loaded.criteria);
        let Some(index) = criteria.index(&criterion) else {
            return Err(Problems::from(named_criteria::unknown(&criterion, criteria)));
        };
        let version = match version {
            Some(version) => version,
            None => version_in_use(&session, &name, "explain-audit")?.clone(),
        };
        let explanation = match network {
            None => explain(store, criteria, &name, &version, index),
            Some(network) => {
                let fetched = fetched_store::fetch_or_use_locked(Offline::of(&session), network, run)?;
                explain(&fetched.store, criteria, &name, &version, index)
            }
        };
        let unchecked = Unchecked::named(&session, &name).warnings();
        unchecked.into_iter().for_each(|warning| run.found(warning));
        let left_out = session.why_left_out(&name, Some(&version)).map(Reason::into_why);
        Ok(ExplainAuditOutcome { package: PackageId { name, version }, criterion, explanation, left_out })
    })
}

/// The answer to `explain-audit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainAuditOutcome {
    /// The package in question.
    pub package: PackageId,
    /// The criterion in question.
    pub criterion: String,
    /// Why it meets the criterion, or why it does not.
    pub explanation: Explanation,
    /// Why no check examines the package, if it is left out.
    pub left_out: Option<WhyLeftOut>,
}
