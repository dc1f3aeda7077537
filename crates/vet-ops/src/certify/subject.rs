//! What an audit is about.

use vet_diagnostics::wording;
use vet_store::{Date, Version};

/// What was audited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// All of one version.
    Full {
        /// The crate.
        package: String,
        /// The version.
        version: Version,
    },
    /// The changes between two versions.
    Delta {
        /// The crate.
        package: String,
        /// Where the changes start.
        from: Version,
        /// Where they lead to.
        to: Version,
    },
    /// Whatever a publisher releases within a period.
    Wildcard {
        /// The crate.
        package: String,
        /// A login, or a signature of trusted publishing.
        publisher: String,
        /// The first day of publication that is covered; by default that of the publisher's first release.
        start: Option<Date>,
        /// The first day that is not covered any more; by default in a year. If it is given, the audit is not to be
        /// renewed.
        end: Option<Date>,
    },
}

impl Subject {
    /// The crate.
    pub fn package(&self) -> &str {
        match self {
            Subject::Full { package, .. }
            | Subject::Delta { package, .. }
            | Subject::Wildcard { package, .. } => package,
        }
    }

    /// The versions that are named.
    pub(super) fn versions(&self) -> Vec<&Version> {
        match self {
            Subject::Full { version, .. } => vec![version],
            Subject::Delta { from, to, .. } => vec![from, to],
            Subject::Wildcard { .. } => Vec::new(),
        }
    }

    /// `serde 1.0.0`, `serde 1.0.0 -> 1.0.1` or `serde * dtolnay`. The name of the crate comes first.
    pub(super) fn key(&self) -> String {
        match self {
            Subject::Full { package, version } => format!("{package} {version}"),
            Subject::Delta { package, from, to } => format!("{package} {from} -> {to}"),
            Subject::Wildcard { package, publisher, .. } => format!("{package} * {publisher}"),
        }
    }

    /// `serde:1.0.0`, `serde:1.0.0 -> 1.0.1` or `serde:* published by dtolnay`; as it was named, not fit to be shown.
    pub(crate) fn title(&self) -> String {
        match self {
            Subject::Full { package, version } => format!("{package}:{version}"),
            Subject::Delta { package, from, to } => format!("{package}:{from} -> {to}"),
            Subject::Wildcard { package, publisher, .. } => format!("{package}:* published by {publisher}"),
        }
    }

    /// What was audited, as the object of a sentence.
    pub(super) fn in_words(&self) -> String {
        let package = wording::shown(self.package());
        match self {
            Subject::Full { version, .. } => format!("version {version} of {package}"),
            Subject::Delta { from, to, .. } => {
                format!("the changes from version {from} to {to} of {package}")
            }
            Subject::Wildcard { publisher, .. } => {
                format!("any version of {package} published by {}", wording::shown(publisher))
            }
        }
    }
}
