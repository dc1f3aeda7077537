//! `next`, with a user at a terminal.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use vet_testing::Fault;

use super::certifying::introduce_alice;
use super::certifying_at_a_terminal::{FAIL, SIGN, command};
use super::scene::Scene;
use super::suggesting;
use crate::run::run;
use crate::terminal::Terminal;

/// The start of the question about each audit, and its end.
const QUESTION: &str = ": (l)ook, (c)ertify, ";
const END: &str = "(q)uit or (?) ";

/// The audits of the plan. The first is enough for a crate, the others belong together.
const BETA: &str = "beta:1.0.0";
const ALPHA: &str = "alpha:1.0.0";
const DELTA: &str = "alpha:1.0.0 -> 2.0.0";

/// A project with two versions of a crate and one of another. Nothing is vetted, unless there are
/// exemptions.
fn scene(exemptions: bool) -> Scene {
    let scene = suggesting::scene("alpha 1.0.0 7\nalpha 2.0.0 9\nbeta 1.0.0 3", "");
    introduce_alice(&scene);
    let exempt = |package: &str| {
        let (name, version) = package.split_once(' ').unwrap();
        format!("[[exemptions.{name}]]\nversion = \"{version}\"\ncriteria = \"safe-to-deploy\"\n\n")
    };
    let all = if exemptions {
        ["alpha 1.0.0", "alpha 2.0.0", "beta 1.0.0"].map(exempt).concat()
    } else {
        String::new()
    };
    scene.store(&all, "", "");
    scene
}

/// A walk of a user whose editor is a script.
fn walk(scene: &Scene, options: &str, editor: &[&str]) -> Terminal {
    let mut command = command(scene, &format!("vet next {options}"), editor);
    command.env("SHELL", "/bin/sh").env("GIT_PAGER", "sed 's/^/| /'").env_remove("ENV");
    Terminal::run(&command)
}

/// Waits for the question about an audit, presses a key, and returns the output before the
/// question.
fn at(terminal: &mut Terminal, about: &str, key: &str) -> String {
    let shown = terminal.wait_for(&format!("{about}{QUESTION}")) + &terminal.wait_for(END);
    terminal.press(key);
    shown
}

/// The answer at the end of a walk, without the output on the way.
fn answer(terminal: Terminal) -> String {
    let (status, shown) = terminal.end();
    assert_eq!(status, Some(0), "{shown}");
    let (_, answer) = shown.rsplit_once("\n\n").unwrap();
    answer.to_owned()
}

#[test]
fn look_skip_and_quit() {
    let scene = scene(false);
    let before = scene.bytes();
    let mut terminal = walk(&scene, "--mode local", &[]);
    insta::assert_snapshot!(at(&mut terminal, BETA, "l"));
    terminal.wait_for("Press ENTER to read it in a shell: ");
    terminal.press("\r");
    terminal.wait_for("(vet beta 1.0.0) $ ");
    // The exit status of the shell does not matter.
    terminal.press("exit 3\r");
    // It is still in the plan, and marked as read.
    let shown = at(&mut terminal, BETA, "s");
    assert!(shown.contains("1 of 3: ") && shown.contains("  looked at     2024-06-01\n"), "{shown}");
    assert!(!shown.contains("record what you found"), "{shown}");
    // Other keys are ignored.
    let shown = at(&mut terminal, ALPHA, "x\r S");
    assert!(shown.contains("2 of 3: version 1.0.0 of alpha\n") && !shown.contains("looked at"), "{shown}");
    at(&mut terminal, DELTA, "l");
    terminal.wait_for("Press ENTER to see what changed: ");
    terminal.press("\r");
    terminal.wait_for("| +// 2.0.0 8");
    at(&mut terminal, DELTA, "\u{1b}");
    insta::assert_snapshot!(answer(terminal));
    assert_eq!(scene.bytes(), before);
}

