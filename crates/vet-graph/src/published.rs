//! What the builder of a graph asks about packages that are not part of the workspace.

use crate::declared::Declared;
use crate::lock_file::LockedPackage;

/// Facts about packages whose manifests are not part of the workspace.
pub trait PublishedFacts {
    /// Whether other packages can depend on the package; `None` if unknown.
    fn is_library(&self, package: &LockedPackage) -> Option<bool>;

    /// What the package declares, according to a source that the checkout does not choose.
    fn declared(&self, package: &LockedPackage) -> Published<'_>;
}

/// What is known about the declarations of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published<'t> {
    /// Not enough is known.
    Unknown,
    /// The package cannot be the locked one. The text is a sentence without a full stop that says
    /// why: for example, the registry has another checksum, or does not have the version.
    Contradicted(String),
    /// The declarations.
    Known(Declared<'t>),
}

impl<'t> Published<'t> {
    /// The declarations, if they are known.
    pub fn known(self) -> Option<Declared<'t>> {
        match self {
            Published::Known(declared) => Some(declared),
            Published::Unknown | Published::Contradicted(_) => None,
        }
    }
}
