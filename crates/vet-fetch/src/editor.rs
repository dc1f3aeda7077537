//! Letting a person edit a file, in the editor that git would open.

use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use vet_store::diagnostic::{Code, Diagnostic};
use vet_store::wording;

/// What shells say of a program that is not there, or is none.
const NOT_A_PROGRAM: [i32; 2] = [126, 127];

/// An editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editor {
    command: String,
    is_of_git: bool,
}

impl Editor {
    /// The editor that git opens for messages: what `GIT_EDITOR`, git's configuration, `VISUAL` and `EDITOR` say. Where
    /// git cannot say, the one that every system has.
    pub fn find(folder: &Path) -> Self {
        let git = Command::new("git")
            .args(["var", "GIT_EDITOR"])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        let said = git.ok().filter(|output| output.status.success());
        let said = said.and_then(|output| String::from_utf8(output.stdout).ok());
        match said.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) {
            Some(command) => Editor { command, is_of_git: true },
            None => Editor { command: platform::EDITOR.to_owned(), is_of_git: false },
        }
    }

    /// What will be run, fit to be shown.
    pub fn shown(&self) -> String {
        wording::shown(&self.command).into_owned()
    }

    /// Whether git knew it.
    pub fn is_of_git(&self) -> bool {
        self.is_of_git
    }

    /// Opens a file, and waits until the editor is closed. The editor shows itself on `screen`.
    ///
    /// # Errors
    ///
    /// It cannot be started, or says that it failed. The file is what it was saved as.
    pub fn edit(&self, file: &Path, screen: Stdio) -> Result<(), Diagnostic> {
        let mut command = match self.is_of_git {
            true => platform::shell(&self.command, file),
            false => {
                let mut command = Command::new(&self.command);
                command.arg(file);
                command
            }
        };
        match command.stdout(screen).status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) if self.is_of_git && is_missing(status) => Err(self.cannot_start(&status.to_string())),
            Ok(status) => Err(self.failed(status)),
            Err(error) => Err(self.cannot_start(&cause(&error))),
        }
    }

    fn cannot_start(&self, why: &str) -> Diagnostic {
        Diagnostic::error(Code::NoEditor, format!("the editor `{}` cannot be started", self.shown()))
            .note(why)
            .help("name an editor: `git config --global core.editor …`, or set `EDITOR`")
    }

    fn failed(&self, status: ExitStatus) -> Diagnostic {
        let message = format!("the editor `{}` ended with a failure", self.shown());
        Diagnostic::error(Code::EditorFailed, message).note(status.to_string())
    }
}

fn is_missing(status: ExitStatus) -> bool {
    status.code().is_some_and(|code| NOT_A_PROGRAM.contains(&code))
}

fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such program".to_owned(),
        _ => error.to_string(),
    }
}

/// What git says is a line for a shell, and may have arguments in it.
#[cfg(unix)]
mod platform {
    use std::path::Path;
    use std::process::Command;

    pub(super) const EDITOR: &str = "nano";

    pub(super) fn shell(line: &str, file: &Path) -> Command {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(format!("{line} \"$@\"")).arg(line).arg(file);
        command
    }
}

#[cfg(not(unix))]
mod platform {
    use std::path::{Path, PathBuf};
    use std::process::Command;

    pub(super) const EDITOR: &str = "notepad.exe";

    /// Git brings a shell along, which is not in the path.
    pub(super) fn shell(line: &str, file: &Path) -> Command {
        let mut command = Command::new(shell_of_git().unwrap_or_else(|| "sh.exe".into()));
        command.arg("-c").arg(format!("{line} \"$@\"")).arg(line).arg(file);
        command
    }

    fn shell_of_git() -> Option<PathBuf> {
        let said = Command::new("git").arg("--exec-path").output().ok()?;
        let programs = PathBuf::from(String::from_utf8(said.stdout).ok()?.trim());
        let mut shells = programs.ancestors().map(|folder| folder.join("bin").join("sh.exe"));
        shells.find(|shell| shell.is_file())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;

    use super::*;

    /// How it ends when a line for the shell edits a file with the text `a`, and what is in the file then.
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
        // The environment counts more, and is not ours to change.
        if std::env::var_os("GIT_EDITOR").is_none() {
            assert_eq!((editor.shown().as_str(), editor.is_of_git()), ("an-editor --wait", true));
        }
        let nowhere = Editor::find(&folder.path().join("not/there"));
        assert_eq!((nowhere.shown().as_str(), nowhere.is_of_git()), ("nano", false));
    }
}
