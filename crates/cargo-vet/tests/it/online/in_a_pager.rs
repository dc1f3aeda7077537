//! `diff --mode local` at a terminal: in the pager, or in another program.

use std::process::Command;

use super::on_this_machine::scene;
use super::scene::Scene;
use crate::terminal::Terminal;

const QUESTION: &str = "Press ENTER to see what changed: ";

/// `cargo vet diff`, in the environment of a user who has set these variables.
fn command(scene: &Scene, options: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = scene.command(&format!("vet diff alpha 1.0.0 1.1.0 {options}"));
    for variable in ["GIT_PAGER", "PAGER", "LESS", "LV"] {
        command.env_remove(variable);
    }
    command.envs(variables.iter().copied());
    command
}

/// The changes that are shown after the user has agreed, and the status.
fn shown(scene: &Scene, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut terminal = Terminal::run(&command(scene, "--mode local", variables));
    terminal.wait_for(QUESTION);
    terminal.press("\r");
    let (status, shown) = terminal.end();
    (status, shown.split_once(QUESTION).unwrap().1.to_owned())
}

const AFTERWARDS: &str = "note: record what you found with `cargo vet certify`\n";

#[test]
fn the_pager_of_git_shows_the_changes() {
    let scene = scene();
    let (status, text) = shown(&scene, &[("GIT_PAGER", "echo \"<$LESS $LV>\"; sed 's/^/| /'")]);
    assert_eq!(status, Some(0), "{text}");
    insta::assert_snapshot!(text);

    // Variables that the user has set take precedence.
    let (_, text) = shown(&scene, &[("GIT_PAGER", "echo \"<$LESS $LV>\""), ("LESS", "-X"), ("LV", "")]);
    assert!(text.contains("<-X >\n"), "{text}");
}

#[test]
fn a_pager_may_be_closed_early() {
    let scene = scene();
    // More than the buffer of a pipe holds.
    let large = "line\n".repeat(100_000);
    scene.world.publish("large 1.0.0 2023-01-01 ann\nlarge 1.0.1 2023-01-01 ann");
    scene.world.pack("large", "1.0.1", &[("src/lib.rs", &large)]);
    let mut command = command(&scene, "--mode local", &[("GIT_PAGER", "head -n 1")]);
    command = {
        let mut other = scene.command("vet diff large 1.0.0 1.0.1");
        other.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        other.arg("--mode").arg("local");
        other
    };
    let mut terminal = Terminal::run(&command);
    terminal.wait_for(QUESTION);
    terminal.press("\r");
    let (status, text) = terminal.end();
    assert_eq!(status, Some(0), "{text}");
    assert!(text.ends_with(AFTERWARDS), "{text}");
}

#[test]
fn without_a_pager_the_changes_are_printed() {
    let scene = scene();
    let (_, expected) = shown(&scene, &[("GIT_PAGER", "cat")]);
    assert!(expected.contains("+pub fn two() {}\n") && !expected.contains('\u{1b}'), "{expected}");
    let (status, text) = shown(&scene, &[("GIT_PAGER", "no-such-pager")]);
    assert_eq!(status, Some(0), "{text}");
    let said = "note: printed, because the pager `no-such-pager` could not be started\n";
    assert!(text.contains("+pub fn two() {}\n") && text.contains(said), "{text}");
    assert!(!text.contains("not found"), "{text}");
}

/// Colours are shown unless git's configuration disables them.
#[test]
fn colors_are_those_of_git() {
    let scene = scene();
    let configuration = scene.fixture.canonical().join("gitconfig");
    for (settings, pager, expected) in [
        ("", "sed 's/^/| /'", true),
        ("[color]\n\tpager = false\n", "sed 's/^/| /'", false),
        ("[color]\n\tpager = false\n", "cat", true),
        ("[color]\n\tui = false\n", "cat", false),
        ("[color]\n\tui = false\n\tdiff = auto\n", "sed 's/^/| /'", true),
    ] {
        std::fs::write(&configuration, settings).unwrap();
        let mut command = command(&scene, "--mode local --color always", &[("GIT_PAGER", pager)]);
        let mut terminal = Terminal::run(command.env("NO_COLOR", ""));
        terminal.wait_for(QUESTION);
        terminal.press("\r");
        let (_, text) = terminal.end();
        let colored = text.contains("\u{1b}[32m+pub fn two() {}");
        assert_eq!(colored, expected, "{settings:?}, {pager}: {text}");
    }
}

#[test]
fn another_program_can_show_both_versions() {
    let scene = scene();
    let configuration = scene.fixture.canonical().join("gitconfig");
    std::fs::write(
        &configuration,
        "[diff]\n\ttool = lister\n[difftool \"lister\"]\n\tcmd = \"ls -d \\\"$LOCAL\\\" \\\"$REMOTE\\\"; exit 1\"\n",
    )
    .unwrap();
    for options in ["--tool", "--tool lister", "--tool ls"] {
        let mut terminal = Terminal::run(&command(&scene, options, &[]));
        terminal.wait_for(QUESTION);
        terminal.press("\r");
        if options != "--tool ls" {
            terminal.wait_for("/cargo-vet-rs/src/alpha-1.0.0");
        } else {
            terminal.wait_for("old.rs");
        }
        terminal.wait_for("/cargo-vet-rs/src/alpha-1.1.0");
        let (status, text) = terminal.end();
        assert_eq!(status, Some(0), "{text}");
        assert!(text.ends_with(AFTERWARDS), "{text}");
    }
    // It needs no terminal, and does not change the remembered mode.
    let run = scene.run("vet diff alpha 1.0.0 1.1.0 --tool --quiet");
    assert_eq!((run.status, run.stdout.lines().count()), (Some(0), 2), "{}", run.stderr);
    let next = scene.run("vet diff alpha 1.0.0 1.1.0 --quiet");
    assert_eq!(next.stdout, "https://diff.rs/alpha/1.0.0/1.1.0/\n");
}
