//! The result of a check, as values without references to the graph or the store.

mod bundles;
mod left_out;
mod suggestions;

use vet_graph::{Graph, PackageIx};
use vet_resolver::{Conclusion, Conflict, Resolution, Resolver, Verdict};
use vet_store::{Criteria, Version};

pub use bundles::{Bundle, bundles};
pub use left_out::{LeftOut, WhyLeftOut, rule_name, words};
pub use suggestions::{
    Forbidden, PublisherShare, RegistryHint, Saving, SavingBy, Suggestion, Suggestions, TrustHint, Unmeasured,
};

/// The result of a check, and what it left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The verdict.
    pub outcome: CheckOutcome,
    /// What the settings leave out, if they leave anything out.
    pub left_out: Option<LeftOut>,
}

/// A package by name and version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageId {
    /// The name of the crate.
    pub name: String,
    /// The version, with the revision if the code comes from git.
    pub version: Version,
}

/// The result of a check. All lists are in the order of the graph: by name and version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// Every third-party package meets its requirements.
    Success {
        /// Packages that rely on no exemption.
        fully_audited: Vec<PackageId>,
        /// Packages that rely on audits which start from an exempted version.
        partially_audited: Vec<PackageId>,
        /// Packages that rely on exemptions only.
        exempted: Vec<PackageId>,
    },
    /// Some packages do not meet their requirements.
    Unvetted {
        /// The packages, and the criteria that each lacks, in minimal form.
        failures: Vec<(PackageId, Vec<String>)>,
        /// What to audit, if this was determined.
        suggestions: Option<Box<Suggestions>>,
    },
    /// Statements about some crates contradict each other.
    Violation {
        /// The packages of these crates, and the conflicts.
        conflicts: Vec<(PackageId, Vec<Conflict>)>,
    },
}

impl CheckOutcome {
    /// Whether the check passed.
    pub fn is_success(&self) -> bool {
        matches!(self, CheckOutcome::Success { .. })
    }

    /// Adds suggestions, if anything is missing.
    #[must_use]
    pub(crate) fn with_suggestions(self, suggestions: Suggestions) -> Self {
        match self {
            CheckOutcome::Unvetted { failures, .. } => {
                CheckOutcome::Unvetted { failures, suggestions: Some(Box::new(suggestions)) }
            }
            outcome => outcome,
        }
    }

    /// Runs a resolver, and describes its decision without references to the graph.
    pub fn decide(graph: &Graph, criteria: &Criteria, resolver: &Resolver<'_>) -> Self {
        Self::of(graph, criteria, resolver, &resolver.decide())
    }

    /// Describes a decision without references to the graph.
    pub(crate) fn of(
        graph: &Graph,
        criteria: &Criteria,
        resolver: &Resolver<'_>,
        resolution: &Resolution,
    ) -> Self {
        let package = |ix: PackageIx| {
            let package = graph.package(ix)?;
            Some(PackageId { name: package.name().to_owned(), version: package.version().clone() })
        };
        let verdicts = resolution.verdicts.iter().map(|(ix, verdict)| (*ix, verdict));
        match resolution.conclusion {
            Conclusion::Violation => {
                let conflicts = verdicts.filter(|(_, verdict)| **verdict == Verdict::Violation);
                let conflicts = conflicts.filter_map(|(ix, _)| {
                    let package = package(ix)?;
                    let conflicts = resolver.conflicts(&package.name).to_vec();
                    Some((package, conflicts))
                });
                CheckOutcome::Violation { conflicts: conflicts.collect() }
            }
            Conclusion::Unvetted => {
                let failures = verdicts.filter_map(|(ix, verdict)| match verdict {
                    Verdict::Unvetted(missing) => Some((package(ix)?, criteria.minimal_names(missing))),
                    _ => None,
                });
                CheckOutcome::Unvetted { failures: failures.collect(), suggestions: None }
            }
            Conclusion::Success => {
                let (mut fully_audited, mut partially_audited, mut exempted) = (vec![], vec![], vec![]);
                for (ix, verdict) in verdicts {
                    match verdict {
                        Verdict::FullyAudited => fully_audited.extend(package(ix)),
                        Verdict::PartiallyAudited => partially_audited.extend(package(ix)),
                        Verdict::Exempted => exempted.extend(package(ix)),
                        Verdict::Unvetted(_) | Verdict::Violation => {}
                    }
                }
                CheckOutcome::Success { fully_audited, partially_audited, exempted }
            }
        }
    }
}
