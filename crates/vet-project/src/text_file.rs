//! Text files that the user names.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use vet_diagnostics::{Code, Diagnostic, Source};
use vet_store::Text;

use crate::regular_file::{LARGEST_TEXT, read_all};

/// Reads a file that the user names. It may be a pipe, for the output of another program. Findings
/// name it as `shown`.
///
/// # Errors
///
/// The file cannot be read, is too large, or is not UTF-8.
pub fn read_text(path: &Path, shown: &str) -> Result<Arc<Source>, Vec<Diagnostic>> {
    decoded(File::open(path).and_then(|file| read_all(file, LARGEST_TEXT)), shown)
}

/// Like [`read_text`], for something that is already open, such as standard input.
///
/// # Errors
///
/// As for [`read_text`].
pub fn read_text_from(reader: &mut dyn io::Read, shown: &str) -> Result<Arc<Source>, Vec<Diagnostic>> {
    decoded(read_all(reader, LARGEST_TEXT), shown)
}

/// Decodes bytes that were read. Findings name their source as `shown`.
///
/// # Errors
///
/// Reading failed, or the bytes are not UTF-8.
pub fn decoded(bytes: io::Result<Vec<u8>>, shown: &str) -> Result<Arc<Source>, Vec<Diagnostic>> {
    let bytes = bytes.map_err(|error| {
        vec![Diagnostic::error(Code::Io, format!("`{shown}` cannot be read")).note(error.to_string())]
    })?;
    Text::decode(shown, &bytes).map(|text| text.source).map_err(|problem| vec![problem])
}
