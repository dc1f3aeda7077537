//! Asking git who the user is, how the network is reached, and what git has to show to servers.
//!
//! The configuration of a repository counts for the user's name and for the programs that show texts to the user, as it
//! does for git itself: it is not part of what others can change. A folder in the tree of a repository that looks like a
//! repository itself is part of that, so its configuration never counts. For which servers to ask and what to send, no repository
//! counts.

mod credentials;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use vet_diagnostics::{Code, Diagnostic};

use vet_project::program::{self, Limits, Printed};

pub use credentials::credentials;

/// The user as git knows them: `Name <address>`. The folder's own configuration counts.
///
/// # Errors
///
/// Git cannot be run, or does not know.
pub fn identity(folder: &Path) -> Result<String, Diagnostic> {
    Ok(format!("{} <{}>", setting(folder, "user.name")?, setting(folder, "user.email")?))
}

/// A repository is a folder with `.git`, and not any folder whose files look like one.
const ONLY_REAL_REPOSITORIES: &[&str] = &["-c", "safe.bareRepository=explicit"];

/// How long git may take to read its configuration.
const LIMITS: Limits = Limits { time: Duration::from_secs(10), output: 1 << 16 };

/// Git, for which there is no repository.
fn outside_of_repositories() -> Command {
    let mut git = Command::new("git");
    git.env("GIT_DIR", if cfg!(windows) { "NUL" } else { "/dev/null" });
    for variable in ["GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(variable);
    }
    git
}

/// The proxy that the user's git uses, as cargo looks it up: that of the user or of the system, and not of a repository.
/// Nothing if there is none, or git is not there.
pub fn proxy() -> Option<String> {
    let mut git = outside_of_repositories();
    let printed = program::run(git.args(["config", "--get", "http.proxy"]), LIMITS).ok()?;
    let text = String::from_utf8(printed.stdout).ok().filter(|_| printed.status.success())?;
    Some(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Whether nothing that git tracks in a repository lies at a path from its root or below it, nor ever will by accident: git
/// ignores it. Not so, if git cannot say.
pub(crate) fn is_ignored(root: &Path, path: &Path) -> bool {
    let Some(path) = path.to_str().map(|path| path.replace('\\', "/")) else { return false };
    // A file inside, because a pattern may be for folders only, and there need not be one yet.
    let inside = format!("{path}/CACHEDIR.TAG");
    tracks(root, &path) == Some(false)
        && asked(root, &["check-ignore", "--quiet", "--", &inside]).is_some_and(|said| said.status.success())
}

/// Whether git tracks anything in a repository at a path from its root or below it. Nothing if git cannot say.
pub(crate) fn tracks(root: &Path, path: &str) -> Option<bool> {
    let path = format!(":(top,literal,icase){path}");
    let said = asked(root, &["ls-files", "--cached", "-z", "--", &path])?;
    said.status.success().then_some(!said.stdout.is_empty())
}

/// What git says of a repository, without a program that its configuration names.
fn asked(root: &Path, arguments: &[&str]) -> Option<Printed> {
    let mut git = Command::new("git");
    for variable in ["GIT_COMMON_DIR", "GIT_INDEX_FILE"] {
        git.env_remove(variable);
    }
    git.arg("--git-dir").arg(root.join(".git")).arg("--work-tree").arg(root);
    git.args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager"]);
    // More than the limit is as good as no answer.
    program::run(git.args(arguments).current_dir(root), LIMITS).ok()
}

fn setting(folder: &Path, key: &str) -> Result<String, Diagnostic> {
    let unknown = |note: String| {
        Diagnostic::error(Code::NoIdentity, format!("git does not know your `{key}`"))
            .note(note)
            .help(format!("say who you are with `--who`, or run `git config --global {key} …`"))
    };
    let output = Command::new("git")
        .args(ONLY_REAL_REPOSITORIES)
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
pub fn said(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(ONLY_REAL_REPOSITORIES)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
