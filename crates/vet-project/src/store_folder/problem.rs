//! Findings about problems with the folder of a store.

use std::io;

use vet_diagnostics::{Code, Diagnostic};

use super::journal::{Error, READY};

pub(super) fn store_missing(shown: &str) -> Diagnostic {
    Diagnostic::error(Code::StoreMissing, format!("there is no store at `{shown}`"))
        .help("run `cargo vet init` to create one, or name another folder with `--store-path`")
}

pub(super) fn store_exists(shown: &str) -> Diagnostic {
    Diagnostic::error(Code::StoreExists, format!("`{shown}` already exists"))
        .help("`cargo vet init` only creates a new store; run `cargo vet` to use the existing one")
}

pub(super) fn not_a_folder(shown: &str) -> Diagnostic {
    Diagnostic::error(Code::StoreNotAFolder, format!("the store `{shown}` is not a folder"))
        .help("name the folder that contains `config.toml`, not a file")
}

pub(super) fn no_files(shown: &str) -> Diagnostic {
    Diagnostic::error(Code::StoreFileMissing, format!("the store `{shown}` has no files"))
        .note("in older versions, an interrupted `init` leaves such a folder behind")
        .help("remove the folder and run `cargo vet init`, or restore the files from version control")
}

pub(super) fn file_missing(file: &str) -> Diagnostic {
    Diagnostic::error(Code::StoreFileMissing, format!("the store file `{file}` is missing"))
        .note("a new file would be empty, and the entries of the old one would be lost")
        .help("restore the file from version control")
}

/// An input or output error. `what` is the operation that failed: `read`, `locked`.
pub(super) fn io(path: &str, what: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::error(Code::Io, format!("`{path}` cannot be {what}")).note(error.to_string())
}

pub(super) fn changed_meanwhile(shown: &str) -> Diagnostic {
    Diagnostic::error(Code::Io, format!("another program changed the store `{shown}` while this command ran"))
        .note("nothing was written")
        .help("run the command again")
}

pub(super) fn never_still(shown: &str) -> Diagnostic {
    Diagnostic::error(Code::Io, format!("other programs keep changing the store `{shown}`"))
        .help("run the command again once they have finished")
}

pub(super) fn journal(shown: &str, error: &Error) -> Diagnostic {
    match error {
        Error::NotWritten(path, error) => {
            let problem = io(&path.display().to_string(), "written", error).note("nothing was changed");
            match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    problem.help("free some disk space, and run the command again")
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    problem.help("make the store and its files writable")
                }
                _ => problem,
            }
        }
        Error::NotMoved(path, error) => io(&path.display().to_string(), "replaced", error)
            .note(format!("the new files are complete, but some of them are still in `{shown}/{READY}`"))
            .help("remove the obstacle; the next command that writes the store moves the files into place"),
        Error::Foreign => {
            Diagnostic::error(Code::Io, format!("`{shown}/{READY}` was not left by an interrupted command"))
                .note("its files would replace those of the store; it may come from a checkout or a copy")
                .help("compare the store with version control, and remove that folder")
        }
    }
}
