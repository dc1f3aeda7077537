//! Opens a file in the editor that git would use.

use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_fetch::git;

use super::shell_line::{NO_PROGRAM, cause, is_missing, shell_line};

/// The fallback editor.
#[cfg(not(windows))]
const EDITOR: &str = "nano";
/// The fallback editor.
#[cfg(windows)]
const EDITOR: &str = "notepad.exe";

/// An editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Editor {
    command: String,
    is_of_git: bool,
}

impl Editor {
    /// The editor that git opens for messages, from `GIT_EDITOR`, git's configuration, `VISUAL` and
    /// `EDITOR`. If git does not know one, the fallback editor.
    pub(crate) fn find(folder: &Path) -> Self {
        match git::said(folder, &["var", "GIT_EDITOR"]) {
            Some(command) => Editor { command, is_of_git: true },
            None => Editor { command: EDITOR.to_owned(), is_of_git: false },
        }
    }

    /// The command that will run, safe to print.
    pub(crate) fn shown(&self) -> String {
        wording::shown(&self.command).into_owned()
    }

    /// Whether git named it.
    pub(crate) fn is_of_git(&self) -> bool {
        self.is_of_git
    }

    /// Opens a file, and waits until the editor is closed. The editor's output goes to `screen`.
    ///
    /// # Errors
    ///
    /// The editor cannot be started or fails. The file keeps what was saved.
    pub(crate) fn edit(&self, file: &Path, screen: Stdio) -> Result<(), Diagnostic> {
        let mut command = match self.is_of_git {
            true => {
                let mut shell = shell_line("", &format!("{} \"$@\"", self.command));
                shell.arg(&self.command);
                shell
            }
            false => Command::new(&self.command),
        };
        match command.arg(file).stdout(screen).status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) if self.is_of_git && is_missing(status) => Err(self.cannot_start(NO_PROGRAM)),
            Ok(status) => Err(self.failed(status)),
            Err(error) => Err(self.cannot_start(&cause(&error))),
        }
    }

    fn cannot_start(&self, why: &str) -> Diagnostic {
        Diagnostic::error(Code::NoEditor, format!("could not start the editor `{}`: {why}", self.shown()))
            .help("name an editor: `git config --global core.editor …`, or set `EDITOR`")
    }

    fn failed(&self, status: ExitStatus) -> Diagnostic {
        let message = format!("the editor `{}` ended with a failure", self.shown());
        Diagnostic::error(Code::EditorFailed, message).note(status.to_string())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;

    use super::*;

    /// The result of a shell command that edits a file with the text `a`, and the content of the
    /// file afterwards.
    fn edited(command: &str, is_of_git: bool) -> (Option<Code>, String) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a file; with $odd 'name'.txt");
        fs::write(&file, "a\n").unwrap();
        let editor = Editor { command: command.to_owned(), is_of_git };
        let result = editor.edit(&file, Stdio::null());
        (result.err().map(|problem| problem.code), fs::read_to_string(&file).unwrap())
    }

    #[test]
    fn editors_are_lines_for_a_shell() {
        for (command, is_of_git, code, text) in [
            ("true", true, None, "a\n"),
            ("true", false, None, "a\n"),
            ("sed -i.old s/a/b/", true, None, "b\n"),
            ("printf 'b\\n' >", true, None, "b\n"),
            ("f() { echo b > \"$1\"; }; f", true, None, "b\n"),
            ("f() { echo b > \"$1\"; exit 3; }; f", true, Some(Code::EditorFailed), "b\n"),
            ("false", false, Some(Code::EditorFailed), "a\n"),
            ("no-such-editor --wait", true, Some(Code::NoEditor), "a\n"),
            ("no-such-editor", false, Some(Code::NoEditor), "a\n"),
            ("if", true, Some(Code::EditorFailed), "a\n"),
        ] {
            assert_eq!(edited(command, is_of_git), (code, text.to_owned()), "{command}");
        }
    }

    #[test]
    fn git_knows_the_editor_of_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let git = |arguments: &[&str]| {
            let status = Command::new("git").args(arguments).current_dir(folder.path()).status().unwrap();
            assert!(status.success());
        };
        git(&["init", "--quiet"]);
        git(&["config", "core.editor", "an-editor --wait"]);
        let editor = Editor::find(folder.path());
        // The environment takes precedence, and a test must not change it.
        if std::env::var_os("GIT_EDITOR").is_none() {
            assert_eq!((editor.shown().as_str(), editor.is_of_git()), ("an-editor --wait", true));
        }
        let nowhere = Editor::find(&folder.path().join("not/there"));
        assert_eq!((nowhere.shown().as_str(), nowhere.is_of_git()), ("nano", false));
    }
}
