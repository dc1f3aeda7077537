//! The kinds of records in the cache: the names of their files, and how long they are useful.
//!
//! This is the only list. [`layout`](super::layout) derives from it what may be removed.

/// A kind of record.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The name of its file, or of the folder with its files.
    pub(super) name: &'static str,
    /// The version of its format. Records in other versions count as lost.
    pub(super) version: u32,
    pub(super) form: Form,
}

/// How the records of a kind are stored.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// All in one file.
    Table {
        /// The size in bytes at which old records are dropped.
        largest: usize,
        /// Whether the file stays useful forever.
        lasts: bool,
    },
    /// Each in a file of its own. Files that were not used for long can be removed.
    Files,
}

impl Kind {
    /// The start of the first line of a file, in any version.
    pub(super) fn signature(&self) -> String {
        format!("{{\"cargo-vet\":\"{}\",\"version\":", self.name)
    }

    /// The first line of a file.
    pub(super) fn header(&self) -> String {
        format!("{}{}}}\n", self.signature(), self.version)
    }
}

const fn table(name: &'static str, megabytes: usize, lasts: bool) -> Kind {
    Kind { name, version: 1, form: Form::Table { largest: megabytes << 20, lasts } }
}

const fn files(name: &'static str) -> Kind {
    Kind { name, version: 1, form: Form::Files }
}

/// What published packages declare, and whether they are libraries.
pub(crate) const FACTS: Kind = table("facts", 32, true);
/// The files of archives, to compare vendored sources with.
pub(crate) const OUTLINES: Kind = table("outlines", 32, true);
/// The differences between versions.
pub(crate) const SIZES: Kind = table("sizes", 8, true);
/// The versions that have a library according to the API.
pub(crate) const LIBRARIES: Kind = table("libraries", 8, true);
/// The descriptions of indexes.
pub(crate) const INDEXES: Kind = table("indexes", 1, true);
/// The violations that failed checks have seen.
pub(crate) const VIOLATIONS: Kind = table("violations", 1, true);
/// The lock files that cargo could not answer for.
pub(crate) const UNANSWERED: Kind = table("unanswered", 1, false);
/// The versions of crates, and who published them.
pub(crate) const CRATES: Kind = files("crates");
/// The checksums of archives.
pub(crate) const CHECKSUMS: Kind = files("checksums");
/// The answers of servers.
pub(crate) const ANSWERS: Kind = files("http");

/// All kinds.
pub(super) const ALL: [&Kind; 10] = [
    &FACTS,
    &OUTLINES,
    &SIZES,
    &LIBRARIES,
    &INDEXES,
    &VIOLATIONS,
    &UNANSWERED,
    &CRATES,
    &CHECKSUMS,
    &ANSWERS,
];
