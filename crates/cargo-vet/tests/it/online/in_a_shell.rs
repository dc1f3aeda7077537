//! `inspect --mode local` at a terminal: a shell within the user's shell.

use std::path::Path;

use super::on_this_machine::scene;
use super::scene::Scene;
use crate::terminal::Terminal;

const QUESTION: &str = "Press ENTER to read it in a shell: ";

/// Opens a shell to inspect `alpha 1.1.0`.
fn enter(scene: &Scene, shell: &str, variables: &[(&str, &str)]) -> Terminal {
    let mut command = scene.command("vet inspect alpha 1.1.0 --mode local");
    command.env("SHELL", shell).env_remove("CARGO_VET_INSPECT").env_remove("ENV");
    command.envs(variables.iter().copied());
    let mut terminal = Terminal::run(&command);
    let before = terminal.wait_for(QUESTION);
    assert!(before.contains("vouch for \"safe-to-deploy\""), "{before}");
    terminal.press("\r");
    terminal
}

#[test]
fn a_shell_within_the_shell() {
    let scene = scene();
    let prompt = "(vet alpha 1.1.0) $ ";
    let mut terminal = enter(&scene, "/bin/sh", &[]);
    let before = terminal.wait_for(prompt);
    assert!(before.contains("the source, which is read-only; `exit` leaves it\n"), "{before}");
    assert!(!before.contains("within"), "{before}");
    terminal.press("pwd\r");
    terminal.wait_for("/cargo-vet-rs/src/alpha-1.1.0\r\n");
    terminal.press("echo \"<$CARGO_VET_INSPECT>\"; cat src/lib.rs\r");
    terminal.wait_for("<alpha 1.1.0>");
    terminal.wait_for("pub fn two() {}");
    terminal.wait_for(prompt);
    // Ctrl-C is meant for the shell.
    terminal.press("\u{3}");
    terminal.wait_for(prompt);
    terminal.press("exit 7\r");
    let (status, shown) = terminal.end();
    assert_eq!(status, Some(7), "{shown}");
    assert!(shown.ends_with("note: record what you found with `cargo vet certify`\n"), "{shown}");
    let status = scene.run("vet status").stdout;
    assert!(status.contains("alpha 1.1.0  not certified"), "{status}");
}

/// The user's configuration of `bash` stays, after the mark.
#[test]
fn the_prompt_of_bash_is_kept() {
    if !Path::new("/bin/bash").exists() {
        return;
    }
    let scene = scene();
    let home = scene.fixture.canonical().join("home");
    std::fs::create_dir(&home).unwrap();
    std::fs::write(home.join(".bashrc"), "PS1='mine> '\nHELLO=there\n").unwrap();
    let mut terminal = enter(&scene, "/bin/bash", &[("HOME", &home.display().to_string())]);
    terminal.wait_for("(vet alpha 1.1.0) mine> ");
    terminal.press("echo \"<$HELLO>\"\r");
    terminal.wait_for("<there>");
    terminal.press("exit\r");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn a_shell_within_a_shell_within_the_shell() {
    let scene = scene();
    let mut terminal = enter(&scene, "/bin/sh", &[("CARGO_VET_INSPECT", "beta 2.0.0")]);
    terminal.wait_for("note: this shell runs inside the one for `beta 2.0.0`");
    terminal.wait_for("(vet alpha 1.1.0) $ ");
    terminal.press("\u{4}");
    assert_eq!(terminal.end().0, Some(0));
}

/// A program with another name, whose prompt cannot be set.
#[test]
fn other_shells_are_left_as_they_are() {
    let scene = scene();
    let shell = scene.fixture.canonical().join("fish");
    std::os::unix::fs::symlink("/bin/sh", &shell).unwrap();
    let variables = [("PS1", "fish> ")];
    let mut terminal = enter(&scene, &shell.display().to_string(), &variables);
    let before = terminal.wait_for("fish> ");
    let before: Vec<&str> = before.split_whitespace().collect();
    let before = before.join(" ");
    assert!(before.contains("`exit` leaves it; the variable CARGO_VET_INSPECT shows"), "{before}");
    terminal.press("exit\r");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn no_shell_no_consent() {
    let scene = scene();
    let mut terminal = enter(&scene, "/no/such/shell", &[]);
    terminal.wait_for("error[VET0647]: could not start the shell `/no/such/shell`");
    let (status, shown) = terminal.end();
    assert_eq!(status, Some(255), "{shown}");

    let mut command = scene.command("vet inspect alpha 1.1.0");
    let mut terminal = Terminal::run(command.env("SHELL", "/bin/sh"));
    terminal.wait_for(QUESTION);
    terminal.press("\u{4}");
    assert_eq!(terminal.end().0, Some(255));

    // Without a shell, only the folder is printed.
    let mut command = scene.command("vet inspect alpha 1.1.0");
    let (status, shown) = Terminal::run(command.env("SHELL", "")).end();
    assert_eq!(status, Some(0));
    assert!(shown.contains("/cargo-vet-rs/src/alpha-1.1.0\n") && !shown.contains("Press"), "{shown}");
}
