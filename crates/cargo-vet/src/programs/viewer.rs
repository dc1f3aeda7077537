//! Starts a program that shows the differences between two folders, like `git difftool`.

use std::path::Path;
use std::process::Command;

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_fetch::git;

use super::shell_line::{NO_PROGRAM, cause, is_missing, shell_line};

/// A program that shows the differences between two folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Viewer {
    name: String,
    how: How,
}

/// How to start the program.
#[derive(Clone, Debug, PartialEq, Eq)]
enum How {
    /// A shell command, which gets the folders in the variables `LOCAL` and `REMOTE`.
    Line(String),
    /// A program, which gets the folders as arguments.
    Program(String),
}

impl Viewer {
    /// Finds the viewer with this name, or the one that git uses. Git's configuration in `folder`
    /// applies.
    ///
    /// # Errors
    ///
    /// No viewer is named, and git's configuration names none.
    pub(crate) fn find(name: Option<&str>, folder: &Path) -> Result<Self, Diagnostic> {
        let setting = |key: &str| git::said(folder, &["config", "--get", key]);
        let name = name.map(str::to_owned).filter(|name| !name.is_empty());
        let Some(name) = name.or_else(|| setting("diff.tool")) else {
            return Err(Diagnostic::error(Code::NoViewer, "no diff program is configured in git")
                .help("name one, such as `--tool meld`, or run `git config --global diff.tool meld`"));
        };
        // Like git: a merge tool can also compare.
        let of_tool = |key: &str| {
            let setting = |section: &str| setting(&format!("{section}.{name}.{key}"));
            setting("difftool").or_else(|| setting("mergetool"))
        };
        let how = match of_tool("cmd") {
            Some(line) => How::Line(line),
            None => How::Program(of_tool("path").unwrap_or_else(|| name.clone())),
        };
        Ok(Viewer { name, how })
    }

    /// Shows two folders, and waits until the program ends. Its exit status is ignored, because
    /// many programs exit with 1 if there are differences.
    ///
    /// # Errors
    ///
    /// The program cannot be started.
    pub(crate) fn show(&self, old: &Path, new: &Path) -> Result<(), Diagnostic> {
        let status = match &self.how {
            How::Line(line) => shell_line("", line)
                .env("LOCAL", old)
                .env("REMOTE", new)
                .env("MERGED", new)
                .env("BASE", new)
                .status(),
            How::Program(program) => Command::new(program).arg(old).arg(new).status(),
        };
        match status {
            Ok(status) if !(matches!(self.how, How::Line(_)) && is_missing(status)) => Ok(()),
            Ok(_) => Err(self.cannot_start(NO_PROGRAM)),
            Err(error) => Err(self.cannot_start(&cause(&error))),
        }
    }

    fn cannot_start(&self, why: &str) -> Diagnostic {
        let name = wording::shown(&self.name);
        Diagnostic::error(Code::NoViewer, format!("could not start the diff program `{name}`: {why}")).help(
            "name an installed program with `--tool`, or read the changes at the terminal: `--mode local`",
        )
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    use super::*;

    /// A folder with a git repository that has this configuration.
    fn repository(settings: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let git = |arguments: &[&str]| {
            let status = Command::new("git").args(arguments).current_dir(folder.path()).status().unwrap();
            assert!(status.success());
        };
        git(&["init", "--quiet"]);
        settings.iter().for_each(|(key, value)| git(&["config", key, value]));
        folder
    }

    #[test]
    fn git_knows_how_viewers_are_started() {
        let folder = repository(&[
            ("diff.tool", "first"),
            ("difftool.first.cmd", "view $LOCAL"),
            ("difftool.second.path", "/opt/second"),
            ("mergetool.third.cmd", "third $REMOTE"),
        ]);
        for (name, expected) in [
            (None, ("first", How::Line("view $LOCAL".to_owned()))),
            (Some(""), ("first", How::Line("view $LOCAL".to_owned()))),
            (Some("second"), ("second", How::Program("/opt/second".to_owned()))),
            (Some("third"), ("third", How::Line("third $REMOTE".to_owned()))),
            (Some("meld"), ("meld", How::Program("meld".to_owned()))),
        ] {
            let viewer = Viewer::find(name, folder.path()).unwrap();
            assert_eq!((viewer.name.as_str(), viewer.how), expected, "{name:?}");
        }
    }

    #[test]
    fn viewers_are_told_both_folders() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new, seen) =
            (folder.path().join("an old"), folder.path().join("a new"), folder.path().join("seen"));
        let program = folder.path().join("viewer");
        fs::write(&program, format!("#!/bin/sh\nprintf '%s|' \"$@\" > '{}'\nexit 1\n", seen.display()))
            .unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let program = program.display().to_string();
        for how in [How::Program(program.clone()), How::Line(format!("'{program}' \"$LOCAL\" \"$REMOTE\""))] {
            Viewer { name: "viewer".to_owned(), how }.show(&old, &new).unwrap();
            let told = fs::read_to_string(&seen).unwrap();
            assert_eq!(told, format!("{}|{}|", old.display(), new.display()));
            fs::remove_file(&seen).unwrap();
        }
        for how in [How::Program("no-such-viewer".to_owned()), How::Line("no-such-viewer".to_owned())] {
            let problem = Viewer { name: "x".to_owned(), how }.show(&old, &new).unwrap_err();
            assert_eq!(problem.code, Code::NoViewer);
        }
    }
}
