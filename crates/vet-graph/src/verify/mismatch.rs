//! Why cargo might not accept a lock file unchanged.

use std::ops::Range;

use crate::lock_file::LockedPackage;

/// Why cargo might not accept a lock file unchanged: all reasons that were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockMismatch(pub Vec<Mismatch>);

/// One reason why cargo might not accept a lock file unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// A sentence without a full stop.
    pub message: String,
    /// The place in the lock file of the package that does not match, if it is about one that is
    /// locked.
    pub span: Option<Range<usize>>,
}

impl Mismatch {
    /// A locked package does not match.
    pub(crate) fn about(package: &LockedPackage, message: String) -> Self {
        Mismatch { message, span: Some(package.span.clone()) }
    }

    /// Something does not match that is not a locked package.
    pub(crate) fn other(message: impl Into<String>) -> Self {
        Mismatch { message: message.into(), span: None }
    }
}
