//! Finds out what an answer depends on, and nothing else.
//!
//! On a machine that never built the project, it is unknown whether packages are libraries. An
//! answer is first computed with all possible libraries. A larger graph requires more, so what
//! passes with it also passes without. Otherwise, the packages on which the answer depends are
//! looked up and the answer is computed again, until no such package is left.

use std::sync::Arc;

use vet_diagnostics::Problems;
use vet_graph::{Graph, Package, PackageIx, PackageSource};
use vet_resolver::{Conclusion, Resolution, Resolver};

use crate::evaluation::outcome::Suggestions;
use crate::graph::{Assumed, Packages, WhenUnknown};
use crate::operation::report::Run;
use crate::session::Session;
use crate::session::attempts::is_store_changed;

/// What still has to be found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    /// Whether these packages are libraries.
    Libraries(Packages),
    /// Everything that is unknown about the graph.
    Everything,
}

/// Why an attempt has no answer.
pub(crate) enum Stop {
    /// Something has to be found out first.
    Unsure(Open),
    /// The answer is an error.
    Failed(Problems),
}

impl From<Problems> for Stop {
    fn from(problems: Problems) -> Self {
        Stop::Failed(problems)
    }
}

/// Repeats an attempt until its answer is certain. Findings are reported only for the attempt that
/// counts.
pub(crate) fn retry_with_cargo<T>(
    run: &Run<'_>,
    attempt: impl Fn(&WhenUnknown, &Run<'_>) -> Result<T, Stop>,
) -> Result<T, Problems> {
    let mut packages = Packages::new();
    let mut when_unknown = WhenUnknown::Assume;
    loop {
        let attempted = run.attempt();
        let answer = match attempt(&when_unknown, &attempted) {
            Err(Stop::Unsure(open)) => {
                when_unknown = match open {
                    Open::Libraries(more) if !more.is_subset(&packages) => {
                        packages.extend(more);
                        WhenUnknown::FindOutAbout(Arc::new(packages.clone()))
                    }
                    Open::Libraries(_) | Open::Everything => WhenUnknown::FindOut,
                };
                continue;
            }
            Err(Stop::Failed(problems)) => Err(problems),
            Ok(answer) => Ok(answer),
        };
        // If another command changed the store, the attempt is repeated and reports everything
        // again.
        let is_void = matches!(&answer, Err(problems) if is_store_changed(problems.as_slice()));
        if !is_void {
            run.keep(attempted);
        }
        return answer;
    }
}

/// Stops an attempt if something has to be found out first.
pub(crate) fn stop_if(open: Option<Open>) -> Result<(), Stop> {
    open.map_or(Ok(()), |open| Err(Stop::Unsure(open)))
}

impl Open {
    /// What decides about packages of a project that do not come from crates.io, and whether the
    /// policies match the graph. This is checked before everything else.
    pub(crate) fn of_project(session: &Session<'_>) -> Option<Open> {
        if session.assumed == Assumed::Nothing {
            return None;
        }
        if !session.context.filters.is_empty() {
            // A filter can select packages by a property that they have only in a smaller graph.
            return Some(Open::Everything);
        }
        if session.leaves_more_open() || session.context.frozen {
            return None;
        }
        let policies = &session.loaded.store.config.policy.0;
        let is_meant = |package: &Package<'_>| {
            *package.source() != PackageSource::CratesIo || policies.contains_key(package.name())
        };
        let packages = session.graph.packages().filter(is_meant).map(|package| package.ix());
        Open::libraries(&session.graph, session.graph.maybe_no_libraries_above(packages))
    }

    /// What decides about a verdict and everything that is reported with it. `more` are packages
    /// with additional reports.
    pub(crate) fn of_verdict(
        session: &Session<'_>,
        resolver: &Resolver<'_>,
        resolution: &Resolution,
        more: impl IntoIterator<Item = PackageIx>,
    ) -> Option<Open> {
        let is_success = resolution.conclusion == Conclusion::Success;
        match session.assumed {
            Assumed::Nothing => None,
            _ if is_success && (session.leaves_more_open() || session.context.frozen) => None,
            _ if session.leaves_more_open() => Some(Open::Everything),
            _ => Open::libraries(session.view(), resolver.unsettled(resolution, more)),
        }
    }

    /// What decides about the warnings of suggestions, given a graph without rules and filters.
    pub(crate) fn of_suggestions(session: &Session<'_>, suggestions: &Suggestions) -> Option<Open> {
        if session.assumed != Assumed::Libraries {
            return None;
        }
        let concerned = suggestions.concerned.iter().copied();
        Open::libraries(session.view(), session.view().maybe_no_libraries_above(concerned))
    }

    /// Everything that is unknown, if it was not determined what the answer depends on.
    pub(crate) fn of_anything(session: &Session<'_>) -> Option<Open> {
        (session.assumed != Assumed::Nothing).then_some(Open::Everything)
    }

    fn libraries(graph: &Graph, packages: Vec<PackageIx>) -> Option<Open> {
        let name = |package: Package<'_>| (package.name().to_owned(), package.version().semver.clone());
        let packages: Packages = packages.into_iter().filter_map(|ix| graph.package(ix)).map(name).collect();
        (!packages.is_empty()).then_some(Open::Libraries(packages))
    }
}