/// One audit after the other, until the check passes.
#[test]
fn the_whole_plan_is_certified() {
    for (exemptions, says) in [
        (false, "note: the check fails; 3 audits, 238 lines would make it pass\n"),
        (true, "note: the check passes; 3 audits, 238 lines would replace all exemptions\n"),
    ] {
        let scene = scene(exemptions);
        let mut terminal = walk(&scene, "", &[SIGN]);
        let mut shown = String::new();
        for about in [BETA, ALPHA, DELTA] {
            shown += &at(&mut terminal, about, "c");
            shown += &terminal.wait_for("[x] safe-to-deploy");
            terminal.press("\r");
            if about == DELTA {
                // So few changes need no editor.
                let statement = "I, Alice Auditor, certify that I have audited the changes from version 1.0.0 to 2.0.0 of";
                assert!(terminal.wait_for(" [y/N/e/?] ").contains(statement));
                terminal.press("y");
            }
        }
        assert!(shown.contains(says), "{shown}");
        assert!(
            shown.contains("is certified, by Alice Auditor <alice@example.org>: safe-to-deploy\n"),
            "{shown}"
        );
        insta::allow_duplicates! {
            insta::assert_snapshot!(answer(terminal), @r"
            Certified: 3 audits, 238 lines
              version 1.0.0 of beta
              version 1.0.0 of alpha
              the changes from version 1.0.0 to 2.0.0 of alpha
            Nothing is left of the plan
            `cargo vet` would pass now
            ");
        }
        assert_eq!(scene.run("vet").stdout, "Vetting Succeeded (3 fully audited)\n");
        assert_eq!(scene.run("vet --locked").status, Some(0));
        assert!(!scene.fixture.project.read("supply-chain/config.toml").contains("exemptions"));
        // The plan is empty now.
        let (status, shown) = walk(&scene, "", &[]).end();
        assert_eq!((status, shown.as_str()), (Some(0), "Nothing to suggest, you're fully audited!\n"));
    }
}

/// A user who continues later starts with the remaining audits.
#[test]
fn interrupts_keep_what_was_certified() {
    for (is_at_the_question, status) in [(true, Some(0)), (false, Some(130))] {
        let scene = scene(false);
        let mut terminal = walk(&scene, "", &[SIGN]);
        at(&mut terminal, BETA, "c");
        terminal.wait_for("[x] safe-to-deploy");
        terminal.press("\r");
        at(&mut terminal, ALPHA, "s");
        if is_at_the_question {
            at(&mut terminal, DELTA, "\u{3}");
        } else {
            at(&mut terminal, DELTA, "c");
            terminal.wait_for("[x] safe-to-deploy");
            terminal.press("\u{3}");
        }
        let (ended, shown) = terminal.end();
        assert_eq!(ended, status, "{shown}");
        assert_eq!(shown.contains("Certified: 1 audit, "), is_at_the_question, "{shown}");
        let audits = scene.fixture.project.read("supply-chain/audits.toml");
        assert!(audits.contains("[[audits.beta]]") && !audits.contains("[[audits.alpha]]"), "{audits}");

        let mut terminal = walk(&scene, "", &[SIGN]);
        let shown = at(&mut terminal, ALPHA, "q");
        assert!(shown.contains("1 of 2: "), "{shown}");
        let answer = answer(terminal);
        assert!(answer.starts_with("Left: 2 audits, "), "{answer}");
    }
}

/// The texts of criteria are shown once, and then on request. A user can go back.
#[test]
fn criteria_are_explained_once() {
    let scene = scene(false);
    let mut terminal = walk(&scene, "--mode local", &[]);
    for is_first in [true, false] {
        at(&mut terminal, BETA, "l");
        let shown = terminal.wait_for("Press ENTER");
        assert_eq!(shown.contains("Programs in production"), is_first, "{shown}");
        assert_eq!(shown.contains("vouch for `safe-to-deploy`."), !is_first, "{shown}");
        terminal.press("\r");
        terminal.wait_for("(vet beta 1.0.0) $ ");
        terminal.press("exit\r");
    }
    at(&mut terminal, BETA, "s");
    at(&mut terminal, ALPHA, "s");
    at(&mut terminal, DELTA, "?");
    let shown = at(&mut terminal, DELTA, "b");
    assert!(
        shown.contains("go back to the audit before") && shown.contains("Programs in production"),
        "{shown}"
    );
    let shown = at(&mut terminal, ALPHA, "q");
    assert!(shown.contains("2 of 3: "), "{shown}");
    answer(terminal);
}

/// `certify` needs no editor either, if a plan has measured the changes. Notes and drafts are
/// written in the editor, so they need one.
#[test]
fn few_changes_need_no_editor_in_certify() {
    let (inline, editor) = (" [y/N/e/?] ", "Waiting for the editor");
    for (is_measured, line, expected) in [
        (true, "vet certify alpha 1.0.0 2.0.0", inline),
        (true, "vet certify alpha 1.0.0 2.0.0 --notes Known.", editor),
        (true, "vet certify alpha 2.0.0", editor),
        (false, "vet certify alpha 1.0.0 2.0.0", editor),
    ] {
        let scene = scene(false);
        if is_measured {
            scene.run("vet suggest");
        }
        let line = format!("{line} --criteria safe-to-deploy");
        let mut terminal = Terminal::run(&command(&scene, &line, &[SIGN]));
        let shown = terminal.wait_for(expected);
        if expected == inline {
            assert!(!shown.contains(editor), "{shown}");
            terminal.press("y");
        }
        let (status, shown) = terminal.end();
        assert_eq!(status, Some(0), "{line}: {shown}");
        assert!(
            scene.fixture.project.read("supply-chain/audits.toml").contains("[[audits.alpha]]"),
            "{line}"
        );
    }
    // With a draft, the text that was written is offered first.
    let scene = scene(false);
    let line = "vet certify alpha 1.0.0 2.0.0 --criteria safe-to-deploy";
    let mut terminal = Terminal::run(&command(&scene, line, &["printf 'Mine.\\n' >> \"$1\""]));
    terminal.wait_for("Edit again? [y/n]");
    terminal.press("n");
    assert_eq!(terminal.end().0, Some(255));
    scene.run("vet suggest");
    let mut terminal = Terminal::run(&command(&scene, line, &[SIGN]));
    terminal.wait_for("Continue with what you wrote last time?");
    terminal.press("y");
    assert_eq!(terminal.end().0, Some(0));
}

/// Few changes are certified without an editor, if the user does not want one.
#[test]
fn few_changes_need_no_editor() {
    let scene = scene(false);
    let before = scene.bytes();
    let mut terminal = walk(&scene, "--criteria safe-to-deploy", &[SIGN, "printf 'Mine.\\n' >> \"$1\""]);
    at(&mut terminal, BETA, "s");
    at(&mut terminal, ALPHA, "s");
    // Enter is no consent, and neither is Escape.
    for key in ["\r", "n", "\u{1b}"] {
        at(&mut terminal, DELTA, "c");
        terminal.wait_for(" [y/N/e/?] ");
        terminal.press(key);
        terminal.wait_for("nothing was changed");
    }
    at(&mut terminal, DELTA, "c");
    terminal.wait_for(" [y/N/e/?] ");
    terminal.press("?");
    terminal.wait_for("Programs in production");
    terminal.wait_for(" [y/N/e/?] ");
    assert_eq!(scene.bytes(), before);
    terminal.press("e");
    terminal.wait_for("Certified: 1 audit");
    assert_eq!(terminal.end().0, Some(0));
    assert!(scene.fixture.project.read("supply-chain/audits.toml").contains("notes = \"Mine.\""));
}

/// The prompt has keys for the commands that the plan recommends.
#[test]
fn recommendations_have_keys() {
    let scene = scene(false);
    let trusted = "[[trusted.other]]\ncriteria = \"safe-to-deploy\"\nuser-id = 1\nstart = \"2020-01-01\"\nend = \"2025-01-01\"\n";
    scene.store("", &format!("[audits]\n\n{trusted}"), "");
    let mut terminal = walk(&scene, "--criteria safe-to-deploy", &[]);
    let shown = at(&mut terminal, BETA, "t");
    assert!(shown.contains("(t)rust ann"), "{shown}");
    terminal.wait_for("note: releases of `beta` by ann (Ann Author) from ");
    terminal.wait_for("note: an audit of version 1.0.0 of beta is not needed any more");
    at(&mut terminal, ALPHA, "q");
    answer(terminal);
    let audits = scene.fixture.project.read("supply-chain/audits.toml");
    assert!(audits.contains("[[trusted.beta]]"), "{audits}");
}

#[test]
fn without_a_terminal() {
    let scene = scene(false);
    scene.world.asked();
    let run = scene.run("vet next");
    insta::assert_snapshot!(run.transcript("vet next"));
    assert_eq!(scene.world.asked(), Vec::<String>::new());
    // The user would not see what to read.
    let file = std::fs::File::create(scene.fixture.canonical().join("answer")).unwrap();
    let next = scene.command("vet next");
    let (status, shown) = Terminal::start(&next, |command| command.stdout(file)).end();
    assert!(status == Some(255) && shown.contains("error[VET0615]"), "{status:?} {shown}");
    let (status, shown) = Terminal::start(&next, |command| command.stdin(Stdio::null())).end();
    assert!(status == Some(255) && shown.contains("error[VET0615]"), "{status:?} {shown}");
}

/// Errors are shown, and the same question is asked again.
#[test]
fn failures_lead_back() {
    let scene = scene(false);
    let before = scene.bytes();
    let mut terminal = walk(&scene, "--mode local", &[SIGN, "printf 'Mine.\\n' >> \"$1\"", FAIL]);
    // Stopping at the criteria, and an editor that fails.
    at(&mut terminal, BETA, "c");
    terminal.wait_for("[x] safe-to-deploy");
    terminal.press("\u{1b}");
    let shown = terminal.wait_for("note: cancelled; nothing was changed");
    assert!(!shown.contains("error"), "{shown}");
    at(&mut terminal, BETA, "c");
    terminal.wait_for("[x] safe-to-deploy");
    terminal.press("\r");
    terminal.wait_for("error[VET0620]");
    terminal.wait_for("what you wrote is in");
    // A mirror that is unreachable.
    let folder = scene.fixture.canonical();
    let _ = std::fs::remove_dir_all(folder.join("cache/cargo-vet-rs/cache"));
    let _ = std::fs::remove_dir_all(folder.join("cargo-home/registry"));
    scene.world.disturb_download("beta 1.0.0", &[Fault::Missing; 2]);
    at(&mut terminal, BETA, "l");
    terminal.wait_for("error[VET07");
    assert_eq!(scene.bytes(), before);
    // The text of the draft is offered again.
    let script = folder.join("editor.sh");
    std::fs::write(script, format!("{SIGN}\n")).unwrap();
    at(&mut terminal, BETA, "c");
    terminal.wait_for("[x] safe-to-deploy");
    terminal.press("\r");
    terminal.wait_for("Continue with what you wrote last time?");
    terminal.wait_for("[y/n]");
    terminal.press("y");
    at(&mut terminal, ALPHA, "s");
    at(&mut terminal, DELTA, "q");
    insta::assert_snapshot!(answer(terminal));
    assert!(scene.fixture.project.read("supply-chain/audits.toml").contains("notes = \"Mine.\""));
}

/// The store is not locked while the user reads, and audits that others certify meanwhile are
/// skipped.
#[test]
fn what_others_certify_meanwhile() {
    let scene = scene(true);
    let mut terminal = walk(&scene, "", &[SIGN]);
    terminal.wait_for(&format!("{BETA}{QUESTION}"));
    terminal.wait_for(END);
    let certify = |what: &str| {
        let run = scene.run(&format!("vet certify {what} --criteria safe-to-deploy --accept-all --who Bob"));
        assert_eq!(run.status, Some(0), "{}", run.stderr);
    };
    certify("alpha 1.0.0");
    terminal.press("s");
    terminal.wait_for("note: an audit of version 1.0.0 of alpha is not needed any more");
    terminal.wait_for(&format!("{DELTA}{QUESTION}"));
    terminal.wait_for(END);
    // The audit of the current question.
    certify("alpha 1.0.0 2.0.0");
    terminal.press("c");
    terminal.wait_for(
        "note: an audit of the changes from version 1.0.0 to 2.0.0 of alpha is not needed any more",
    );
    insta::assert_snapshot!(answer(terminal));
}

/// A store that another user is editing, and that is invalid for a moment.
#[test]
fn a_store_that_cannot_be_read_meanwhile() {
    let scene = scene(false);
    let mut terminal = walk(&scene, "", &[]);
    terminal.wait_for(&format!("{BETA}{QUESTION}"));
    terminal.wait_for(END);
    let audits = scene.fixture.project.read("supply-chain/audits.toml");
    scene.fixture.project.write("supply-chain/audits.toml", "[[audits.beta]\n");
    terminal.press("s");
    terminal.wait_for("error[VET0102]");
    terminal.wait_for(&format!("{ALPHA}{QUESTION}"));
    terminal.wait_for(END);
    scene.fixture.project.write("supply-chain/audits.toml", &audits);
    terminal.press("s");
    at(&mut terminal, DELTA, "s");
    let answer = answer(terminal);
    assert!(answer.contains("\nLeft: 3 audits, 238 lines\n"), "{answer}");
}

#[test]
fn options_answer_beforehand() {
    let scene = scene(false);
    let options = "--criteria safe-to-deploy --who Bob --output-format json";
    let mut terminal = walk(&scene, options, &["sed -i.old 's/^# I, Bob/I, Bob/' \"$1\""]);
    at(&mut terminal, BETA, "c");
    at(&mut terminal, ALPHA, "s");
    at(&mut terminal, DELTA, "q");
    let (status, shown) = terminal.end();
    assert_eq!(status, Some(0), "{shown}");
    let (_, json) = shown.rsplit_once("quit\n").unwrap();
    insta::assert_snapshot!(json);
    assert!(scene.fixture.project.read("supply-chain/audits.toml").contains("who = \"Bob\""));

    let (status, shown) = walk(&scene, "--criteria safe-to-dance", &[]).end();
    assert!(status == Some(255) && shown.contains("error[VET0601]"), "{status:?} {shown}");
}

/// Locked entries count, and packages are downloaded.
#[test]
fn with_what_is_locked() {
    let scene = scene(true);
    let mut terminal = walk(&scene, "--locked", &[SIGN]);
    at(&mut terminal, BETA, "c");
    terminal.wait_for("[x] safe-to-deploy");
    terminal.press("\r");
    at(&mut terminal, ALPHA, "s");
    at(&mut terminal, DELTA, "q");
    let answer = answer(terminal);
    assert!(answer.ends_with("`cargo vet` would pass now\n"), "{answer}");
    assert_eq!(scene.run("vet --locked").stdout, "Vetting Succeeded (1 fully audited, 2 exempted)\n");
}

/// Packages that lack something and cannot be measured come last.
#[test]
fn what_cannot_be_measured() {
    let scene = suggesting::scene("alpha 1.0.0 7\nbeta 1.0.0 3", "");
    introduce_alice(&scene);
    scene.store("", "", "");
    scene.world.disturb_download("alpha 1.0.0", &[Fault::Missing; 2]);
    // After a first run it is known whether these are libraries; the archive is missing in the
    // second run.
    run(&mut scene.command("vet suggest --locked"));
    let folder = scene.fixture.canonical();
    let _ = std::fs::remove_dir_all(folder.join("cargo-home/registry"));
    let _ = std::fs::remove_dir_all(folder.join("cache/cargo-vet-rs/cache"));
    let _ = std::fs::remove_file(folder.join("cache/cargo-vet-rs/sizes"));
    scene.world.disturb_download("alpha 1.0.0", &[Fault::Missing; 2]);
    let mut terminal = walk(&scene, "", &[SIGN]);
    at(&mut terminal, BETA, "s");
    let shown = at(&mut terminal, ALPHA, "c");
    assert!(shown.contains("2 of 2: version 1.0.0 of alpha\n"), "{shown}");
    assert!(shown.contains("  to read     it is not known how much: "), "{shown}");
    terminal.wait_for("[x] safe-to-deploy");
    terminal.press("\r");
    insta::assert_snapshot!(answer(terminal));
}

/// Contradictions must be resolved first.
#[test]
fn contradictions() {
    let scene = scene(false);
    let audits = "[[audits.beta]]\nwho = \"Ann\"\ncriteria = \"safe-to-deploy\"\nversion = \"1.0.0\"\n\n\
                  [[audits.beta]]\nwho = \"Bob\"\ncriteria = \"safe-to-run\"\nviolation = \"*\"\n";
    scene.store("", audits, "");
    let next: Command = scene.command("vet next");
    let (status, shown) = Terminal::run(&next).end();
    assert!(status == Some(255) && shown.starts_with("Violations Found!\n"), "{status:?} {shown}");
}

/// If nothing is known about the packages and the registry is unreachable, cargo is asked, and may
/// be busy with downloads for a while.
#[test]
fn cargo_is_waited_for() {
    let scene = scene(false);
    scene.forget();
    scene.world.close("/api/");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let slow = scene.fixture.canonical().join("slow-cargo");
    std::fs::write(&slow, format!("#!/bin/sh\nsleep 3\nexec '{cargo}' \"$@\"\n")).unwrap();
    std::fs::set_permissions(&slow, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut next = scene.command("vet next");
    next.env("CARGO", &slow);
    let mut terminal = Terminal::run(&next);
    terminal.wait_for("asking cargo for the dependency graph; it may have to download packages");
    scene.world.open();
    at(&mut terminal, BETA, "q");
    terminal.end();
}

/// Packages that are left out are not in the plan, but a policy for them counts as used.
#[test]
fn what_is_left_out_is_not_walked_to() {
    let scene = suggesting::scene("alpha 1.0.0 7\nbeta 1.0.0 3", "");
    introduce_alice(&scene);
    let policy = "[policy.\"beta:1.0.0\"]\ndependency-criteria = { beta = \"safe-to-run\" }\n";
    scene.store(policy, "", "");
    let project = &scene.fixture.project;
    project.package(
        ".",
        "app",
        "[dependencies]\nalpha = \"=1.0.0\"\n[target.'cfg(windows)'.dependencies]\nbeta = \"=1.0.0\"\n",
    );
    project.write("supply-chain/vet.toml", "[graph]\ntargets = [\"x86_64-unknown-linux-gnu\"]\n");
    let mut terminal = walk(&scene, "", &[]);
    let shown = at(&mut terminal, ALPHA, "q");
    assert!(shown.contains("1 of 1: version 1.0.0 of alpha\n"), "{shown}");
    insta::assert_snapshot!(answer(terminal));
}
