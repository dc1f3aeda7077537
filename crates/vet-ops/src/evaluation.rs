//! A store, evaluated against the graph of its project: the decision, and what follows from it.
//!
//! Every operation that needs a verdict takes it from here: the checks, the plan, the walk through
//! the plan, and the status. They differ in the store: the locked one, or what was fetched.
//! `open` says what must be found out before a decision counts. `outcome` has the decision as a
//! value, and `violations` and `withdrawn` say what is to be reported about it.

pub(crate) mod open;
pub mod outcome;
pub(crate) mod violations;
pub(crate) mod withdrawn;

use vet_graph::{Graph, PackageIx};
use vet_resolver::{Conclusion, Resolution, Resolver};
use vet_store::{Criteria, Store};

use crate::evaluation::open::Open;
use crate::evaluation::outcome::{CheckOutcome, Checked};
use crate::session::Session;

/// The decision over a store.
pub(crate) struct Evaluation<'e> {
    pub(crate) session: &'e Session<'e>,
    pub(crate) store: &'e Store,
    pub(crate) resolver: Resolver<'e>,
    pub(crate) resolution: Resolution,
}

impl<'e> Evaluation<'e> {
    /// Decides over the locked store.
    pub(crate) fn of_locked(session: &'e Session<'e>) -> Self {
        Self::of(session, &session.loaded.store)
    }

    /// Decides over a store that was made from that of the session.
    pub(crate) fn of(session: &'e Session<'e>, store: &'e Store) -> Self {
        let resolver = Resolver::new(session.view(), store, &session.loaded.criteria);
        let resolution = resolver.decide();
        Evaluation { session, store, resolver, resolution }
    }

    /// The checked part of the graph.
    pub(crate) fn graph(&self) -> &'e Graph {
        self.session.view()
    }

    pub(crate) fn criteria(&self) -> &'e Criteria {
        &self.session.loaded.criteria
    }

    pub(crate) fn conclusion(&self) -> Conclusion {
        self.resolution.conclusion
    }

    /// What has to be found out before the decision counts. `more` are packages with additional
    /// reports.
    pub(crate) fn open(&self, more: impl IntoIterator<Item = PackageIx>) -> Option<Open> {
        Open::of_verdict(self.session, &self.resolver, &self.resolution, more)
    }

    /// The decision as a value.
    pub(crate) fn outcome(&self) -> CheckOutcome {
        CheckOutcome::of(self.graph(), self.criteria(), &self.resolver, &self.resolution)
    }

    /// The result of a check with this outcome.
    pub(crate) fn checked(&self, outcome: CheckOutcome) -> Checked {
        Checked { outcome, left_out: self.session.left_out() }
    }
}
