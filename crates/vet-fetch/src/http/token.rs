//! What tells a registry who asks.

use std::fmt;

use reqwest::header::HeaderValue;

/// A token, sent as the header `Authorization`. It is for one server, and for nobody's eyes.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Takes a token as its registry gave it out.
    pub fn new(token: impl Into<String>) -> Self {
        Token(token.into())
    }

    /// The header's value; nothing if the token holds what no header can.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let mut value: HeaderValue = self.0.parse().ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
