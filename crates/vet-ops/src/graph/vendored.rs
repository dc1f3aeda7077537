//! Checks that the sources that cargo takes from folders are what was published.
//!
//! They are compared with archives. An archive that is not on this machine is downloaded, and its
//! files are remembered, so that later checks need neither the archive nor cargo.

use vet_diagnostics::{Diagnostic, Problems, wording};
use vet_fetch::crates_io::Registries;
use vet_fetch::published::{KnownPackages, Unanswered};
use vet_fetch::vendored::{Compared, compare};
use vet_project::NetworkConfiguration;

use super::reading::{MOST_REASONS, Reading};
use super::verification;
use crate::operation::events::{Event, Stage};

impl Reading<'_> {
    /// Compares vendored sources with what was published. Returns why cargo has to be asked, if it
    /// may refuse them.
    pub(super) fn compare_vendored(
        &self,
        known: &mut KnownPackages,
        registries: &Registries<'_>,
        network: &NetworkConfiguration,
    ) -> Result<Vec<String>, Problems> {
        let vendored = &self.sources.vendored;
        if vendored.folders.is_empty() {
            return Ok(Vec::new());
        }
        let cache = &self.context.cache;
        let compare = |known: &mut KnownPackages| {
            let archives = self.sources.archives(cache);
            let compared = compare(self.lock, vendored, &archives, cache);
            // If the files are remembered, the rest can be read without the archive.
            known.read_archives(self.lock, &compared.read, &archives);
            compared
        };
        let mut compared = compare(known);
        if self.download(&compared.without_archive, known, registries, network) {
            compared = compare(known);
        }
        let Compared { differences, not_compared, from_git, mut left_to_cargo, .. } = compared;
        if !differences.is_empty() {
            return Err(Problems::from(verification::vendored_differ(self.lock, &differences)));
        }
        if !not_compared.is_empty() {
            let names = self.names(&not_compared);
            let warning = verification::vendored_unverified(&names, not_compared.len());
            self.doubt(self.lock.mark(warning, &not_compared, "not compared"))?;
            left_to_cargo.push(format!("the vendored sources of {names}, which were not compared"));
        }
        if !from_git.is_empty() {
            let names = self.names(&from_git);
            // They cannot be compared in any way, so this does not fail a strict check.
            let warning = verification::vendored_from_git(&names, from_git.len());
            self.run.found(self.lock.mark(warning, &from_git, "not compared"));
            left_to_cargo.push(format!("the vendored sources of {names}, which come from git"));
        }
        left_to_cargo.truncate(MOST_REASONS);
        Ok(left_to_cargo)
    }

    /// Downloads the archives of packages, if the network may be used. Returns whether this was
    /// tried.
    fn download(
        &self,
        packages: &[usize],
        known: &KnownPackages,
        registries: &Registries<'_>,
        network: &NetworkConfiguration,
    ) -> bool {
        let unanswered = Unanswered::about_archives(&self.lock.source, &self.context.cache);
        if packages.is_empty() || self.context.frozen || !self.unasked.is_empty() || unanswered.is_recent() {
            return false;
        }
        self.info(format!(
            "downloading the archives of {} to compare; the result is cached",
            wording::count(packages.len(), "vendored package", "vendored packages")
        ));
        let report = |done: usize, total: usize| {
            self.run.notice(Event::Progress { stage: Stage::Packages, done, total });
        };
        let brought = self.context.client(network).and_then(|client| {
            let from = (registries, self.sources);
            known.download_archives(self.lock, packages, from, &client, &report)
        });
        if let Err(Diagnostic { message, .. }) = brought {
            unanswered.note();
            self.info(format!("not all archives could be downloaded: {message}"));
        }
        true
    }
}
