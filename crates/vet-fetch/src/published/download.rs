//! Downloads the archives of locked packages.

use std::collections::BTreeMap;

use vet_diagnostics::Diagnostic;
use vet_graph::graph::PackageSource;
use vet_graph::lock_file::{LockFile, LockedPackage};
use vet_graph::{Published, PublishedFacts as _};
use vet_project::VendoredSources;

use super::{KnownPackages, Registries, Sources};
use crate::archives::{ArchiveEvent, Archives, WantedArchive};
use crate::http::Client;

impl KnownPackages {
    /// Downloads the archives of packages, given as indices in the lock file, to the folders in
    /// [`Sources::archives`]. Only archives whose checksum the user's index confirms are
    /// downloaded. `report` receives the number of completed archives and the total.
    ///
    /// # Errors
    ///
    /// An archive cannot be downloaded. The others are downloaded anyway.
    pub fn download_archives(
        &self,
        lock: &LockFile,
        packages: &[usize],
        (registries, sources): (&Registries<'_>, &Sources),
        client: &Client,
        report: &dyn Fn(usize, usize),
    ) -> Result<(), Diagnostic> {
        let mut by_source: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for place in packages {
            let package = lock.packages.get(*place);
            let confirmed = package.filter(|package| matches!(self.declared(package), Published::Known(_)));
            if let Some(source) = confirmed.and_then(LockedPackage::registry) {
                by_source.entry(source).or_default().push(*place);
            }
        }
        let mut result = Ok(());
        for (source, packages) in by_source {
            let registry = registries.registry(client, source);
            let sources = Sources { vendored: VendoredSources::default(), ..sources.clone() };
            let archives = Archives::new(&registry, sources);
            let archives = match PackageSource::of(source) {
                PackageSource::CratesIo => archives,
                PackageSource::Path | PackageSource::Other(_) => archives.of_another_registry(),
            };
            let brought = bring(&archives, lock, &packages, report);
            result = result.and(brought);
        }
        result
    }
}

/// Downloads the archives of packages that are not on this machine.
fn bring(
    archives: &Archives<'_>,
    lock: &LockFile,
    packages: &[usize],
    report: &dyn Fn(usize, usize),
) -> Result<(), Diagnostic> {
    let wanted = packages.iter().filter_map(|place| {
        let LockedPackage { name, version, checksum, .. } = lock.packages.get(*place)?;
        Some(WantedArchive { name: name.clone(), version: version.clone(), checksum: checksum.clone() })
    });
    let wanted: Vec<WantedArchive> = wanted.collect();
    let (mut done, mut problem) = (0, None);
    archives.bring(&wanted, &|_: ArchiveEvent<'_>| {}, &mut |_, archive| {
        done += 1;
        report(done, wanted.len());
        problem = archive.err().or_else(|| problem.take());
    });
    problem.map_or(Ok(()), Err)
}
