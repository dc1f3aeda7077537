//! Whether cargo's answer rests on what was published.
//!
//! Cargo believes what lies in its home, which an earlier run on a hostile checkout may have changed: an edge that is missing
//! there, or a package that is no library there, would be missing in the graph.

use std::collections::HashMap;

use vet_diagnostics::Diagnostic;
use vet_fetch::published::KnownPackages;
use vet_graph::from_metadata::DescribedPackage;
use vet_graph::lock_file::LockedPackage;
use vet_graph::{Published, PublishedFacts as _};

use super::{Reading, verification};

impl Reading<'_> {
    /// Holds what cargo said against what was verified. Of vendored sources without an archive it is told elsewhere that they
    /// were not compared.
    ///
    /// # Errors
    ///
    /// Something in cargo's home is not what was published.
    pub(super) fn confirm(
        &self,
        described: &[DescribedPackage],
        known: &mut KnownPackages,
    ) -> Result<(), Vec<Diagnostic>> {
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
        let archives = self.sources.archives(&self.context.cache_folder);
        let is_by_folder = |package: &LockedPackage| self.sources.vendored.may_replace(package);
        let no_libraries = places(&|package| answer(package).is_some_and(|answer| !answer.is_library));
        // Cargo does not describe what only such packages lead to, nor those themselves.
        let absent = places(&|package| package.source.is_some() && answer(package).is_none());
        // Cargo may have downloaded some of them now.
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
            return Err(vec![verification::unconfirmed(&self.names(&unconfirmed), unconfirmed.len())]);
        }
        let Some(cargo_home) = self.context.cargo_home() else { return Ok(()) };
        let is_open = |place: &usize| {
            is_open(place) && self.lock.packages.get(*place).is_some_and(|package| !is_by_folder(package))
        };
        let absent: Vec<usize> = absent.into_iter().filter(is_open).collect();
        let mut changed = known.unlike_published(self.lock, &absent, cargo_home, &archives);
        changed.extend(known.unlike_copies_of_index(self.lock, cargo_home));
        // What a package from git needs is read where it is checked out.
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
            false => Err(vec![verification::changed_at_cargo(&self.names(&changed), changed.len())]),
        }
    }
}
