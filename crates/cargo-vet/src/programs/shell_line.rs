//! Shell commands, as git's configuration contains them for programs that git starts.

use std::io;
use std::process::{Command, ExitStatus};

/// The statuses of shells for a program that does not exist or is not executable.
const NOT_A_PROGRAM: [i32; 2] = [126, 127];

/// A command that runs a line in the shell that git uses, after some preparation. If there is no
/// such program, the shell ends with a status for which [`is_missing`] is true.
pub(crate) fn shell_line(preparation: &str, line: &str) -> Command {
    let mut command = platform::shell();
    // The shell would say so in its own words.
    let guard = match program(line) {
        Some(word) if word.contains('/') => format!("test -f {word} && test -x {word} || exit 127; "),
        Some(word) => format!("command -v {word} >/dev/null 2>&1 || exit 127; "),
        None => String::new(),
    };
    command.arg("-c").arg(format!("{preparation}{guard}{line}"));
    command
}

/// The word of a line that names its program, quoted as in the line; `None` if this cannot be said
/// for sure.
fn program(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let mut quote = None;
    let mut end = line.len();
    for (place, character) in line.char_indices() {
        match (character, quote) {
            ('\'' | '"', None) => quote = Some(character),
            (character, Some(begun)) if character == begun => quote = None,
            ('$' | '`' | '\\' | '!', _) => return None,
            (_, Some(_)) => {}
            (' ' | '\t', None) => {
                end = place;
                break;
            }
            ('/' | '.' | '-' | '_' | '+' | ':' | '~' | '@' | '%' | ',', None) => {}
            (character, None) if character.is_alphanumeric() => {}
            (_, None) => return None,
        }
    }
    // A function is defined like this: `name () { … }`.
    let is_function = line.get(end..)?.trim_start().starts_with('(');
    (quote.is_none() && end > 0 && !is_function && !line.starts_with('-')).then(|| line.get(..end)).flatten()
}

/// Why a program could not be started.
pub(crate) fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => NO_PROGRAM.to_owned(),
        _ => error.to_string(),
    }
}

/// Why a shell could not start a program.
pub(crate) const NO_PROGRAM: &str = "there is no such program";

/// Whether the shell could not start the program of a line.
pub(crate) fn is_missing(status: ExitStatus) -> bool {
    status.code().is_some_and(|code| NOT_A_PROGRAM.contains(&code))
}

#[cfg(not(windows))]
mod platform {
    use std::process::Command;

    pub(super) fn shell() -> Command {
        Command::new("/bin/sh")
    }
}

#[cfg(windows)]
mod platform {
    use std::path::PathBuf;
    use std::process::Command;

    /// Git for Windows includes a shell that is not in the path.
    pub(super) fn shell() -> Command {
        Command::new(shell_of_git().unwrap_or_else(|| "sh.exe".into()))
    }

    fn shell_of_git() -> Option<PathBuf> {
        let said = Command::new("git").arg("--exec-path").output().ok()?;
        let programs = PathBuf::from(String::from_utf8(said.stdout).ok()?.trim());
        let shells = programs.ancestors().map(|folder| folder.join("bin").join("sh.exe"));
        shells.into_iter().find(|shell| shell.is_file())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_lines() {
        for (line, expected) in [
            ("vi", Some("vi")),
            (" code --wait", Some("code")),
            ("'/opt/my editor/run' -w", Some("'/opt/my editor/run'")),
            ("\"C:/Program Files/Notepad++/notepad++.exe\" -multiInst", {
                Some("\"C:/Program Files/Notepad++/notepad++.exe\"")
            }),
            ("~/bin/ed", Some("~/bin/ed")),
            ("", None),
            ("-x", None),
            ("f() { :; }; f", None),
            ("f () { :; }; f", None),
            ("LANG=C vi", None),
            ("$HOME/bin/ed", None),
            ("\"$(touch x)\"", None),
            ("`touch x`", None),
            ("'vi", None),
            ("vi;emacs", None),
            ("vi\nemacs", None),
        ] {
            assert_eq!(program(line), expected, "{line}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_shell_says_nothing_about_missing_programs() {
        for (line, missing) in [
            ("no-such-program", true),
            ("no-such-program --wait", true),
            ("/no/such/program", true),
            ("'/no such/program' -w", true),
            ("/etc/passwd", true),
            ("/", true),
            ("true", false),
            (":", false),
            ("/bin/sh -c 'exit 3'", false),
            ("exit 3", false),
        ] {
            let output = shell_line("", line).output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!((is_missing(output.status), stderr.as_ref()), (missing, ""), "{line}");
        }
    }
}
