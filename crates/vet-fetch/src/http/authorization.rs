//! What tells a server who asks, and keeps it from everybody else.

use std::fmt;

use reqwest::Url;
use reqwest::header::HeaderValue;

use super::address::{Address, origin};

/// A value for the header `Authorization`, and the server that it is for: scheme, host and port. Wherever a redirect
/// leads, no other server is told, and no message shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization {
    origin: String,
    value: HeaderValue,
}

impl Authorization {
    /// A value for the server of a URL. Nothing if the URL must not be fetched, or no header can have the value.
    pub fn new(url: &str, value: &str) -> Option<Self> {
        let address = Address::parse(url).ok()?;
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        Some(Authorization { origin: origin(address.url()), value })
    }

    /// The value, if it is for the server of a URL.
    pub(super) fn value_for(&self, url: &Url) -> Option<&HeaderValue> {
        (self.origin == origin(url)).then_some(&self.value)
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorization(for {})", self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_server_is_told() {
        let authorization = Authorization::new("https://u@a.example/x?y", "Bearer secret").unwrap();
        for (url, expected) in [
            ("https://a.example/", Some("Bearer secret")),
            ("https://a.example:443/z", Some("Bearer secret")),
            ("https://a.example:444/", None),
            ("http://a.example:443/", None),
            ("https://b.a.example/", None),
            ("data:,x", None),
        ] {
            let value = authorization.value_for(&Url::parse(url).unwrap());
            assert_eq!(value.map(|value| value.to_str().unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn nobody_sees_it() {
        let authorization = Authorization::new("https://a.example/x", "Bearer secret").unwrap();
        assert_eq!(format!("{authorization:?}"), "Authorization(for https://a.example)");
        assert!(!format!("{:?}", authorization.value).contains("secret"));
    }

    #[test]
    fn not_everything_can_be_sent() {
        for (url, value) in [
            ("https://a.example/", "Bearer a\r\nHost: b.example"),
            ("https://a.example/", "Bearer a\0"),
            ("http://a.example/", "Bearer a"),
            ("nonsense", "Bearer a"),
        ] {
            assert_eq!(Authorization::new(url, value), None, "{url} {value:?}");
        }
    }
}
