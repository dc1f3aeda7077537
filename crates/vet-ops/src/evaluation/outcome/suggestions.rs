//! What to audit, and what would make it unnecessary.

use std::collections::BTreeSet;

use vet_diagnostics::Diagnostic;
use vet_graph::PackageIx;
use vet_source::Size;
use vet_store::Version;
use vet_store::entries::Publisher;

use super::PackageId;

/// The audits to do, and what would make them unnecessary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// The audits, smallest first.
    pub audits: Vec<Suggestion>,
    /// Packages that lack criteria, and for which the required audits could not be measured.
    pub unmeasured: Vec<Unmeasured>,
    /// Packages for which no audit helps, because a violation covers them.
    pub forbidden: Vec<Forbidden>,
    /// What would make audits unnecessary, largest saving first.
    pub savings: Vec<Saving>,
    /// The publishers of the versions to audit, those of the most lines first.
    pub publishers: Vec<PublisherShare>,
    /// What could not be examined.
    pub warnings: Vec<Diagnostic>,
    /// Packages that the warnings concern, by their indices in the graph.
    pub concerned: BTreeSet<PackageIx>,
}

/// An audit to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The crate.
    pub name: String,
    /// The version that the changes start from; `None` for a full audit.
    pub from: Option<Version>,
    /// The version to audit.
    pub to: Version,
    /// The criteria to certify, in minimal form.
    pub criteria: Vec<String>,
    /// The same as text, with the stronger criteria that would also do.
    pub criteria_label: String,
    /// The amount to read.
    pub size: Size,
    /// The versions in use that need the audit.
    pub helps: Vec<Version>,
    /// The names of the packages that depend on these versions, in order.
    pub parents: Vec<String>,
    /// The publisher of the version to audit, if known.
    pub publisher: Option<Publisher>,
    /// What would be left with the audits of each of several registry members, smallest first.
    pub registry: Vec<RegistryHint>,
    /// A publisher who could be trusted instead.
    pub trust: Option<TrustHint>,
}

/// What would be left to read with the audits of a registry member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegistryHint {
    /// The number of lines.
    pub remaining: u64,
    /// The member.
    pub name: String,
}

/// A package that lacks criteria, and for which the required audits could not be measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmeasured {
    /// The package.
    pub package: PackageId,
    /// The criteria that it lacks, in minimal form.
    pub criteria: Vec<String>,
    /// The same as text, with the stronger criteria that would also do.
    pub criteria_label: String,
    /// The names of the packages that depend on it, in order.
    pub parents: Vec<String>,
    /// Why they could not be measured.
    pub reason: String,
}

/// A package for which no audit helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forbidden {
    /// The package.
    pub package: PackageId,
    /// The criteria that it lacks, in minimal form.
    pub criteria: Vec<String>,
    /// The names of the packages that depend on it, in order.
    pub parents: Vec<String>,
    /// The violations, and the possible solutions.
    pub warning: Diagnostic,
}

/// Something that would make audits unnecessary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saving {
    /// What to do.
    pub by: SavingBy,
    /// The number of lines that need not be read then.
    pub lines: u64,
    /// The number of crates concerned.
    pub crates: usize,
}

/// The part of a plan that one publisher is the only publisher of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublisherShare {
    /// The publisher.
    pub publisher: Publisher,
    /// The publisher as a command-line argument.
    pub argument: String,
    /// The number of crates.
    pub crates: usize,
    /// The number of lines to read.
    pub lines: u64,
    /// Who trusts the publisher for any crate: `this project`, or else names of imports.
    pub trusted_by: Vec<String>,
}

/// What makes audits unnecessary.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SavingBy {
    /// Importing the audits of a registry member.
    Import(String),
    /// Trusting a publisher for all crates that have no other publisher. The text is the publisher
    /// as a command-line argument.
    TrustAll(Publisher, String),
    /// Trusting a publisher for one crate. The second text is the publisher as a command-line
    /// argument.
    Trust(String, Publisher, String),
}

impl Suggestions {
    /// The total number of lines to read, without audits of unknown size.
    pub fn lines(&self) -> u64 {
        self.sum(|size| size.lines())
    }

    /// How many of these lines are code that a dependent builds.
    pub fn built(&self) -> u64 {
        self.sum(|size| size.built)
    }

    fn sum(&self, lines: impl Fn(&Size) -> u64) -> u64 {
        self.audits.iter().fold(0, |sum, audit| sum.saturating_add(lines(&audit.size)))
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.audits.is_empty() && self.unmeasured.is_empty()
    }
}

/// A publisher who could be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustHint {
    /// The publisher.
    pub publisher: Publisher,
    /// The publisher as a command-line argument.
    pub argument: String,
    /// Who trusts the publisher: `this project`, or else names of imports.
    pub trusted_by: Vec<String>,
    /// Whether the publisher released the version to audit, not only another version of the crate.
    pub is_of_version: bool,
    /// Whether the crate has no other known publisher.
    pub is_only_publisher: bool,
}
