//! `certify` at a terminal: the user chooses criteria and makes the statement in an editor, and
//! written text is kept.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::certifying::exempted;
use super::scene::Scene;
use crate::terminal::Terminal;

/// Uncomments the statement.
pub(super) const SIGN: &str = "sed -i.old 's/^# I, Alice/I, Alice/' \"$1\"";

/// Writes two lines of notes.
const WRITE: &str = "printf 'Read all of it.\\n\\nTwice.\\n' >> \"$1\"";

/// Exits with an error.
pub(super) const FAIL: &str = "exit 3";

/// A command of an auditor whose editor is a script.
pub(super) fn command(scene: &Scene, line: &str, editor: &[&str]) -> Command {
    let script = scene.fixture.canonical().join("editor.sh");
    fs::write(&script, editor.join("\n") + "\n").unwrap();
    let mut command = scene.command(line);
    command.env("GIT_EDITOR", format!("sh '{}'", script.display()));
    command
}

fn audits(scene: &Scene) -> String {
    scene.fixture.project.read("supply-chain/audits.toml")
}

/// The existing drafts.
fn drafts(scene: &Scene) -> Vec<PathBuf> {
    let folder = scene.fixture.canonical().join("state/drafts");
    let files = fs::read_dir(folder).into_iter().flatten().map(|file| file.unwrap().path());
    // An editor may leave copies.
    files.filter(|path| path.extension().is_some_and(|extension| extension == "txt")).collect()
}

#[test]
fn criteria_are_chosen_and_the_statement_is_made() {
    let scene = exempted();
    let mut terminal = Terminal::run(&command(&scene, "vet certify beta 1.0.0", &[SIGN, WRITE]));
    let shown = terminal.wait_for("[x] safe-to-deploy");
    assert!(shown.contains("Criteria met by beta:1.0.0 (space, enter, escape)"), "{shown}");
    assert!(shown.contains("[ ] safe-to-run     This package can be"), "{shown}");
    terminal.press("\r");
    terminal.wait_for("Waiting for the editor");
    let (status, shown) = terminal.end();
    assert_eq!(status, Some(0), "{shown}");
    assert!(
        shown.contains(
            "note: `beta 1.0.0` is certified, by Alice Auditor <alice@example.org>: safe-to-deploy"
        )
    );
    assert!(shown.contains("note: the exemption of `beta 1.0.0` is removed"), "{shown}");
    assert!(
        audits(&scene).contains(
            "[[audits.beta]]\nwho = \"Alice Auditor <alice@example.org>\"\ncriteria = \"safe-to-deploy\"\n\
             version = \"1.0.0\"\nnotes = \"\"\"\nRead all of it.\n\nTwice.\n\"\"\"\n"
        ),
        "{}",
        audits(&scene)
    );
    assert_eq!(drafts(&scene), Vec::<PathBuf>::new());
}

/// The editor shows the chosen criteria, the statement as a comment, and the given notes.
#[test]
fn what_the_editor_shows() {
    let scene = exempted();
    let copy = scene.fixture.canonical().join("copy");
    let editor = [&format!("cp \"$1\" '{}'", copy.display()), SIGN];
    let line = "vet certify alpha 0.9.0 1.0.0 --notes Known. --criteria safe-to-run";
    let (status, shown) = Terminal::run(&command(&scene, line, &editor)).end();
    assert_eq!(status, Some(0), "{shown}");
    let text = fs::read_to_string(copy).unwrap();
    let (start, rest) = text.split_once("# === BEGIN CRITERIA \"safe-to-run\" ===\n").unwrap();
    let (_, rest) = rest.split_once("# === END CRITERIA ===\n").unwrap();
    insta::assert_snapshot!(format!("{start}[CRITERIA]\n{rest}"));
    assert!(audits(&scene).contains("notes = \"Known.\""), "{}", audits(&scene));
}

#[test]
fn stopping_at_the_criteria_changes_nothing() {
    for (keys, says) in [
        ("\u{1b}", "note: cancelled; nothing was changed\n"),
        // At least one criterion must be chosen.
        ("\u{1b}[B \r", "error[VET0615]: no criteria were chosen"),
    ] {
        let scene = exempted();
        let before = scene.bytes();
        let mut terminal = Terminal::run(&command(&scene, "vet certify beta 1.0.0", &[SIGN]));
        terminal.wait_for("[x] safe-to-deploy");
        terminal.press(keys);
        let (status, shown) = terminal.end();
        assert!(status == Some(255) && shown.contains(says), "{status:?} {shown}");
        assert_eq!(scene.bytes(), before);
    }
}

