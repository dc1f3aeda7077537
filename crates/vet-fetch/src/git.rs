//! Asking git who the user is, and what it has to show to servers.

mod credentials;

use std::path::Path;
use std::process::{Command, Stdio};

use vet_store::diagnostic::{Code, Diagnostic};

pub use credentials::credentials;

/// The user as git knows them: `Name <address>`. The folder's own configuration counts.
///
/// # Errors
///
/// Git cannot be run, or does not know.
pub fn identity(folder: &Path) -> Result<String, Diagnostic> {
    Ok(format!("{} <{}>", setting(folder, "user.name")?, setting(folder, "user.email")?))
}

fn setting(folder: &Path, key: &str) -> Result<String, Diagnostic> {
    let unknown = |note: String| {
        Diagnostic::error(Code::NoIdentity, format!("git does not know your `{key}`"))
            .note(note)
            .help(format!("say who you are with `--who`, or run `git config --global {key} …`"))
    };
    let output = Command::new("git")
        .args(["config", "--get", key])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| unknown(format!("git cannot be run: {error}")))?;
    let value = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() || value.is_empty() {
        return Err(unknown(format!("`git config --get {key}` says nothing ({})", output.status)));
    }
    Ok(value)
}

/// A line that git answers in a folder; nothing if it has no answer, or is not there.
pub(crate) fn said(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
