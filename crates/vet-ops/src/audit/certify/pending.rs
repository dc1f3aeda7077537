//! An audit on its way from the request into the store.

use std::ops::Range;
use std::sync::Arc;

use vet_diagnostics::{Diagnostic, Source};
use vet_store::{Criteria, Store};

use super::entry::NewEntry;
use super::subject::Subject;

/// An audit that was requested and is not recorded yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingAudit {
    /// What was audited, as it was requested.
    pub subject: Subject,
    /// The entry to record. It has no criteria until they are named, guessed or chosen.
    pub entry: NewEntry,
    /// The criteria that the user most likely wants to certify, in minimal form. Determined only
    /// if the request does not name the criteria.
    pub likely: Vec<String>,
    /// Whether what was audited was ever shown to a person at a terminal of this machine.
    pub is_read: bool,
    /// Whether to record it even if the same auditor has recorded the same before.
    pub(super) again: bool,
    pub(super) place: Option<Place>,
}

/// The position of an audit in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) source: Arc<Source>,
    pub(super) span: Range<usize>,
}

impl PendingAudit {
    /// The crate.
    pub fn package(&self) -> &str {
        self.subject.package()
    }

    /// Adds the line of the list, if there is one, to a problem.
    pub(super) fn blame(&self, problem: Diagnostic) -> Diagnostic {
        blame(self.place.as_ref(), problem)
    }

    /// The statement of this audit in the store that says the same, if the same auditor made it.
    pub(super) fn known_in(&self, store: &Store, criteria: &Criteria) -> Option<NewEntry> {
        let old = self.entry.covered_by(store, criteria, self.package());
        old.into_iter().find(|old| self.entry.adds_nothing_to(old))
    }
}

/// Adds the line of a list, if there is one, to a problem.
pub(super) fn blame(place: Option<&Place>, problem: Diagnostic) -> Diagnostic {
    match place {
        Some(Place { source, span }) => problem.at(source, span.clone(), ""),
        None => problem,
    }
}
