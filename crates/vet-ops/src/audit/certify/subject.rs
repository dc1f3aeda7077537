//! The subject of an audit.

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_project::state::Look;
use vet_store::validate::latest_end;
use vet_store::{Date, Version};

use crate::arguments::periods::backwards;

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
        /// The version that the changes start from.
        from: Version,
        /// The version that they lead to.
        to: Version,
    },
    /// All releases of a publisher within a period.
    Wildcard {
        /// The crate.
        package: String,
        /// A login, or a signature of trusted publishing.
        publisher: String,
        /// The first day of publication that is covered; by default the day of the publisher's
        /// first release.
        start: Option<Date>,
        /// The first day that is no longer covered; by default a year from today. If it is given,
        /// the audit is not renewed.
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

    /// Whether a person was shown it. Nothing shows all releases of a publisher.
    pub(super) fn is_among(&self, looks: &[Look]) -> bool {
        let is_this = |look: &Look| match self {
            Subject::Full { package, version } => look.is_about(package, None, version),
            Subject::Delta { package, from, to } => look.is_about(package, Some(from), to),
            Subject::Wildcard { .. } => false,
        };
        looks.iter().any(|look| look.is_shown && is_this(look))
    }

    /// The named versions.
    pub(super) fn versions(&self) -> Vec<&Version> {
        match self {
            Subject::Full { version, .. } => vec![version],
            Subject::Delta { from, to, .. } => vec![from, to],
            Subject::Wildcard { .. } => Vec::new(),
        }
    }

    /// `serde 1.0.0`, `serde 1.0.0 -> 1.0.1` or `serde * dtolnay`. The crate name comes first.
    pub(super) fn key(&self) -> String {
        match self {
            Subject::Full { package, version } => format!("{package} {version}"),
            Subject::Delta { package, from, to } => format!("{package} {from} -> {to}"),
            Subject::Wildcard { package, publisher, .. } => format!("{package} * {publisher}"),
        }
    }

    /// `serde:1.0.0`, `serde:1.0.0 -> 1.0.1` or `serde:* published by dtolnay`, as the user wrote
    /// it. Not safe to print.
    pub(crate) fn title(&self) -> String {
        match self {
            Subject::Full { package, version } => format!("{package}:{version}"),
            Subject::Delta { package, from, to } => format!("{package}:{from} -> {to}"),
            Subject::Wildcard { package, publisher, .. } => format!("{package}:* published by {publisher}"),
        }
    }

    /// The subject, as the object of a sentence.
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

    /// Why the request is invalid, if it is.
    pub(super) fn problem(&self, today: Date) -> Option<Diagnostic> {
        match self {
            Subject::Delta { from, to, .. } if from == to => {
                let message = format!("nothing changes from {from} to {to}");
                Some(Diagnostic::error(Code::NoChange, message).help("name one version to certify all of it"))
            }
            Subject::Full { .. } | Subject::Delta { .. } => None,
            Subject::Wildcard { start, end, .. } => {
                let latest = latest_end(today);
                match (start, end) {
                    (_, Some(end)) if *end > latest => {
                        let message = format!("the end date {end} is more than a year ahead");
                        let problem = Diagnostic::error(Code::BadPeriod, message);
                        Some(problem.help(format!(
                            "the latest is {latest}, which is what holds without `--end-date`"
                        )))
                    }
                    (Some(start), end) if end.unwrap_or(latest) <= *start => {
                        Some(backwards(*start, end.unwrap_or(latest)))
                    }
                    _ => None,
                }
            }
        }
    }
}
