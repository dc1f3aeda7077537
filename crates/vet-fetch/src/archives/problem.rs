//! Messages that say why an archive is unavailable.

use vet_diagnostics::wording::shown;
use vet_diagnostics::{Code, Diagnostic};

use super::{Sought, WantedArchive};

/// The source of an archive's checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SaidBy {
    LockFile,
    Index,
}

pub(super) fn no_name(wanted: &WantedArchive) -> Diagnostic {
    let message = format!("there is no archive of {}", package(wanted));
    Diagnostic::error(Code::NoArchive, message).note("no crate can have this name")
}

pub(super) fn not_published(wanted: &WantedArchive) -> Diagnostic {
    let message = format!("there is no archive of {}", package(wanted));
    Diagnostic::error(Code::NoArchive, message)
        .note("the index has no such version")
        .help("check the name and the version; a git version is written `VERSION@git:REVISION`")
}

/// The network must not be used, and an archive with an unknown checksum is not used.
pub(super) fn no_checksum(wanted: &WantedArchive) -> Diagnostic {
    let message = format!("the checksum of {} is unknown, and network access is disabled", package(wanted));
    Diagnostic::error(Code::NoArchive, message)
        .note("Cargo.lock does not contain this version, so the index is needed")
        .help("run the command once with network access; it keeps what it fetches in the cache")
}

pub(super) fn offline(sought: &Sought<'_>) -> Diagnostic {
    let message = format!(
        "the archive of {} is not on this machine, and network access is disabled",
        package(sought.wanted)
    );
    let problem = Diagnostic::error(Code::NoArchive, message);
    match sought.said_by {
        SaidBy::LockFile => problem.help("run `cargo fetch` to download the packages in Cargo.lock"),
        SaidBy::Index => {
            problem.help("run the command once with network access; it keeps what it downloads in the cache")
        }
    }
}

pub(super) fn absent(sought: &Sought<'_>) -> Diagnostic {
    Diagnostic::error(Code::NoArchive, format!("the registry has no archive of {}", package(sought.wanted)))
        .note("its server reports that there is no such file")
        .help("the version may have been deleted; a mirror may not have it yet")
}

/// The download failed.
pub(super) fn not_brought(wanted: &WantedArchive, why: Diagnostic) -> Diagnostic {
    let message = format!("could not download the archive of {}", package(wanted));
    let problem = Diagnostic::error(Code::NoArchive, message).note(why.message);
    Diagnostic { help: why.help, ..why.notes.into_iter().fold(problem, Diagnostic::note) }
}

pub(super) fn wrong_checksum(sought: &Sought<'_>, url: &str, found: &str) -> Diagnostic {
    let expected = match sought.said_by {
        SaidBy::LockFile => "Cargo.lock says",
        SaidBy::Index => "the index says",
    };
    let message = format!("the archive of {} has a wrong checksum", package(sought.wanted));
    let problem = Diagnostic::error(Code::WrongChecksum, message)
        .note(format!("`{url}` sends an archive with the checksum {found}"))
        .note(format!("{expected} {}", shown(&sought.checksum)));
    sought.passed_over.iter().fold(problem, Diagnostic::note).help(
        "try again; if the checksum is still wrong, find out whether the registry, a mirror or a proxy changed the archive before you use the crate",
    )
}

fn package(wanted: &WantedArchive) -> String {
    format!("`{}` {}", shown(&wanted.name), wanted.version)
}
