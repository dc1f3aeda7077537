//! Cached answers, so that a server can reply that nothing has changed.
//!
//! A cached answer is used only after the server has confirmed it.

use std::time::SystemTime;

use reqwest::header::{CACHE_CONTROL, ETAG, HeaderMap, HeaderName, LAST_MODIFIED};
use serde::{Deserialize, Serialize};

use crate::cache::Cache;
use crate::cache::files::{Files, Recalled};
use crate::cache::kinds::ANSWERS;

/// The answers, by URL.
#[derive(Clone, Debug)]
pub(super) struct HttpCache {
    files: Option<Files<String, KeptAnswer>>,
}

/// An answer, and how to ask the server whether it is still valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptAnswer {
    /// The URL that answered, after redirects.
    pub(super) answered_by: String,
    /// The header `ETag`.
    pub(super) etag: Option<String>,
    /// The header `Last-Modified`.
    pub(super) last_modified: Option<String>,
    /// The body, decompressed and decoded.
    pub(super) body: String,
}

impl KeptAnswer {
    /// Creates an answer to store, if it is a text, the server allows it and can be asked about it
    /// later.
    pub(super) fn new(answered_by: &str, headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let control = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
        let forbidden = control
            .flat_map(|value| value.split(','))
            .any(|word| word.trim().eq_ignore_ascii_case("no-store"));
        let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::to_owned);
        let (etag, last_modified) = (text(ETAG), text(LAST_MODIFIED));
        let can_be_asked = etag.is_some() || last_modified.is_some();
        let body = std::str::from_utf8(body).ok().filter(|_| can_be_asked && !forbidden)?.to_owned();
        Some(KeptAnswer { answered_by: answered_by.to_owned(), etag, last_modified, body })
    }
}

impl HttpCache {
    pub(super) fn new(cache: Option<&Cache>) -> Self {
        HttpCache { files: cache.map(|cache| cache.files(&ANSWERS)) }
    }

    /// The cached answer for a URL.
    pub(super) fn read(&self, url: &str) -> Recalled<KeptAnswer> {
        self.files.as_ref().map_or(Recalled::Nothing, |files| files.find(&url.to_owned()))
    }

    /// Stores an answer.
    pub(super) fn keep(&self, url: &str, answer: &KeptAnswer) {
        if let Some(files) = &self.files {
            files.write(&url.to_owned(), answer);
        }
    }

    /// Records that the server has just confirmed the cached answer.
    pub(super) fn confirm(&self, url: &str) {
        if let Some(files) = &self.files {
            files.touch(&url.to_owned());
        }
    }

    /// When the server last confirmed the cached answer.
    pub(super) fn last_confirmed(&self, url: &str) -> Option<SystemTime> {
        let time = self.files.as_ref()?.last_used(&url.to_owned())?;
        matches!(self.read(url), Recalled::Value(_)).then_some(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://example.org/a";

    #[test]
    fn answers_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = HttpCache::new(Some(&Cache::new(folder.path().join("not/there/yet"))));
        let answer = KeptAnswer {
            answered_by: URL.to_owned(),
            etag: Some("\"x\"".to_owned()),
            last_modified: None,
            body: "a\n\nb\n".to_owned(),
        };
        assert_eq!((cache.read(URL), cache.last_confirmed(URL)), (Recalled::Nothing, None));
        cache.keep(URL, &answer);
        assert_eq!(cache.read(URL), Recalled::Value(answer.clone()));
        assert!(cache.last_confirmed(URL).is_some());
        assert_eq!(cache.read("https://example.org/b"), Recalled::Nothing);
        let none = HttpCache::new(None);
        none.keep(URL, &answer);
        assert_eq!((none.read(URL), none.last_confirmed(URL)), (Recalled::Nothing, None));
    }

    #[test]
    fn servers_say_what_may_be_kept() {
        for (headers, expected) in [
            (&[("etag", "W/\"1\"")][..], true),
            (&[("last-modified", "yesterday")], true),
            (&[("etag", "\"1\""), ("cache-control", "private, max-age=0")], true),
            (&[("etag", "\"1\""), ("cache-control", "private, No-Store")], false),
            (&[("cache-control", "max-age=60")], false),
            (&[], false),
        ] {
            let headers: HeaderMap = headers
                .iter()
                .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
                .collect();
            assert_eq!(KeptAnswer::new(URL, &headers, b"").is_some(), expected, "{headers:?}");
            assert_eq!(KeptAnswer::new(URL, &headers, b"\xFF"), None, "no text");
        }
    }
}