#[test]
fn what_was_written_is_kept_and_offered() {
    let scene = exempted();
    let before = scene.bytes();
    let line = "vet certify beta 1.0.0 --criteria safe-to-deploy";
    let mut terminal = Terminal::run(&command(&scene, line, &[WRITE]));
    terminal.wait_for("The statement is still a comment. Edit again? [y/n]");
    terminal.press("n");
    let (status, shown) = terminal.end();
    assert_eq!(status, Some(255), "{shown}");
    let kept = drafts(&scene);
    let [draft] = kept.as_slice() else { panic!("{kept:?}") };
    assert!(shown.contains("error[VET0618]: the statement is still a comment"), "{shown}");
    assert!(
        shown.replace(['\n', '\r'], "").contains(&*draft.file_name().unwrap().to_string_lossy()),
        "{shown}"
    );
    assert!(fs::read_to_string(draft).unwrap().contains("\nRead all of it.\n"));
    assert_eq!(scene.bytes(), before);

    // A draft about another subject is not used.
    let other = "vet certify gamma 1.0.0 --criteria safe-to-deploy";
    assert_eq!(Terminal::run(&command(&scene, other, &[SIGN])).end().0, Some(0));

    let mut terminal = Terminal::run(&command(&scene, line, &[SIGN]));
    terminal.wait_for("Continue with what you wrote last time?");
    terminal.wait_for("[y/n]");
    terminal.press("y");
    let (status, shown) = terminal.end();
    assert_eq!(status, Some(0), "{shown}");
    assert!(audits(&scene).contains("Read all of it.\n\nTwice.\n"), "{}", audits(&scene));
    assert_eq!(drafts(&scene), Vec::<PathBuf>::new());
}

/// A user who forgot to make the statement can continue.
#[test]
fn the_editor_is_opened_again() {
    let scene = exempted();
    let once = scene.fixture.canonical().join("once");
    let editor = format!("if test -e '{0}'; then {SIGN}; else touch '{0}'; {WRITE}; fi", once.display());
    let line = "vet certify beta 1.0.0 --criteria safe-to-deploy";
    let mut terminal = Terminal::run(&command(&scene, line, &[&editor]));
    terminal.wait_for("Edit again? [y/n]");
    terminal.press("y");
    let (status, shown) = terminal.end();
    assert_eq!(status, Some(0), "{shown}");
    assert!(audits(&scene).contains("Read all of it.\n\nTwice.\n"), "{}", audits(&scene));
}

/// A statement counts only if the editor ended without an error.
#[test]
fn editors_that_fail() {
    let line = "vet certify beta 1.0.0 --criteria safe-to-deploy";
    for (editor, says, kept) in [
        (&[SIGN, FAIL][..], "error[VET0620]: the editor `sh", 0),
        (&[SIGN, WRITE, FAIL], "error[VET0620]: the editor `sh", 1),
        (&["rm \"$1\""], "error[VET0618]: the text was erased", 0),
    ] {
        let scene = exempted();
        let before = scene.bytes();
        let (status, shown) = Terminal::run(&command(&scene, line, editor)).end();
        assert!(status == Some(255) && shown.contains(says), "{status:?} {shown}");
        assert_eq!((scene.bytes(), drafts(&scene).len()), (before, kept), "{editor:?}");
    }
    let scene = exempted();
    let before = scene.bytes();
    let mut command = command(&scene, line, &[]);
    command.env("GIT_EDITOR", "no-such-editor --wait");
    let (status, shown) = Terminal::run(&command).end();
    let says = "error[VET0619]: could not start the editor `no-such-editor --wait`: there is no such program";
    assert!(status == Some(255) && shown.contains(says), "{status:?} {shown}");
    assert!(!shown.contains("not found"), "{shown}");
    assert_eq!((scene.bytes(), drafts(&scene).len()), (before, 0));
}

/// Ctrl-C is meant for the editor.
#[test]
fn interrupts_in_the_editor() {
    let scene = exempted();
    let editor = ["trap 'echo interrupted' INT", "echo ready", "read line", "read line", SIGN];
    let line = "vet certify beta 1.0.0 --criteria safe-to-deploy";
    let mut command = command(&scene, line, &editor);
    // The shell that starts the editor ignores it, too.
    let script = scene.fixture.canonical().join("editor.sh");
    command.env("GIT_EDITOR", format!("trap : INT; sh '{}'", script.display()));
    let mut terminal = Terminal::run(&command);
    terminal.wait_for("ready");
    terminal.press("\u{3}");
    terminal.wait_for("interrupted");
    terminal.press("\r");
    terminal.press("\r");
    let (status, shown) = terminal.end();
    assert_eq!(status, Some(0), "{shown}");
    assert!(audits(&scene).contains("[[audits.beta]]"));
}

