//! Files that hold text.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use vet_store::Text;
use vet_store::diagnostic::{Code, Diagnostic, Source};

/// Reads a file that the user names, or anything else that can be read to its end. Findings show it as `shown`.
///
/// # Errors
///
/// It cannot be read, or is not UTF-8.
pub fn read_text(path: &Path, shown: &str) -> Result<Arc<Source>, Vec<Diagnostic>> {
    decoded(fs::read(path), shown)
}

/// As [`read_text`], for what is open already, such as the standard input.
///
/// # Errors
///
/// As for [`read_text`].
pub fn read_text_from(reader: &mut dyn io::Read, shown: &str) -> Result<Arc<Source>, Vec<Diagnostic>> {
    let mut bytes = Vec::new();
    let read = reader.read_to_end(&mut bytes);
    decoded(read.map(|_| bytes), shown)
}

/// The text of what was read.
pub(crate) fn decoded(bytes: io::Result<Vec<u8>>, shown: &str) -> Result<Arc<Source>, Vec<Diagnostic>> {
    let bytes = bytes.map_err(|error| {
        vec![Diagnostic::error(Code::Io, format!("`{shown}` cannot be read")).note(error.to_string())]
    })?;
    Text::decode(shown, &bytes).map(|text| text.source).map_err(|problem| vec![problem])
}

/// Reads a file, and nothing else that has a path: opening a pipe would wait for its other end.
pub(crate) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    read_file_as(path, &fs::metadata(path)?)
}

/// As [`read_file`], for who has asked about the file already.
pub(crate) fn read_file_as(path: &Path, metadata: &Metadata) -> io::Result<Vec<u8>> {
    if !metadata.is_file() {
        return Err(not_a_file());
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(metadata.len()).unwrap_or_default())?;
    // A plain `File` would ask for its size again.
    File::open(path)?.take(u64::MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What has the name of a file, and is none.
pub(crate) fn not_a_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")
}
