//! Which versions have a library, according to the API.
//!
//! Cargo leaves a package without a library out of the graph. The API has this fact for every
//! version, in a few hundred bytes. It is not a proof, because nothing connects it to the bytes of
//! the archive. So it is used only if it makes the graph larger, that is, if a version has a
//! library. An answer that a version has none is treated as unknown.

use std::collections::{BTreeSet, HashMap};

use semver::Version;
use vet_diagnostics::Diagnostic;

use super::crate_cache::KeptCrates;
use super::index::is_name;
use super::look_up::AT_ONCE;
use super::{CratesIo, api};
use crate::cache::Cache;
use crate::cache::kinds::LIBRARIES;
use crate::cache::table::Table;
use crate::http::{Body, Request};

/// The maximum size of an answer about one version, in bytes.
const LARGEST: u64 = 1 << 20;

impl CratesIo<'_> {
    /// Finds which versions have a library, and returns their indices. Answers of earlier runs are
    /// remembered. `report` receives the number of completed versions and the total.
    ///
    /// # Errors
    ///
    /// There is no API, or it cannot be asked about the first version; other versions are not
    /// requested then. If it has no answer for a later version, that version stays unknown.
    pub(crate) fn libraries(
        &self,
        wanted: &[(&str, &Version)],
        report: &dyn Fn(usize, usize),
    ) -> Result<BTreeSet<usize>, Diagnostic> {
        let location = self.location.as_ref().map_err(Clone::clone)?;
        let mut said = SaidLibraries::recall(&self.cache, &location.key());
        let kept = KeptCrates::new(&self.cache, location.key());
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

/// The API's answers in earlier runs.
pub(crate) struct SaidLibraries {
    table: Table<Key, ()>,
    /// The versions of each crate.
    known: HashMap<String, BTreeSet<Version>>,
    new: Vec<(Key, ())>,
    index: String,
}

/// A version in an index: the key of the index, the name and the version.
type Key = (String, String, Version);

impl SaidLibraries {
    /// Reads the answers for an index. `index` is its key.
    pub(crate) fn recall(cache: &Cache, index: &str) -> Self {
        let table = cache.table::<Key, ()>(&LIBRARIES);
        let mut known: HashMap<String, BTreeSet<Version>> = HashMap::new();
        for (_, name, version) in table.read(|(of, ..)| of == index).into_keys() {
            known.entry(name).or_default().insert(version);
        }
        SaidLibraries { table, known, new: Vec::new(), index: index.to_owned() }
    }

    /// Whether a version has a library.
    pub(crate) fn has(&self, name: &str, version: &Version) -> bool {
        self.known.get(name).is_some_and(|versions| versions.contains(version))
    }

    fn add(&mut self, name: &str, version: &Version) {
        if self.known.entry(name.to_owned()).or_default().insert(version.clone()) {
            self.new.push(((self.index.clone(), name.to_owned(), version.clone()), ()));
        }
    }

    fn keep(&self) {
        self.table.add(&self.new);
    }
}
