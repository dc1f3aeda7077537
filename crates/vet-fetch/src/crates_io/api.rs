//! What the API says of a crate.
//!
//! All of it was written by strangers. What is not as expected is left out, and the rest counts: a version whose
//! publisher makes no sense has none.

use std::collections::BTreeSet;

use chrono::DateTime;
use semver::Version;
use serde::Deserialize;
use serde::de::IgnoredAny;
use vet_store::Date;
use vet_store::diagnostic::{Code, Diagnostic};
use vet_store::entries::Publisher;

use super::{Details, Release};

/// No answer is larger.
pub(super) const LARGEST: u64 = 64 << 20;

/// What is said of a crate.
#[derive(Debug)]
pub(super) struct Answer {
    /// The name, in the registry's spelling.
    pub(super) name: Option<String>,
    /// All versions, also those of which nothing else is understood.
    pub(super) versions: BTreeSet<Version>,
    pub(super) details: Details,
}

impl Answer {
    /// Reads an answer.
    ///
    /// # Errors
    ///
    /// It is something else altogether.
    pub(super) fn parse(url: &str, body: &[u8]) -> Result<Self, Diagnostic> {
        let document: Document = serde_json::from_slice(body).map_err(|error| {
            Diagnostic::error(Code::BadContent, format!("`{url}` is not what an API says of a crate"))
                .note(error.to_string())
                .help("try again later; behind a mirror, look at what answers in place of crates.io")
        })?;
        let about = document.about.found().unwrap_or_default();
        let mut answer = Answer {
            name: about.name.found(),
            versions: BTreeSet::new(),
            details: Details {
                description: about.description.found(),
                repository: about.repository.found(),
                ..Details::default()
            },
        };
        for entry in document.versions.into_iter().filter_map(Lenient::found) {
            let Ok(version) = Version::parse(&entry.num) else { continue };
            answer.versions.insert(version.clone());
            if let Some(release) = entry.release() {
                answer.details.releases.entry(version).or_insert(release);
            }
        }
        Ok(answer)
    }
}

/// A value of a type, or anything else.
#[derive(Deserialize)]
#[serde(untagged)]
enum Lenient<T> {
    Expected(T),
    Other(IgnoredAny),
}

impl<T> Lenient<T> {
    fn found(self) -> Option<T> {
        match self {
            Lenient::Expected(value) => Some(value),
            Lenient::Other(_) => None,
        }
    }
}

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Lenient::Other(IgnoredAny)
    }
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "crate", default)]
    about: Lenient<About>,
    versions: Vec<Lenient<Entry>>,
}

#[derive(Deserialize, Default)]
struct About {
    #[serde(default)]
    name: Lenient<String>,
    #[serde(default)]
    description: Lenient<String>,
    #[serde(default)]
    repository: Lenient<String>,
}

#[derive(Deserialize)]
struct Entry {
    num: String,
    #[serde(default)]
    created_at: Lenient<String>,
    #[serde(default)]
    published_by: Option<Lenient<Account>>,
    #[serde(default)]
    trustpub_data: Lenient<TrustedPublishing>,
}

#[derive(Deserialize)]
struct Account {
    id: u64,
    login: String,
    #[serde(default)]
    name: Lenient<String>,
}

#[derive(Deserialize)]
struct TrustedPublishing {
    provider: String,
    repository: String,
}

impl Entry {
    /// When the version was published, and by whom; nothing if the day is not known.
    fn release(self) -> Option<Release> {
        let when = day(&self.created_at.found()?)?;
        let publisher = match self.published_by {
            // An account that makes no sense does not make way for something else.
            Some(account) => account.found().and_then(Account::publisher),
            None => self.trustpub_data.found().and_then(TrustedPublishing::publisher),
        };
        Some(Release { when, publisher })
    }
}

impl Account {
    /// The store holds no larger id.
    fn publisher(self) -> Option<Publisher> {
        let is_possible = i64::try_from(self.id).is_ok();
        is_possible.then(|| Publisher::User { id: self.id, login: self.login, name: self.name.found() })
    }
}

impl TrustedPublishing {
    fn publisher(self) -> Option<Publisher> {
        let is_known = self.provider == "github";
        is_known.then(|| Publisher::TrustedPublisher(format!("github:{}", self.repository)))
    }
}

/// The day in UTC.
fn day(time: &str) -> Option<Date> {
    Some(DateTime::parse_from_rfc3339(time).ok()?.to_utc().date_naive())
}
