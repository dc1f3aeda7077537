//! SHA-256 digests in the usual form: 64 hexadecimal digits in lower case.

use std::io::{self, BufReader, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::regular_file::{LARGEST_ARCHIVE, open_file};

/// The digest of some bytes.
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The digest of everything that a reader returns.
pub fn sha256_of(bytes: impl Read) -> io::Result<String> {
    let mut digest = Sha256::new();
    io::copy(&mut BufReader::with_capacity(64 << 10, bytes), &mut digest)?;
    Ok(hexadecimal(&digest.finalize()))
}

/// The digest of an archive. The digest of a file that is too large for an archive is not
/// meaningful.
pub fn sha256_of_file(path: &Path) -> io::Result<String> {
    sha256_of(open_file(path)?.take(LARGEST_ARCHIVE))
}

fn hexadecimal(digest: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or_default();
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Whether a text is a digest in the usual form.
pub fn is_sha256(text: &str) -> bool {
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
    fn files_have_digests() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let bytes: Vec<u8> = (0..200_000_u32).map(|number| number as u8).collect();
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(sha256_of_file(&path).unwrap(), sha256(&bytes));
        assert!(sha256_of_file(folder.path()).is_err());
        assert!(sha256_of_file(&folder.path().join("missing")).is_err());
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
