//! Which versions have a library, as the API says.
//!
//! Cargo leaves a package without a library out of the graph. The API has this for every version, in a few hundred bytes. It is
//! no proof, as nothing ties it to the bytes of the archive; so only what makes the graph larger is taken from it: that a
//! version has a library. That a version has none is not told apart from not knowing.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use semver::Version;
use vet_diagnostics::Diagnostic;

use super::crate_cache::KeptCrates;
use super::look_up::{AT_ONCE, is_name};
use super::{CratesIo, api};
use crate::cache_file::CacheFile;
use crate::http::{Body, Request};

/// An answer about one version is not larger.
const LARGEST: u64 = 1 << 20;

impl CratesIo<'_> {
    /// Which of some versions have a library, by their places. What was said in earlier runs is remembered. `report` hears how
    /// many versions are done, of how many.
    ///
    /// # Errors
    ///
    /// There is no API, or it cannot be asked about the first version. Then it is not asked about others. What it does not say
    /// of one of these is not known.
    pub(crate) fn libraries(
        &self,
        wanted: &[(&str, &Version)],
        report: &dyn Fn(usize, usize),
    ) -> Result<BTreeSet<usize>, Diagnostic> {
        let location = self.location.as_ref().map_err(Clone::clone)?;
        let mut said = SaidLibraries::recall(&self.cache_folder, &location.key());
        let kept = KeptCrates::new(&self.cache_folder, location.key());
        let (mut found, mut unknown) = (BTreeSet::new(), Vec::new());
        for (place, (name, version)) in wanted.iter().enumerate().filter(|(_, (name, _))| is_name(name)) {
            let details = || kept.read(&name.to_ascii_lowercase())?.details;
            if said.has(name, version) {
                found.insert(place);
            } else if details().is_some_and(|it| it.details.libraries.contains(*version)) {
                found.insert(place);
                said.add(name, version);
            } else {
                unknown.push(place);
            }
        }
        if unknown.is_empty() {
            said.keep();
            return Ok(found);
        }
        let service = self.service(location)?;
        let token = service.token(location)?;
        let mut requests = Vec::new();
        for (name, version) in unknown.iter().filter_map(|place| wanted.get(*place)) {
            let url = format!("{}/{version}", service.crate_url(location, name)?);
            requests.push(Request::bytes(url, LARGEST).or_absent().with_token(token.clone()));
        }
        let (mut done, mut problem) = (0, None);
        let (first, others) = requests.split_at(requests.len().min(1));
        for (offset, requests) in [(0, first), (1, others)] {
            self.client.fetch_each(requests, AT_ONCE, &|_, _| {}, &mut |number, answer| {
                done += 1;
                report(done, unknown.len());
                let Some(place) = unknown.get(number + offset) else { return };
                let Some((name, version)) = wanted.get(*place) else { return };
                match answer.map(|fetched| fetched.body) {
                    Ok(Body::Bytes(body)) if api::has_library(&body, version) => {
                        found.insert(*place);
                        said.add(name, version);
                    }
                    Ok(_) => {}
                    Err(why) => problem = Some(why),
                }
            });
            if let (0, Some(problem)) = (offset, problem.take()) {
                return Err(problem);
            }
        }
        said.keep();
        Ok(found)
    }
}

/// What the API of an index said in earlier runs: a line for each version that has a library.
pub(crate) struct SaidLibraries {
    file: CacheFile,
    lines: BTreeSet<String>,
    is_changed: bool,
}

impl SaidLibraries {
    /// Recalls it. `index` stands for the index.
    pub(crate) fn recall(cache_folder: &Path, index: &str) -> Self {
        let name = format!("crates/libraries-{index}");
        let file = CacheFile::new(cache_folder, &name, "cargo-vet libraries 1");
        let lines = file.read().lines().map(str::to_owned).collect();
        SaidLibraries { file, lines, is_changed: false }
    }

    /// Whether a version has a library.
    pub(crate) fn has(&self, name: &str, version: &Version) -> bool {
        self.lines.contains(&line(name, version))
    }

    fn add(&mut self, name: &str, version: &Version) {
        self.is_changed |= self.lines.insert(line(name, version));
    }

    fn keep(&self) {
        if self.is_changed {
            let text = self.lines.iter().fold(String::new(), |mut text, line| {
                let _ = writeln!(text, "{line}");
                text
            });
            self.file.replace(&text);
        }
    }
}

fn line(name: &str, version: &Version) -> String {
    format!("{name} {version}")
}
