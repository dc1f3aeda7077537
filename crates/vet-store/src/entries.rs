//! The entries of the store. Each type has the fields of the file format.
//!
//! Lists of criteria are kept as written: names in the order of the file.
//! [`Criteria`](crate::criteria::Criteria) gives them their meaning.

use crate::version::{Version, VersionRange};

/// A calendar day, in UTC.
pub type Date = chrono::NaiveDate;

/// `[criteria.<name>]`: a criterion that this file defines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CriteriaEntry {
    /// The text that an auditor certifies against.
    pub description: Option<String>,
    /// The address of the text, if the text is not inline.
    pub description_url: Option<String>,
    /// The criteria that a package also meets if it meets this one.
    pub implies: Vec<String>,
    /// The files that the entry was aggregated from, the newest last.
    pub aggregated_from: Vec<String>,
}

/// `[[audits.<crate>]]`: an audit of a version, an audit of a change, or a violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The auditors.
    pub who: Vec<String>,
    /// The criteria that are met, or violated.
    pub criteria: Vec<String>,
    /// The subject of the entry.
    pub kind: AuditKind,
    /// Whether other projects may import the entry.
    pub importable: bool,
    /// Free text.
    pub notes: Option<String>,
    /// The files that the entry was aggregated from, the newest last.
    pub aggregated_from: Vec<String>,
}

/// The subject of an audit entry. Ordered as entries are sorted: full, delta, violation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuditKind {
    /// A full audit of one version.
    Full(Version),
    /// A delta audit: the change from one version to another.
    Delta {
        /// The version that the change starts from. It is not audited.
        from: Version,
        /// The version that the change leads to.
        to: Version,
    },
    /// A violation: versions that are known not to meet the criteria.
    Violation(VersionRange),
}

/// The publisher of a version, as entries identify it.
///
/// Ordered as entries are sorted: accounts by number, then trusted publishers by text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PublisherId {
    /// The numeric id of a crates.io account; at most `i64::MAX`.
    User(u64),
    /// A trusted-publishing signature such as `github:owner/repository`.
    TrustedPublisher(String),
}

/// `[[wildcard-audits.<crate>]]`: an audit of everything that one publisher releases within a
/// period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WildcardEntry {
    /// The auditors.
    pub who: Vec<String>,
    /// The criteria that are met.
    pub criteria: Vec<String>,
    /// The publisher whose releases the entry covers.
    pub publisher: PublisherId,
    /// The first day of publication that is covered.
    pub start: Date,
    /// The first day after the covered period.
    pub end: Date,
    /// `Some(false)` if the entry must not be renewed. Then its expiry is not worth a warning.
    pub renew: Option<bool>,
    /// Free text.
    pub notes: Option<String>,
    /// The files that the entry was aggregated from, the newest last.
    pub aggregated_from: Vec<String>,
}

/// `[[trusted.<crate>]]`: releases of one publisher within a period are trusted without an audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedEntry {
    /// The criteria that are met.
    pub criteria: Vec<String>,
    /// The publisher whose releases the entry covers.
    pub publisher: PublisherId,
    /// The first day of publication that is covered.
    pub start: Date,
    /// The first day after the covered period.
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
    /// The criteria that the version is assumed to meet.
    pub criteria: Vec<String>,
    /// Whether an audit of the version is worth suggesting.
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
    /// The publisher.
    pub publisher: Publisher,
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
        /// The login name.
        login: String,
        /// The display name. It comes from outside and may contain any text.
        name: Option<String>,
    },
    /// A trusted-publishing signature such as `github:owner/repository`.
    TrustedPublisher(String),
}

impl Publisher {
    /// Returns what identifies the publisher in wildcard and trusted entries.
    pub fn id(&self) -> PublisherId {
        match self {
            Publisher::User { id, .. } => PublisherId::User(*id),
            Publisher::TrustedPublisher(signature) => PublisherId::TrustedPublisher(signature.clone()),
        }
    }

    /// Returns the name that users use for the publisher: the login, or the signature. It comes
    /// from outside and may contain any text.
    pub fn identifier(&self) -> &str {
        match self {
            Publisher::User { login, .. } => login,
            Publisher::TrustedPublisher(signature) => signature,
        }
    }

    /// Whether `id` identifies this publisher.
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

/// `[[unpublished.<crate>]]`: a version that is not on crates.io, and the published version that it
/// is audited as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnpublishedEntry {
    /// The version in use.
    pub version: Version,
    /// The published version whose audits count.
    pub audited_as: Version,
}
