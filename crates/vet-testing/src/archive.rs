//! Archives of crates, as registries serve them.

use std::io::Read as _;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// Packs files below a folder, which is `NAME-VERSION` for crates. The same files give the same
/// bytes.
pub fn archive(folder: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let pack = || {
        let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, format!("{folder}/{path}"), text.as_bytes())?;
        }
        builder.into_inner()?.finish()
    };
    pack().unwrap_or_else(|error| panic!("{folder}: {error}"))
}

/// The manifest in an archive, and whether there is a file `src/lib.rs`; `None` if the bytes are
/// not an archive.
pub fn manifest_in(archive: &[u8]) -> Option<(String, bool)> {
    let (mut manifest, mut has_library_file) = (None, false);
    for entry in tar::Archive::new(GzDecoder::new(archive)).entries().ok()? {
        let mut entry = entry.ok()?;
        let path = entry.path().ok()?.into_owned();
        let path: Vec<_> = path.iter().skip(1).collect();
        if path == ["Cargo.toml"] {
            let mut text = String::new();
            entry.read_to_string(&mut text).ok()?;
            manifest = Some(text);
        }
        has_library_file |= path == ["src", "lib.rs"];
    }
    Some((manifest?, has_library_file))
}

/// The SHA-256 checksum in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
