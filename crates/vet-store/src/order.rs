//! The order in which the entries of one crate are written.
//!
//! The order is ascending and stable: entries that compare equal keep their order.

use std::cmp::Ordering;

use crate::entries::{AuditEntry, Exemption, PublisherEntry, TrustedEntry, UnpublishedEntry, WildcardEntry};

impl AuditEntry {
    /// Compares by kind and versions, then criteria, auditors and notes. Ignores whether the entry
    /// can be imported and where it was aggregated from.
    pub fn canonical_cmp(&self, other: &Self) -> Ordering {
        self.kind
            .cmp(&other.kind)
            .then_with(|| self.criteria.cmp(&other.criteria))
            .then_with(|| self.who.cmp(&other.who))
            .then_with(|| self.notes.cmp(&other.notes))
    }
}

impl WildcardEntry {
    /// Compares by auditors, criteria, publisher, period, renewal, notes and origin.
    pub fn canonical_cmp(&self, other: &Self) -> Ordering {
        self.who
            .cmp(&other.who)
            .then_with(|| self.criteria.cmp(&other.criteria))
            .then_with(|| self.publisher.cmp(&other.publisher))
            .then_with(|| self.start.cmp(&other.start))
            .then_with(|| self.end.cmp(&other.end))
            .then_with(|| self.renew.cmp(&other.renew))
            .then_with(|| self.notes.cmp(&other.notes))
            .then_with(|| self.aggregated_from.cmp(&other.aggregated_from))
    }
}

impl TrustedEntry {
    /// Compares by criteria, publisher, period, notes and origin.
    pub fn canonical_cmp(&self, other: &Self) -> Ordering {
        self.criteria
            .cmp(&other.criteria)
            .then_with(|| self.publisher.cmp(&other.publisher))
            .then_with(|| self.start.cmp(&other.start))
            .then_with(|| self.end.cmp(&other.end))
            .then_with(|| self.notes.cmp(&other.notes))
            .then_with(|| self.aggregated_from.cmp(&other.aggregated_from))
    }
}

impl Exemption {
    /// Compares by version, criteria, whether an audit is worth suggesting, and notes.
    pub fn canonical_cmp(&self, other: &Self) -> Ordering {
        self.version
            .cmp(&other.version)
            .then_with(|| self.criteria.cmp(&other.criteria))
            .then_with(|| self.suggest.cmp(&other.suggest))
            .then_with(|| self.notes.cmp(&other.notes))
    }
}

impl PublisherEntry {
    /// Compares by version, day of publication and publisher.
    pub fn canonical_cmp(&self, other: &Self) -> Ordering {
        self.version
            .cmp(&other.version)
            .then_with(|| self.when.cmp(&other.when))
            .then_with(|| self.publisher.cmp(&other.publisher))
    }
}

impl UnpublishedEntry {
    /// Compares by version, then by the version that it is audited as.
    pub fn canonical_cmp(&self, other: &Self) -> Ordering {
        self.version.cmp(&other.version).then_with(|| self.audited_as.cmp(&other.audited_as))
    }
}
