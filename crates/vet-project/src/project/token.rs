//! Tokens, which authenticate a client to a registry.

use std::fmt;

/// A token, sent as the header `Authorization`. It is for one server and is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Wraps a token as the registry issued it.
    pub fn new(token: impl Into<String>) -> Self {
        Token(token.into())
    }

    /// The token itself. Only send it, never show it.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
