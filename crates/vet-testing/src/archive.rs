//! Archives of crates, as registries have them.

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// An archive of files below a folder, which is `NAME-VERSION` for crates. The same files give the same bytes.
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

/// A checksum as they are written everywhere.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
