//! Completion in the real shells. A test is skipped, with a message, where its shell is missing.

use std::path::Path;
use std::process::Command;

use crate::run::{binary, run, run_line};
use crate::terminal::Terminal;

/// Lines as they are typed up to the cursor, and a word that is completed there.
const CASES: &[(&str, &str)] = &[
    ("cargo vet chec", "check"),
    ("cargo-vet vet chec", "check"),
    ("cargo vet --locked --store-path audits chec", "check"),
    ("cargo-vet vet --color never chec", "check"),
    ("cargo vet regenerate exem", "exemptions"),
    ("cargo vet check --froz", "--frozen"),
    ("cargo vet --verbose tra", "trace"),
];

/// A shell with the script in its folder, unless the shell is missing.
fn shell(name: &str) -> Option<(tempfile::TempDir, Command)> {
    if Command::new(name).arg("--version").output().is_err() {
        println!("skipped: {name} is not installed");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = run_line(&format!("vet completions {name}")).stdout;
    std::fs::write(folder.path().join("script"), script).unwrap();
    // With the variables of the binary, and the binary in the PATH.
    let tool = binary(folder.path(), "");
    let mut command = Command::new(name);
    command.current_dir(folder.path());
    for (variable, value) in tool.get_envs() {
        match value {
            Some(value) => command.env(variable, value),
            None => command.env_remove(variable),
        };
    }
    let tools = Path::new(tool.get_program()).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    command.env("PATH", format!("{}:{path}", tools.display())).env("HOME", folder.path());
    Some((folder, command))
}

/// The script works with cargo's own completion, and without.
#[test]
fn bash() {
    const COMPLETE: &str = r#"
        complete_line() {
            local other; read -ra COMP_WORDS <<<"$1"
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$1 COMP_POINT=${#1}
            [[ $(complete -p "${COMP_WORDS[0]}") =~ -F\ ([^\ ]+) ]]
            "${BASH_REMATCH[1]}" "${COMP_WORDS[0]}"
            echo "${COMPREPLY[*]}"
        }
    "#;
    for other in ["", "_cargo() { COMPREPLY=(other); }; complete -F _cargo cargo; "] {
        for (line, expected) in CASES {
            let Some((_folder, mut bash)) = shell("bash") else { return };
            let script = format!("{other}source ./script; {COMPLETE} complete_line '{line}'");
            let run = run(bash.args(["--norc", "-c", &script]));
            assert_eq!((run.stdout.trim_end(), run.stderr.as_str()), (*expected, ""), "{line}");
        }
    }
    let Some((_folder, mut bash)) = shell("bash") else { return };
    let script =
        "_cargo() { COMPREPLY=(other); }; complete -F _cargo cargo; source ./script; source ./script";
    let run = run(bash.args(["--norc", "-c", &format!("{script}; {COMPLETE} complete_line 'cargo bui'")]));
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("other\n", ""), "other commands of cargo");
}

#[test]
fn bash_at_a_terminal() {
    let Some((_folder, mut bash)) = shell("bash") else { return };
    let mut terminal = Terminal::run(bash.args(["--norc", "-i"]).env("PS1", "> "));
    terminal.wait_for("> ");
    terminal.press("source ./script\r");
    terminal.wait_for("> ");
    terminal.press("cargo vet --locked --color=alw\t");
    terminal.wait_for("--color=always ");
    terminal.press("regenerate exem\t");
    terminal.wait_for("exemptions ");
    terminal.press("\u{15}exit\r");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn zsh_at_a_terminal() {
    for (line, expected) in CASES {
        let Some((_folder, mut zsh)) = shell("zsh") else { return };
        let mut terminal = Terminal::run(zsh.args(["-f", "-i"]).env("PS1", "> "));
        terminal.wait_for("> ");
        terminal.press("autoload -Uz compinit; compinit -u -D; source ./script; echo rea''dy\r");
        terminal.wait_for("ready");
        terminal.wait_for("> ");
        terminal.press(&format!("{line}\t"));
        // The completed line is printed, because a shell shows only what changes in it.
        terminal.press("\u{1}echo \u{5} END\r");
        terminal.wait_for(&format!("{expected} END\r\n"));
        terminal.press("exit\r");
        terminal.end();
    }
}

#[test]
fn fish() {
    for (line, expected) in CASES {
        let Some((_folder, mut fish)) = shell("fish") else { return };
        let run = run(fish.args(["--no-config", "-c", &format!("source ./script; complete -C '{line}'")]));
        let words: Vec<&str> = run.stdout.lines().map(|line| line.split('\t').next().unwrap()).collect();
        assert!(words.contains(expected), "{line}: {words:?} {}", run.stderr);
    }
}
