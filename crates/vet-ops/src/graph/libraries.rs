//! Finds out which packages are libraries, as far as an answer depends on it.
//!
//! Neither the lock file nor the index says this. The API of crates.io does, and archives prove it.
//! Cargo would download everything first.

use std::collections::BTreeSet;
use std::sync::Arc;

use vet_diagnostics::Diagnostic;
use vet_fetch::crates_io::Registries;
use vet_fetch::published::{KnownPackages, LibraryEvent, Unanswered};
use vet_graph::{LockFile, LockGraph};
use vet_project::NetworkConfiguration;

use super::reading::Reading;
use crate::operation::events::{Event, Stage};

/// Packages by name and version.
pub(crate) type Packages = BTreeSet<(String, semver::Version)>;

/// What to do if it is unknown whether packages are libraries. This happens if their sources have
/// never been on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhenUnknown {
    /// Find out for all of them, with cargo if there is no other way. If cargo cannot tell either,
    /// they count as libraries.
    FindOut,
    /// Treat them as libraries.
    Assume,
    /// Find out for these packages, and treat the others as libraries.
    FindOutAbout(Arc<Packages>),
}

impl WhenUnknown {
    /// The subset of `unknown` packages (indices in the lock file) that must be determined.
    pub(super) fn wanted(&self, lock: &LockFile, unknown: &[usize]) -> BTreeSet<usize> {
        let is_wanted = |place: &usize| match self {
            WhenUnknown::FindOut => true,
            WhenUnknown::Assume => false,
            WhenUnknown::FindOutAbout(packages) => lock
                .packages
                .get(*place)
                .is_some_and(|package| packages.contains(&(package.name.clone(), package.version.clone()))),
        };
        unknown.iter().copied().filter(is_wanted).collect()
    }
}

/// How far a graph may differ from cargo's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assumed {
    /// The graph is as cargo would report it, or cargo could not tell.
    Nothing,
    /// Packages count as libraries although this is unknown.
    Libraries,
    /// Dependencies count although their conditions are unknown; packages may count as libraries,
    /// too.
    Terms,
}

impl Reading<'_> {
    /// Asks the registry which packages are libraries, if nothing else is unknown. Returns whether
    /// anything was found out.
    ///
    /// Vendored packages are left to cargo, which need not download them. If a project is built for
    /// some targets only, it also matters which libraries are procedural macros. The API does not
    /// say that, so only archives count then.
    pub(super) fn find_libraries(
        &self,
        graph: &LockGraph,
        (wanted, is_to_confirm): (&BTreeSet<usize>, &dyn Fn(usize) -> bool),
        known: &mut KnownPackages,
        registries: &Registries<'_>,
        network: &NetworkConfiguration,
    ) -> bool {
        let LockGraph { kinds_unknown, terms_unknown, unverified, .. } = graph;
        let is_all_else_known = [kinds_unknown, terms_unknown, unverified].into_iter().all(Vec::is_empty);
        let is_for_cargo = self.context.frozen || !self.sources.vendored.folders.is_empty();
        if wanted.is_empty() || !is_all_else_known || is_for_cargo {
            return false;
        }
        if Unanswered::about(&self.lock.source, &self.context.cache).is_recent() {
            // Cargo could not tell then either, and this is reported.
            return false;
        }
        self.info(format!(
            "asking the registry {}, and downloading those that it cannot tell about",
            match wanted.len() {
                1 => "whether 1 package is a library".to_owned(),
                number => format!("which of {number} packages are libraries"),
            }
        ));
        let report = |event: LibraryEvent| {
            let (stage, done, total) = match event {
                LibraryEvent::Asked(done, total) => (Stage::Libraries, done, total),
                LibraryEvent::Downloaded(done, total) => (Stage::Packages, done, total),
            };
            self.run.notice(Event::Progress { stage, done, total });
        };
        let asked = self.context.client(network).and_then(|client| {
            let from = (registries, self.sources);
            let is_to_confirm = |place: usize| self.rules.platforms.is_some() || is_to_confirm(place);
            known.find_libraries(self.lock, wanted, &is_to_confirm, from, &client, &report)
        });
        if let Err(problem) = asked {
            let Diagnostic { message, notes, .. } = problem;
            let notes = notes.iter().map(|note| format!("\n{note}")).collect::<String>();
            self.info(format!("could not ask the registry which packages are libraries: {message}{notes}"));
        }
        true
    }
}

/// The packages of a lock file that need a local package, through a patch or a replacement. If such
/// a package is not a library, a member may be a root of the workspace and must meet more criteria.
/// So both answers have to be proven for them.
pub(super) fn leading_to_local_ones(lock: &LockFile) -> BTreeSet<usize> {
    let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); lock.packages.len()];
    for (place, package) in lock.packages.iter().enumerate() {
        for dependency in package.dependencies.iter().chain(&package.replaced_by) {
            dependents.get_mut(*dependency).into_iter().for_each(|list| list.push(place));
        }
    }
    let packages = lock.packages.iter().enumerate();
    let mut pending: Vec<usize> =
        packages.filter(|(_, package)| package.source.is_none()).map(|(place, _)| place).collect();
    let mut found = BTreeSet::new();
    while let Some(place) = pending.pop() {
        for dependent in dependents.get(place).into_iter().flatten() {
            if lock.packages.get(*dependent).is_some_and(|it| it.source.is_some()) && found.insert(*dependent)
            {
                pending.push(*dependent);
            }
        }
    }
    found
}
