//! `inspect` and `diff` at a terminal: pages are opened after the user has agreed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::scene::Scene;
use crate::terminal::Terminal;

const QUESTION: &str = "Press ENTER to open this page, or read on this machine with `--mode local`: ";
const PAGE: &str = "https://crates.io/crates/alpha/1.0.0/code";

/// A project that needs `alpha`, on a machine on which a script opens pages.
struct Machine {
    scene: Scene,
    programs: PathBuf,
}

impl Machine {
    fn with_opener(script: &str) -> Self {
        let scene = Scene::with(&["alpha 1.0.0"]);
        scene.store("", "", "");
        let programs = scene.fixture.canonical().join("programs");
        fs::create_dir(&programs).unwrap();
        let opener = programs.join("xdg-open");
        fs::write(&opener, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
        Machine { scene, programs }
    }

    fn command(&self) -> Command {
        let mut command = self.scene.command("vet inspect alpha 1.0.0 --locked");
        command.env("PATH", &self.programs).env("OPENED", self.programs.join("opened"));
        command
    }

    /// The pages that were opened.
    fn opened(&self) -> String {
        fs::read_to_string(self.programs.join("opened")).unwrap_or_default()
    }
}

/// On other systems the opener has another name and cannot be replaced.
#[cfg(target_os = "linux")]
#[test]
fn enter_opens_the_page() {
    let machine = Machine::with_opener("echo \"$@\" >> \"$OPENED\"");
    let mut terminal = Terminal::run(&machine.command());
    let introduction = terminal.wait_for(QUESTION);
    assert!(introduction.contains("vouch for \"safe-to-deploy\"") && introduction.contains(PAGE));
    assert_eq!(machine.opened(), "", "the user has not agreed yet");
    terminal.press("\r");
    let (status, shown) = terminal.end();
    assert_eq!((status, machine.opened()), (Some(0), format!("{PAGE}\n")));
    assert!(shown.ends_with("\nnote: record what you found with `cargo vet certify`\n"), "{shown}");
}

#[test]
fn nothing_is_opened_without_consent() {
    let machine = Machine::with_opener("echo \"$@\" >> \"$OPENED\"");
    for (keys, status) in [("\u{4}", Some(255)), ("\u{3}", None)] {
        let mut terminal = Terminal::run(&machine.command());
        terminal.wait_for(QUESTION);
        terminal.press(keys);
        let (ended, shown) = terminal.end();
        assert_eq!(ended, status, "{shown}");
    }
    // If stdin or an output is not a terminal, the user is not asked.
    type Streams = fn(pty_process::blocking::Command) -> pty_process::blocking::Command;
    let elsewhere: [Streams; 3] = [
        |command| command.stdin(Stdio::null()),
        |command| command.stdout(Stdio::null()),
        |command| command.stderr(Stdio::null()),
    ];
    for streams in elsewhere {
        let (status, shown) = Terminal::start(&machine.command(), streams).end();
        assert_eq!(status, Some(0), "{shown}");
        assert!(!shown.contains("Press ENTER"), "{shown}");
    }
    assert_eq!(machine.opened(), "");
}

/// Reading takes hours, and other commands run meanwhile.
#[test]
fn without_a_reader_nothing_waits() {
    let machine = Machine::with_opener("");
    let mut terminal = Terminal::run(&machine.command());
    terminal.wait_for(QUESTION);
    let run = machine.scene.run("vet add-exemption alpha 1.0.0");
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(!run.stderr.contains("waiting"), "{}", run.stderr);
    terminal.press("\u{4}");
    assert_eq!(terminal.end().0, Some(255));
}

#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_a_browser() {
    let machine = Machine::with_opener("exit 3");
    let mut terminal = Terminal::run(&machine.command());
    terminal.wait_for(QUESTION);
    terminal.press("\r");
    let problem = "error[VET0646]: could not open a browser";
    terminal.wait_for(problem);
    let (status, shown) = terminal.end();
    assert_eq!(status, Some(255));
    let (_, told) = shown.split_once(problem).unwrap();
    assert!(told.contains(PAGE) && told.contains("`--mode local`"), "{told}");
}

/// Colours are for terminals only.
#[test]
fn the_introduction_is_bold() {
    let machine = Machine::with_opener("");
    for (color, expected) in [("always", true), ("never", false)] {
        let mut command = machine.command();
        command.args(["--color", color]).stdin(Stdio::null());
        let shown = String::from_utf8(command.output().unwrap().stderr).unwrap();
        assert_eq!(shown.starts_with("\u{1b}[1mYou are about to read"), expected, "{shown:?}");
    }
}
