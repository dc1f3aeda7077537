//! Checks that cargo's answer is based on what was published.
//!
//! Cargo trusts the files in its home. An earlier run on a hostile checkout may have changed them:
//! the graph would then lack an edge that was removed there, or a package that no longer declares a
//! library there.

use std::collections::HashMap;

use vet_diagnostics::Problems;
use vet_fetch::published::KnownPackages;
use vet_graph::from_metadata::DescribedPackage;
use vet_graph::lock_file::LockedPackage;
use vet_graph::{Published, PublishedFacts as _};

use super::reading::Reading;
use super::verification;

impl Reading<'_> {
    /// Compares cargo's answer with verified facts. Vendored sources without an archive are
    /// reported elsewhere.
    ///
    /// # Errors
    ///
    /// Something in cargo's home differs from what was published.
    pub(super) fn confirm(
        &self,
        described: &[DescribedPackage],
        known: &mut KnownPackages,
    ) -> Result<(), Problems> {
        let described: HashMap<(&str, &semver::Version, &str), &DescribedPackage> = described
            .iter()
            .map(|package| ((package.name.as_str(), &package.version, package.source.as_str()), package))
            .collect();
        let answer = |package: &LockedPackage| {
            let source = package.source.as_deref()?;
            described.get(&(package.name.as_str(), &package.version, source)).copied()
        };
        let places = |is_meant: &dyn Fn(&LockedPackage) -> bool| -> Vec<usize> {
            let packages = self.lock.packages.iter().enumerate();
            packages.filter(|(_, package)| is_meant(package)).map(|(place, _)| place).collect()
        };
        let archives = self.sources.archives(&self.context.cache);
        let is_by_folder = |package: &LockedPackage| self.sources.vendored.may_replace(package);
        let no_libraries = places(&|package| answer(package).is_some_and(|answer| !answer.is_library));
        // Cargo describes neither such packages nor what only they lead to.
        let absent = places(&|package| package.source.is_some() && answer(package).is_none());
        // Cargo may just have downloaded some of them.
        let (_, of_git) = known.lacking(self.lock);
        if let Some(cargo_home) = self.context.cargo_home() {
            known.read_commits(self.lock, &of_git, cargo_home);
        }
        known.read_archives(self.lock, &[no_libraries.as_slice(), &absent].concat(), &archives);

        let is_open = |place: &usize| {
            let package = self.lock.packages.get(*place);
            package.is_some_and(|package| match known.is_library(package) {
                Some(is_library) => is_library,
                None => !is_by_folder(package),
            })
        };
        let unconfirmed: Vec<usize> = no_libraries.into_iter().filter(is_open).collect();
        if !unconfirmed.is_empty() {
            let problem = verification::unconfirmed(&self.names(&unconfirmed), unconfirmed.len());
            return Err(Problems::from(self.lock.mark(problem, &unconfirmed, "not confirmed")));
        }
        let Some(cargo_home) = self.context.cargo_home() else { return Ok(()) };
        let is_open = |place: &usize| {
            is_open(place) && self.lock.packages.get(*place).is_some_and(|package| !is_by_folder(package))
        };
        let absent: Vec<usize> = absent.into_iter().filter(is_open).collect();
        let mut changed = known.unlike_published(self.lock, &absent, cargo_home, &archives);
        changed.extend(known.unlike_copies_of_index(self.lock, cargo_home));
        // The dependencies of a package from git are read from its checkout.
        changed.extend(places(&|package| match (known.declared(package), answer(package)) {
            (Published::Known(declared), Some(answer))
                if package.registry().is_none() && !is_by_folder(package) =>
            {
                !declared.is_partial() && !answer.declared.agrees_with(&declared)
            }
            _ => false,
        }));
        changed.sort_unstable();
        changed.dedup();
        match changed.is_empty() {
            true => Ok(()),
            false => {
                let problem = verification::changed_at_cargo(&self.names(&changed), changed.len());
                Err(Problems::from(self.lock.mark(problem, &changed, "")))
            }
        }
    }
}
