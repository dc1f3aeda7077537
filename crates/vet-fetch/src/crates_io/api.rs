//! The API's answers about a crate.
//!
//! All of their content was written by strangers. Unexpected parts are skipped, and the rest
//! counts: a version with an invalid publisher has no publisher.

use std::collections::BTreeSet;

use chrono::DateTime;
use semver::Version;
use serde::Deserialize;
use serde::de::IgnoredAny;
use vet_diagnostics::wording::is_steering;
use vet_diagnostics::{Code, Diagnostic};
use vet_store::Date;
use vet_store::entries::Publisher;

use super::{Details, Release};

/// The maximum size of an answer, in bytes.
pub(super) const LARGEST: u64 = 64 << 20;

/// The answer about a crate.
#[derive(Debug)]
pub(super) struct Answer {
    /// The name, in the registry's spelling.
    pub(super) name: Option<String>,
    /// All versions, even if nothing else about them is understood.
    pub(super) versions: BTreeSet<Version>,
    pub(super) details: Details,
}

impl Answer {
    /// Parses an answer.
    ///
    /// # Errors
    ///
    /// The answer has a completely different format.
    pub(super) fn parse(url: &str, body: &[u8]) -> Result<Self, Diagnostic> {
        let document: Document = serde_json::from_slice(body).map_err(|error| {
            Diagnostic::error(Code::BadContent, format!("`{url}` is not a valid API response about a crate"))
                .note(error.to_string())
                .help("try again later; if you use a mirror, check which server answers instead of crates.io")
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
            if entry.has_library() {
                answer.details.libraries.insert(version.clone());
            }
            if let Some(release) = entry.release() {
                answer.details.releases.entry(version).or_insert(release);
            }
        }
        Ok(answer)
    }
}

/// Whether an answer about one version says that it has a library.
pub(super) fn has_library(body: &[u8], version: &Version) -> bool {
    let Ok(document) = serde_json::from_slice::<OfVersion>(body) else { return false };
    document.version.num == version.to_string() && document.version.has_library()
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
    versions: Vec<Lenient<VersionEntry>>,
}

#[derive(Deserialize)]
struct OfVersion {
    version: VersionEntry,
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
struct VersionEntry {
    num: String,
    #[serde(default)]
    created_at: Lenient<String>,
    #[serde(default)]
    published_by: Option<Lenient<Account>>,
    #[serde(default)]
    trustpub_data: Lenient<TrustedPublishing>,
    #[serde(default)]
    has_lib: Lenient<bool>,
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

impl VersionEntry {
    fn has_library(&self) -> bool {
        matches!(self.has_lib, Lenient::Expected(true))
    }

