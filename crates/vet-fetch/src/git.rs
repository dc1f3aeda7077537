//! Asks git for the user's name, the network configuration, and credentials for servers.
//!
//! As in git itself, the repository's configuration applies to the user's name and to programs that
//! show texts to the user: other people cannot change it. They can add a folder to the tree that
//! looks like a repository, so the configuration of such a folder never applies. The servers to ask
//! and the data to send never depend on a repository.

mod credentials;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use vet_diagnostics::{Code, Diagnostic};

use vet_project::program::{self, Limits, Printed};

pub use credentials::credentials;

/// The user as git knows them: `Name <address>`. The folder's own configuration applies.
///
/// # Errors
///
/// Git cannot be run, or does not know the user.
pub fn identity(folder: &Path) -> Result<String, Diagnostic> {
    Ok(format!("{} <{}>", setting(folder, "user.name")?, setting(folder, "user.email")?))
}

/// Only a folder with `.git` counts as a repository, not any folder whose files look like one.
const ONLY_REAL_REPOSITORIES: &[&str] = &["-c", "safe.bareRepository=explicit"];

/// The time and output limits for git when it reads its configuration.
const LIMITS: Limits = Limits { time: Duration::from_secs(10), output: 1 << 16 };

/// A git command that uses no repository.
fn outside_of_repositories() -> Command {
    let mut git = Command::new("git");
    git.env("GIT_DIR", if cfg!(windows) { "NUL" } else { "/dev/null" });
    for variable in ["GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(variable);
    }
    git
}

/// The proxy from git's configuration of the user or the system, as in cargo; a repository's
/// configuration is not used. `None` if there is no proxy or no git.
pub fn proxy() -> Option<String> {
    let mut git = outside_of_repositories();
    let printed = program::run(git.args(["config", "--get", "http.proxy"]), LIMITS).ok()?;
    let text = String::from_utf8(printed.stdout).ok().filter(|_| printed.status.success())?;
    Some(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Whether git tracks nothing at or below a path in a repository, and ignores it, so that nothing
/// there is tracked by accident. `false` if git cannot tell.
pub(crate) fn is_ignored(root: &Path, path: &Path) -> bool {
    let Some(path) = path.to_str().map(|path| path.replace('\\', "/")) else { return false };
    // A file inside, because a pattern may apply to folders only, and the folder may not exist yet.
    let inside = format!("{path}/CACHEDIR.TAG");
    tracks(root, &path) == Some(false)
        && asked(root, &["check-ignore", "--quiet", "--", &inside]).is_some_and(|said| said.status.success())
}

/// Whether git tracks anything at or below a path in a repository. `None` if git cannot tell.
pub(crate) fn tracks(root: &Path, path: &str) -> Option<bool> {
    let path = format!(":(top,literal,icase){path}");
    let said = asked(root, &["ls-files", "--cached", "-z", "--", &path])?;
    said.status.success().then_some(!said.stdout.is_empty())
}

/// Git's answer about a repository, without running programs that its configuration names.
fn asked(root: &Path, arguments: &[&str]) -> Option<Printed> {
    let mut git = Command::new("git");
    for variable in ["GIT_COMMON_DIR", "GIT_INDEX_FILE"] {
        git.env_remove(variable);
    }
    git.arg("--git-dir").arg(root.join(".git")).arg("--work-tree").arg(root);
    git.args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager"]);
    // Output beyond the limit counts as no answer.
    program::run(git.args(arguments).current_dir(root), LIMITS).ok()
}

fn setting(folder: &Path, key: &str) -> Result<String, Diagnostic> {
    let unknown = |note: String| {
        Diagnostic::error(Code::NoIdentity, format!("git does not know your `{key}`"))
            .note(note)
            .help(format!("name yourself with `--who`, or run `git config --global {key} …`"))
    };
    let output = Command::new("git")
        .args(ONLY_REAL_REPOSITORIES)
        .args(["config", "--get", key])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| unknown(format!("could not run git: {error}")))?;
    let value = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() || value.is_empty() {
        return Err(unknown(format!("`git config --get {key}` prints nothing ({})", output.status)));
    }
    Ok(value)
}

/// One line of git's output in a folder; `None` if there is no answer or no git.
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
