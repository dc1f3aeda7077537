//! Cached answers, so that a server can reply that nothing has changed.
//!
//! There is a file for each URL, named by its digest. Files are always replaced as a whole, so no
//! lock is needed. A cached answer is used only after the server has confirmed it, and may be lost
//! at any time.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use reqwest::header::{CACHE_CONTROL, ETAG, HeaderMap, HeaderName, LAST_MODIFIED};
use vet_project::regular_file::read_file;

use crate::cache_folder::CacheFolder;
use crate::sha256::sha256;

/// Answers in version 1 may have come through a proxy that a checkout named.
const HEADER: &str = "cargo-vet http 2";

/// The folder with the answers.
#[derive(Clone, Debug)]
pub(super) struct HttpCache {
    folder: Option<CacheFolder>,
}

/// An answer, and how to ask the server whether it is still valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeptAnswer {
    /// The URL that answered, after redirects.
    pub(super) answered_by: String,
    /// The header `ETag`.
    pub(super) etag: Option<String>,
    /// The header `Last-Modified`.
    pub(super) last_modified: Option<String>,
    /// The body, decompressed and decoded.
    pub(super) body: Vec<u8>,
}

/// The cached data for a URL.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Nothing,
    Answer(KeptAnswer),
    /// The file had invalid content and was removed.
    Damaged,
}

impl KeptAnswer {
    /// Creates an answer to store, if the server allows it and can be asked about it later.
    pub(super) fn new(answered_by: &str, headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let control = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
        let forbidden = control
            .flat_map(|value| value.split(','))
            .any(|word| word.trim().eq_ignore_ascii_case("no-store"));
        let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::to_owned);
        let (etag, last_modified) = (text(ETAG), text(LAST_MODIFIED));
        let can_be_asked = etag.is_some() || last_modified.is_some();
        (can_be_asked && !forbidden).then(|| KeptAnswer {
            answered_by: answered_by.to_owned(),
            etag,
            last_modified,
            body: body.to_owned(),
        })
    }

    fn head(&self, url: &str) -> String {
        let KeptAnswer { answered_by, etag, last_modified, body } = self;
        let (etag, last_modified) = (etag.as_deref(), last_modified.as_deref());
        format!(
            "{HEADER}\n{url}\n{answered_by}\n{}\n{}\n{}\n",
            etag.unwrap_or_default(),
            last_modified.unwrap_or_default(),
            sha256(body)
        )
    }

    /// Parses a file, which may contain anything.
    fn parse(url: &str, bytes: &[u8]) -> Option<Self> {
        let mut parts = bytes.splitn(7, |byte| *byte == b'\n');
        let mut line = || std::str::from_utf8(parts.next()?).ok();
        (line()? == HEADER && line()? == url).then_some(())?;
        let answered_by = line()?.to_owned();
        let mut optional = || line().map(|text| Some(text.to_owned()).filter(|text| !text.is_empty()));
        let (etag, last_modified) = (optional()?, optional()?);
        let expected = line()?.to_owned();
        let body = parts.next()?.to_owned();
        (sha256(&body) == expected).then_some(KeptAnswer { answered_by, etag, last_modified, body })
    }
}

impl HttpCache {
    pub(super) fn new(cache_folder: Option<&Path>) -> Self {
        HttpCache { folder: cache_folder.map(CacheFolder::new) }
    }

    /// The cached answer for a URL.
    pub(super) fn read(&self, url: &str) -> Kept {
        let Some(folder) = &self.folder else { return Kept::Nothing };
        let path = folder.path(&name(url));
        let Ok(bytes) = read_file(&path) else { return Kept::Nothing };
        match KeptAnswer::parse(url, &bytes) {
            Some(answer) => Kept::Answer(answer),
            None => {
                let _ = fs::remove_file(path);
                if bytes.starts_with(b"cargo-vet http 1\n") { Kept::Nothing } else { Kept::Damaged }
            }
        }
    }

    /// Stores an answer. Errors are ignored, because the cache is optional.
    pub(super) fn keep(&self, url: &str, answer: &KeptAnswer) {
        if let Some(folder) = &self.folder {
            let _ = folder.replace(&name(url), &[answer.head(url).as_bytes(), &answer.body]);
        }
    }

    /// Records that the server has just confirmed the cached answer.
    pub(super) fn confirm(&self, url: &str) {
        if let Some(folder) = &self.folder {
            folder.touch(&name(url));
        }
    }

    /// When the server last confirmed the cached answer.
    pub(super) fn last_confirmed(&self, url: &str) -> Option<SystemTime> {
        let path = self.folder.as_ref()?.path(&name(url));
        let time = fs::metadata(path).and_then(|metadata| metadata.modified()).ok()?;
        matches!(self.read(url), Kept::Answer(_)).then_some(time)
    }
}

/// The file for a URL.
fn name(url: &str) -> String {
    format!("http/{}", sha256(url.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://example.org/a";

    fn answer() -> KeptAnswer {
        KeptAnswer {
            answered_by: URL.to_owned(),
            etag: Some("\"x\"".to_owned()),
            last_modified: None,
            body: b"a\n\nb\n".to_vec(),
        }
    }

    #[test]
    fn answers_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = HttpCache::new(Some(&folder.path().join("not/there/yet")));
        assert_eq!(cache.read(URL), Kept::Nothing);
        cache.keep(URL, &answer());
        assert_eq!(cache.read(URL), Kept::Answer(answer()));
        assert_eq!(cache.read("https://example.org/b"), Kept::Nothing);
        let none = HttpCache::new(None);
        none.keep(URL, &answer());
        assert_eq!(none.read(URL), Kept::Nothing);
    }

    #[test]
    fn what_is_damaged_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let cache = HttpCache::new(Some(folder.path()));
        let path = folder.path().join(name(URL));
        cache.keep(URL, &answer());
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(cache.read(URL), Kept::Damaged, "{length}");
            assert!(!path.exists());
        }
        fs::write(&path, answer().head("https://example.org/b") + "a\n\nb\n").unwrap();
        assert_eq!(cache.read(URL), Kept::Damaged, "of another URL");
    }

    #[test]
    fn answers_of_an_older_version_are_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let cache = HttpCache::new(Some(folder.path()));
        let path = folder.path().join(name(URL));
        fs::create_dir(folder.path().join("http")).unwrap();
        fs::write(&path, answer().head(URL).replace("http 2", "http 1") + "a\n\nb\n").unwrap();
        assert_eq!(cache.read(URL), Kept::Nothing);
        assert!(!path.exists());
    }

    #[test]
    fn a_cache_that_cannot_be_used_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("http"), "a file in place of the folder").unwrap();
        let cache = HttpCache::new(Some(folder.path()));
        cache.keep(URL, &answer());
        assert_eq!(cache.read(URL), Kept::Nothing);
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
        }
    }
}
