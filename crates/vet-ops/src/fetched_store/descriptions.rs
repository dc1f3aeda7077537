//! Descriptions of packages that the graph does not contain.
//!
//! The graph has the descriptions of local packages, and of other packages whose manifest is
//! available. Whether a package is a copy of a published crate depends on its description, so cargo
//! is asked for the others. Its answer is not remembered, because cargo reads sources that the
//! checkout can change.

use std::collections::HashMap;

use vet_diagnostics::Diagnostic;
use vet_graph::{About, Package, PackageSource, Rules};
use vet_store::Version;

use crate::graph::ask_cargo;
use crate::operation::context::Context;
use crate::operation::report::Run;

/// Descriptions from cargo.
#[derive(Debug, Default)]
pub(crate) struct Descriptions {
    /// Keyed by name, version and source.
    found: HashMap<(String, Version, PackageSource), About>,
    /// Why cargo could not be asked.
    failure: Option<Diagnostic>,
}

impl Descriptions {
    /// Asks cargo to describe these packages, if there are any.
    pub(super) fn ask(undescribed: &[Package<'_>], context: &Context, run: &Run<'_>) -> Self {
        let Some((first, more)) = undescribed.split_first() else { return Descriptions::default() };
        let why = match more.len() {
            0 => format!("for the description of `{} {}`", first.name(), first.version()),
            more => {
                format!("for the descriptions of `{} {}` and {more} more", first.name(), first.version())
            }
        };
        match ask_cargo(context, &Rules::default(), &why, run) {
            Ok(graph) => {
                let packages = graph.data.packages.into_iter();
                let found = packages
                    .map(|package| ((package.name, package.version, package.source), package.about))
                    .collect();
                Descriptions { found, failure: None }
            }
            Err(failure) => Descriptions { found: HashMap::new(), failure: Some(failure) },
        }
    }

    /// The description of a package.
    pub(super) fn about<'a>(&'a self, package: Package<'a>) -> &'a About {
        const UNKNOWN: &About = &About::Unknown;
        if *package.about() != About::Unknown || self.found.is_empty() {
            return package.about();
        }
        let key = (package.name().to_owned(), package.version().clone(), package.source().clone());
        self.found.get(&key).unwrap_or(UNKNOWN)
    }

    /// Why cargo could not be asked, if so.
    pub(super) fn failure(&self) -> Option<&Diagnostic> {
        self.failure.as_ref()
    }
}
