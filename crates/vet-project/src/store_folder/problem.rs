//! Findings about problems with the folder of a store.

use std::io;

use vet_diagnostics::{Code, Diagnostic};

use super::journal::{Error, READY};

pub(super) fn store_missing(shown: &str) -> Diagnostic {
    Diagnostic::error(Code::StoreMissing, format!("there is no store at `{shown}`"))
        .help("run `cargo vet init` to make one, or name another folder with `--store-path`")
}

pub(super) fn store_exists(shown: &str) -> Diagnostic {
    Diagnostic::error(Code::StoreExists, format!("there is something at `{shown}` already"))
        .help("`cargo vet init` makes a new store only; `cargo vet` uses the one that exists")
}

pub(super) fn not_a_folder(shown: &str) -> Diagnostic {
    Diagnostic::error(Code::StoreNotAFolder, format!("the store `{shown}` is not a folder"))
        .help("name the folder that holds `config.toml`, not a file")
}

pub(super) fn no_files(shown: &str) -> Diagnostic {
    Diagnostic::error(Code::StoreFileMissing, format!("the store `{shown}` has no files"))
        .note("an `init` that was interrupted leaves such a folder behind in older versions")
        .help("remove the folder and run `cargo vet init`, or get the files back from version control")
}

pub(super) fn file_missing(file: &str) -> Diagnostic {
    Diagnostic::error(Code::StoreFileMissing, format!("the store file `{file}` is missing"))
        .note("a new one would be empty, and what the old one said would be lost")
        .help("get the file back from version control")
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
                    problem.help("make room, and run the command again")
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    problem.help("make the store and its files writable")
                }
                _ => problem,
            }
        }
        Error::NotMoved(path, error) => io(&path.display().to_string(), "replaced", error)
            .note(format!("the new files are complete, but some of them still lie in `{shown}/{READY}`"))
            .help("remove the obstacle; the next command that writes the store moves the files into place"),
        Error::Foreign => Diagnostic::error(
            Code::Io,
            format!("`{shown}/{READY}` was not left by an interrupted command"),
        )
        .note("files in it would stand for those of the store; it may have come with a checkout or a copy")
        .help("compare the store with version control, and remove that folder"),
    }
}
