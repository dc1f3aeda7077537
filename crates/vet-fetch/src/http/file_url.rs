//! Paths instead of URLs.

use std::path::Path;

use reqwest::Url;

/// The URL of a file, if a text is a path and not a URL. The path may be absolute or relative to
/// `folder`.
pub fn file_url(text: &str, folder: &Path) -> Option<String> {
    let is_url = match Url::parse(text) {
        // What looks like a scheme of one letter is a drive.
        Ok(url) => !(cfg!(windows) && url.scheme().len() == 1),
        Err(_) => text.contains("://"),
    };
    if is_url || text.is_empty() {
        return None;
    }
    let path = folder.join(text);
    Url::from_file_path(path).ok().map(|url| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn only_paths_are_paths() {
        for (text, expected) in [
            ("audits.toml", Some("file:///p/store/audits.toml")),
            ("../b c/audits.toml", Some("file:///p/store/../b%20c/audits.toml")),
            ("/etc/audits.toml", Some("file:///etc/audits.toml")),
            ("https://example.org/audits.toml", None),
            ("file:///audits.toml", None),
            ("ftp://example.org/", None),
            ("https://:x", None),
            ("", None),
        ] {
            assert_eq!(file_url(text, Path::new("/p/store")).as_deref(), expected, "{text}");
        }
    }
}