/// The store is not locked while the user writes. Changes that others make meanwhile stay.
#[test]
fn a_store_that_is_changed_meanwhile() {
    let scene = exempted();
    let config = scene.fixture.project.folder().join("supply-chain/config.toml");
    let change = format!(
        "sed -i.old 's/^\\[\\[exemptions.gamma\\]\\]/&\\n# By another user./' '{}'",
        config.display()
    );
    let line = "vet certify beta 1.0.0 --criteria safe-to-deploy";
    let (status, shown) = Terminal::run(&command(&scene, line, &[&change, SIGN])).end();
    assert_eq!(status, Some(0), "{shown}");
    assert!(shown.contains("By another user."), "the comment is dropped with a warning: {shown}");
    assert!(audits(&scene).contains("[[audits.beta]]"));

    // Unless they concern what the auditor has agreed to.
    let scene = exempted();
    let criterion = "\\n[criteria.crypto]\\ndescription = \"None.\"\\n";
    scene.store("", &criterion.replace("\\n", "\n"), "");
    let audits_file = scene.fixture.project.folder().join("supply-chain/audits.toml");
    let change = format!("sed -i.old 's/None/Some/' '{}'", audits_file.display());
    let line = "vet certify beta 1.0.0 --criteria crypto";
    let (status, shown) = Terminal::run(&command(&scene, line, &[&change, SIGN, WRITE])).end();
    assert_eq!(status, Some(255), "{shown}");
    assert!(shown.contains("error[VET0507]"), "{shown}");
    assert!(shown.contains("it is offered when you certify the same again"), "{shown}");
    assert!(!audits(&scene).contains("[[audits.beta]]"));
    assert_eq!(drafts(&scene).len(), 1);
}

/// The answer of the command may go to a file; the editor still uses the terminal.
#[test]
fn the_answer_is_not_for_the_editor() {
    let scene = exempted();
    let before = scene.bytes();
    let line = "vet certify beta 1.0.0 --criteria safe-to-deploy --dry-run";
    let command = command(&scene, line, &["test -t 1 && echo 'on the screen'", SIGN, WRITE]);
    let answer = fs::File::create(scene.fixture.canonical().join("answer")).unwrap();
    let terminal = Terminal::start(&command, |at_terminal| at_terminal.stdout(Stdio::from(answer)));
    let (status, shown) = terminal.end();
    assert!(status == Some(0) && shown.contains("on the screen"), "{status:?} {shown}");
    let answer = fs::read_to_string(scene.fixture.canonical().join("answer")).unwrap();
    assert!(answer.starts_with("--- a/supply-chain/config.toml\n"), "{answer}");
    assert_eq!(scene.bytes(), before);
    // The draft of the dry run is still there.
    assert_eq!(drafts(&scene).len(), 1);
}

/// A user who certifies the same again is asked for confirmation.
#[test]
fn once_more() {
    let scene = exempted();
    let line = "vet certify beta 1.0.0 --criteria safe-to-deploy";
    assert_eq!(Terminal::run(&command(&scene, line, &[SIGN])).end().0, Some(0));
    for (answer, entries) in [("n", 1), ("y", 2)] {
        let mut terminal = Terminal::run(&command(&scene, line, &[SIGN]));
        terminal.wait_for("You have certified `beta:1.0.0` before. Record it once more? [y/n]");
        terminal.press(answer);
        let (status, shown) = terminal.end();
        assert_eq!(status, Some(0), "{shown}");
        assert_eq!(audits(&scene).matches("[[audits.beta]]").count(), entries, "{shown}");
    }
}

/// One statement covers all audits of a list.
#[test]
fn lists() {
    let scene = exempted();
    scene.fixture.project.write("list", "inspect beta 1.0.0\ninspect gamma 1.0.0\n");
    let copy = scene.fixture.canonical().join("copy");
    let sign = "sed -i.old -e 's/^# I, Alice/I, Alice/' -e 's/^# - /- /' \"$1\"";
    let editor = [&format!("cp \"$1\" '{}'", copy.display()), sign];
    let mut terminal = Terminal::run(&command(&scene, "vet certify --all-from list", &editor));
    let shown = terminal.wait_for("[y/n]");
    assert!(
        shown.contains("2 audits of the list were never opened on this machine: beta:1.0.0, gamma:1.0.0."),
        "{shown}"
    );
    terminal.press("y");
    let (status, shown) = terminal.end();
    assert_eq!(status, Some(0), "{shown}");
    let text = fs::read_to_string(copy).unwrap();
    assert!(
        text.contains(
            "# - version 1.0.0 of beta: safe-to-deploy\n# - version 1.0.0 of gamma: safe-to-deploy\n"
        ),
        "{text}"
    );
    assert_eq!(audits(&scene).matches("version = \"1.0.0\"").count(), 2, "{}", audits(&scene));

    let scene = exempted();
    scene.fixture.project.write("list", "inspect beta 1.0.0\ninspect gamma 1.0.0\n");
    let before = scene.bytes();
    // A part of the statement does not count.
    let mut terminal = Terminal::run(&command(&scene, "vet certify --all-from list --unread", &[SIGN]));
    terminal.wait_for("The statement was changed; it must stay as it is. Edit again? [y/n]");
    terminal.press("n");
    assert_eq!(terminal.end().0, Some(255));
    assert_eq!(scene.bytes(), before);
}
