//! SHA-256 digests as they are written everywhere: 64 hexadecimal digits in lower case.

use sha2::{Digest as _, Sha256};

/// The digest of some bytes.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a text is a digest as they are written everywhere.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_in_lower_case() {
        assert_eq!(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn digests_are_known_by_their_form() {
        for (text, expected) in [
            (sha256("a"), true),
            (sha256("a").to_uppercase(), false),
            (sha256("a") + "0", false),
            ("é".repeat(32), false),
            (String::new(), false),
        ] {
            assert_eq!(is_sha256(&text), expected, "{text}");
        }
    }
}
