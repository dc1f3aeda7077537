//! The packed sources of a published version.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use semver::Version;
use vet_diagnostics::wording::shown;
use vet_diagnostics::{Code, Diagnostic};
use vet_project::regular_file::{LARGEST_ARCHIVE, open_file, read_file_up_to};
use vet_source::Tree;

use super::vendored;
use vet_project::sha256::sha256;

/// The sources of a published version. They stay packed, and on disk if possible, so that many can
/// be kept.
#[derive(Clone, Debug)]
pub struct Crate {
    pub(super) name: String,
    pub(super) version: Version,
    pub(super) checksum: String,
    pub(super) place: Place,
}

/// Where the sources are.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// An archive on disk.
    Archive(PathBuf),
    /// An archive that could not be stored on disk.
    Memory(Arc<[u8]>),
    /// A folder with vendored sources.
    Vendored(PathBuf),
}

impl Crate {
    /// The name of the crate.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// The checksum of the archive: SHA-256, in 64 hexadecimal digits.
    pub fn checksum(&self) -> &str {
        &self.checksum
    }

    /// Whether the sources are exactly the files of the archive. Vendored sources are not: cargo
    /// leaves some files out and changes others. They can be read, but code that counts lines must
    /// not treat them as what was published.
    pub fn is_whole(&self) -> bool {
        !matches!(self.place, Place::Vendored(_))
    }

    /// The unpacked size of the archive in bytes, as stated at its end; `None` if that cannot be
    /// read without unpacking. The value may be wrong. Use it only to estimate the memory that
    /// [`tree`](Self::tree) needs.
    pub fn unpacked_bytes(&self) -> Option<u64> {
        let mut last = [0; 4];
        match &self.place {
            Place::Archive(path) => {
                let mut file = open_file(path).ok()?;
                file.seek(SeekFrom::End(-4)).ok()?;
                file.read_exact(&mut last).ok()?;
            }
            Place::Memory(bytes) => last = *bytes.last_chunk()?,
            Place::Vendored(_) => return None,
        }
        Some(u32::from_le_bytes(last).into())
    }

    /// Unpacks the files. They match the checksum, even if the file on disk has changed since.
    ///
    /// # Errors
    ///
    /// The archive is gone, was changed, or is not one that cargo would create.
    pub fn tree(&self) -> Result<Tree, Diagnostic> {
        self.tree_beside(&[])
    }

    /// Like [`tree`](Self::tree). Files that are equal in one of the other trees share its memory.
    ///
    /// # Errors
    ///
    /// As for [`tree`](Self::tree).
    pub fn tree_beside(&self, others: &[&Tree]) -> Result<Tree, Diagnostic> {
        match &self.place {
            Place::Memory(bytes) => self.unpack(bytes, others),
            Place::Vendored(folder) => vendored::tree(&self.shown(), folder),
            Place::Archive(path) => {
                let bytes = read_file_up_to(path, LARGEST_ARCHIVE).map_err(|error| {
                    Diagnostic::error(
                        Code::NoArchive,
                        format!("the archive of {} has disappeared", self.shown()),
                    )
                    .note(format!("`{}` cannot be read: {error}", path.display()))
                    .help("run the command again to download it")
                })?;
                let found = sha256(&bytes);
                if found != self.checksum {
                    let message = format!("the archive of {} changed while this command ran", self.shown());
                    return Err(Diagnostic::error(Code::WrongChecksum, message)
                        .note(format!("`{}` has the checksum {found}", path.display()))
                        .note(format!("it had the right checksum before, {}", self.checksum))
                        .help("find out which program writes to the file, and try again"));
                }
                self.unpack(&bytes, others)
            }
        }
    }

    fn unpack(&self, archive: &[u8], others: &[&Tree]) -> Result<Tree, Diagnostic> {
        let folder = format!("{}-{}", self.name, self.version);
        Tree::from_archive_beside(archive, &folder, others).map_err(|problem| {
            let place = match &self.place {
                Place::Archive(path) | Place::Vendored(path) => format!("the archive is `{}`", path.display()),
                Place::Memory(_) => "the archive could not be saved to disk".to_owned(),
            };
            Diagnostic::error(Code::BadArchive, format!("could not unpack the archive of {}", self.shown()))
                .note(problem.to_string())
                .note(place)
                .help("the checksum matches what was published; inspect it by hand, with care, before you depend on this crate")
        })
    }

    /// The name of the crate for messages.
    pub(super) fn shown(&self) -> String {
        format!("`{}` {}", shown(&self.name), self.version)
    }
}
