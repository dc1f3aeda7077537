//! Shows a long text in the pager that git would use.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};

use vet_diagnostics::wording;
use vet_fetch::git;

use super::shell_line::{is_missing, shell_line};

/// Default options of pagers, the same as git's: colours are shown, and a short text is printed
/// without paging.
const DEFAULTS: &str = ": \"${LESS=FRX}\" \"${LV=-c}\"; export LESS LV; ";

/// A pager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pager {
    line: String,
}

impl Pager {
    /// The pager that git uses in a folder, if it uses one.
    pub(crate) fn find(folder: &Path) -> Option<Self> {
        let line = git::said(folder, &["var", "GIT_PAGER"])?;
        (line != "cat").then_some(Pager { line })
    }

    /// The command, safe to print.
    pub(crate) fn shown(&self) -> String {
        wording::shown(&self.line).into_owned()
    }

    /// Whether git's configuration allows colours in the pager.
    pub(crate) fn wants_colors(folder: &Path) -> bool {
        let setting = |key: &str| git::said(folder, &["config", "--type=bool", "--get", key]);
        let setting = setting("pager.color").or_else(|| setting("color.pager"));
        setting.as_deref() != Some("false")
    }

    /// Shows a text, and waits until the pager is closed; closing it early is not an error. Returns
    /// whether the pager could be started.
    pub(crate) fn show(&self, text: &[u8]) -> bool {
        let pager = shell_line(DEFAULTS, &self.line).stdin(Stdio::piped()).spawn();
        pager.and_then(|pager| fill(pager, text)).unwrap_or(false)
    }
}

fn fill(mut pager: Child, text: &[u8]) -> io::Result<bool> {
    if let Some(mut pipe) = pager.stdin.take() {
        // A pager that was closed reads no more.
        let _ = pipe.write_all(text);
    }
    Ok(!is_missing(pager.wait()?))
}

/// Whether git would colour diffs on a terminal.
pub(crate) fn colors_changes(folder: &Path) -> bool {
    git::said(folder, &["config", "--get-colorbool", "color.diff", "true"]).as_deref() != Some("false")
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::*;

    #[test]
    fn pagers_are_lines_for_a_shell() {
        let folder = tempfile::tempdir().unwrap();
        let seen = folder.path().join("seen");
        let text = "a line\n".repeat(100_000);
        for (line, shown, expected) in [
            ("cat > SEEN", true, text.as_str()),
            ("head -n 1 > SEEN", true, "a line\n"),
            ("true > SEEN", true, ""),
            ("exit 3; > SEEN", true, ""),
            ("no-such-pager --raw > SEEN", false, ""),
        ] {
            fs::write(&seen, "").unwrap();
            let line = line.replace("SEEN", &format!("'{}'", seen.display()));
            assert_eq!(Pager { line: line.clone() }.show(text.as_bytes()), shown, "{line}");
            assert_eq!(fs::read_to_string(&seen).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn git_knows_about_pagers_and_colors() {
        let folder = tempfile::tempdir().unwrap();
        let git = |arguments: &[&str]| {
            let status = Command::new("git").args(arguments).current_dir(folder.path()).status().unwrap();
            assert!(status.success());
        };
        git(&["init", "--quiet"]);
        // The environment takes precedence, and a test must not change it.
        if std::env::var_os("GIT_PAGER").is_none() {
            for (pager, expected) in [("a-pager --raw", Some("a-pager --raw")), ("cat", None)] {
                git(&["config", "core.pager", pager]);
                let expected = expected.map(|line| Pager { line: line.to_owned() });
                assert_eq!(Pager::find(folder.path()), expected);
            }
        }
        for (settings, wants) in [
            (&[("color.pager", "false")][..], false),
            (&[("color.pager", "1")], true),
            (&[("pager.color", "0"), ("color.pager", "true")], false),
        ] {
            settings.iter().for_each(|(key, value)| git(&["config", key, value]));
            assert_eq!(Pager::wants_colors(folder.path()), wants, "{settings:?}");
        }
        for (key, value, colors) in [("color.ui", "false", false), ("color.diff", "always", true)] {
            git(&["config", key, value]);
            assert_eq!(colors_changes(folder.path()), colors, "{key} {value}");
        }
    }
}