    /// The day and the publisher of the version; `None` if the day is unknown.
    fn release(self) -> Option<Release> {
        let when = day(&self.created_at.found()?)?;
        let publisher = match self.published_by {
            // If the account is invalid, the other field is not used instead.
            Some(account) => account.found().and_then(Account::publisher),
            None => self.trustpub_data.found().and_then(TrustedPublishing::publisher),
        };
        Some(Release { when, publisher })
    }
}

impl Account {
    /// The store allows no larger id.
    fn publisher(self) -> Option<Publisher> {
        let is_possible = i64::try_from(self.id).is_ok();
        is_possible.then(|| Publisher::User {
            id: self.id,
            login: fit(self.login),
            name: self.name.found().map(fit),
        })
    }
}

impl TrustedPublishing {
    fn publisher(self) -> Option<Publisher> {
        let is_known = self.provider == "github";
        is_known.then(|| Publisher::TrustedPublisher(fit(format!("github:{}", self.repository))))
    }
}

/// Normalizes a name. It becomes part of the store, which reviewers read. Users can choose any
/// name, and some would make a line look like another one.
fn fit(name: String) -> String {
    let is_unfit = |character: char| is_steering(character) || "\n\t\u{2028}\u{2029}".contains(character);
    if name.contains(is_unfit) { name.replace(is_unfit, "\u{fffd}") } else { name }
}

/// The day in UTC.
fn day(time: &str) -> Option<Date> {
    Some(DateTime::parse_from_rfc3339(time).ok()?.to_utc().date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries() {
        let version: Version = "1.0.0+a".parse().unwrap();
        for (body, expected) in [
            ("{\"version\": {\"num\": \"1.0.0+a\", \"has_lib\": true, \"id\": 7}}", true),
            ("{\"version\": {\"num\": \"1.0.0+a\", \"has_lib\": false}}", false),
            ("{\"version\": {\"num\": \"1.0.0+a\", \"has_lib\": null}}", false),
            ("{\"version\": {\"num\": \"1.0.0+a\", \"has_lib\": \"true\"}}", false),
            ("{\"version\": {\"num\": \"1.0.0\", \"has_lib\": true}}", false),
            ("{\"version\": {\"num\": \"1.0.0+a\"}}", false),
            ("{\"has_lib\": true}", false),
            ("<html>", false),
        ] {
            assert_eq!(has_library(body.as_bytes(), &version), expected, "{body}");
        }
        let answer = parse(
            "{\"versions\": [{\"num\": \"1.0.0\", \"has_lib\": true}, {\"num\": \"2.0.0\", \"has_lib\": 1}]}",
        );
        let libraries = answer.unwrap().details.libraries;
        assert_eq!(libraries.iter().map(Version::to_string).collect::<Vec<_>>(), ["1.0.0"]);
    }

    fn parse(body: &str) -> Result<Answer, Diagnostic> {
        Answer::parse("https://example.org/a", body.as_bytes())
    }

    /// The facts about one version whose entry has these fields besides the number.
    fn release(fields: &str) -> String {
        let body = format!("{{\"versions\": [{{\"num\": \"1.0.0\", {fields}, \"more\": [1e300, {{}}]}}]}}");
        let answer = parse(&body).unwrap();
        assert_eq!(answer.versions.len(), 1);
        match answer.details.releases.into_values().next() {
            None => "nothing".to_owned(),
            Some(Release { when, publisher: None }) => format!("{when}"),
            Some(Release { when, publisher: Some(Publisher::User { id, login, name }) }) => {
                format!("{when} {id} {login} {}", name.as_deref().unwrap_or("-"))
            }
            Some(Release { when, publisher: Some(Publisher::TrustedPublisher(signature)) }) => {
                format!("{when} {signature}")
            }
        }
    }

    #[test]
    fn publishers() {
        for (fields, expected) in [
            ("null", "2020-05-01"),
            (r#"{"id": 1, "login": "ann", "name": "Ann"}"#, "2020-05-01 1 ann Ann"),
            (r#"{"id": 1, "login": "ann", "name": null, "url": "x"}"#, "2020-05-01 1 ann -"),
            (r#"{"id": 1, "login": "ann", "name": 5}"#, "2020-05-01 1 ann -"),
            (r#"{"id": 9223372036854775807, "login": "ann"}"#, "2020-05-01 9223372036854775807 ann -"),
            (r#"{"id": 9223372036854775808, "login": "ann"}"#, "2020-05-01"),
            (r#"{"id": 1e40, "login": "ann"}"#, "2020-05-01"),
            (r#"{"id": -1, "login": "ann"}"#, "2020-05-01"),
            (r#"{"id": "1", "login": "ann"}"#, "2020-05-01"),
            (r#"{"id": 1}"#, "2020-05-01"),
            ("[]", "2020-05-01"),
            ("{\"id\": 1, \"login\": \"שלום é\", \"name\": \"\u{645}\"}", "2020-05-01 1 שלום é \u{645}"),
            (
                r#"{"id": 1, "login": "a\u202eb\n", "name": "\u001b[2J\u009b\u2067"}"#,
                "2020-05-01 1 a\u{fffd}b\u{fffd} \u{fffd}[2J\u{fffd}\u{fffd}",
            ),
        ] {
            let fields = format!(r#""created_at": "2020-05-01T00:00:00Z", "published_by": {fields}"#);
            assert_eq!(release(&fields), expected, "{fields}");
        }
        for (fields, expected) in [
            (
                r#""trustpub_data": {"provider": "github", "repository": "o/r", "sha": "0"}"#,
                "2020-05-01 github:o/r",
            ),
            (r#""trustpub_data": {"provider": "gitlab", "repository": "o/r"}"#, "2020-05-01"),
            (r#""trustpub_data": {"provider": "github"}"#, "2020-05-01"),
            (r#""trustpub_data": {"repository": "o/r"}"#, "2020-05-01"),
            (r#""trustpub_data": null, "published_by": null"#, "2020-05-01"),
            (
                r#""trustpub_data": {"provider": "github", "repository": "o/r"}, "published_by": {"id": 1, "login": "a"}"#,
                "2020-05-01 1 a -",
            ),
            (
                r#""trustpub_data": {"provider": "github", "repository": "o/r"}, "published_by": {"id": -1, "login": "a"}"#,
                "2020-05-01",
            ),
        ] {
            let fields = format!(r#""created_at": "2020-05-01T00:00:00Z", {fields}"#);
            assert_eq!(release(&fields), expected, "{fields}");
        }
    }

    #[test]
    fn days_are_those_of_utc() {
        for (time, expected) in [
            ("\"2020-05-01T23:59:59.999999Z\"", "2020-05-01"),
            ("\"2020-05-01T23:30:00+00:00\"", "2020-05-01"),
            ("\"2020-05-01T23:30:00-01:00\"", "2020-05-02"),
            ("\"2020-01-01T00:30:00+01:00\"", "2019-12-31"),
            ("\"2020-05-01\"", "nothing"),
            ("\"2020-13-01T00:00:00Z\"", "nothing"),
            ("1588291200", "nothing"),
            ("null", "nothing"),
        ] {
            assert_eq!(release(&format!("\"created_at\": {time}")), expected, "{time}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_left_out() {
        let entry = |num: &str| format!("{{\"num\": {num}, \"created_at\": \"2020-05-01T00:00:00Z\"}}");
        let entries = ["1", "\"x\"", "\"1.0\"", "\"1.0.0\"", "\"2.0.0+a\"", "null", "\"1.0.0\""].map(entry);
        let answer =
            parse(&format!("{{\"crate\": 1, \"versions\": [{}, 1, null, []]}}", entries.join(","))).unwrap();
        assert_eq!(answer.versions.iter().map(Version::to_string).collect::<Vec<_>>(), ["1.0.0", "2.0.0+a"]);
        assert_eq!((answer.name, answer.details.releases.len()), (None, 2));

        let about = r#"{"crate": {"name": "a", "description": ["x"], "repository": "r"}, "versions": []}"#;
        let Answer { name, details, .. } = parse(about).unwrap();
        let expected = [Some("a"), None, Some("r")];
        assert_eq!(
            [name.as_deref(), details.description.as_deref(), details.repository.as_deref()],
            expected
        );
    }

    #[test]
    fn what_is_something_else_is_a_finding() {
        let deep = "[".repeat(100_000);
        for body in
            ["", "<html>", "[]", "{}", "{\"versions\": 1}", "{\"versions\": [", "{\"errors\": []}", &deep]
        {
            let problem = parse(body).unwrap_err();
            assert_eq!(
                problem.message, "`https://example.org/a` is not a valid API response about a crate",
                "{body:.9}"
            );
        }
    }
}
