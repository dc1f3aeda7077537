//! The entries of the store, one type each, with the fields of the file format.
//!
//! Lists of criteria are kept as they are written: names, in the order of the file. What they mean is the business of
//! [`Criteria`](crate::criteria::Criteria).

use crate::version::{Version, VersionRange};

/// A calendar day, in UTC.
pub type Date = chrono::NaiveDate;

/// `[criteria.<name>]`: a criterion that this file defines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CriteriaEntry {
    /// The text that an auditor certifies against.
    pub description: Option<String>,
    /// Where the text can be read, if it is not given inline.
    pub description_url: Option<String>,
    /// The criteria that a package which meets this one meets as well.
    pub implies: Vec<String>,
    /// The files that the entry was aggregated from, the newest last.
    pub aggregated_from: Vec<String>,
}

/// `[[audits.<crate>]]`: somebody audited a version or a change, or knows that versions must not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The auditors.
    pub who: Vec<String>,
    /// The criteria that are met, or violated.
    pub criteria: Vec<String>,
    /// What the entry is about.
    pub kind: AuditKind,
    /// Whether other projects may import the entry.
    pub importable: bool,
    /// Free text.
    pub notes: Option<String>,
    /// The files that the entry was aggregated from, the newest last.
    pub aggregated_from: Vec<String>,
    /// Whether this was fetched in this run and is not in `imports.lock` yet. Never written.
    pub fresh: bool,
}

/// What an audit entry is about. Ordered as entries are sorted: full, delta, violation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuditKind {
    /// All of one version.
    Full(Version),
    /// The change from one version to another.
    Delta {
        /// The version that is taken as given.
        from: Version,
        /// The version that the change leads to.
        to: Version,
    },
    /// Versions that are known not to meet the criteria.
    Violation(VersionRange),
}

/// Who published a version.
///
/// Ordered as entries are sorted: accounts by number, then trusted publishers by text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PublisherId {
    /// The numeric id of a crates.io account; at most `i64::MAX`.
    User(u64),
    /// A trusted-publishing signature such as `github:owner/repository`.
    TrustedPublisher(String),
}

/// `[[wildcard-audits.<crate>]]`: everything that one publisher releases within a period is vouched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WildcardEntry {
    /// The auditors.
    pub who: Vec<String>,
    /// The criteria that are met.
    pub criteria: Vec<String>,
    /// Whose releases the entry covers.
    pub publisher: PublisherId,
    /// The first day of publication that is covered.
    pub start: Date,
    /// The first day of publication that is not covered any more.
    pub end: Date,
    /// `Some(false)`: the entry is not to be renewed, and its expiry is not worth a warning.
    pub renew: Option<bool>,
    /// Free text.
    pub notes: Option<String>,
    /// The files that the entry was aggregated from, the newest last.
    pub aggregated_from: Vec<String>,
    /// Whether this was fetched in this run and is not in `imports.lock` yet. Never written.
    pub fresh: bool,
}

/// `[[trusted.<crate>]]`: releases of one publisher within a period are trusted without an audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedEntry {
    /// The criteria that are met.
    pub criteria: Vec<String>,
    /// Whose releases the entry covers.
    pub publisher: PublisherId,
    /// The first day of publication that is covered.
    pub start: Date,
    /// The first day of publication that is not covered any more.
    pub end: Date,
    /// Free text.
    pub notes: Option<String>,
    /// The files that the entry was aggregated from, the newest last.
    pub aggregated_from: Vec<String>,
}

/// `[[exemptions.<crate>]]`: a version that is used without an audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// The version.
    pub version: Version,
    /// The criteria that it is taken to meet.
    pub criteria: Vec<String>,
    /// Whether an audit of it is worth suggesting.
    pub suggest: bool,
    /// Free text.
    pub notes: Option<String>,
}

/// `[[publisher.<crate>]]`: who published a version, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublisherEntry {
    /// The published version.
    pub version: Version,
    /// The day of publication, in UTC.
    pub when: Date,
    /// Who published it.
    pub publisher: Publisher,
    /// Whether this was fetched in this run and is not in `imports.lock` yet. Never written.
    pub fresh: bool,
}

/// A publisher as `imports.lock` records it.
///
/// Ordered as entries are sorted: accounts by id, login and name, then trusted publishers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Publisher {
    /// An account of crates.io.
    User {
        /// The numeric id of the account.
        id: u64,
        /// The name to log in with.
        login: String,
        /// The display name. Text from outside: anything may be in it.
        name: Option<String>,
    },
    /// A trusted-publishing signature such as `github:owner/repository`.
    TrustedPublisher(String),
}

impl Publisher {
    /// What identifies the publisher, in wildcard and trusted entries.
    pub fn id(&self) -> PublisherId {
        match self {
            Publisher::User { id, .. } => PublisherId::User(*id),
            Publisher::TrustedPublisher(signature) => PublisherId::TrustedPublisher(signature.clone()),
        }
    }

    /// What a user names the publisher by: the login, or the signature. Text from outside: anything may be in it.
    pub fn identifier(&self) -> &str {
        match self {
            Publisher::User { login, .. } => login,
            Publisher::TrustedPublisher(signature) => signature,
        }
    }

    /// Whether this is the publisher that `id` means.
    pub fn is(&self, id: &PublisherId) -> bool {
        match (self, id) {
            (Publisher::User { id, .. }, PublisherId::User(wanted)) => id == wanted,
            (Publisher::TrustedPublisher(signature), PublisherId::TrustedPublisher(wanted)) => {
                signature == wanted
            }
            _ => false,
        }
    }
}

/// `[[unpublished.<crate>]]`: a version that is not on crates.io, and the published one that it is audited as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnpublishedEntry {
    /// The version in use.
    pub version: Version,
    /// The published version whose audits count.
    pub audited_as: Version,
    /// Whether this was computed in this run and is not in `imports.lock` yet. Never written.
    pub fresh: bool,
    /// Whether the version was seen to be unpublished in this run. Never written.
    pub still_unpublished: bool,
}
