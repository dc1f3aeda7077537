//! Which URLs may be fetched, and which parts of them may be shown.
//!
//! Audits decide which code is trusted, so they must come over HTTPS, even after a redirect. Plain
//! HTTP is allowed for this machine only. A user name and password are sent only to the server that
//! they were written for, and are never shown.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;
use reqwest::header::HeaderValue;
use vet_diagnostics::{Code, Diagnostic, wording};

use vet_project::Token;

/// A URL that may be fetched.
#[derive(Clone)]
pub(super) struct Address {
    /// Without credentials and fragment.
    url: Url,
    credentials: Option<Credentials>,
}

/// Credentials, and the server that they are for.
#[derive(Clone)]
struct Credentials {
    origin: String,
    secret: Secret,
}

#[derive(Clone)]
enum Secret {
    /// A user name and password, as in a URL.
    Password {
        username: String,
        password: Option<String>,
    },
    Token(Token),
}

impl Address {
    /// Parses a URL from the user.
    ///
    /// # Errors
    ///
    /// It is not a URL, or must not be fetched.
    pub(super) fn parse(raw: &str) -> Result<Self, Diagnostic> {
        let mut url = Url::parse(raw).map_err(|error| {
            let message = format!("`{}` is not a URL", wording::without_credentials(raw));
            Diagnostic::error(Code::UrlNotAllowed, message)
                .note(error.to_string())
                .help("URLs start with `https://`")
        })?;
        url.set_fragment(None);
        let username = url.username().to_owned();
        let password = url.password().map(str::to_owned);
        strip(&mut url);
        let credentials = (!username.is_empty() || password.is_some())
            .then(|| Credentials { origin: origin(&url), secret: Secret::Password { username, password } });
        let address = Address { url, credentials };
        match address.url.scheme() {
            "file" => Ok(address),
            _ => address.checked(),
        }
    }

    /// Adds a token for the server, replacing a password. Over plain HTTP anyone could read the
    /// token, so the URL stays unchanged there.
    pub(super) fn with_token(self, token: &Token) -> Self {
        if self.url.scheme() != "https" {
            return self;
        }
        let credentials = Credentials { origin: origin(&self.url), secret: Secret::Token(token.clone()) };
        Address { credentials: Some(credentials), ..self }
    }

    /// The target of a redirect. Credentials are kept only for the server that they are for.
    ///
    /// # Errors
    ///
    /// The target must not be fetched.
    pub(super) fn redirected(&self, location: &str) -> Result<Self, Diagnostic> {
        let redirect = |problem: Diagnostic| {
            problem
                .note(format!("`{self}` redirects there"))
                .help("use the URL of a server that redirects only to HTTPS")
        };
        let mut url = self.url.join(location).map_err(|error| {
            let message = format!("`{}` is not a URL", wording::without_credentials(location));
            redirect(Diagnostic::error(Code::UrlNotAllowed, message).note(error.to_string()))
        })?;
        url.set_fragment(None);
        strip(&mut url);
        let next = Address { url, credentials: self.credentials.clone() };
        if self.url.scheme() == "https" && next.url.scheme() == "http" {
            return Err(redirect(not_https(&next)));
        }
        next.checked().map_err(redirect)
    }

    fn checked(self) -> Result<Self, Diagnostic> {
        match self.url.scheme() {
            "https" => Ok(self),
            "http" if is_loopback(&self.url) => Ok(self),
            "http" => Err(not_https(&self)),
            scheme => {
                let message = format!("`{self}` cannot be fetched: `{scheme}` is not supported");
                Err(Diagnostic::error(Code::UrlNotAllowed, message).help("use `https://`"))
            }
        }
    }

    /// The URL to send, with a password if it is for this server.
    pub(super) fn to_send(&self) -> Url {
        let mut url = self.url.clone();
        if let Some(Secret::Password { username, password }) = self.secret() {
            // Both fail only if there is no host, and then there are no credentials.
            let _ = url.set_username(username);
            let _ = url.set_password(password.as_deref());
        }
        url
    }

    /// The `Authorization` header, with a token if it is for this server.
    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        match self.secret()? {
            Secret::Token(token) => header_of(token),
            Secret::Password { .. } => None,
        }
    }

    fn secret(&self) -> Option<&Secret> {
        let credentials = self.credentials.as_ref().filter(|one| one.origin == origin(&self.url))?;
        Some(&credentials.secret)
    }

    /// The URL without credentials.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Whether the answer may depend on credentials.
    pub(super) fn has_credentials(&self) -> bool {
        self.credentials.is_some()
    }

    /// The server: scheme, host and port.
    pub(super) fn origin(&self) -> String {
        origin(&self.url)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.url)
    }
}

/// A URL as the user wrote it, without credentials: for messages, and for files that others read.
pub fn shown(raw: &str) -> String {
    match Url::parse(raw) {
        Ok(url) if url.username().is_empty() && url.password().is_none() => raw.to_owned(),
        Ok(mut url) => {
            strip(&mut url);
            url.into()
        }
        Err(_) => wording::without_credentials(raw),
    }
}

