//! What has to be found out before an answer is sure, and nothing else.
//!
//! Whether packages are libraries is not known on a machine that never built the project. An answer is first looked for with
//! all that might be libraries. A larger graph demands more, so what passes with it passes without. Otherwise it is found
//! out about those packages on which the answer depends, and it is looked for again, until there are none.

use std::sync::Arc;

use vet_diagnostics::Diagnostic;
use vet_graph::{Graph, Package, PackageIx, PackageSource};
use vet_resolver::{Conclusion, Resolution, Resolver};

use crate::attempts::is_store_changed;
use crate::events::{HeldFindings, Observer};
use crate::graph::{Assumed, Packages, WhenUnknown};
use crate::session::Session;
use crate::suggest::Suggestions;

/// What has to be found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    /// Whether these packages are libraries.
    Libraries(Packages),
    /// Everything that is not known about the graph.
    Everything,
}

/// An answer, or what keeps from having one; or what has to be found out first.
pub(crate) enum Attempt<T> {
    Sure(Result<T, Vec<Diagnostic>>),
    Unsure(Open),
}

/// Makes attempts until one is sure. What is found on the way is told if the attempt counts.
pub(crate) fn retry_with_cargo<T>(
    observer: &dyn Observer,
    attempt: impl Fn(&WhenUnknown, &dyn Observer) -> Result<Attempt<T>, Vec<Diagnostic>>,
) -> Result<T, Vec<Diagnostic>> {
    let mut packages = Packages::new();
    let mut when_unknown = WhenUnknown::Assume;
    loop {
        let held = HeldFindings::new(observer);
        let answer = match attempt(&when_unknown, &held) {
            Ok(Attempt::Unsure(open)) => {
                when_unknown = match open {
                    Open::Libraries(more) if !more.is_subset(&packages) => {
                        packages.extend(more);
                        WhenUnknown::FindOutAbout(Arc::new(packages.clone()))
                    }
                    Open::Libraries(_) | Open::Everything => WhenUnknown::FindOut,
                };
                continue;
            }
            Ok(Attempt::Sure(answer)) => answer,
            Err(problems) => Err(problems),
        };
        // After a change by another command everything is done again, and said again.
        let is_void = matches!(&answer, Err(problems) if is_store_changed(problems));
        if !is_void {
            held.release();
        }
        return answer;
    }
}

impl Open {
    /// What decides about the packages of a project that do not come from crates.io, and whether its policies fit, which is
    /// looked at before everything else.
    pub(crate) fn of_project<S>(session: &Session<'_, S>) -> Option<Open> {
        if session.assumed == Assumed::Nothing {
            return None;
        }
        if !session.context.filters.is_empty() {
            // A filter can ask for what is true of a package only in a smaller graph.
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

    /// What decides about a verdict and all that is said with it. `more` are packages of which something else is said.
    pub(crate) fn of_verdict<S>(
        session: &Session<'_, S>,
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

    /// What decides about the warnings that suggestions bring along, given a graph without rules and filters.
    pub(crate) fn of_suggestions<S>(session: &Session<'_, S>, suggestions: &Suggestions) -> Option<Open> {
        if session.assumed != Assumed::Libraries {
            return None;
        }
        let concerned = suggestions.concerned.iter().copied();
        Open::libraries(session.view(), session.view().maybe_no_libraries_above(concerned))
    }

    /// What has to be known where it was not looked at what an answer depends on.
    pub(crate) fn of_anything<S>(session: &Session<'_, S>) -> Option<Open> {
        (session.assumed != Assumed::Nothing).then_some(Open::Everything)
    }

    fn libraries(graph: &Graph, packages: Vec<PackageIx>) -> Option<Open> {
        let name = |package: Package<'_>| (package.name().to_owned(), package.version().semver.clone());
        let packages: Packages = packages.into_iter().filter_map(|ix| graph.package(ix)).map(name).collect();
        (!packages.is_empty()).then_some(Open::Libraries(packages))
    }
}
