//! The `config.json` of an index: the locations of archives and of the API, and whether requests
//! need a token.
//!
//! It hardly ever changes, so it is requested once a day.

use std::time::Duration;

use semver::Version;
use serde::{Deserialize, Serialize};
use vet_diagnostics::{Code, Diagnostic};
use vet_project::Token;

use super::credentials::ProvidedToken;
use super::index;
use super::location::Location;
use crate::cache::Cache;
use crate::cache::kinds::INDEXES;
use crate::clock::{is_within, now};
use crate::http::{Body, Client, Request};

const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);
const LARGEST: u64 = 1 << 20;

/// The content of `config.json`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Service {
    /// The location of archives: a URL that may contain markers.
    dl: Option<String>,
    api: Option<String>,
    #[serde(default, rename = "auth-required")]
    auth_required: bool,
}

impl Service {
    /// Uses the cached content, or requests it.
    ///
    /// # Errors
    ///
    /// It is unavailable or invalid.
    pub(super) fn find(client: &Client, location: &Location, cache: &Cache) -> Result<Self, Diagnostic> {
        let indexes = cache.table::<String, Kept>(&INDEXES);
        if let Some(service) = indexes.get(&location.key()).and_then(|kept| kept.read(client.is_offline())) {
            return Ok(service);
        }
        let url = location.url("config.json");
        let request = Request::text(url.as_str(), LARGEST);
        let answer = match client.fetch_one(&request, &|_| {}) {
            // Servers that require a token answer with this status.
            Err(problem) if problem.code == Code::HttpStatus && !location.is_official() => {
                let found = location.credentials();
                match &found.token {
                    Some(token) => client.fetch_one(&request.with_token(Some(token.clone())), &|_| {}),
                    None => Err(with_problems(problem, found)
                        .note(format!("if the registry requires a token: {}", location.way_to_a_token()))),
                }
            }
            answer => answer,
        }?;
        let text = match answer.body {
            Body::Text(text) => text,
            Body::Bytes(_) | Body::Absent => String::new(),
        };
        let service: Service = serde_json::from_str(&text).map_err(|error| {
            Diagnostic::error(
                Code::BadContent,
                format!("`{}` is not the description of an index", answer.url),
            )
            .note(error.to_string())
            .help("check the address of the index in cargo's configuration")
        })?;
        indexes.add(&[(location.key(), Kept { when: now(), text })]);
        Ok(service)
    }

    /// The API URL for a crate.
    ///
    /// # Errors
    ///
    /// The registry has no API.
    pub(super) fn crate_url(&self, location: &Location, name: &str) -> Result<String, Diagnostic> {
        match self.api.as_deref() {
            Some(api) if api.starts_with("https://") || api.starts_with("http://") => {
                Ok(format!("{}/api/v1/crates/{name}", api.trim_end_matches('/')))
            }
            _ => {
                let message =
                    format!("the registry `{}` does not report the publishers of `{name}`", location.shown());
                Err(Diagnostic::error(Code::NoRegistry, message)
                    .note("cargo's configuration replaces crates.io with it, and it has no API")
                    .help(
                        "use a mirror whose `config.json` names an `api`, or run the command where crates.io can be reached; `--locked` uses the publishers in `imports.lock`",
                    ))
            }
        }
    }

    /// The URL of an archive. Cargo's markers are replaced; without markers, the path is appended
    /// as for crates.io.
    ///
    /// # Errors
    ///
    /// The registry does not say where archives are.
    pub(super) fn archive_url(
        &self,
        location: &Location,
        name: &str,
        version: &Version,
        checksum: &str,
    ) -> Result<String, Diagnostic> {
        let is_url = |dl: &&str| dl.starts_with("https://") || dl.starts_with("http://");
        let Some(dl) = self.dl.as_deref().filter(is_url) else {
            let message =
                format!("the registry `{}` does not report where its archives are", location.shown());
            return Err(Diagnostic::error(Code::NoRegistry, message)
                .note("its `config.json` has no `dl` that is a URL")
                .help("check the address of the index in cargo's configuration"));
        };
        let prefix = index::prefix(name);
        let version = version.to_string();
        let markers = [
            ("{crate}", name),
            ("{version}", &version),
            ("{prefix}", &prefix),
            ("{lowerprefix}", &prefix.to_ascii_lowercase()),
            ("{sha256-checksum}", checksum),
        ];
        if !markers.iter().any(|(marker, _)| dl.contains(marker)) {
            return Ok(format!("{}/{name}/{version}/download", dl.trim_end_matches('/')));
        }
        Ok(markers.iter().fold(dl.to_owned(), |url, (marker, value)| url.replace(marker, value)))
    }

    /// The token, if the registry requires one.
    ///
    /// # Errors
    ///
    /// A token is required, and there is none.
    pub(super) fn token(&self, location: &Location) -> Result<Option<Token>, Diagnostic> {
        if !self.auth_required {
            return Ok(None);
        }
        let found = location.credentials();
        if found.token.is_none() {
            let message =
                format!("the registry `{}` requires a token, and none is configured", location.shown());
            let problem = with_problems(Diagnostic::error(Code::NoRegistry, message), found);
            return Err(problem.help(location.way_to_a_token()));
        }
        Ok(found.token.clone())
    }
}

fn with_problems(problem: Diagnostic, found: &ProvidedToken) -> Diagnostic {
    found.problems.iter().fold(problem, Diagnostic::note)
}

/// The content of `config.json` in the cache.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    /// When it was requested, in seconds since 1970.
    when: u64,
    text: String,
}

impl Kept {
    /// The content, if it is not too old. Without the network, any age is accepted.
    fn read(&self, whatever_age: bool) -> Option<Service> {
        let is_recent = is_within(self.when, now(), KEPT_FOR);
        (is_recent || whatever_age).then(|| serde_json::from_str(&self.text).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use vet_project::{RegistryConfiguration, RegistryEnvironment};

    use super::*;

    #[test]
    fn archives_have_urls() {
        let location =
            Location::find(&RegistryConfiguration::default(), &RegistryEnvironment::default(), None).unwrap();
        let url = |dl: Option<&str>| {
            let service = Service { dl: dl.map(str::to_owned), api: None, auth_required: false };
            service.archive_url(&location, "Demo-x", &"1.0.0-a+b".parse().unwrap(), "0123")
        };
        let base = "https://example.org";
        for (dl, expected) in [
            ("", "/Demo-x/1.0.0-a+b/download"),
            ("/dl/", "/dl/Demo-x/1.0.0-a+b/download"),
            ("/{crate}/{version}.crate", "/Demo-x/1.0.0-a+b.crate"),
            ("/{prefix}/{lowerprefix}/{crate}-{crate}", "/De/mo/de/mo/Demo-x-Demo-x"),
            ("/{sha256-checksum}?a={unknown}", "/0123?a={unknown}"),
            ("/{Crate}", "/{Crate}/Demo-x/1.0.0-a+b/download"),
        ] {
            assert_eq!(url(Some(&format!("{base}{dl}"))).unwrap(), format!("{base}{expected}"), "{dl}");
        }
        for dl in [None, Some(""), Some("file:///etc/{crate}"), Some("{crate}")] {
            assert_eq!(url(dl).unwrap_err().code, Code::NoRegistry, "{dl:?}");
        }
    }
}