/// The header value of a token; `None` if the token contains characters that headers do not allow.
fn header_of(token: &Token) -> Option<HeaderValue> {
    let mut value: HeaderValue = token.secret().parse().ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn strip(url: &mut Url) {
    // Both fail only if there is no host, and then there are no credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address: Result<IpAddr, _> = host.trim_matches(['[', ']']).parse();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn not_https(address: &Address) -> Diagnostic {
    Diagnostic::error(Code::UrlNotAllowed, format!("`{address}` is not HTTPS"))
        .note("an attacker on the network could change the answer")
        .help("use `https://`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_urls_are_allowed() {
        for (raw, expected) in [
            ("https://example.org/a?b#c", Ok("https://example.org/a?b")),
            ("https://user:pass@example.org/", Ok("https://example.org/")),
            ("http://127.0.0.1:80/", Ok("http://127.0.0.1/")),
            ("http://[::1]:8080/", Ok("http://[::1]:8080/")),
            ("http://localhost/", Ok("http://localhost/")),
            ("file:///tmp/a", Ok("file:///tmp/a")),
            ("http://user:secret@example.org/", Err("`http://example.org/` is not HTTPS")),
            ("http://127.0.0.1.example.org/", Err("`http://127.0.0.1.example.org/` is not HTTPS")),
            ("ftp://u:secret@h/a", Err("`ftp://h/a` cannot be fetched: `ftp` is not supported")),
            ("data:,a", Err("`data:,a` cannot be fetched: `data` is not supported")),
            ("audits.toml", Err("`audits.toml` is not a URL")),
            ("https://u:sec/ret@h:x/a", Err("`https://h:x/a` is not a URL")),
            ("", Err("`` is not a URL")),
        ] {
            let found = Address::parse(raw).map(|address| address.to_string());
            let found = found.map_err(|problem| problem.message);
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{raw}");
        }
    }

    #[test]
    fn credentials_go_to_their_server_only() {
        let first = Address::parse("https://u:p%40@a.example/x").unwrap();
        assert_eq!(first.to_send().as_str(), "https://u:p%40@a.example/x");
        assert_eq!(format!("{first:?}"), "Address(https://a.example/x)");
        for (location, expected) in [
            ("/y", Ok("https://u:p%40@a.example/y")),
            ("https://a.example:443/y", Ok("https://u:p%40@a.example/y")),
            ("https://a.example:444/y", Ok("https://a.example:444/y")),
            ("https://evil:word@b.example/y", Ok("https://b.example/y")),
            ("http://a.example/y", Err("`http://a.example/y` is not HTTPS")),
            ("http://127.0.0.1/y", Err("`http://127.0.0.1/y` is not HTTPS")),
            ("file:///y", Err("`file:///y` cannot be fetched: `file` is not supported")),
            ("https://x:secret@:y", Err("`https://:y` is not a URL")),
        ] {
            let found = first.redirected(location).map(|next| next.to_send().to_string());
            let found = found.map_err(|problem| problem.message);
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{location}");
        }
        let back = first.redirected("https://b.example/").unwrap().redirected("https://a.example/").unwrap();
        assert_eq!(back.to_send().as_str(), "https://u:p%40@a.example/");
    }

    #[test]
    fn tokens_go_to_their_server_only() {
        let token = Token::new("cio_secret");
        let sent = |address: &Address| {
            let header = address.authorization().map(|value| value.to_str().unwrap().to_owned());
            format!("{} {header:?}", address.to_send())
        };
        let first = Address::parse("https://u:p@a.example/x").unwrap().with_token(&token);
        assert_eq!(sent(&first), "https://a.example/x Some(\"cio_secret\")");
        assert!(!format!("{first:?} {token:?} {:?}", first.authorization()).contains("secret"));
        let other = first.redirected("https://b.example/").unwrap();
        assert_eq!(sent(&other), "https://b.example/ None");
        assert_eq!(
            sent(&other.redirected("https://a.example/").unwrap()),
            "https://a.example/ Some(\"cio_secret\")"
        );
        for (url, token) in [("http://127.0.0.1/", "open"), ("https://a.example/", "new\nline")] {
            let address = Address::parse(url).unwrap().with_token(&Token::new(token));
            assert_eq!(address.authorization(), None, "{url} {token}");
        }
    }

    #[test]
    fn urls_are_shown_without_credentials() {
        for (raw, expected) in [
            ("https://a.example", "https://a.example"),
            ("https://u:secret@a.example/x#y", "https://a.example/x#y"),
            ("https://u@a.example", "https://a.example/"),
            ("https://:secret@a.example/", "https://a.example/"),
            ("//u:secret@host", "host"),
        ] {
            assert_eq!(shown(raw), expected, "{raw}");
        }
    }
}
