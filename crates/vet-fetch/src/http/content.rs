//! Decodes the bytes of an answer into what was requested.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderMap;
use vet_diagnostics::{Code, Diagnostic};

use super::address::Address;

/// Gitiles servers send files in base64, and mark them with this header.
const GITILES: &str = "x-gitiles-object-type";

/// Whether the answer is in base64.
pub(super) fn is_base64(headers: &HeaderMap) -> bool {
    headers.contains_key(GITILES)
}

/// The maximum size of an answer in base64 that contains at most `largest` bytes. Lines may end
/// anywhere.
pub(super) fn largest_base64(largest: u64) -> u64 {
    largest.saturating_mul(2).saturating_add(4)
}

pub(super) fn from_base64(address: &Address, mut bytes: Vec<u8>) -> Result<Vec<u8>, Diagnostic> {
    bytes.retain(|byte| !byte.is_ascii_whitespace());
    STANDARD.decode(&bytes).map_err(|error| {
        Diagnostic::error(Code::BadContent, format!("the response of `{address}` is not valid base64"))
            .note(error.to_string())
            .note(format!("according to the header `{GITILES}`, it is base64"))
            .help("use the URL of the file's text: URLs of Gitiles end in `?format=TEXT`")
    })
}

pub(super) fn text(address: &Address, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    String::from_utf8(bytes).map_err(|error| {
        Diagnostic::error(Code::BadContent, format!("the text of `{address}` is not UTF-8"))
            .note(error.utf8_error().to_string())
            .help("check the URL")
    })
}
